/*
 * Numeric instructions whose WebAssembly meaning is not C's own operator,
 * under the names that wasm2c's output calls them by (WebAssembly core
 * specification 2.0, section 4.3).
 *
 * Needs SSE4.1, -fsignaling-nans (arithmetic must quieten signalling NaNs),
 * -ffp-contract=off and -fno-math-errno. Arguments are plain variables, so
 * macros may name them more than once.
 */
#ifndef RECLAVE_SANDBOXED_WASM_NUMERIC_H
#define RECLAVE_SANDBOXED_WASM_NUMERIC_H

#include "sandboxed/wasm/trap.h"
#include "sandboxed/wasm/types.h"

/* ---- bits ------------------------------------------------------------ */

#define BY_WIDTH(x, narrow, wide) _Generic((x), u64 : wide, s64 : wide, default : narrow)
#define BY_FLOAT(x, single, dbl)  _Generic((x), f32 : single, default : dbl)

#define I32_CLZ(x)    ((x) ? (u32)__builtin_clz(x) : 32u)
#define I64_CLZ(x)    ((x) ? (u64)__builtin_clzll(x) : 64u)
#define I32_CTZ(x)    ((x) ? (u32)__builtin_ctz(x) : 32u)
#define I64_CTZ(x)    ((x) ? (u64)__builtin_ctzll(x) : 64u)
#define I32_POPCNT(x) ((u32)__builtin_popcount(x))
#define I64_POPCNT(x) ((u64)__builtin_popcountll(x))

#define ROTATE_LEFT(x, n, mask)  (((x) << ((n) & (mask))) | ((x) >> (-(n) & (mask))))
#define ROTATE_RIGHT(x, n, mask) (((x) >> ((n) & (mask))) | ((x) << (-(n) & (mask))))
#define I32_ROTL(x, n)           ROTATE_LEFT(x, n, 31)
#define I64_ROTL(x, n)           ROTATE_LEFT(x, n, 63)
#define I32_ROTR(x, n)           ROTATE_RIGHT(x, n, 31)
#define I64_ROTR(x, n)           ROTATE_RIGHT(x, n, 63)

/* ---- integer division ------------------------------------------------- */

#define DEFINE_DIVISION(prefix, ut, st, least)                                                     \
    ALWAYS_INLINE ut prefix##_div_s(ut x, ut y)                                                    \
    {                                                                                              \
        if (UNLIKELY(y == 0))                                                                      \
            gate2_trap(TRAP_INTEGER_DIVIDE_BY_ZERO);                                               \
        if (UNLIKELY((st)x == (least) && (st)y == -1))                                             \
            gate2_trap(TRAP_INTEGER_OVERFLOW);                                                     \
        return (ut)((st)x / (st)y);                                                                \
    }                                                                                              \
    ALWAYS_INLINE ut prefix##_rem_s(ut x, ut y)                                                    \
    {                                                                                              \
        if (UNLIKELY(y == 0))                                                                      \
            gate2_trap(TRAP_INTEGER_DIVIDE_BY_ZERO);                                               \
        /* least % -1 is 0, but faults in IDIV */                                                  \
        return UNLIKELY((st)y == -1) ? 0 : (ut)((st)x % (st)y);                                    \
    }                                                                                              \
    ALWAYS_INLINE ut prefix##_div_u(ut x, ut y)                                                    \
    {                                                                                              \
        if (UNLIKELY(y == 0))                                                                      \
            gate2_trap(TRAP_INTEGER_DIVIDE_BY_ZERO);                                               \
        return x / y;                                                                              \
    }                                                                                              \
    ALWAYS_INLINE ut prefix##_rem_u(ut x, ut y)                                                    \
    {                                                                                              \
        if (UNLIKELY(y == 0))                                                                      \
            gate2_trap(TRAP_INTEGER_DIVIDE_BY_ZERO);                                               \
        return x % y;                                                                              \
    }

DEFINE_DIVISION(i32, u32, s32, INT32_MIN)
DEFINE_DIVISION(i64, u64, s64, INT64_MIN)

#define I32_DIV_S(x, y) i32_div_s(x, y)
#define I64_DIV_S(x, y) i64_div_s(x, y)
#define I32_REM_S(x, y) i32_rem_s(x, y)
#define I64_REM_S(x, y) i64_rem_s(x, y)
#define DIV_U(x, y)     BY_WIDTH(x, i32_div_u, i64_div_u)(x, y)
#define REM_U(x, y)     BY_WIDTH(x, i32_rem_u, i64_rem_u)(x, y)

/* ---- reinterpretation --------------------------------------------------- */

#define DEFINE_REINTERPRET(name, from, to)                                                         \
    ALWAYS_INLINE to name(from x)                                                                  \
    {                                                                                              \
        to result;                                                                                 \
        __builtin_memcpy(&result, &x, sizeof(result));                                             \
        return result;                                                                             \
    }

DEFINE_REINTERPRET(f32_reinterpret_i32, u32, f32)
DEFINE_REINTERPRET(i32_reinterpret_f32, f32, u32)
DEFINE_REINTERPRET(f64_reinterpret_i64, u64, f64)
DEFINE_REINTERPRET(i64_reinterpret_f64, f64, u64)

#define INFINITY __builtin_inff()

/* ---- minimum and maximum ------------------------------------------------ */

/* Equal operands differ in the sign of zero only: -0 is the lesser, so OR the
 * bits for the minimum and AND them for the maximum. A NaN operand gives a
 * quiet NaN, by adding. */
#define DEFINE_MIN_MAX(prefix, ft, to_bits, from_bits)                                             \
    ALWAYS_INLINE ft prefix##_min(ft x, ft y)                                                      \
    {                                                                                              \
        if (UNLIKELY(__builtin_isunordered(x, y)))                                                 \
            return x + y;                                                                          \
        if (UNLIKELY(x == y))                                                                      \
            return from_bits(to_bits(x) | to_bits(y));                                             \
        return x < y ? x : y;                                                                      \
    }                                                                                              \
    ALWAYS_INLINE ft prefix##_max(ft x, ft y)                                                      \
    {                                                                                              \
        if (UNLIKELY(__builtin_isunordered(x, y)))                                                 \
            return x + y;                                                                          \
        if (UNLIKELY(x == y))                                                                      \
            return from_bits(to_bits(x) & to_bits(y));                                             \
        return x > y ? x : y;                                                                      \
    }

DEFINE_MIN_MAX(f32, f32, i32_reinterpret_f32, f32_reinterpret_i32)
DEFINE_MIN_MAX(f64, f64, i64_reinterpret_f64, f64_reinterpret_i64)

#define FMIN(x, y) BY_FLOAT(x, f32_min, f64_min)(x, y)
#define FMAX(x, y) BY_FLOAT(x, f32_max, f64_max)(x, y)

/* ---- rounding, sign, root ------------------------------------------------ */

/* ROUNDSS, ROUNDSD and SQRT quieten NaNs themselves; so do the conversions between f32 and f64,
 * whose operands wasm2c wraps into wasm_quiet. GCC 12 does not when it converts constants:
 * AT_RUN_TIME hides the operand from it. Sign operations touch the sign bit only. */
#define AT_RUN_TIME(x)                                                                             \
    ({                                                                                             \
        __typeof__(x) hidden_ = (x);                                                               \
        __asm__("" : "+x"(hidden_));                                                               \
        hidden_;                                                                                   \
    })
#define wasm_floor(x)      __builtin_floor(x)
#define wasm_floorf(x)     __builtin_floorf(x)
#define wasm_ceil(x)       __builtin_ceil(x)
#define wasm_ceilf(x)      __builtin_ceilf(x)
#define wasm_trunc(x)      __builtin_trunc(x)
#define wasm_truncf(x)     __builtin_truncf(x)
#define wasm_nearbyint(x)  __builtin_nearbyint(x)
#define wasm_nearbyintf(x) __builtin_nearbyintf(x)
#define wasm_sqrt(x)       __builtin_sqrt(x)
#define wasm_sqrtf(x)      __builtin_sqrtf(x)
#define wasm_quiet(x)      AT_RUN_TIME(x)
#define wasm_quietf(x)     AT_RUN_TIME(x)

#define SIGN_BIT_32 0x80000000u
#define SIGN_BIT_64 0x8000000000000000u

ALWAYS_INLINE f32 wasm_fabsf(f32 x)
{
    return f32_reinterpret_i32(i32_reinterpret_f32(x) & ~SIGN_BIT_32);
}

ALWAYS_INLINE f64 wasm_fabs(f64 x)
{
    return f64_reinterpret_i64(i64_reinterpret_f64(x) & ~SIGN_BIT_64);
}

ALWAYS_INLINE f32 f32_copysign(f32 x, f32 y)
{
    return f32_reinterpret_i32((i32_reinterpret_f32(x) & ~SIGN_BIT_32) |
                               (i32_reinterpret_f32(y) & SIGN_BIT_32));
}

ALWAYS_INLINE f64 f64_copysign(f64 x, f64 y)
{
    return f64_reinterpret_i64((i64_reinterpret_f64(x) & ~SIGN_BIT_64) |
                               (i64_reinterpret_f64(y) & SIGN_BIT_64));
}

#define copysignf(x, y) f32_copysign(x, y)
#define copysign(x, y)  f64_copysign(x, y)

/* ---- float to integer ----------------------------------------------------- */

/* In range means that truncation towards zero yields a value of the integer
 * type: least and above are the exact bounds in the float's own format; where
 * the format cannot hold "least integer - 1" the lower bound is inclusive. */
#define DEFINE_TRUNC(name, ft, it, ut, in_range, least, most)                                      \
    ALWAYS_INLINE ut name(ft x)                                                                    \
    {                                                                                              \
        if (UNLIKELY(x != x))                                                                      \
            gate2_trap(TRAP_INVALID_CONVERSION);                                                   \
        if (UNLIKELY(!(in_range)))                                                                 \
            gate2_trap(TRAP_INTEGER_OVERFLOW);                                                     \
        return (ut)(it)x;                                                                          \
    }                                                                                              \
    ALWAYS_INLINE ut name##_sat(ft x)                                                              \
    {                                                                                              \
        if (UNLIKELY(x != x))                                                                      \
            return 0;                                                                              \
        if (UNLIKELY(!(in_range)))                                                                 \
            return x < 0 ? (ut)(least) : (ut)(most);                                               \
        return (ut)(it)x;                                                                          \
    }

DEFINE_TRUNC(i32_trunc_s_f32, f32, s32, u32, x >= -0x1p31f && x < 0x1p31f, INT32_MIN, INT32_MAX)
DEFINE_TRUNC(i32_trunc_s_f64, f64, s32, u32, x > -2147483649.0 && x < 0x1p31, INT32_MIN, INT32_MAX)
DEFINE_TRUNC(i64_trunc_s_f32, f32, s64, u64, x >= -0x1p63f && x < 0x1p63f, INT64_MIN, INT64_MAX)
DEFINE_TRUNC(i64_trunc_s_f64, f64, s64, u64, x >= -0x1p63 && x < 0x1p63, INT64_MIN, INT64_MAX)
DEFINE_TRUNC(i32_trunc_u_f32, f32, u32, u32, x > -1.0f && x < 0x1p32f, 0, UINT32_MAX)
DEFINE_TRUNC(i32_trunc_u_f64, f64, u32, u32, x > -1.0 && x < 0x1p32, 0, UINT32_MAX)
DEFINE_TRUNC(i64_trunc_u_f32, f32, u64, u64, x > -1.0f && x < 0x1p64f, 0, UINT64_MAX)
DEFINE_TRUNC(i64_trunc_u_f64, f64, u64, u64, x > -1.0 && x < 0x1p64, 0, UINT64_MAX)

#define I32_TRUNC_S_F32(x)     i32_trunc_s_f32(x)
#define I32_TRUNC_S_F64(x)     i32_trunc_s_f64(x)
#define I64_TRUNC_S_F32(x)     i64_trunc_s_f32(x)
#define I64_TRUNC_S_F64(x)     i64_trunc_s_f64(x)
#define I32_TRUNC_U_F32(x)     i32_trunc_u_f32(x)
#define I32_TRUNC_U_F64(x)     i32_trunc_u_f64(x)
#define I64_TRUNC_U_F32(x)     i64_trunc_u_f32(x)
#define I64_TRUNC_U_F64(x)     i64_trunc_u_f64(x)
#define I32_TRUNC_SAT_S_F32(x) i32_trunc_s_f32_sat(x)
#define I32_TRUNC_SAT_S_F64(x) i32_trunc_s_f64_sat(x)
#define I64_TRUNC_SAT_S_F32(x) i64_trunc_s_f32_sat(x)
#define I64_TRUNC_SAT_S_F64(x) i64_trunc_s_f64_sat(x)
#define I32_TRUNC_SAT_U_F32(x) i32_trunc_u_f32_sat(x)
#define I32_TRUNC_SAT_U_F64(x) i32_trunc_u_f64_sat(x)
#define I64_TRUNC_SAT_U_F32(x) i64_trunc_u_f32_sat(x)
#define I64_TRUNC_SAT_U_F64(x) i64_trunc_u_f64_sat(x)

#endif
