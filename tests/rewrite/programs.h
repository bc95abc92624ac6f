/* The modules of guests, examples, tests/wasm and bench/sfi, each built with the rewriter,
 * without it, and with marks. */
#ifndef RECLAVE_TESTS_REWRITE_PROGRAMS_H
#define RECLAVE_TESTS_REWRITE_PROGRAMS_H

#include "toolchain/bundle/build.h"
#include "toolchain/bundle/read.h"

#include <stddef.h>

#define PROGRAMS_MAX 64

struct program {
    char name[64]; /* the file's, without .wasm */
    char path[512];
    struct bundle_buffer plain, confined, marked;
};

extern struct program programs[PROGRAMS_MAX];
extern size_t program_count;

/* Finds them, by name; fails the test when a folder is missing or empty. */
void programs_find(void);

/* In *program, once; fails the test when it does not build. */
void program_build(struct program *program);
void programs_free(void);

void program_view(const struct bundle_buffer *buffer, struct bundle_view *bundle);

#endif
