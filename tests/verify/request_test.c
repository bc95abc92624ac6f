/* Requests that contradict themselves, and what a verdict reports beside its reason. */
#include "trusted/verify/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static uint8_t text[64];
static struct verify_bundle scratch[2];

static struct verify_request sound(void)
{
    memset(text, 0x90, sizeof(text));
    text[63] = 0xf4;
    return (struct verify_request){.text = text,
                                   .text_bytes = sizeof(text),
                                   .text_offset = SFI_TEXT_OFF,
                                   .gate_count = GATE2_COUNT,
                                   .scratch = scratch,
                                   .scratch_count = 2};
}

static void expect(const struct verify_request *request, enum verify_reason reason)
{
    struct verify_result result;

    assert_int_equal(verify_text(request, &result), reason);
    assert_int_equal(result.reason, reason);
    assert_int_equal(result.offset, 0);
}

static void sound_request(void **state)
{
    struct verify_request request = sound();

    (void)state;
    expect(&request, VERIFY_OK);
    request.text_offset = SFI_TEXT_END - sizeof(text);
    expect(&request, VERIFY_OK);
    request.rodata_bytes = SFI_RODATA_MAX;
    expect(&request, VERIFY_OK);
}

static void empty_text(void **state)
{
    struct verify_request request = sound();

    (void)state;
    request.text_bytes = 0;
    expect(&request, VERIFY_REQUEST);
}

static void text_offset(void **state)
{
    static const uint32_t wrong[] = {0,
                                     SFI_TEXT_OFF - 32,
                                     SFI_TEXT_OFF + 16,
                                     SFI_TEXT_OFF + 1,
                                     SFI_TEXT_END - 32,
                                     SFI_TEXT_END,
                                     0xffffffe0};
    struct verify_request request = sound();

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        request.text_offset = wrong[i];
        expect(&request, VERIFY_REQUEST);
    }
}

static void text_too_large(void **state)
{
    struct verify_request request = sound();

    (void)state;
    request.text_bytes = SFI_TEXT_END - SFI_TEXT_OFF + 1;
    request.scratch_count = VERIFY_SCRATCH_COUNT(request.text_bytes);
    expect(&request, VERIFY_REQUEST);
    request.text_bytes = UINT32_MAX;
    request.scratch_count = UINT64_MAX;
    expect(&request, VERIFY_REQUEST);
}

static void scratch_too_small(void **state)
{
    struct verify_request request = sound();

    (void)state;
    request.scratch_count = 1;
    expect(&request, VERIFY_REQUEST);
    request.text_bytes = 33;
    expect(&request, VERIFY_REQUEST);
}

static void rodata_too_large(void **state)
{
    struct verify_request request = sound();

    (void)state;
    request.rodata_bytes = SFI_RODATA_MAX + 1u;
    expect(&request, VERIFY_REQUEST);
}

static void too_many_gates(void **state)
{
    struct verify_request request = sound();

    (void)state;
    request.gate_count = 33;
    expect(&request, VERIFY_REQUEST);
}

static void unknown_linear(void **state)
{
    struct verify_request request = sound();

    (void)state;
    for (unsigned linear = 0; linear < VERIFY_LINEAR_COUNT; linear++) {
        request.linear = (enum verify_linear)linear;
        expect(&request, VERIFY_OK);
    }
    request.linear = VERIFY_LINEAR_COUNT;
    expect(&request, VERIFY_REQUEST);
}

static void marks_are_counted(void **state)
{
    /* movl %ebx, %fs:(%eax); movl %eax, %r11d; shrl $12, %r11d; movb $1, 0x20000000(%r14,%r11) */
    static const uint8_t code[32] = {
        0x64, 0x67, 0x89, 0x18, 0x41, 0x89, 0xc3,
        0x41, 0xc1, 0xeb, 0x0c, 0x43, 0xc6, 0x84,
        0x1e, 0x00, 0x00, 0x00, 0x20, 0x01, [20 ... 31] = SFI_PAD_BYTE,
    };
    struct verify_request request = sound();
    struct verify_result result;

    (void)state;
    request.text = code;
    request.text_bytes = sizeof(code);
    request.linear = VERIFY_LINEAR_MARKED;
    assert_int_equal(verify_text(&request, &result), VERIFY_OK);
    assert_int_equal(result.marks, 1);
}

static void statistics(void **state)
{
    static const uint8_t code[64] = {
        0x89,
        0xc0, /* mov %eax, %eax */
        0x64,
        0x8b,
        0x18, /* mov %fs:(%rax), %ebx */
        0x48,
        0x83,
        0xec,
        0x08, /* sub $8, %rsp */
        0x50, /* push %rax */
        0x0f,
        0x84,
        0x10,
        0xf0,
        0xff,
        0xff, /* je gate 1 */
        0x41,
        0x81,
        0xe3,
        0xe0,
        0xff,
        0xff,
        0x0f, /* guard */
        0x4d,
        0x01,
        0xf3,
        0x41,
        0xff,
        0xe3, /* jmp *%r11 */
        0x66,
        0x90,
        0x90, /* nops */
        0xe9,
        0x3b,
        0xf0,
        0xff,
        0xff,               /* at 32: jmp gate 3 */
        [37 ... 63] = 0xf4, /* hlt */
    };
    struct verify_request request = sound();
    struct verify_result result;

    (void)state;
    request.text = code;
    assert_int_equal(verify_text(&request, &result), VERIFY_OK);
    assert_int_equal(result.instructions, 10 + 1 + 27);
    assert_int_equal(result.computed, 1);
    assert_int_equal(result.proven, 1);
    assert_int_equal(result.stack_steps, 1);
    assert_int_equal(result.direct, 2);
    assert_int_equal(result.gates_used, 1u << 1 | 1u << 3);
}

static void every_reason_has_words(void **state)
{
    (void)state;
    for (int reason = 0; reason < VERIFY_REASON_COUNT; reason++)
        assert_true(strlen(verify_reason_text((enum verify_reason)reason)) > 0);
    assert_string_equal(verify_reason_text(VERIFY_REASON_COUNT), "unknown reason");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_request),
        cmocka_unit_test(empty_text),
        cmocka_unit_test(text_offset),
        cmocka_unit_test(text_too_large),
        cmocka_unit_test(scratch_too_small),
        cmocka_unit_test(rodata_too_large),
        cmocka_unit_test(too_many_gates),
        cmocka_unit_test(unknown_linear),
        cmocka_unit_test(marks_are_counted),
        cmocka_unit_test(statistics),
        cmocka_unit_test(every_reason_has_words),
    };

    return cmocka_run_group_tests_name("verify-request", tests, NULL, NULL);
}
