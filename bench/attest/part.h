/* The parts of the benchmark: each measures in every round and prints its tables at the end. */
#ifndef RECLAVE_BENCH_ATTEST_PART_H
#define RECLAVE_BENCH_ATTEST_PART_H

#include "bench/common/options.h"

/* Quotes: what a relying party pays for a verification. */
void verify_set_up(const struct bench_options *options);
void verify_round(const struct bench_options *options);
void verify_report(const struct bench_options *options);

/* Inside the enclave: what messages and evidence cost there, without transitions. */
void inside_set_up(const struct bench_options *options);
void inside_round(const struct bench_options *options);
void inside_report(const struct bench_options *options);

/* Fleets: what depends on the number of enclaves, and what must not. */
void fleet_set_up(const struct bench_options *options);
void fleet_round(const struct bench_options *options);
void fleet_report(const struct bench_options *options);

/* Invocations: what evidence and encryption add. */
void invoke_set_up(const struct bench_options *options);
void invoke_round(const struct bench_options *options);
void invoke_report(const struct bench_options *options);

#endif
