/*
 * The function: a Forth program on stdin, what it prints on stdout. Exit 1 with a message when the
 * program is wrong. The prelude is evaluated once, before the snapshot; an invocation finds its
 * tables ready.
 */
#include "forth.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PROGRAM_BYTES_MAX (64u << 10)

static const char prelude[] =
#include "prelude.inc"
    ;

static struct forth forth;

static void report(const char *what)
{
    fprintf(stderr, "forth: %s, line %u: %.*s: %s\n", what, forth.line, (int)forth.word.bytes,
            forth.word.start, forth.error);
}

__attribute__((constructor)) static void evaluate_prelude(void)
{
    forth_start(&forth);
    if (!forth_interpret(&forth, (struct text){prelude, sizeof(prelude) - 1})) {
        report("prelude");
        abort();
    }
}

static size_t read_program(char *program)
{
    size_t bytes = 0;
    ssize_t got;

    while (bytes < PROGRAM_BYTES_MAX &&
           (got = read(0, program + bytes, PROGRAM_BYTES_MAX - bytes)) > 0)
        bytes += (size_t)got;
    return bytes;
}

#ifdef __wasm__
#define EXPORTED __attribute__((export_name("handle")))
#else
#define EXPORTED
#endif

EXPORTED int handle(void)
{
    static char program[PROGRAM_BYTES_MAX];
    size_t bytes = read_program(program);
    bool good;

    if (bytes == PROGRAM_BYTES_MAX) {
        fprintf(stderr, "forth: the program exceeds %u bytes\n", PROGRAM_BYTES_MAX - 1);
        return 1;
    }
    good = forth_interpret(&forth, (struct text){program, bytes});
    if (fflush(stdout) != 0)
        return 1;
    if (!good)
        report("program");
    return good ? 0 : 1;
}
