#include "cli/invoke.h"

#include "cli/file.h"
#include "cli/verify_print.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum status invoke_print(const struct invoke *invoke, const void *output, size_t bytes,
                         struct message *why)
{
    const char *text = output;
    bool newline = invoke->options->input_lines && (bytes == 0 || text[bytes - 1] != '\n');

    if ((bytes && fwrite(output, 1, bytes, stdout) != bytes) || (newline && putchar('\n') == EOF) ||
        fflush(stdout) != 0) {
        message_set(why, "writing the output: %s", strerror(errno));
        return ST_IO;
    }
    return ST_OK;
}

void invoke_print_log(const void *log, size_t bytes)
{
    if (bytes)
        fwrite(log, 1, bytes, stderr);
}

void invoke_print_claims(const struct invoke *invoke, const struct reclave_claims *claims)
{
    json_t *object;

    if (!invoke->options->json)
        return;
    object = claims_json(claims);
    json_dumpf(object, stderr, JSON_COMPACT);
    fputc('\n', stderr);
    json_decref(object);
}

enum status invoke_save_evidence(const struct invoke *invoke, const void *file, size_t bytes,
                                 struct message *why)
{
    const char *path = invoke->options->evidence;
    char quote[PATH_MAX];
    enum status status;

    if (!path)
        return ST_OK;
    if ((size_t)snprintf(quote, sizeof(quote), "%s.quote", path) >= sizeof(quote)) {
        message_set(why, "%.200s: the path is too long", path);
        return ST_OUT_OF_RANGE;
    }
    status = file_write(path, file, bytes);
    if (status != ST_OK) {
        message_set(why, "%.200s: %s", path, strerror(errno));
        return status;
    }
    return attested_save(&invoke->attested, quote, path, why);
}
