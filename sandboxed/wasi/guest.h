/*
 * The function's linear memory: range checks, loads, and stores through L0.
 *
 * Every wasm address is untrusted. guest_has() comes first; the loads and
 * copies below it check nothing. Linear memory can only grow, and not
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

/*
 * Layer 1 cannot write linear memory (docs/sfi-policy.md, 4.2): L0 does, through a gate, and so
 * knows what has changed. Each function below is one gate call and returns false when L0 refuses,
 * which it does not for a range that guest_has() has accepted.
 */

/* Copies [cage_offset, cage_offset + bytes) of the cage. copy.c */
bool copy_to_guest(guest_address to, uint64_t cage_offset, uint64_t bytes);

/* What is staged with stage*() below: its first `bytes`. */
static inline bool guest_store(guest_address at, uint32_t bytes)
{
    return copy_to_guest(at, L1_STATE_OFF + offsetof(struct l1_state, staged), bytes);
}

static inline void stage8(uint32_t offset, uint8_t value)
{
    l1_state()->staged[offset] = value;
}

static inline void stage16(uint32_t offset, uint16_t value)
{
    *(u16_any CAGE *)&l1_state()->staged[offset] = value;
}

static inline void stage32(uint32_t offset, uint32_t value)
{
    *(u32_any CAGE *)&l1_state()->staged[offset] = value;
}

static inline void stage64(uint32_t offset, uint64_t value)
{
    *(u64_any CAGE *)&l1_state()->staged[offset] = value;
}

/* Zeroes the first `bytes`, a multiple of 8 and at most STAGED_MAX. */
static inline void stage_zero(uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i += 8)
        stage64(i, 0);
}

static inline bool guest_store32(guest_address at, uint32_t value)
{
    stage32(0, value);
    return guest_store(at, sizeof(value));
}

static inline bool guest_store64(guest_address at, uint64_t value)
{
    stage64(0, value);
    return guest_store(at, sizeof(value));
}

/* From linear memory to the cage, which never overlap. copy.c */
void copy_from_guest(uint64_t cage_offset, guest_address from, uint64_t bytes);

#endif
