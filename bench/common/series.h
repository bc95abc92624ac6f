/*
 * Samples and what is said about them: medians and quartiles, because a shared
 * machine's noise has a long tail; ratios from pairs that were measured next to
 * each other, because its speed drifts.
 */
#ifndef RECLAVE_BENCH_COMMON_SERIES_H
#define RECLAVE_BENCH_COMMON_SERIES_H

#include <stddef.h>

/* Zeroed: empty. */
struct series {
    double *values;
    size_t count, room;
};

struct spread {
    double median;
    double low, high; /* quartiles */
};

void series_add(struct series *series, double value);
void series_free(struct series *series);

/* Quartiles interpolate linearly between the samples. At least one sample. */
struct spread series_spread(const struct series *series);
double series_median(const struct series *series);

/* Of above[i] / below[i]; both have the same number of samples, none of `below` is 0. */
struct spread series_ratio(const struct series *above, const struct series *below);

struct spread spread_scale(struct spread spread, double factor);

#endif
