#include "tests/border/rewind/steps.h"

#include "host/loader/internal.h"
#include "sgx/emu/instrument.h"
#include "tests/border/breakpoint.h"
#include "tests/border/symbols.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEPS_MAX   (4u << 20)
#define STACK_BYTES 65536
#define NEAR        400 /* steps */

/* tests/border/hostile/steady.S */
int enter_steady(vdso_sgx_enter_enclave_t enter, unsigned long rdi, unsigned long rsi,
                 unsigned long rdx, unsigned leaf, struct sgx_enclave_run *run, void *stack_top);

struct stepper {
    const struct border *border;
    size_t taken;
    size_t most;
    size_t stop_after; /* the step to interrupt at; SIZE_MAX: none */
    enum emu_step answer;
    uint64_t *rip; /* NULL, or where to note them */
    uint64_t last; /* where the last step led */
    unsigned repeats, iterations;
    bool interrupted;
};

static enum breakpoint_answer start_stepping(void *context);

/* Behind the repeated string instruction at this offset: REP, perhaps REX, opcode. */
static uint64_t behind(const struct border *border, uint64_t offset)
{
    uint8_t code[2] = {0};

    if (emu_peek(border->fd, offset, code, sizeof(code)) != ST_OK || (code[0] & 0xfe) != 0xf2)
        abort(); /* a loop onto itself: there is none in L0 */
    return offset + ((code[1] & 0xf0) == 0x40 ? 3 : 2);
}

/* Signal context. */
static enum emu_step take_step(const ucontext_t *enclave, void *context)
{
    struct stepper *stepper = context;
    uint64_t offset = (uint64_t)enclave->uc_mcontext.gregs[REG_RIP] - stepper->border->base;

    if (stepper->interrupted || offset - MON_IMAGE_OFF >= MON_IMAGE_MAX ||
        stepper->taken == stepper->most)
        return EMU_STEP_STOP;
    stepper->repeats = offset == stepper->last ? stepper->repeats + 1 : 0;
    stepper->last = offset;
    if (stepper->repeats > stepper->iterations) {
        stepper->repeats = 0;
        breakpoint_set(stepper->border, 0, 0, behind(stepper->border, offset), start_stepping,
                       stepper);
        return EMU_STEP_STOP;
    }
    if (stepper->rip)
        stepper->rip[stepper->taken] = offset;
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

/* An instruction that is reached for the first time needs no steps. */
static enum breakpoint_answer interrupt_here(void *context)
{
    struct stepper *stepper = context;

    stepper->interrupted = true;
    return stepper->answer == EMU_STEP_OUT ? BREAKPOINT_OUT : BREAKPOINT_RESUME;
}

/* ---- entering --------------------------------------------------------------------- */

static int on_exit_of_enclave(long rdi, long rsi, long rdx, long rsp, long r8, long r9,
                              struct sgx_enclave_run *run)
{
    struct slot *slot = (struct slot *)(uintptr_t)run->user_data;

    (void)rsi, (void)rdx, (void)rsp, (void)r8, (void)r9;
    if (run->function == ENCLU_EEXIT)
        slot->exit_status = (enum status)rdi;
    return 0;
}

unsigned steps_enter(struct slot *slot, unsigned leaf, enum entry_call call, void *argument,
                     size_t bytes)
{
    static uint8_t stack[STACK_BYTES] __attribute__((aligned(64)));

    slot->run = (struct sgx_enclave_run){
        .tcs = slot->tcs,
        .user_handler = (uintptr_t)on_exit_of_enclave,
        .user_data = (uintptr_t)slot,
    };
    slot->exit_status = ST_SGX_ENTER;
    if (enter_steady(slot->enclave->driver->enter, call, (uintptr_t)argument, bytes, leaf,
                     &slot->run, stack + STACK_BYTES) != 0)
        return ENCLU_EENTER;
    return slot->run.function;
}

static unsigned make_call(const struct stepped_call *call)
{
    unsigned leaf = steps_enter(call->slot, ENCLU_EENTER, call->call, call->argument, call->bytes);

    emu_set_step_hook(NULL, NULL);
    assert_true(breakpoint_clear());
    return leaf;
}

/* Is rip new in the table of those seen? One bit for each byte of the image. */
static void mark_first(struct steps *steps)
{
    uint8_t *seen = calloc(MON_IMAGE_MAX / 8, 1);

    assert_non_null(seen);
    for (size_t i = 0; i < steps->count; i++) {
        uint64_t at = steps->rip[i] - MON_IMAGE_OFF;

        steps->first[i] = !(seen[at / 8] >> at % 8 & 1);
        seen[at / 8] = (uint8_t)(seen[at / 8] | 1u << at % 8);
    }
    free(seen);
}

void steps_record(struct steps *steps, const struct stepped_call *call, const char *symbol,
                  size_t most, unsigned iterations)
{
    struct stepper stepper = {.border = call->border,
                              .most = most < STEPS_MAX ? most : STEPS_MAX,
                              .stop_after = SIZE_MAX,
                              .iterations = iterations};

    steps->from = monitor_symbol(symbol);
    steps->iterations = iterations;
    steps->rip = calloc(stepper.most, sizeof(*steps->rip));
    assert_non_null(steps->rip);
    stepper.rip = steps->rip;
    breakpoint_set(call->border, 0, 0, steps->from, start_stepping, &stepper);
    assert_int_equal(make_call(call), ENCLU_EEXIT);
    assert_int_equal(call->slot->exit_status, ST_OK);
    steps->count = stepper.taken;
    assert_in_range(steps->count, 2, STEPS_MAX - 1);
    steps->first = calloc(steps->count, sizeof(*steps->first));
    assert_non_null(steps->first);
    mark_first(steps);
}

/* Stepping begins as near before the step as an instruction that is reached for the first time. */
unsigned steps_interrupt(const struct steps *steps, const struct stepped_call *call, size_t step,
                         steps_host host, void *context)
{
    struct stepper stepper = {.border = call->border,
                              .most = SIZE_MAX,
                              .stop_after = step,
                              .iterations = steps->iterations,
                              .answer = host ? EMU_STEP_OUT : EMU_STEP_AEX};
    size_t from = step;
    unsigned leaf;

    while (from > 0 && !steps->first[from])
        from--;
    stepper.taken = steps->first[from] ? from + 1 : 0;
    stepper.last = steps->first[from] ? steps->rip[from] : 0;
    breakpoint_set(call->border, 0, 0, steps->first[from] ? steps->rip[from] : steps->from,
                   from == step ? interrupt_here : start_stepping, &stepper);
    leaf = make_call(call);
    assert_true(stepper.interrupted);
    if (!host)
        return leaf;
    assert_int_equal(leaf, ENCLU_ERESUME);
    return host(context);
}

size_t steps_choose(const struct steps *steps, unsigned *seed)
{
    for (;;) {
        size_t step = (size_t)rand_r(seed) % (steps->count - 1);

        for (size_t back = 0; back < NEAR && back <= step; back++)
            if (steps->first[step - back])
                return step;
    }
}

void steps_free(struct steps *steps)
{
    free(steps->rip);
    free(steps->first);
    memset(steps, 0, sizeof(*steps));
}
