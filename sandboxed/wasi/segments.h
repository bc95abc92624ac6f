/*
 * The two windows of layer 1 on memory (sandboxed/README.md):
 *
 *   CAGE   layer 1's own 4 GiB cage, %gs-relative; offsets of abi/geometry.h
 *   GUEST  the function's linear memory, %fs-relative, read only; offsets are wasm addresses
 *
 * A pointer's value is an offset, never an address. With L1_HOSTED (unit tests)
 * both windows are plain buffers of the test's.
 *
 * Types with _any suffix may lie at any alignment: wasm addresses are untrusted.
 */
#ifndef RECLAVE_WASI_SEGMENTS_H
#define RECLAVE_WASI_SEGMENTS_H

#include <stdint.h>

#ifdef L1_HOSTED
#define CAGE
#define GUEST
extern uint8_t *hosted_cage;
extern uint8_t *hosted_guest;
#define CAGE_AT(type, offset)   ((type *)(hosted_cage + (offset)))
#define GUEST_AT(type, address) ((const type *)(hosted_guest + (address)))
#else
#define CAGE                    __seg_gs
#define GUEST                   __seg_fs
#define CAGE_AT(type, offset)   ((type CAGE *)(uintptr_t)(offset))
#define GUEST_AT(type, address) ((const type GUEST *)(uintptr_t)(address))
#endif

typedef uint16_t u16_any __attribute__((aligned(1)));
typedef uint32_t u32_any __attribute__((aligned(1)));
typedef uint64_t u64_any __attribute__((aligned(1)));
typedef uint64_t block_any __attribute__((vector_size(16), aligned(1)));

#endif
