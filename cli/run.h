/* The parts of `reclave run`. */
#ifndef RECLAVE_CLI_RUN_H
#define RECLAVE_CLI_RUN_H

#include "cli/machine_options.h"
#include "host/worker/engine.h"
#include "host/worker/strings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct run_options {
    struct machine_options machine;
    const char *function; /* F.wasm or F.rcl */
    const char *input;    /* path; "-" or NULL: stdin */
    bool input_lines;
    bool stats;
    uint64_t repeat;
    uint64_t timeout_ms; /* 0: none */
    uint64_t memory_mib; /* 0: default */
    uint64_t input_limit;
    uint64_t output_limit;
    const char **env; /* NAME=VALUE */
    size_t env_count;
    const char **args; /* without args[0], the function's name */
    size_t arg_count;
    const char *evidence; /* path; NULL: none is wanted */
    uint8_t nonce[NONCE_MAX];
    size_t nonce_bytes; /* 0: none */
};

struct run_counts {
    uint64_t invocations;
    uint64_t failed;
};

/* run_function.c: the bundle to load, in a loader buffer (free()); a .wasm is built first. On
 * failure a message is on stderr. */
MUST_CHECK enum status run_get_bundle(const struct run_options *options, void **bundle,
                                      size_t *bytes);

/* run_invoke.c: all invocations on slot 0. ST_OK also when some failed (see counts); otherwise
 * it could not go on, and a message is on stderr. */
MUST_CHECK enum status run_all(const struct run_options *options, struct engine *engine,
                               const struct strings *strings, struct run_counts *counts);

/* The function's name: args[0]. Borrowed from `buffer` of 129 bytes. */
const char *run_function_name(const struct run_options *options, char buffer[129]);

#endif
