/* Medians of the latest measurements. Not thread-safe: the owner locks. */
#ifndef RECLAVE_HOST_WORKER_SAMPLES_H
#define RECLAVE_HOST_WORKER_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#define SAMPLES_KEPT 65536u /* older ones are overwritten */

/* Zeroed: empty. */
struct samples {
    uint64_t *values; /* SAMPLES_KEPT, allocated at the first sample */
    uint64_t seen;
};

/* Without memory the sample is dropped: measurements never fail an invocation. */
void samples_add(struct samples *samples, uint64_t value);
/* 0 without samples; of an even number the lower of the middle two. */
uint64_t samples_median(const struct samples *samples);
/* 0 without samples. */
uint64_t samples_last(const struct samples *samples);
void samples_free(struct samples *samples);

#endif
