/*
 * One life of a bundle in an arena (tests/wasm/arena.h), from instantiation to its answer, with
 * the real layer 1, compiled for the host, as its runtime: the same input always gives the same
 * life. For comparing what different machine code makes of one module.
 */
#ifndef RECLAVE_TESTS_REWRITE_LIFE_H
#define RECLAVE_TESTS_REWRITE_LIFE_H

#include "tests/wasm/arena.h"
#include "toolchain/bundle/read.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct life_input {
    const void *data;
    size_t bytes;
    uint32_t selector; /* what sched_yield answers; 0 from the real one */
};

struct life {
    unsigned last_call; /* enum crt_call: with which it ended */
    enum trap trap;
    uint64_t value; /* what that call returned; its low 32 bits are the function's */
    bool exited;    /* by proc_exit */
    uint64_t exit_code;
    uint8_t *output, *log; /* malloc */
    uint64_t output_bytes, log_bytes, log_dropped;
    struct arena_calls calls;
    uint64_t linear_bytes;
    uint8_t linear_sha256[32]; /* of all of linear memory, at the end */
};

/* Opens and closes the arena. Exits the test program when the machine refuses. */
void life_run(const struct bundle_view *bundle, const struct life_input *input, struct life *life);
void life_free(struct life *life);

/* NULL: they are the same; else the first thing in which they differ. Where the stack was
 * exhausted, memory and gates do not count: frames of other sizes allow other depths. */
const char *life_difference(const struct life *a, const struct life *b);

#endif
