/* Single-stepping: one call of the hook per instruction, whatever the instruction does. */
#include "tests/sgx/weak.h"

#include <string.h>
#include <ucontext.h>

#define FLAG_TF 0x100

struct stepper {
    uint64_t steps;
    uint64_t act_at; /* step at which `act` is answered; 0: never */
    enum emu_step act;
};

static enum emu_step count(const ucontext_t *enclave, void *context)
{
    struct stepper *s = context;

    (void)enclave;
    return ++s->steps == s->act_at ? s->act : EMU_STEP_ON;
}

static void every_instruction_counts(void **state)
{
    struct stepper s = {0};
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    for (uint64_t n = 1; n <= 100; n *= 10) {
        s.steps = 0;
        emu_set_step_hook(count, &s);
        weak_do(&w, 0, OP_COUNT, n, 0);
        emu_set_step_hook(NULL, NULL);
        assert_int_equal(s.steps, COUNT_FIXED + 2 * n);
    }
    s.steps = 0; /* the hook is gone */
    weak_do(&w, 0, OP_COUNT, 5, 0);
    assert_int_equal(s.steps, 0);
    weak_destroy(&w);
}

/* The emulated ENCLU counts as one, like the NOP behind it. */
static void enclu_counts_once(void **state)
{
    const uint64_t flags = SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_PENDING;
    struct stepper plain = {0}, with = {0};
    uint64_t registers[4];
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    registers[0] = ENCLU_EACCEPT;
    registers[1] = weak_secinfo(&w, flags);
    registers[2] = w.base + WEAK_HEAP;
    registers[3] = 0;
    emu_set_step_hook(count, &plain);
    assert_int_equal(weak_do(&w, 0, OP_ENCLU, (uint64_t)registers, 0), 0);
    registers[2] += PAGE_BYTES;
    emu_set_step_hook(count, &with);
    assert_int_equal(weak_do(&w, 0, OP_STEP_ENCLU, (uint64_t)registers, 0), 0);
    emu_set_step_hook(NULL, NULL);
    assert_int_equal(with.steps, plain.steps + 2); /* NOP and JMP */
    weak_destroy(&w);
}

static void an_aex_at_each_instruction_changes_nothing(void **state)
{
    struct emu_counters before, after;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    for (uint64_t at = 1; at <= COUNT_FIXED + 2 * 4; at++) {
        struct stepper s = {.act_at = at, .act = EMU_STEP_AEX};

        before = weak_counters(&w);
        emu_set_step_hook(count, &s);
        weak_do(&w, 0, OP_COUNT, 4, 0);
        emu_set_step_hook(NULL, NULL);
        after = weak_counters(&w);
        assert_int_equal(s.steps, COUNT_FIXED + 2 * 4);
        assert_int_equal(after.aex - before.aex, 1);
        assert_int_equal(after.eresume - before.eresume, 1);
        assert_int_equal(weak_frame(&w, 0, 0).rflags & FLAG_TF, 0);
    }
    weak_destroy(&w);
}

static void out_leaves_the_frame_behind(void **state)
{
    struct stepper s = {.act_at = COUNT_FIXED, .act = EMU_STEP_OUT};
    struct weak_exit out;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    emu_set_step_hook(count, &s);
    out = weak_call(&w, 0, ENCLU_EENTER, OP_COUNT, 10, 0, 0);
    emu_set_step_hook(NULL, NULL);
    assert_int_equal(out.function, ENCLU_ERESUME);
    assert_int_equal(out.vector, VECTOR_PF);
    assert_int_equal(weak_do(&w, 0, OP_CSSA, 0, 0), 1);
    assert_int_equal(weak_call(&w, 0, ENCLU_ERESUME, 0, 0, 0, 0).function, ENCLU_EEXIT);
    weak_destroy(&w);
}

static void stop_lasts_until_the_next_entry(void **state)
{
    struct stepper s = {.act_at = 3, .act = EMU_STEP_STOP};
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    emu_set_step_hook(count, &s);
    weak_do(&w, 0, OP_COUNT, 10, 0);
    assert_int_equal(s.steps, 3);
    weak_do(&w, 0, OP_COUNT, 10, 0);
    assert_int_equal(s.steps, 3 + COUNT_FIXED + 20);
    emu_set_step_hook(NULL, NULL);
    weak_destroy(&w);
}

/* A fault while stepping is an AEX as ever, and the trap flag stays out of the SSA. */
static void faults_while_stepping(void **state)
{
    struct stepper s = {0};
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    emu_set_step_hook(count, &s);
    weak_must_fault(&w, 0, OP_FAULT, FAULT_UD, 0, VECTOR_UD, 0);
    assert_int_equal(weak_frame(&w, 0, 0).rflags & FLAG_TF, 0);
    emu_set_step_hook(NULL, NULL);
    weak_destroy(&w);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_instruction_counts),
        CASE(enclu_counts_once),
        CASE(an_aex_at_each_instruction_changes_nothing),
        CASE(out_leaves_the_frame_behind),
        CASE(stop_lasts_until_the_next_entry),
        CASE(faults_while_stepping),
    };

    return cmocka_run_group_tests_name("sgx-step", tests, NULL, NULL);
}
