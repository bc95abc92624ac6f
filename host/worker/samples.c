#include "host/worker/samples.h"

#include <stdlib.h>
#include <string.h>

void samples_add(struct samples *samples, uint64_t value)
{
    if (!samples->values)
        samples->values = calloc(SAMPLES_KEPT, sizeof(*samples->values));
    if (!samples->values)
        return;
    samples->values[samples->seen++ % SAMPLES_KEPT] = value;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

uint64_t samples_median(const struct samples *samples)
{
    size_t count = samples->seen < SAMPLES_KEPT ? (size_t)samples->seen : SAMPLES_KEPT;
    uint64_t *sorted = count ? malloc(count * sizeof(*sorted)) : NULL;
    uint64_t median;

    if (!sorted)
        return 0;
    memcpy(sorted, samples->values, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare);
    median = sorted[(count - 1) / 2];
    free(sorted);
    return median;
}

uint64_t samples_last(const struct samples *samples)
{
    return samples->seen ? samples->values[(samples->seen - 1) % SAMPLES_KEPT] : 0;
}

void samples_free(struct samples *samples)
{
    free(samples->values);
    *samples = (struct samples){0};
}
