/* A logarithmic axis: which range of values lies on which range of pixels. */
#ifndef RECLAVE_BENCH_COMMON_SCALE_H
#define RECLAVE_BENCH_COMMON_SCALE_H

#include "bench/common/series.h"

struct scale {
    double low, high; /* values at the ends, above 0 */
    double from, to;  /* pixels */
};

double scale_at(const struct scale *scale, double value);

/* Widens the range (start with low = high = 0). */
void scale_include(struct scale *scale, struct spread spread);
/* Rounds the ends outwards to whole powers of ten. */
void scale_round(struct scale *scale);

/* "1 us", "100 ms": a power of ten in microseconds. */
#define SCALE_TEXT_BYTES 32
const char *scale_time_text(double us, char text[SCALE_TEXT_BYTES]);
/* The same for any time: "12.3 us". */
const char *time_text(double us, char text[SCALE_TEXT_BYTES]);

#endif
