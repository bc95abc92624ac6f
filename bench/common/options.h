/* The command line that all benchmarks share. */
#ifndef RECLAVE_BENCH_COMMON_OPTIONS_H
#define RECLAVE_BENCH_COMMON_OPTIONS_H

#include "sgx/driver.h"

#include <stdbool.h>

struct bench_options {
    bool quick;          /* one short round: does it work at all? Its numbers mean nothing. */
    unsigned rounds;     /* of the interleaved run */
    const char *results; /* folder for CSV and SVG files; NULL: none */
    enum sgx_choice backend;
};

/* --quick, --rounds N, --results FOLDER, --backend auto|sgx|emulator. Exits on wrong usage.
 * `summary` is the first line of --help; default_rounds without --rounds or --quick. */
struct bench_options bench_options_parse(int argc, char **argv, const char *summary,
                                         unsigned default_rounds);

#endif
