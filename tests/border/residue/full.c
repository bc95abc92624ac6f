#include "tests/border/residue/full.h"

#include "tests/border/breakpoint.h"
#include "tests/border/registers.h"
#include "tests/border/symbols.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define WORDS       (SECRET_BYTES / SECRET_WORD)
#define FLOAT_BYTES 4
#define XSAVE_XMM   160 /* SDM 1, 13.4.1 */

/* Which of the words and pieces of the secret are in registers of their own kind. */
struct fullness {
    unsigned words, doubles, floats;
};

static bool is_float(const uint8_t xmm[16], const uint8_t *piece)
{
    static const uint8_t zero[12];

    return memcmp(xmm, piece, 4) == 0 && memcmp(xmm + 4, zero, sizeof(zero)) == 0;
}

static struct fullness fullness_of(const struct registers *r)
{
    const uint64_t general[] = {r->rax, r->rbx, r->rcx, r->rdx, r->rsi, r->rdi, r->rbp};
    struct fullness full = {0};

    for (unsigned i = 0; i < WORDS; i++) {
        const uint8_t *word = secret() + i * SECRET_WORD;
        const uint8_t *piece = secret() + i * FLOAT_BYTES;
        bool as_double = false, as_float = false;

        full.words += memmem(general, sizeof(general), word, SECRET_WORD) ||
                      memmem(r->r, sizeof(r->r), word, SECRET_WORD);
        for (unsigned x = 0; x < 16; x++) {
            as_double = as_double || memcmp(r->xmm[x], word, SECRET_WORD) == 0;
            as_float = as_float || is_float(r->xmm[x], piece);
        }
        full.doubles += as_double;
        full.floats += as_float;
    }
    return full;
}

static bool registers_are_full(const struct registers *registers)
{
    struct fullness full = fullness_of(registers);

    return full.words == WORDS && full.doubles == WORDS && full.floats == WORDS;
}

static enum emu_step when_registers_are_full(const ucontext_t *enclave, void *context)
{
    struct moment *moment = context;
    struct registers registers;

    if (moment->interrupts)
        return EMU_STEP_STOP;
    registers_read(enclave, &registers);
    if (!registers_are_full(&registers))
        return EMU_STEP_ON;
    moment->interrupts++;
    return moment->answer;
}

static enum breakpoint_answer start_looking(void *context)
{
    emu_set_step_hook(when_registers_are_full, context);
    return BREAKPOINT_RESUME;
}

static enum breakpoint_answer await_return_from_grow(void *context)
{
    struct moment *moment = context;

    breakpoint_set(moment->border, 0, 0, monitor_symbol("back_from_c"), start_looking, moment);
    return BREAKPOINT_RESUME;
}

/* Steps from the return of the guest's memory.grow on: L0's copies in it would take long. */
void await_full_registers(const struct story *story, struct moment *moment, enum emu_step answer)
{
    *moment = (struct moment){.border = &story->border, .answer = answer};
    breakpoint_set(&story->border, 0, 0, monitor_symbol("gate2_grow"), await_return_from_grow,
                   moment);
}

void moment_must_have_come(const struct moment *moment)
{
    emu_set_step_hook(NULL, NULL);
    assert_true(breakpoint_clear());
    assert_int_equal(moment->interrupts, 1);
}

void frame_must_hold_registers(struct story *story)
{
    const struct place frame = place_of_control(0, PLACE_SSA0);
    const struct page *page;
    const uint8_t *gprs, *xmm;

    pages_take(&story->now, &story->border);
    page = pages_at(&story->now, frame.offset);
    assert_non_null(page);
    gprs = page->bytes + (ssa_gprs_offset(0, 0) - frame.offset);
    xmm = page->bytes + XSAVE_XMM;
    for (unsigned i = 0; i < WORDS; i++) {
        bool as_float = false;

        assert_non_null(memmem(gprs, GPRSGX_BYTES, secret() + i * SECRET_WORD, SECRET_WORD));
        assert_non_null(memmem(xmm, 16 * 16, secret() + i * SECRET_WORD, SECRET_WORD));
        for (unsigned x = 0; x < 16; x++)
            as_float = as_float || is_float(xmm + 16 * x, secret() + i * FLOAT_BYTES);
        assert_true(as_float);
    }
}
