#include "tests/border/residue/tail.h"

#include "host/loader/internal.h"
#include "sgx/emu/instrument.h"
#include "tests/border/breakpoint.h"
#include "tests/border/symbols.h"
#include "trusted/monitor/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEPS_MAX (16u << 20)

/* ---- stepping ---------------------------------------------------------------------- */

struct stepper {
    size_t taken;
    size_t stop_after; /* the step to interrupt at; STEPS_MAX: none */
    enum emu_step answer;
    uint64_t *rip; /* NULL, or where to note them */
    uint64_t base;
    bool interrupted;
};

static enum emu_step take_step(const ucontext_t *enclave, void *context)
{
    struct stepper *stepper = context;

    if (stepper->interrupted)
        return EMU_STEP_STOP;
    if (stepper->rip && stepper->taken < STEPS_MAX)
        stepper->rip[stepper->taken] =
            (uint64_t)enclave->uc_mcontext.gregs[REG_RIP] - stepper->base;
    if (stepper->taken++ != stepper->stop_after)
        return EMU_STEP_ON;
    stepper->interrupted = true;
    return stepper->answer;
}

static enum breakpoint_answer start_stepping(void *context)
{
    emu_set_step_hook(take_step, context);
    return BREAKPOINT_RESUME;
}

/* ---- runs ------------------------------------------------------------------------------ */

/* At CSSA 1 the monitor says that it was interrupted itself. */
static void enter_nested(struct slot *slot, enum entry_call call)
{
    assert_int_equal(enter_once(slot, ENCLU_EENTER, call, 0, 0), ENCLU_EEXIT);
    assert_int_equal(slot->exit_status, ST_IN_MONITOR);
}

/* An instruction that is reached for the first time needs no steps. */
static enum breakpoint_answer interrupt_here(void *context)
{
    struct stepper *stepper = context;

    stepper->interrupted = true;
    return stepper->answer == EMU_STEP_OUT ? BREAKPOINT_OUT : BREAKPOINT_RESUME;
}

/* The breakpoint lies as near before the chosen step as an instruction that is reached for the
 * first time; stepping goes on from there. */
static void set_breakpoint(const struct tail *tail, struct stepper *stepper)
{
    const struct border *border = &tail->story.border;
    size_t i = stepper->stop_after;

    if (i == STEPS_MAX) {
        breakpoint_set(border, 0, 0, tail->from, start_stepping, stepper);
        return;
    }
    if (tail->first[i]) {
        breakpoint_set(border, 0, 0, tail->rip[i], interrupt_here, stepper);
        return;
    }
    while (i > 0 && !tail->first[i])
        i--;
    stepper->taken = i + 1;
    breakpoint_set(border, 0, 0, tail->rip[i], start_stepping, stepper);
}

static void rewind_in_steps(struct tail *tail, struct stepper *stepper)
{
    struct slot *slot = tail->story.slot;
    struct entry_rewind request = {0};
    unsigned leaf;

    set_breakpoint(tail, stepper);
    leaf = enter_once(slot, ENCLU_EENTER, ENTRY_REWIND, (uintptr_t)&request, sizeof(request));
    emu_set_step_hook(NULL, NULL);
    assert_true(breakpoint_clear());
    if (stepper->answer == EMU_STEP_OUT) {
        assert_int_equal(leaf, ENCLU_ERESUME);
        enter_nested(slot, ENTRY_EXCEPTION);
        enter_nested(slot, ENTRY_ABORT);
        leaf = enter_once(slot, ENCLU_ERESUME, 0, 0, 0);
    }
    assert_int_equal(leaf, ENCLU_EEXIT);
    assert_int_equal(slot->exit_status, ST_OK);
    assert_true(stepper->interrupted || stepper->stop_after == STEPS_MAX);
}

static void invoke_without_secret(struct story *story)
{
    static const uint8_t input[SECRET_BYTES + 1] = {[SECRET_BYTES] = 't'};

    memset(&story->call, 0, sizeof(story->call));
    story->call.input = input;
    story->call.input_bytes = sizeof(input);
    border_invoke(&story->border, 0, &story->call);
    assert_int_equal(story->call.result.outcome, OUTCOME_TRAP);
}

/* ---- what an interrupt of the tail may leave in SSA[0] ------------------------------------ */

static bool outside_or_zero(const struct tail *tail, uint64_t value)
{
    return value - tail->story.border.base >= enclave_bytes(tail->story.border.enclave) ||
           value == 0;
}

static bool in_control_block(const struct tail *tail, uint64_t value)
{
    uint64_t offset = value - tail->story.border.base - SLOT_CONTROL_OFF;

    return value == 0 || offset < SLOT_CONTROL_STRIDE;
}

/* Registers as the tail may have them at any step: which, or NULL. The frame may be half wiped. */
static const char *unclean_register(const struct tail *tail, const struct sgx_gprs *g)
{
    if (g->rax && g->rax != ENCLU_EEXIT)
        return "RAX";
    if (g->rcx > CTL_STACK_BYTES / 8)
        return "RCX";
    if (g->rdx | g->rsi | g->r8 | g->r9 | g->r11 | g->r14 | g->r15)
        return "RDX, RSI, R8, R9, R11, R14 or R15";
    if (g->exitinfo | g->reserved)
        return "EXITINFO";
    if (!outside_or_zero(tail, g->rbx) || !outside_or_zero(tail, g->rbp) ||
        !outside_or_zero(tail, g->rsp) || !outside_or_zero(tail, g->ursp) ||
        !outside_or_zero(tail, g->urbp))
        return "RBX, RBP or RSP";
    if (!in_control_block(tail, g->rdi) && g->rdi > UINT8_MAX)
        return "RDI";
    if (!in_control_block(tail, g->r10) || !in_control_block(tail, g->fsbase) ||
        !in_control_block(tail, g->gsbase))
        return "R10, FS or GS";
    if ((g->r12 & ~(uint64_t)SCRUB) > SLOT_POISONED || g->r13 > UINT8_MAX)
        return "R12 or R13";
    if (g->rip && g->rip - tail->story.border.base - MON_IMAGE_OFF >= MON_IMAGE_MAX)
        return "RIP";
    return NULL;
}

/* The XSAVE area in its initial state: control words, MXCSR and its mask, XSTATE_BV. */
static const char *unclean_extended_state(const uint8_t *xsave, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        bool control = i < 2 || (i >= 24 && i < 32) || i == 512;

        if (!control && xsave[i])
            return "extended state";
    }
    return NULL;
}

/* Before registers are clean the tail may be interrupted, too: then the wipe takes the frame. So
 * whatever is left is clean, except where the very last steps were interrupted. */
static void frame_must_be_clean(const struct tail *tail, const struct pages *pages)
{
    const struct page *page = pages_at(pages, place_of_control(0, PLACE_SSA0).offset);
    const size_t gprs_at = PAGE_BYTES - GPRSGX_BYTES;
    const char *unclean;
    struct sgx_gprs gprs;

    assert_non_null(page);
    memcpy(&gprs, page->bytes + gprs_at, sizeof(gprs));
    unclean = gprs.ursp ? unclean_register(tail, &gprs) : "nothing for an AEX to give the host";
    if (!unclean)
        unclean = unclean_extended_state(page->bytes, gprs_at);
    if (unclean)
        fprintf(stderr, "# REMAINS: %s in SSA 0\n", unclean);
    assert_null(unclean);
}

/* ---- the list, with what an interrupt adds -------------------------------------------------- */

static void add_place(struct known_list *list, enum control_place which, const char *why)
{
    struct place place = place_of_control(0, which);

    assert_true(list->count < KNOWN_MAX);
    list->entry[list->count++] =
        (struct known_difference){place.name, place.offset, place.bytes, why, false};
}

static void must_be_s1(struct tail *tail, enum tail_interrupt interrupt)
{
    struct known_list known;

    known_list_for(0, &known);
    add_place(&known, PLACE_SSA0, "the tail's own clean registers: frame_must_be_clean");
    if (interrupt == TAIL_NESTED) {
        add_place(&known, PLACE_SSA1, "the host's own stack pointers at the nested entry");
        add_place(&known, PLACE_XSTACK, "L0's frames of the nested entry, made of clean registers");
    }
    frame_must_be_clean(tail, &tail->story.now);
    assert_int_equal(compare_pages(&tail->story.reference, &tail->story.now, 0, &known), 0);
}

void tail_run(struct tail *tail, size_t step, enum tail_interrupt interrupt)
{
    struct story *story = &tail->story;
    const struct stepper start = {.stop_after = step,
                                  .answer = interrupt == TAIL_NESTED ? EMU_STEP_OUT : EMU_STEP_AEX};
    struct stepper stepper = start;
    struct known_list known;

    invoke_without_secret(story);
    rewind_in_steps(tail, &stepper);
    pages_take(&tail->control, &story->border);

    story_spread(story, 'f');
    stepper = start;
    rewind_in_steps(tail, &stepper);
    pages_take(&story->now, &story->border);

    assert_int_equal(secret_remains(&story->now), 0);
    must_be_s1(tail, interrupt);
    known_list_for(0, &known);
    assert_int_equal(compare_pages(&tail->control, &story->now, 0, &known), 0);
}

#define INSTRUCTIONS_MAX 4096

/* Is rip new in the list of those seen? */
static bool see(uint64_t rip, uint64_t seen[INSTRUCTIONS_MAX], size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        if (seen[i] == rip)
            return false;
    assert_true(*count < INSTRUCTIONS_MAX);
    seen[(*count)++] = rip;
    return true;
}

static void mark_first_and_last(struct tail *tail)
{
    uint64_t seen[INSTRUCTIONS_MAX];
    size_t count = 0;

    for (size_t step = 0; step < tail->steps; step++)
        tail->first[step] = see(tail->rip[step], seen, &count);
    count = 0;
    for (size_t step = tail->steps; step-- > 0;)
        tail->last[step] = see(tail->rip[step], seen, &count);
}

void tail_begin(struct tail *tail, const char *image, const char *from)
{
    struct stepper stepper = {.stop_after = STEPS_MAX};

    memset(tail, 0, sizeof(*tail));
    story_begin(&tail->story, image, "secret_spreader");
    tail->from = monitor_symbol(from);
    tail->rip = calloc(STEPS_MAX, sizeof(*tail->rip));
    assert_non_null(tail->rip);
    stepper.rip = tail->rip;
    stepper.base = tail->story.border.base;
    story_spread(&tail->story, 'f');
    rewind_in_steps(tail, &stepper);
    /* All frames on the way were the breakpoint's; nothing was interrupted after it. */
    story_must_be_clean(&tail->story);
    tail->steps = stepper.taken;
    assert_in_range(tail->steps, 1, STEPS_MAX - 1);
    tail->first = calloc(tail->steps, sizeof(*tail->first));
    tail->last = calloc(tail->steps, sizeof(*tail->last));
    assert_true(tail->first && tail->last);
    mark_first_and_last(tail);
}

void tail_end(struct tail *tail)
{
    story_end(&tail->story);
    pages_free(&tail->control);
    free(tail->rip);
    free(tail->first);
    free(tail->last);
}
