#include "bench/common/clock.h"

#include <time.h>
#include <x86intrin.h>

#define CALIBRATION_NS 50000000u /* 50 ms: read errors below 1 in 10,000 */

static uint64_t start_ns, start_cycles;

uint64_t clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_cycles(void)
{
    return __rdtsc();
}

__attribute__((constructor)) static void start(void)
{
    start_ns = clock_ns();
    start_cycles = clock_cycles();
}

double clock_cycles_per_us(void)
{
    uint64_t ns;

    do
        ns = clock_ns() - start_ns;
    while (ns < CALIBRATION_NS);
    return (double)(clock_cycles() - start_cycles) * 1000 / (double)ns;
}
