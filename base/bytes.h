/*
 * Bytes: fixed-order loads and stores, overflow-checked ranges, comparison in
 * constant time and wiping. Leaf code, no state.
 */
#ifndef RECLAVE_BASE_BYTES_H
#define RECLAVE_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* a + b in *sum; false on overflow (*sum is then unspecified). */
static inline bool add_u64(uint64_t a, uint64_t b, uint64_t *sum)
{
    return !__builtin_add_overflow(a, b, sum);
}

/* Is [start, start + bytes) inside [low, low + size), without wrap-around? An
 * empty range is inside when start is in [low, low + size]. */
static inline bool range_inside(uint64_t start, uint64_t bytes, uint64_t low, uint64_t size)
{
    return start >= low && start - low <= size && bytes <= size - (start - low);
}

/* Do the ranges share a byte? Both must not wrap around. */
static inline bool ranges_overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes)
{
    return a_bytes && b_bytes && a < b + b_bytes && b < a + a_bytes;
}

/* x rounded up to a multiple of the power of two `unit`; x must be at most UINT64_MAX - unit. */
static inline uint64_t round_up(uint64_t x, uint64_t unit)
{
    return (x + unit - 1) & ~(unit - 1);
}

/* Equal? Time depends on `bytes` only. */
bool bytes_equal_secret(const void *a, const void *b, size_t bytes);

/* Zeroes that the compiler may not drop. */
void bytes_wipe(void *target, size_t bytes);

#endif
