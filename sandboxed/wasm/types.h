/*
 * The types that wasm2c's output is written in, and the two segments of the
 * sandboxed world. Hostile-side code: nothing here is trusted.
 */
#ifndef RECLAVE_SANDBOXED_WASM_TYPES_H
#define RECLAVE_SANDBOXED_WASM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef int8_t s8;
typedef uint16_t u16;
typedef int16_t s16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
typedef int64_t s64;
typedef float f32;
typedef double f64;

#define LIKELY(x)     __builtin_expect(!!(x), 1)
#define UNLIKELY(x)   __builtin_expect(!!(x), 0)
#define ALWAYS_INLINE static inline __attribute__((always_inline))
/* One copy, never specialised for constant arguments (see check_reach in memory.h). */
#define OUT_OF_LINE static __attribute__((noipa, unused))

/* A pointer with one of these is an offset: from the cage's base (instance,
 * tables, native stack) or from linear memory's base. Never an address. */
#define IN_CAGE   __seg_gs
#define IN_LINEAR __seg_fs

#endif
