#include "host/pool/histogram.h"

const uint64_t histogram_bounds_us[HISTOGRAM_BUCKETS] = {
    5,     10,    25,     50,     100,    250,     500,     1000,    2500,     5000,     10000,
    25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000};

void histogram_add(struct histogram *histogram, uint64_t us)
{
    histogram->count++;
    histogram->sum_us += us;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (us <= histogram_bounds_us[i]) {
            histogram->counts[i]++;
            return;
        }
    }
}

uint64_t histogram_quantile_us(const struct histogram *histogram, double part)
{
    double wanted = (double)histogram->count * part;
    uint64_t seen = 0;

    if (histogram->count == 0)
        return 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->counts[i];
        if ((double)seen >= wanted)
            return histogram_bounds_us[i];
    }
    return histogram_bounds_us[HISTOGRAM_BUCKETS - 1];
}
