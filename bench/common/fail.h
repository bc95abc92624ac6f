/* A benchmark that cannot measure must not print a table: it says why and exits. */
#ifndef RECLAVE_BENCH_COMMON_FAIL_H
#define RECLAVE_BENCH_COMMON_FAIL_H

/* "bench: ..." on stderr, exit status 1. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
