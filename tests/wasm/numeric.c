/*
 * sandboxed/wasm/numeric.h against values of the WebAssembly specification's own
 * test suite (i32.wast, i64.wast, f32.wast, f64.wast, conversions.wast,
 * float_misc.wast). Compiled for the host with the flags that bundles get.
 */
#include "sandboxed/wasm/numeric.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static jmp_buf on_trap;

void gate2_trap(u64 trap)
{
    longjmp(on_trap, (int)trap);
}

/* The trap that evaluating `expression` causes, TRAP_NONE if none. */
#define TRAP_OF(expression)                                                                        \
    ({                                                                                             \
        volatile int trap_ = setjmp(on_trap);                                                      \
        if (trap_ == TRAP_NONE) {                                                                  \
            volatile u64 sink_ = (u64)(expression);                                                \
            (void)sink_;                                                                           \
        }                                                                                          \
        trap_;                                                                                     \
    })

/* Operands that the compiler cannot fold. */
#define DEFINE_OPAQUE(type)                                                                        \
    __attribute__((noipa)) static type opaque_##type(type x)                                       \
    {                                                                                              \
        return x;                                                                                  \
    }
DEFINE_OPAQUE(u32)
DEFINE_OPAQUE(u64)
DEFINE_OPAQUE(f32)
DEFINE_OPAQUE(f64)

#define I(x)  opaque_u32((u32)(x))
#define L(x)  opaque_u64((u64)(x))
#define F(x)  opaque_f32(x)
#define D(x)  opaque_f64(x)
#define FB(x) opaque_f32(f32_reinterpret_i32(x)) /* from its bits */
#define DB(x) opaque_f64(f64_reinterpret_i64(x))

#define BITS32(x) i32_reinterpret_f32(x)
#define BITS64(x) i64_reinterpret_f64(x)

#define EQUAL(a, b) assert_true((u64)(a) == (u64)(b))

static void bits_are_counted_and_rotated(void **state)
{
    u32 x = I(0), y;
    u64 z = L(0), w;

    (void)state;
    EQUAL(I32_CLZ(x), 32);
    EQUAL(I32_CTZ(x), 32);
    EQUAL(I64_CLZ(z), 64);
    EQUAL(I64_CTZ(z), 64);
    x = I(0x8000);
    EQUAL(I32_CLZ(x), 16);
    EQUAL(I32_CTZ(x), 15);
    z = L(0x8000000000000000);
    EQUAL(I64_CLZ(z), 0);
    EQUAL(I64_CTZ(z), 63);
    x = I(0xdeadbeef);
    EQUAL(I32_POPCNT(x), 24);
    z = L(0xdeadbeefdeadbeef);
    EQUAL(I64_POPCNT(z), 48);
    x = I(0xabcd9876), y = I(1);
    EQUAL(I32_ROTL(x, y), 0x579b30ed);
    EQUAL(I32_ROTR(x, y), 0x55e6cc3b);
    y = I(32);
    EQUAL(I32_ROTL(x, y), 0xabcd9876);
    EQUAL(I32_ROTR(x, y), 0xabcd9876);
    y = I(0xff05);
    EQUAL(I32_ROTL(x, y), 0x79b30ed5);
    z = L(0xabcd1234ef567809), w = L(53);
    EQUAL(I64_ROTL(z, w), 0x013579a2469deacf);
    EQUAL(I64_ROTR(z, w), 0x6891a77ab3c04d5e);
    w = L(64);
    EQUAL(I64_ROTL(z, w), z);
}

static void division_rounds_towards_zero(void **state)
{
    u32 seven = I(7), minus_seven = I(-7), two = I(2), least = I(0x80000000), minus_one = I(-1);
    u64 big = L(0x8000000000000000), negative = L(-1), three = L(3);

    (void)state;
    EQUAL(I32_DIV_S(minus_seven, two), 0xfffffffd);
    EQUAL(I32_REM_S(minus_seven, two), 0xffffffff);
    EQUAL(DIV_U(minus_seven, two), 0x7ffffffc);
    EQUAL(REM_U(minus_seven, two), 1);
    EQUAL(I32_REM_S(seven, minus_one), 0);
    EQUAL(I32_REM_S(least, minus_one), 0);
    EQUAL(I64_REM_S(big, negative), 0);
    EQUAL(I64_DIV_S(big, three), 0xd555555555555556);
    EQUAL(DIV_U(big, negative), 0);
    EQUAL(REM_U(big, negative), 0x8000000000000000);
    EQUAL(DIV_U(negative, three), 0x5555555555555555);
}

static void division_traps(void **state)
{
    u32 one = I(1), zero = I(0), least = I(0x80000000), minus_one = I(-1);
    u64 one64 = L(1), zero64 = L(0), least64 = L(0x8000000000000000), minus_one64 = L(-1);

    (void)state;
    EQUAL(TRAP_OF(I32_DIV_S(one, zero)), TRAP_INTEGER_DIVIDE_BY_ZERO);
    EQUAL(TRAP_OF(I32_REM_S(one, zero)), TRAP_INTEGER_DIVIDE_BY_ZERO);
    EQUAL(TRAP_OF(DIV_U(one, zero)), TRAP_INTEGER_DIVIDE_BY_ZERO);
    EQUAL(TRAP_OF(REM_U(one, zero)), TRAP_INTEGER_DIVIDE_BY_ZERO);
    EQUAL(TRAP_OF(I32_DIV_S(least, minus_one)), TRAP_INTEGER_OVERFLOW);
    EQUAL(TRAP_OF(I32_REM_S(least, minus_one)), TRAP_NONE);
    EQUAL(TRAP_OF(I64_DIV_S(one64, zero64)), TRAP_INTEGER_DIVIDE_BY_ZERO);
    EQUAL(TRAP_OF(I64_REM_S(one64, zero64)), TRAP_INTEGER_DIVIDE_BY_ZERO);
    EQUAL(TRAP_OF(DIV_U(one64, zero64)), TRAP_INTEGER_DIVIDE_BY_ZERO);
    EQUAL(TRAP_OF(REM_U(one64, zero64)), TRAP_INTEGER_DIVIDE_BY_ZERO);
    EQUAL(TRAP_OF(I64_DIV_S(least64, minus_one64)), TRAP_INTEGER_OVERFLOW);
    EQUAL(TRAP_OF(I64_REM_S(least64, minus_one64)), TRAP_NONE);
}

/* Quiet, whatever its sign and payload: what the specification calls arithmetic. */
static void assert_quiet32(f32 x)
{
    assert_true((BITS32(x) & 0x7fc00000) == 0x7fc00000);
}

static void assert_quiet64(f64 x)
{
    assert_true((BITS64(x) & 0x7ff8000000000000) == 0x7ff8000000000000);
}

static void minimum_and_maximum_know_zeros_and_nans(void **state)
{
    f32 zero = F(0.0f), minus_zero = F(-0.0f), one = F(1.0f), nan = FB(0x7fa00000);
    f64 dzero = D(0.0), dminus_zero = D(-0.0), done = D(1.0), dnan = DB(0x7ff4000000000000);

    (void)state;
    EQUAL(BITS32(FMIN(zero, minus_zero)), 0x80000000);
    EQUAL(BITS32(FMIN(minus_zero, zero)), 0x80000000);
    EQUAL(BITS32(FMAX(zero, minus_zero)), 0);
    EQUAL(BITS32(FMAX(minus_zero, zero)), 0);
    EQUAL(BITS32(FMAX(minus_zero, minus_zero)), 0x80000000);
    EQUAL(BITS32(FMIN(one, zero)), 0);
    EQUAL(BITS32(FMAX(one, zero)), 0x3f800000);
    assert_quiet32(FMIN(one, nan));
    assert_quiet32(FMIN(nan, one));
    assert_quiet32(FMAX(one, nan));
    assert_quiet32(FMAX(nan, nan));
    EQUAL(BITS64(FMIN(dzero, dminus_zero)), 0x8000000000000000);
    EQUAL(BITS64(FMAX(dzero, dminus_zero)), 0);
    EQUAL(BITS64(FMIN(done, done)), 0x3ff0000000000000);
    assert_quiet64(FMIN(done, dnan));
    assert_quiet64(FMAX(dnan, done));
}

static void rounding_keeps_signs_and_ties_to_even(void **state)
{
    (void)state;
    EQUAL(BITS32(wasm_nearbyintf(F(2.5f))), 0x40000000);
    EQUAL(BITS32(wasm_nearbyintf(F(3.5f))), 0x40800000);
    EQUAL(BITS32(wasm_nearbyintf(F(-0.5f))), 0x80000000);
    EQUAL(BITS32(wasm_nearbyintf(F(8388609.0f))), 0x4b000001);
    EQUAL(BITS64(wasm_nearbyint(D(4503599627370497.5))), 0x4330000000000002);
    EQUAL(BITS64(wasm_nearbyint(D(-1.5))), 0xc000000000000000);
    EQUAL(BITS32(wasm_ceilf(F(-0.75f))), 0x80000000);
    EQUAL(BITS64(wasm_ceil(D(1.0000000000000002))), 0x4000000000000000);
    EQUAL(BITS32(wasm_floorf(F(-0.1f))), 0xbf800000);
    EQUAL(BITS64(wasm_floor(D(-0.0))), 0x8000000000000000);
    EQUAL(BITS32(wasm_truncf(F(-1.9f))), 0xbf800000);
    EQUAL(BITS64(wasm_trunc(D(-0.9))), 0x8000000000000000);
    EQUAL(BITS64(wasm_sqrt(D(2.0))), 0x3ff6a09e667f3bcd);
    EQUAL(BITS32(wasm_sqrtf(F(-0.0f))), 0x80000000);
    assert_quiet32(wasm_sqrtf(F(-1.0f)));
}

static void arithmetic_quietens_nans(void **state)
{
    f32 nan = FB(0x7fa00000);
    f64 dnan = DB(0xfff4000000000001);

    (void)state;
    assert_quiet32(wasm_floorf(nan));
    assert_quiet32(wasm_ceilf(nan));
    assert_quiet32(wasm_truncf(nan));
    assert_quiet32(wasm_nearbyintf(nan));
    assert_quiet32(wasm_sqrtf(nan));
    assert_quiet64(wasm_floor(dnan));
    assert_quiet64(wasm_ceil(dnan));
    assert_quiet64(wasm_trunc(dnan));
    assert_quiet64(wasm_nearbyint(dnan));
    assert_quiet64(wasm_sqrt(dnan));
    assert_quiet32((f32)wasm_quiet(dnan));
    assert_quiet64((f64)wasm_quietf(nan));
    assert_quiet32(nan * 1.0f); /* not folded to nan */
    assert_quiet64(dnan - 0.0);
}

static void sign_operations_touch_the_sign_only(void **state)
{
    f32 x, y;
    f64 a, b;

    (void)state;
    EQUAL(BITS32(wasm_fabsf(FB(0xffa12345))), 0x7fa12345);
    EQUAL(BITS64(wasm_fabs(DB(0xfff4000000000001))), 0x7ff4000000000001);
    x = FB(0x7fa12345), y = F(-1.0f);
    EQUAL(BITS32(copysignf(x, y)), 0xffa12345);
    EQUAL(BITS32(copysignf(y, x)), 0x3f800000);
    a = D(1.0), b = DB(0xfff0000000000001);
    EQUAL(BITS64(copysign(a, b)), 0xbff0000000000000);
    EQUAL(BITS32(-x), 0xffa12345);
    EQUAL(BITS64(-b), 0x7ff0000000000001);
}

static void truncation_accepts_the_exact_bounds(void **state)
{
    (void)state;
    EQUAL(I32_TRUNC_S_F32(F(-2147483648.0f)), 0x80000000);
    EQUAL(I32_TRUNC_S_F32(F(2147483520.0f)), 2147483520);
    EQUAL(I32_TRUNC_S_F64(D(-2147483648.9)), 0x80000000);
    EQUAL(I32_TRUNC_S_F64(D(2147483647.9)), 2147483647);
    EQUAL(I32_TRUNC_U_F32(F(-0.99999994f)), 0);
    EQUAL(I32_TRUNC_U_F32(F(4294967040.0f)), 4294967040);
    EQUAL(I32_TRUNC_U_F64(D(4294967295.9)), 4294967295);
    EQUAL(I64_TRUNC_S_F32(F(-9223372036854775808.0f)), 0x8000000000000000);
    EQUAL(I64_TRUNC_S_F64(D(9223372036854774784.0)), 9223372036854774784);
    EQUAL(I64_TRUNC_U_F32(F(18446742974197923840.0f)), 18446742974197923840u);
    EQUAL(I64_TRUNC_U_F64(D(18446744073709549568.0)), 18446744073709549568u);
    EQUAL(I64_TRUNC_U_F64(D(-0.9999999999999999)), 0);
}

static void truncation_traps_outside(void **state)
{
    f32 nan = FB(0x7fc00000);

    (void)state;
    EQUAL(TRAP_OF(I32_TRUNC_S_F32(F(2147483648.0f))), TRAP_INTEGER_OVERFLOW);
    EQUAL(TRAP_OF(I32_TRUNC_S_F32(F(-2147483904.0f))), TRAP_INTEGER_OVERFLOW);
    EQUAL(TRAP_OF(I32_TRUNC_S_F64(D(-2147483649.0))), TRAP_INTEGER_OVERFLOW);
    EQUAL(TRAP_OF(I32_TRUNC_S_F64(D(2147483648.0))), TRAP_INTEGER_OVERFLOW);
    EQUAL(TRAP_OF(I32_TRUNC_U_F32(F(-1.0f))), TRAP_INTEGER_OVERFLOW);
    EQUAL(TRAP_OF(I32_TRUNC_U_F64(D(4294967296.0))), TRAP_INTEGER_OVERFLOW);
    EQUAL(TRAP_OF(I64_TRUNC_S_F32(F(9223372036854775808.0f))), TRAP_INTEGER_OVERFLOW);
    EQUAL(TRAP_OF(I64_TRUNC_S_F64(D(-9223372036854777856.0))), TRAP_INTEGER_OVERFLOW);
    EQUAL(TRAP_OF(I64_TRUNC_U_F32(F(18446744073709551616.0f))), TRAP_INTEGER_OVERFLOW);
    EQUAL(TRAP_OF(I64_TRUNC_U_F64(D(-1.0))), TRAP_INTEGER_OVERFLOW);
    EQUAL(TRAP_OF(I64_TRUNC_U_F64(D(INFINITY))), TRAP_INTEGER_OVERFLOW);
    EQUAL(TRAP_OF(I32_TRUNC_S_F32(nan)), TRAP_INVALID_CONVERSION);
    EQUAL(TRAP_OF(I64_TRUNC_U_F64((f64)nan)), TRAP_INVALID_CONVERSION);
}

static void saturating_truncation_never_traps(void **state)
{
    f32 nan = FB(0xffa00000);

    (void)state;
    EQUAL(I32_TRUNC_SAT_S_F32(nan), 0);
    EQUAL(I32_TRUNC_SAT_S_F32(F(2147483648.0f)), 0x7fffffff);
    EQUAL(I32_TRUNC_SAT_S_F64(D(-2147483649.0)), 0x80000000);
    EQUAL(I32_TRUNC_SAT_U_F32(F(-1.0f)), 0);
    EQUAL(I32_TRUNC_SAT_U_F64(D(4294967296.0)), 0xffffffff);
    EQUAL(I64_TRUNC_SAT_S_F32(F(-INFINITY)), 0x8000000000000000);
    EQUAL(I64_TRUNC_SAT_S_F64(D(9223372036854775808.0)), 0x7fffffffffffffff);
    EQUAL(I64_TRUNC_SAT_U_F32(F(INFINITY)), 0xffffffffffffffff);
    EQUAL(I64_TRUNC_SAT_U_F64(D(-1e300)), 0);
    EQUAL(I64_TRUNC_SAT_U_F64((f64)nan), 0);
    EQUAL(I64_TRUNC_SAT_U_F64(D(1e19)), 10000000000000000000u);
}

static void integers_convert_with_one_rounding(void **state)
{
    (void)state;
    EQUAL(BITS32((f32)L(9007199791611905)), 0x5a000001);
    EQUAL(BITS32((f32)L(0x7fffff4000000001)), 0x5effffff);
    EQUAL(BITS32((f32)L(0x8000008000000001)), 0x5f000001);
    EQUAL(BITS64((f64)L(0x8000000000000401)), 0x43e0000000000001);
    EQUAL(BITS64((f64)L(0xffffffffffffffff)), 0x43f0000000000000);
    EQUAL(BITS32((f32)(s64)L(-9223371761976868863)), 0xdeffffff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_are_counted_and_rotated),
        cmocka_unit_test(division_rounds_towards_zero),
        cmocka_unit_test(division_traps),
        cmocka_unit_test(minimum_and_maximum_know_zeros_and_nans),
        cmocka_unit_test(rounding_keeps_signs_and_ties_to_even),
        cmocka_unit_test(arithmetic_quietens_nans),
        cmocka_unit_test(sign_operations_touch_the_sign_only),
        cmocka_unit_test(truncation_accepts_the_exact_bounds),
        cmocka_unit_test(truncation_traps_outside),
        cmocka_unit_test(saturating_truncation_never_traps),
        cmocka_unit_test(integers_convert_with_one_rounding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
