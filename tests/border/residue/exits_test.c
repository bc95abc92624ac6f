/*
 * Registers are clean wherever they pass from one world to another: at each EEXIT, as abi/entry.h
 * promises, and where L0 goes on after a layer.
 */
#include "sgx/emu/instrument.h"
#include "tests/border/breakpoint.h"
#include "tests/border/registers.h"
#include "tests/border/residue/full.h"
#include "tests/border/residue/story.h"
#include "tests/border/symbols.h"

#include "abi/sgx_arch.h"
#include "host/loader/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct exit_check {
    const struct border *border;
    uint64_t base, bytes; /* ELRANGE */
    uint64_t enclu;       /* address of the EEXIT */
    unsigned exits;
    const char *dirt;
};

static enum emu_step check_exit(const ucontext_t *enclave, void *context)
{
    struct exit_check *check = context;
    struct registers registers;

    registers_read(enclave, &registers);
    if (registers.rip != check->enclu)
        return EMU_STEP_ON;
    check->exits++;
    if (!check->dirt)
        check->dirt = registers_exit_dirt(&registers, check->base, check->bytes);
    if (!check->dirt && secret_in_bytes(&registers, sizeof(registers), SECRET_WORD))
        check->dirt = "eight bytes of the secret";
    return EMU_STEP_STOP;
}

static enum breakpoint_answer start_stepping(void *context)
{
    emu_set_step_hook(check_exit, context);
    return BREAKPOINT_RESUME;
}

static void watch_exit(struct story *story, struct exit_check *check, unsigned depth)
{
    uint64_t leave = monitor_symbol("leave_enclave");

    *check = (struct exit_check){
        .border = &story->border,
        .base = story->border.base,
        .bytes = enclave_bytes(story->border.enclave),
        .enclu = story->border.base + monitor_enclu_after(leave),
    };
    breakpoint_set(&story->border, 0, depth, leave, start_stepping, check);
}

static enum breakpoint_answer watch_next_exit(void *context)
{
    struct exit_check *check = context;

    breakpoint_set(check->border, 0, 0, monitor_symbol("leave_enclave"), start_stepping, check);
    return BREAKPOINT_RESUME;
}

/* As watch_exit, for the next ENTRY_FINISH_LOAD, which leaves by the scrubbing exit. */
static void watch_finish_load(struct story *story, struct exit_check *check)
{
    watch_exit(story, check, 0);
    breakpoint_clear();
    breakpoint_set(&story->border, 0, 0, monitor_symbol("finish_load"), watch_next_exit, check);
}

static void exit_must_be_clean(const char *call, struct exit_check *check)
{
    emu_set_step_hook(NULL, NULL);
    assert_true(breakpoint_clear());
    assert_int_equal(check->exits, 1);
    if (check->dirt)
        fprintf(stderr, "# REMAINS: at EEXIT of %s: %s\n", call, check->dirt);
    assert_null(check->dirt);
}

/* The scrubbing exit with a status other than ST_OK. */
static void load_that_fails(struct story *story, struct exit_check *check)
{
    struct border_file bundle = border_guest("init_trap");
    struct slot_load load = {.bundle = bundle.bytes, .bundle_bytes = bundle.size};

    watch_finish_load(story, check);
    assert_int_equal(slot_load(story->slot, &load), ST_BUNDLE_INIT);
    exit_must_be_clean("a refused ENTRY_FINISH_LOAD", check);
    border_file_free(&bundle);
}

static void calls_leave_clean_registers(void **state)
{
    const struct story_variant *variant = *state;
    static struct story story;
    struct exit_check check;

    story_begin(&story, variant->image, variant->spreader);
    for (const char *mode = "ft"; *mode; mode++) {
        watch_exit(&story, &check, 0);
        story_spread(&story, *mode);
        exit_must_be_clean("ENTRY_INVOKE", &check);
        watch_exit(&story, &check, 0);
        border_rewind(&story.border, 0);
        exit_must_be_clean("ENTRY_REWIND", &check);
    }
    watch_exit(&story, &check, 0);
    border_reset(&story.border, 0);
    exit_must_be_clean("ENTRY_RESET", &check);
    watch_finish_load(&story, &check);
    border_load(&story.border, 0, &story.bundle, NULL);
    exit_must_be_clean("ENTRY_FINISH_LOAD", &check);
    border_reset(&story.border, 0);
    load_that_fails(&story, &check);
    story_end(&story);
}

/* The same where a layer was interrupted, with its registers full. */
static void entries_at_cssa_1_leave_clean_registers(void **state)
{
    const struct story_variant *variant = *state;
    static struct story story;
    struct moment moment;
    struct exit_check check;

    story_begin(&story, variant->image, variant->spreader);
    secret_spread(&story.call, 'l');
    border_prepare(&story.call);
    await_full_registers(&story, &moment, EMU_STEP_OUT);
    assert_int_equal(enter_once(story.slot, ENCLU_EENTER, ENTRY_INVOKE,
                                (uintptr_t)&story.call.result, sizeof(story.call.result)),
                     ENCLU_ERESUME);
    moment_must_have_come(&moment);
    watch_exit(&story, &check, 1);
    assert_int_equal(enter_once(story.slot, ENCLU_EENTER, ENTRY_EXCEPTION, 0, 0), ENCLU_EEXIT);
    exit_must_be_clean("ENTRY_EXCEPTION", &check);
    watch_exit(&story, &check, 1);
    assert_int_equal(enter_once(story.slot, ENCLU_EENTER, ENTRY_ABORT, 0, 0), ENCLU_EEXIT);
    exit_must_be_clean("ENTRY_ABORT", &check);
    assert_int_equal(enter_once(story.slot, ENCLU_ERESUME, 0, 0, 0), ENCLU_EEXIT);
    border_rewind(&story.border, 0);
    story_must_be_clean(&story);
    story_end(&story);
}

struct inside_check {
    unsigned stops;
    const char *dirt;
};

static enum emu_step check_inside(const ucontext_t *enclave, void *context)
{
    struct inside_check *check = context;
    struct registers registers;

    if (check->stops++ == 0) {
        registers_read(enclave, &registers);
        check->dirt = registers_extended_dirt(&registers);
        if (!check->dirt && secret_in_bytes(&registers, sizeof(registers), SECRET_WORD))
            check->dirt = "eight bytes of the secret";
    }
    return EMU_STEP_STOP;
}

static enum breakpoint_answer look_inside(void *context)
{
    emu_set_step_hook(check_inside, context);
    return BREAKPOINT_RESUME;
}

/* L0's C never works with a layer's registers: they are clean where layer_leave returns to. */
static void layers_leave_clean_registers_to_l0(void **state)
{
    const struct story_variant *variant = *state;
    static struct story story;

    story_begin(&story, variant->image, variant->spreader);
    for (const char *mode = "ft"; *mode; mode++) {
        struct inside_check check = {0};

        breakpoint_set(&story.border, 0, 0, monitor_symbol("layer_left"), look_inside, &check);
        story_spread(&story, *mode);
        emu_set_step_hook(NULL, NULL);
        assert_true(breakpoint_clear());
        assert_true(check.stops > 0);
        if (check.dirt)
            fprintf(stderr, "# REMAINS: in L0 after a layer: %s\n", check.dirt);
        assert_null(check.dirt);
        border_rewind(&story.border, 0);
    }
    story_end(&story);
}

static const struct story_case cases[] = {
    {"calls leave clean registers", calls_leave_clean_registers, 0, false},
    {"entries at CSSA 1 leave clean registers", entries_at_cssa_1_leave_clean_registers, 0, false},
    {"layers leave clean registers to L0", layers_leave_clean_registers_to_l0, 0, false},
};

int main(void)
{
    return story_run("border-exits", cases, sizeof(cases) / sizeof(cases[0]));
}
