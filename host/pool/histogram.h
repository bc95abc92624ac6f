/* Counts of durations in fixed buckets, as Prometheus wants them. Not thread-safe: the owner locks.
 */
#ifndef RECLAVE_HOST_POOL_HISTOGRAM_H
#define RECLAVE_HOST_POOL_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BUCKETS 22u

/* Upper ends in microseconds; what is above the last one counts in `count` only. */
extern const uint64_t histogram_bounds_us[HISTOGRAM_BUCKETS];

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS]; /* per bucket, not cumulative */
    uint64_t count, sum_us;
};

void histogram_add(struct histogram *histogram, uint64_t us);
/* The bound of the bucket in which the quantile lies (0 < part <= 1); 0 when empty. */
uint64_t histogram_quantile_us(const struct histogram *histogram, double part);

#endif
