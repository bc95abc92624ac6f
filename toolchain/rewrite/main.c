/* reclave-rewrite: the rewriter as a program, for layer 1's build and for tests. */
#include "toolchain/rewrite/rewrite.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t room = 0, got;

    *bytes = 0;
    if (!file)
        return NULL;
    do {
        char *more = realloc(text, room += 1 << 20);

        if (!more) {
            free(text);
            fclose(file);
            return NULL;
        }
        text = more;
        got = fread(text + *bytes, 1, room - *bytes, file);
        *bytes += got;
    } while (got);
    if (ferror(file)) {
        free(text);
        text = NULL;
    }
    fclose(file);
    return text;
}

static int write_file(const char *path, const struct rewrite_result *result)
{
    FILE *file = fopen(path, "wb");
    bool written;

    if (!file)
        return -1;
    written = fwrite(result->text, 1, result->bytes, file) == result->bytes;
    return fclose(file) == 0 && written ? 0 : -1;
}

static void show(const struct rewrite_counts *counts)
{
    printf(
        "instructions %u guards %u elided %u probes %u calls %u computed %u returns %u marks %u\n",
        counts->instructions, counts->guards, counts->elided, counts->probes, counts->calls,
        counts->computed, counts->returns, counts->marks);
}

static int run(const char *in, const char *out, const struct rewrite_options *options, bool counts)
{
    struct rewrite_result result;
    struct rewrite_problem problem;
    size_t bytes;
    char *text = read_file(in, &bytes);
    enum status status;
    int failed;

    if (!text) {
        perror(in);
        return 1;
    }
    status = rewrite(text, bytes, options, &result, &problem);
    free(text);
    if (status != ST_OK) {
        if (problem.line)
            fprintf(stderr, "%s:%u: %s\n", in, problem.line, problem.message);
        else
            fprintf(stderr, "%s: cannot rewrite: status %d\n", in, status);
        return 1;
    }
    failed = write_file(out, &result);
    if (failed)
        perror(out);
    else if (counts)
        show(&result.counts);
    rewrite_free(&result);
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct rewrite_options options = {0};
    bool counts = false, understood = argc >= 4 && strcmp(argv[2], "-o") == 0;

    for (int i = 4; i < argc; i++) {
        bool wants_counts = strcmp(argv[i], "--counts") == 0;
        bool wants_marks = strcmp(argv[i], "--marks") == 0;

        understood &= wants_counts || wants_marks;
        counts |= wants_counts;
        options.marks |= wants_marks;
    }
    if (!understood) {
        fputs("Usage: reclave-rewrite IN.s -o OUT.s [--marks] [--counts]\n", stderr);
        return 2;
    }
    return run(argv[1], argv[3], &options, counts);
}
