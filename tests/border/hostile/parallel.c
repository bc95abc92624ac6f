/* Several threads: one slot takes one of them, two slots do not disturb one another. */
#include "tests/border/hostile/steer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define INVOCATIONS 200

/* ---- a slot is busy ---------------------------------------------------------- */

static atomic_bool inside, leave;

/* Signal context, inside the enclave: stays until the other thread has tried. */
static enum emu_step stay_inside(const ucontext_t *enclave, void *context)
{
    unsigned *steps = context;

    (void)enclave;
    if (++*steps < 5)
        return EMU_STEP_ON;
    atomic_store(&inside, true);
    while (!atomic_load(&leave))
        ;
    return EMU_STEP_STOP;
}

static void *invoke_slowly(void *argument)
{
    struct target *t = argument;
    static enum status status;
    unsigned steps = 0;

    emu_set_step_hook(stay_inside, &steps);
    if (enter(t, ENCLU_EENTER, ENTRY_INVOKE, (uintptr_t)&t->invocation, sizeof(t->invocation),
              &status) != ENCLU_EEXIT)
        status = ST_SGX_ENTER;
    emu_set_step_hook(NULL, NULL);
    return &status;
}

static void a_busy_slot_cannot_be_entered(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    struct target second = *t; /* the same slot, entered by another thread */
    struct host *other = host_open();
    pthread_t thread;
    void *result;

    (void)state;
    bring_to(host, t, SLOT_READY);
    invocation_of(t, "e: busy");
    second.stack = other->target[0].stack;
    assert_int_equal(pthread_create(&thread, NULL, invoke_slowly, t), 0);
    while (!atomic_load(&inside))
        ;
    for (int i = 0; i < 3; i++) {
        enter_refused(&second);
        resume_refused(&second);
    }
    assert_serves(host, &host->target[1]); /* meanwhile */
    atomic_store(&leave, true);
    pthread_join(thread, &result);
    assert_int_equal(*(enum status *)result, ST_OK);
    assert_answered(t, "e: busy");
    assert_serves(host, t);
    host_close(other);
    host_close(host);
}

/* ---- two slots at once --------------------------------------------------------------- */

struct worker {
    pthread_t thread;
    struct host *host;
    struct target *target;
    unsigned right;
    char problem[128];
};

/* cmocka's assertions belong to the main thread. */
static bool answers(struct worker *worker, unsigned i)
{
    struct target *t = worker->target;
    struct entry_rewind argument = {0};
    char input[64];
    enum status status;

    snprintf(input, sizeof(input), "e: slot %u asks for %u", t->number, i * 7919 + t->number);
    invocation_of(t, input);
    if (enter(t, ENCLU_EENTER, ENTRY_INVOKE, (uintptr_t)&t->invocation, sizeof(t->invocation),
              &status) != ENCLU_EEXIT ||
        status != ST_OK || !is_answer(t, input)) {
        snprintf(worker->problem, sizeof(worker->problem),
                 "slot %u, invocation %u: status %d, %.*s", t->number, i, (int)status, 40,
                 (const char *)t->output);
        return false;
    }
    return enter(t, ENCLU_EENTER, ENTRY_REWIND, (uintptr_t)&argument, sizeof(argument), &status) ==
               ENCLU_EEXIT &&
           status == ST_OK;
}

static void *work(void *argument)
{
    struct worker *worker = argument;

    for (unsigned i = 0; i < INVOCATIONS && answers(worker, i); i++)
        worker->right++;
    return NULL;
}

static void all_slots_work_at_once(void **state)
{
    struct host *host = host_open_initialised();
    struct worker workers[HOST_SLOTS];

    (void)state;
    for (unsigned i = 0; i < HOST_SLOTS; i++) {
        workers[i] = (struct worker){.host = host, .target = &host->target[i]};
        bring_to(host, workers[i].target, SLOT_READY);
    }
    for (unsigned i = 0; i < HOST_SLOTS; i++)
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    for (unsigned i = 0; i < HOST_SLOTS; i++) {
        pthread_join(workers[i].thread, NULL);
        if (workers[i].right != INVOCATIONS)
            fail_msg("%s", workers[i].problem);
        assert_int_equal(stats_of(workers[i].target).invocations, INVOCATIONS);
        assert_int_equal(state_of(workers[i].target), SLOT_READY);
    }
    host_close(host);
}

/* One slot grows, is aborted and reset without end while the other one answers. */
static void a_restless_neighbour_changes_nothing(void **state)
{
    struct host *host = host_open_initialised();
    struct worker worker = {.host = host, .target = &host->target[0]};
    struct target *t = &host->target[1];

    (void)state;
    bring_to(host, worker.target, SLOT_READY);
    bring_to(host, t, SLOT_BOOTED);
    assert_int_equal(pthread_create(&worker.thread, NULL, work, &worker), 0);
    for (int i = 0; i < 20; i++) {
        make_ready(host, t);
        assert_int_equal(invoke(t, "g"), ST_OK);
        assert_answered(t, "grown");
        assert_int_equal(rewind_slot(t), ST_OK);
        call_until_page(t, ENTRY_INVOKE, invocation_of(t, "w"), sizeof(t->invocation),
                        region_page(t, REGION_L2_STATE, 0));
        give_page(t, region_page(t, REGION_L2_STATE, 0));
        assert_int_equal(call(t, ENTRY_ABORT, NULL, 0), ST_OK);
        assert_int_equal(resume(t), ST_OK);
        assert_int_equal(t->invocation.outcome, OUTCOME_ABORTED_BY_HOST);
        assert_int_equal(reset_slot(t), ST_OK);
    }
    pthread_join(worker.thread, NULL);
    if (worker.right != INVOCATIONS)
        fail_msg("%s", worker.problem);
    host_close(host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_busy_slot_cannot_be_entered),
        cmocka_unit_test(all_slots_work_at_once),
        cmocka_unit_test(a_restless_neighbour_changes_nothing),
    };

    select_tests(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
