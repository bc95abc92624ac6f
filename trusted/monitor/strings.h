/* Arguments and environment of an invocation, as the host gives them. */
#ifndef RECLAVE_TRUSTED_MONITOR_STRINGS_H
#define RECLAVE_TRUSTED_MONITOR_STRINGS_H

#include "trusted/monitor/monitor.h"

/* Checks `bytes` of strings (inside the enclave): arg_count arguments, then env_count NAME=VALUE
 * pairs that the function's manifest allows, each ending in NUL, nothing after them.
 * *arg_bytes: of the arguments, NULs included. */
MUST_CHECK enum status strings_check(const struct function *function, const char *strings,
                                     uint32_t bytes, uint64_t arg_count, uint64_t env_count,
                                     uint32_t *arg_bytes);

#endif
