/* The machine under the benchmark. */
#ifndef RECLAVE_BENCH_COMMON_MACHINE_H
#define RECLAVE_BENCH_COMMON_MACHINE_H

#include "bench/common/options.h"
#include "sgx/driver.h"

#include <stdbool.h>

/* The driver, or bench_fail with what is missing. */
const struct sgx_driver *machine_driver(const struct bench_options *options);
bool machine_is_emulated(const struct sgx_driver *driver);

/* Date, CPU, memory, kernel, backend: without them the numbers mean nothing. */
void machine_print(const struct bench_options *options, const struct sgx_driver *driver);

#endif
