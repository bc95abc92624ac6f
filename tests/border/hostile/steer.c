#include "tests/border/hostile/steer.h"

#define STEPS_MAX 4000000u /* some 20 s: whoever gets there is lost */

/* Written by the test before an entry, by the hook during it. */
struct walk {
    uint64_t base;
    uint64_t code; /* of the slot's layer 2 */
    struct place place;
    enum zone last;
    bool counting; /* the zone was reached in the right way */
    unsigned left;
    unsigned steps;
    bool stopped;
};

static enum zone zone_of(const struct walk *walk, uint64_t rip)
{
    uint64_t offset = rip - walk->base;

    if (offset - MON_IMAGE_OFF < MON_IMAGE_MAX)
        return ZONE_L0;
    if (offset - L1_CODE_OFF < CODE_TEXT_MAX)
        return ZONE_L1;
    if (rip - walk->code < CODE_TEXT_MAX)
        return ZONE_L2;
    return ZONE_ELSEWHERE;
}

/* Signal context. */
static enum emu_step walk_to_place(const ucontext_t *enclave, void *context)
{
    struct walk *walk = context;
    enum zone now = zone_of(walk, (uint64_t)enclave->uc_mcontext.gregs[REG_RIP]);
    enum zone before = walk->last;

    walk->last = now;
    if (++walk->steps > STEPS_MAX)
        return EMU_STEP_STOP;
    if (now != walk->place.zone) {
        walk->counting = false;
    } else if (before == walk->place.from) {
        walk->counting = true;
        walk->left = walk->place.later;
    }
    if (!walk->counting || walk->left-- > 0)
        return EMU_STEP_ON;
    walk->stopped = true;
    return EMU_STEP_OUT;
}

static enum emu_step walk_so_far(const ucontext_t *enclave, void *context)
{
    struct walk *walk = context;

    (void)enclave;
    if (--walk->steps > 0)
        return EMU_STEP_ON;
    walk->stopped = true;
    return EMU_STEP_OUT;
}

static unsigned enter_hooked(struct target *t, emu_step_hook hook, struct walk *walk, unsigned leaf,
                             uint64_t number, void *argument, uint64_t bytes, enum status *status)
{
    unsigned end;

    emu_set_step_hook(hook, walk);
    end = enter(t, leaf, number, (uintptr_t)argument, bytes, status);
    emu_set_step_hook(NULL, NULL);
    return end;
}

static void enter_until(struct target *t, unsigned leaf, uint64_t number, void *argument,
                        uint64_t bytes, const struct place *place)
{
    struct walk walk = {
        .base = t->base,
        .code = t->base + region_page(t, REGION_CODE, 0),
        .place = *place,
        .last = ZONE_ELSEWHERE,
    };
    enum status status;
    unsigned end = enter_hooked(t, walk_to_place, &walk, leaf, number, argument, bytes, &status);

    if (!walk.stopped || end != ENCLU_ERESUME)
        fail_msg("never got there: %u steps, leaf %u, status %d, exception %u", walk.steps, end,
                 (int)status, t->run.exception_vector);
}

void call_until(struct target *t, uint64_t number, void *argument, uint64_t bytes,
                const struct place *place)
{
    enter_until(t, ENCLU_EENTER, number, argument, bytes, place);
}

void resume_until(struct target *t, const struct place *place)
{
    enter_until(t, ENCLU_ERESUME, 0, NULL, 0, place);
}

static bool enter_steps(struct target *t, unsigned leaf, uint64_t number, void *argument,
                        uint64_t bytes, unsigned instructions, enum status *status)
{
    struct walk walk = {.steps = instructions};
    unsigned end = enter_hooked(t, walk_so_far, &walk, leaf, number, argument, bytes, status);

    assert_int_equal(end, walk.stopped ? ENCLU_ERESUME : ENCLU_EEXIT);
    return walk.stopped;
}

bool call_steps(struct target *t, uint64_t number, void *argument, uint64_t bytes,
                unsigned instructions, enum status *status)
{
    return enter_steps(t, ENCLU_EENTER, number, argument, bytes, instructions, status);
}

bool resume_steps(struct target *t, unsigned instructions, enum status *status)
{
    return enter_steps(t, ENCLU_ERESUME, 0, NULL, 0, instructions, status);
}

void take_page(struct target *t, uint64_t offset)
{
    assert_int_equal(emu_hostile_unmap(t->fd, offset, 1), ST_OK);
}

void give_page(struct target *t, uint64_t offset)
{
    assert_int_equal(emu_hostile_unmap(t->fd, offset, 0), ST_OK);
}

static void enter_until_page(struct target *t, unsigned leaf, uint64_t number, void *argument,
                             uint64_t bytes, uint64_t offset)
{
    enum status status;

    take_page(t, offset);
    if (enter(t, leaf, number, (uintptr_t)argument, bytes, &status) != ENCLU_ERESUME)
        fail_msg("the page at %#llx was not touched: status %d", (unsigned long long)offset,
                 (int)status);
    assert_int_equal(t->run.exception_vector, VECTOR_PF);
    assert_int_equal(t->run.exception_addr & ~(uint64_t)(PAGE_BYTES - 1), t->base + offset);
}

void call_until_page(struct target *t, uint64_t number, void *argument, uint64_t bytes,
                     uint64_t offset)
{
    enter_until_page(t, ENCLU_EENTER, number, argument, bytes, offset);
}

void resume_until_page(struct target *t, uint64_t offset)
{
    enter_until_page(t, ENCLU_ERESUME, 0, NULL, 0, offset);
}
