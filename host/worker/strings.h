/* The strings block of an invocation (abi/entry.h): arguments and environment. */
#ifndef RECLAVE_HOST_WORKER_STRINGS_H
#define RECLAVE_HOST_WORKER_STRINGS_H

#include "abi/entry.h"
#include "abi/status.h"

#include <stddef.h>

/* Zeroed: none. */
struct strings {
    char *block; /* loader_buffer_alloc */
    size_t bytes;
    size_t arg_count;
    size_t env_count;
};

/* Arguments, then NAME=VALUE pairs, each NUL-terminated. ST_OUT_OF_RANGE: more than
 * L1_STRINGS_MAX bytes; ST_INVALID_ARGUMENT: a pair without a name or '='. */
MUST_CHECK enum status strings_build(const char *const *args, size_t arg_count,
                                     const char *const *env, size_t env_count, struct strings *out);
void strings_free(struct strings *strings);
/* Puts the block into the call's IN fields; strings must outlive it. */
void strings_apply(const struct strings *strings, struct entry_invocation *invocation);

#endif
