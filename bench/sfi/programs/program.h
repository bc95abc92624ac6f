/*
 * What the measured programs share. Each is one file with one function,
 *
 *   uint64_t run(uint32_t scale)
 *
 * which starts from the same state on every call, takes time in proportion to
 * `scale` (at least 1) and returns a checksum of all that it computed: the same
 * number for every compiler and sandbox, so a wrong one stops the benchmark. No
 * libc: what runs is this code and nothing that one of them may have tuned.
 */
#ifndef RECLAVE_BENCH_SFI_PROGRAM_H
#define RECLAVE_BENCH_SFI_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__
#define EXPORTED __attribute__((export_name("run")))
#else
#define EXPORTED __attribute__((visibility("default")))
#endif

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

EXPORTED uint64_t run(uint32_t scale);

/* Order matters: the same values elsewhere give another checksum. */
static inline uint64_t mix(uint64_t checksum, uint64_t value)
{
    checksum = (checksum ^ value) * 0x9e3779b97f4a7c15u;
    return checksum ^ (checksum >> 29);
}

static inline uint64_t mix_double(uint64_t checksum, double value)
{
    union {
        double number;
        uint64_t bits;
    } view = {value};

    return mix(checksum, view.bits);
}

/* xorshift64: *state is never 0. */
static inline uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

/* In [-1, 1): the same double everywhere. */
static inline double random_double(uint64_t *state)
{
    return (double)(int64_t)(next_random(state) >> 11) * (1.0 / 4503599627370496.0) - 1.0;
}

#endif
