/*
 * The function's linear memory: range checks, loads and stores, bulk copies.
 *
 * Every wasm address is untrusted. guest_has() comes first; the loads, stores
 * and copies below it check nothing. Linear memory can only grow, and not
 * during a call of layer 1, so a range that was checked stays good.
 */
#ifndef RECLAVE_WASI_GUEST_H
#define RECLAVE_WASI_GUEST_H

#include "sandboxed/wasi/segments.h"
#include "sandboxed/wasi/state.h"

#include <stdbool.h>
#include <stddef.h>

/* A wasm address or length: what the function passed, cut to its 32 bits. */
typedef uint32_t guest_address;

/* Is [at, at + bytes) inside linear memory? */
static inline bool guest_has(guest_address at, uint64_t bytes)
{
    uint64_t size = l1_page()->linear_bytes;

    return at <= size && bytes <= size - at;
}

/* Is an array of `count` elements of `size` bytes (below 2^32) inside linear memory? */
static inline bool guest_has_array(guest_address at, uint32_t count, uint32_t size)
{
    return guest_has(at, (uint64_t)count * size);
}

static inline uint8_t guest_load8(uint64_t at)
{
    return *GUEST_AT(uint8_t, at);
}

static inline uint16_t guest_load16(uint64_t at)
{
    return *GUEST_AT(u16_any, at);
}

static inline uint32_t guest_load32(uint64_t at)
{
    return *GUEST_AT(u32_any, at);
}

static inline uint64_t guest_load64(uint64_t at)
{
    return *GUEST_AT(u64_any, at);
}

static inline void guest_store8(uint64_t at, uint8_t value)
{
    *GUEST_AT(uint8_t, at) = value;
}

static inline void guest_store16(uint64_t at, uint16_t value)
{
    *GUEST_AT(u16_any, at) = value;
}

static inline void guest_store32(uint64_t at, uint32_t value)
{
    *GUEST_AT(u32_any, at) = value;
}

static inline void guest_store64(uint64_t at, uint64_t value)
{
    *GUEST_AT(u64_any, at) = value;
}

/* Zeroes [at, at + bytes); bytes is a multiple of 8. */
static inline void guest_zero(uint64_t at, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i += 8)
        guest_store64(at + i, 0);
}

/* Copy between the cage and linear memory, which never overlap. copy.c */
void copy_to_guest(guest_address to, uint64_t cage_offset, uint64_t bytes);
void copy_from_guest(uint64_t cage_offset, guest_address from, uint64_t bytes);

#endif
