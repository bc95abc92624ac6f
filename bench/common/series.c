#include "bench/common/series.h"

#include "bench/common/fail.h"

#include <stdlib.h>
#include <string.h>

void series_add(struct series *series, double value)
{
    if (series->count == series->room) {
        series->room = series->room ? 2 * series->room : 64;
        series->values = realloc(series->values, series->room * sizeof(double));
        if (!series->values)
            bench_fail("out of memory");
    }
    series->values[series->count++] = value;
}

void series_free(struct series *series)
{
    free(series->values);
    *series = (struct series){0};
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The value that the fraction `part` of the sorted values lies below. */
static double quantile(const double *sorted, size_t count, double part)
{
    double position = part * (double)(count - 1);
    size_t below = (size_t)position;
    double beyond = position - (double)below;

    if (below + 1 == count)
        return sorted[below];
    return sorted[below] * (1 - beyond) + sorted[below + 1] * beyond;
}

struct spread series_spread(const struct series *series)
{
    struct spread spread;
    double *sorted;

    if (!series->count)
        bench_fail("a series without samples");
    sorted = malloc(series->count * sizeof(double));
    if (!sorted)
        bench_fail("out of memory");
    memcpy(sorted, series->values, series->count * sizeof(double));
    qsort(sorted, series->count, sizeof(double), compare);
    spread.median = quantile(sorted, series->count, 0.5);
    spread.low = quantile(sorted, series->count, 0.25);
    spread.high = quantile(sorted, series->count, 0.75);
    free(sorted);
    return spread;
}

double series_median(const struct series *series)
{
    return series_spread(series).median;
}

struct spread series_ratio(const struct series *above, const struct series *below)
{
    struct series ratios = {0};
    struct spread spread;

    if (above->count != below->count)
        bench_fail("a ratio of %zu to %zu samples", above->count, below->count);
    for (size_t i = 0; i < above->count; i++) {
        if (below->values[i] == 0)
            bench_fail("a ratio to a time of 0");
        series_add(&ratios, above->values[i] / below->values[i]);
    }
    spread = series_spread(&ratios);
    series_free(&ratios);
    return spread;
}

struct spread spread_scale(struct spread spread, double factor)
{
    return (struct spread){spread.median * factor, spread.low * factor, spread.high * factor};
}
