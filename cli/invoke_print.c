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

static enum status save(const struct invoke *invoke, const char *suffix, const struct blob *blob,
                        struct message *why)
{
    char path[PATH_MAX];
    enum status status;

    if ((size_t)snprintf(path, sizeof(path), "%s%s", invoke->options->evidence, suffix) >=
        sizeof(path)) {
        message_set(why, "%.200s: the path is too long", invoke->options->evidence);
        return ST_OUT_OF_RANGE;
    }
    status = file_write(path, blob->data, blob->bytes);
    if (status != ST_OK)
        message_set(why, "%.200s: %s", path, strerror(errno));
    return status;
}

/* What the evidence is rooted in: the keeper, and its word for the worker. */
static enum status save_fleet(const struct invoke *invoke, struct message *why)
{
    enum status status = save(invoke, ".keeper.json", &invoke->keeper, why);

    return status == ST_OK ? save(invoke, ".certificate", &invoke->certificate, why) : status;
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
    if (invoke->options->keeper)
        return save_fleet(invoke, why);
    return attested_save(&invoke->attested, quote, path, why);
}
