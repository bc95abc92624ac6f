/* The invocations of `reclave run`: input in, output out, rewind. */
#include "cli/run.h"

#include "base/status.h"
#include "cli/attested.h"
#include "cli/file.h"
#include "cli/progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_LIMIT 0x20000u /* what the smallest image holds of stderr */

struct runner {
    const struct run_options *options;
    struct engine *engine;
    const struct strings *strings;
    struct run_counts *counts;
    void *output;
    void *log;
    void *claims; /* EVIDENCE_CLAIMS_MAX bytes, where evidence is wanted */
};

static enum status stop(const char *sentence)
{
    fprintf(stderr, "reclave run: %s\n", sentence);
    return ST_IO;
}

static enum status write_output(const struct runner *runner, uint64_t bytes)
{
    const char *output = runner->output;
    bool newline = runner->options->input_lines && (bytes == 0 || output[bytes - 1] != '\n');

    if (fwrite(output, 1, bytes, stdout) != bytes || (newline && putchar('\n') == EOF) ||
        fflush(stdout) != 0) {
        fprintf(stderr, "reclave run: writing the output: %s\n", strerror(errno));
        return ST_IO;
    }
    return ST_OK;
}

static void write_log(const struct runner *runner, const struct entry_invocation *invocation)
{
    fwrite(runner->log, 1, invocation->log_bytes, stderr);
    if (invocation->log_dropped)
        fprintf(stderr, "reclave run: %llu bytes of the function's stderr were dropped\n",
                (unsigned long long)invocation->log_dropped);
}

static void report(const struct runner *runner, const char *sentence)
{
    runner->counts->failed++;
    fprintf(stderr, "reclave run: invocation %llu: %s\n",
            (unsigned long long)runner->counts->invocations, sentence);
}

/* The host's own numbers are not to be trusted by anybody, but it must not read past its own
 * buffers because of an enclave's either. */
static void clamp_lengths(const struct runner *runner, struct entry_invocation *invocation)
{
    if (invocation->output_bytes > runner->options->output_limit)
        invocation->output_bytes = runner->options->output_limit;
    if (invocation->log_bytes > LOG_LIMIT)
        invocation->log_bytes = LOG_LIMIT;
}

/* The quote answers the nonce where it can hold it. */
static enum status write_quote(const struct runner *runner, struct message *why)
{
    const struct run_options *options = runner->options;
    uint8_t challenge[CHALLENGE_BYTES] = {0};
    char path[4096];
    struct attested attested;
    enum status status;

    if (options->nonce_bytes <= CHALLENGE_BYTES)
        memcpy(challenge, options->nonce, options->nonce_bytes);
    status = attested_from_engine(runner->engine, challenge, &attested, why);
    if (status != ST_OK)
        return status;
    snprintf(path, sizeof(path), "%s.quote", options->evidence);
    status = attested_save(&attested, path, options->evidence, why);
    attested_free(&attested);
    return status;
}

static enum status write_evidence(const struct runner *runner,
                                  const struct entry_invocation *invocation)
{
    const char *path = runner->options->evidence;
    uint8_t file[EVIDENCE_FILE_MAX];
    struct message why = {""};
    size_t bytes;
    enum status status;

    if (invocation->claims_bytes > EVIDENCE_CLAIMS_MAX)
        return stop("the enclave's answer contradicts itself");
    status = engine_evidence(runner->engine, 0, runner->claims, invocation->claims_bytes, file,
                             &bytes, &why);
    if (status == ST_OK)
        status = write_quote(runner, &why);
    if (status != ST_OK)
        return stop(why.text);
    status = file_write(path, file, bytes);
    if (status != ST_OK)
        fprintf(stderr, "reclave run: %s: %s\n", path, strerror(errno));
    return status;
}

static enum status invoke(struct runner *runner, const void *input, size_t bytes)
{
    struct entry_invocation invocation = {
        .input = (uintptr_t)input,
        .input_bytes = bytes,
        .output = (uintptr_t)runner->output,
        .output_limit = runner->options->output_limit,
        .log = (uintptr_t)runner->log,
        .log_limit = LOG_LIMIT,
        .claims = (uintptr_t)runner->claims,
        .nonce_bytes = runner->options->nonce_bytes,
    };
    struct message why = {""};
    enum status status;

    memcpy(invocation.nonce, runner->options->nonce, sizeof(invocation.nonce));
    strings_apply(runner->strings, &invocation);
    if (!engine_invoke(runner->engine, 0, &invocation, runner->options->timeout_ms, &status, &why))
        report(runner, why.text);
    clamp_lengths(runner, &invocation);
    write_log(runner, &invocation);
    status = write_output(runner, invocation.output_bytes);
    if (status == ST_OK && runner->claims)
        status = write_evidence(runner, &invocation);
    if (status != ST_OK)
        return status;
    status = engine_rewind(runner->engine, 0, &why);
    return status == ST_OK ? ST_OK : stop(why.text);
}

static enum status run_input(struct runner *runner, const void *input, size_t bytes)
{
    char sentence[128];

    for (uint64_t i = 0; i < runner->options->repeat; i++) {
        enum status status;

        runner->counts->invocations++;
        if (bytes > runner->options->input_limit) {
            snprintf(sentence, sizeof(sentence), "input larger than %llu MiB: raise --input-limit",
                     (unsigned long long)(runner->options->input_limit >> 20));
            report(runner, sentence);
            status = runner->options->input_lines ? write_output(runner, 0) : ST_OK;
        } else {
            status = invoke(runner, input, bytes);
        }
        if (status != ST_OK)
            return status;
    }
    return ST_OK;
}

/* buffer: input_limit + 1 bytes, so that one byte too many shows. */
static enum status run_whole(struct runner *runner, FILE *file, char *buffer)
{
    size_t bytes = fread(buffer, 1, runner->options->input_limit + 1, file);

    if (ferror(file)) {
        fprintf(stderr, "reclave run: reading the input: %s\n", strerror(errno));
        return ST_IO;
    }
    return run_input(runner, buffer, bytes);
}

/* One line without its newline into buffer (of limit + 1 bytes; what is beyond is dropped but
 * counted as one byte too many). False at the end of the file. */
static bool read_line(FILE *file, char *buffer, size_t limit, size_t *bytes)
{
    int c = getc_unlocked(file);

    *bytes = 0;
    if (c == EOF)
        return false;
    for (; c != EOF && c != '\n'; c = getc_unlocked(file))
        if (*bytes <= limit)
            buffer[(*bytes)++] = (char)c;
    return true;
}

static enum status run_lines(struct runner *runner, FILE *file, char *buffer)
{
    size_t bytes;

    while (read_line(file, buffer, runner->options->input_limit, &bytes)) {
        enum status status = run_input(runner, buffer, bytes);

        if (status != ST_OK)
            return status;
    }
    if (ferror(file)) {
        fprintf(stderr, "reclave run: reading the input: %s\n", strerror(errno));
        return ST_IO;
    }
    return ST_OK;
}

static enum status run_file(struct runner *runner, FILE *file)
{
    char *buffer = loader_buffer_alloc(runner->options->input_limit + 1);
    enum status status = ST_NO_MEMORY;

    runner->output = loader_buffer_alloc(runner->options->output_limit);
    runner->log = loader_buffer_alloc(LOG_LIMIT);
    if (runner->options->evidence)
        runner->claims = loader_buffer_alloc(EVIDENCE_CLAIMS_MAX);
    if (!buffer || !runner->output || !runner->log ||
        (runner->options->evidence && !runner->claims))
        stop(status_text(status));
    else if (runner->options->input_lines)
        status = run_lines(runner, file, buffer);
    else
        status = run_whole(runner, file, buffer);
    free(buffer);
    free(runner->output);
    free(runner->log);
    free(runner->claims);
    return status;
}

enum status run_all(const struct run_options *options, struct engine *engine,
                    const struct strings *strings, struct run_counts *counts)
{
    struct runner runner = {
        .options = options, .engine = engine, .strings = strings, .counts = counts};
    bool from_stdin = !options->input || !strcmp(options->input, "-");
    FILE *file = from_stdin ? stdin : fopen(options->input, "re");
    enum status status;

    if (!file) {
        fprintf(stderr, "reclave run: %s: %s\n", options->input, strerror(errno));
        return ST_IO;
    }
    status = run_file(&runner, file);
    if (!from_stdin)
        fclose(file);
    return status;
}
