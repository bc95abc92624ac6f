/* Time: nanoseconds of the host, and the cycles (TSC) that L0 reports. */
#ifndef RECLAVE_BENCH_COMMON_CLOCK_H
#define RECLAVE_BENCH_COMMON_CLOCK_H

#include <stdint.h>

uint64_t clock_ns(void);
uint64_t clock_cycles(void);

/* TSC ticks per microsecond, from both clocks since the program's start; exact to the extent
 * that the program has run for a while. */
double clock_cycles_per_us(void);

#endif
