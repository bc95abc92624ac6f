/*
 * Every call in every state that a slot can be found in. What must happen is written out below,
 * from abi/entry.h, and not taken from the monitor's own table.
 */
#include "tests/border/hostile/steer.h"

#include <pthread.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum situation {
    EMPTY,
    BOOTED,
    LOADING,
    READY,
    DIRTY,       /* after an invocation */
    NO_SNAPSHOT, /* DIRTY after an initialisation that trapped */
    POISONED,
    SITUATIONS
};

static const enum slot_state state_in[SITUATIONS] = {
    [EMPTY] = SLOT_EMPTY,       [BOOTED] = SLOT_BOOTED, [LOADING] = SLOT_LOADING,
    [READY] = SLOT_READY,       [DIRTY] = SLOT_DIRTY,   [NO_SNAPSHOT] = SLOT_DIRTY,
    [POISONED] = SLOT_POISONED,
};

/* clang-format off */
#define ALWAYS(status) status, status, status, status, status, status, status

/* Calls that change a state: what they answer in each situation. */
static const struct row {
    uint64_t call;
    enum status status[SITUATIONS];
} rows[] = {
    /*                    EMPTY           BOOTED            LOADING          READY           DIRTY          no snapshot     POISONED */
    {ENTRY_BOOT,        {ST_OK,          ST_SLOT_BOOTED,  ST_SLOT_LOADING, ST_SLOT_READY,  ST_SLOT_DIRTY, ST_SLOT_DIRTY,  ST_SLOT_POISONED}},
    {ENTRY_LOAD,        {ST_SLOT_EMPTY,  ST_OK,           ST_SLOT_LOADING, ST_SLOT_READY,  ST_SLOT_DIRTY, ST_SLOT_DIRTY,  ST_SLOT_POISONED}},
    {ENTRY_FINISH_LOAD, {ST_SLOT_EMPTY,  ST_SLOT_BOOTED,  ST_OK,           ST_SLOT_READY,  ST_SLOT_DIRTY, ST_SLOT_DIRTY,  ST_SLOT_POISONED}},
    {ENTRY_INVOKE,      {ST_SLOT_EMPTY,  ST_SLOT_BOOTED,  ST_SLOT_LOADING, ST_OK,          ST_SLOT_DIRTY, ST_SLOT_DIRTY,  ST_SLOT_POISONED}},
    {ENTRY_REWIND,      {ST_SLOT_EMPTY,  ST_SLOT_BOOTED,  ST_SLOT_LOADING, ST_SLOT_READY,  ST_OK,         ST_NO_SNAPSHOT, ST_SLOT_POISONED}},
    {ENTRY_RESET,       {ST_SLOT_EMPTY,  ST_SLOT_BOOTED,  ST_OK,           ST_OK,          ST_OK,         ST_OK,          ST_SLOT_POISONED}},
    {ENTRY_TRIM,        {ST_SLOT_EMPTY,  ST_OK,           ST_SLOT_LOADING, ST_SLOT_READY,  ST_OK,         ST_OK,          ST_SLOT_POISONED}},
    {ENTRY_TRIM_ACCEPT, {ST_SLOT_EMPTY,  ST_OK,           ST_SLOT_LOADING, ST_SLOT_READY,  ST_OK,         ST_OK,          ST_SLOT_POISONED}},
    /* zeroed structs: legal where the answer is not a state's name */
    {ENTRY_INVOKE_SEALED, {ST_SLOT_EMPTY, ST_SLOT_BOOTED, ST_SLOT_LOADING, ST_BAD_LENGTH,  ST_SLOT_DIRTY, ST_SLOT_DIRTY,  ST_SLOT_POISONED}},
    {ENTRY_SESSION_OPEN, {ST_SLOT_EMPTY, ST_SLOT_BOOTED,  ST_SLOT_LOADING, ST_BAD_LENGTH,  ST_SLOT_DIRTY, ST_SLOT_DIRTY,  ST_SLOT_POISONED}},
    {ENTRY_SIGN,        {ST_NOT_FOUND,   ST_NOT_FOUND,    ST_NOT_FOUND,    ST_NOT_FOUND,   ST_NOT_FOUND,  ST_NOT_FOUND,   ST_SLOT_POISONED}},
    {ENTRY_REPORT,      {ST_OK,          ST_OK,           ST_OK,           ST_OK,          ST_OK,         ST_OK,          ST_SLOT_POISONED}},
    {ENTRY_KEEPER,      {ALWAYS(ST_WRONG_ROLE)}},
    {ENTRY_INIT,        {ALWAYS(ST_ALREADY_INITIALISED)}},
    {ENTRY_STATS,       {ALWAYS(ST_OK)}},
    {ENTRY_NULL,        {ALWAYS(ST_OK)}},
    {ENTRY_EXCEPTION,   {ALWAYS(ST_WRONG_CSSA)}},
    {ENTRY_ABORT,       {ALWAYS(ST_WRONG_CSSA)}},
    {0,                 {ALWAYS(ST_UNKNOWN_CALL)}},
    {ENTRY_KEEPER + 1, {ALWAYS(ST_UNKNOWN_CALL)}},
    {0x100,             {ALWAYS(ST_UNKNOWN_CALL)}},
    {0x103,             {ALWAYS(ST_UNKNOWN_CALL)}},
    {0x10000 + ENTRY_STATS, {ALWAYS(ST_UNKNOWN_CALL)}},
    {(1ull << 32) + ENTRY_INVOKE, {ALWAYS(ST_UNKNOWN_CALL)}},
    {UINT64_MAX,        {ALWAYS(ST_UNKNOWN_CALL)}},
};
/* clang-format on */

/* Where a call leads that is legal. */
static enum slot_state state_after(uint64_t call, enum slot_state before)
{
    switch (call) {
    case ENTRY_BOOT:
    case ENTRY_RESET:
        return SLOT_BOOTED;
    case ENTRY_LOAD:
        return SLOT_LOADING;
    case ENTRY_FINISH_LOAD:
    case ENTRY_REWIND:
        return SLOT_READY;
    case ENTRY_INVOKE:
        return SLOT_DIRTY;
    default:
        return before;
    }
}

/* A boot that does not come to its end leaves a slot that is never to be used: here, for want of
 * pages, or, where the image brings them all, by an abort. */
static void poison(struct host *host)
{
    struct target *t = &host->target[0];
    struct entry_init init = {.page_limit = 1, .cpu_level = 2, .role = ROLE_WORKER};

    assert_int_equal(call(t, ENTRY_INIT, &init, sizeof(init)), ST_OK);
    if (host->enclave->lazy) {
        assert_int_not_equal(boot(t), ST_OK);
    } else {
        uint64_t page = region_page(t, REGION_L1_STACK, L1_STACK_MAX / PAGE_BYTES - 1);

        call_until_page(t, ENTRY_BOOT, NULL, 0, page);
        give_page(t, page);
        resume_until(t, &(struct place){ZONE_L1, ZONE_L0, 0});
        assert_int_equal(call(t, ENTRY_ABORT, NULL, 0), ST_OK);
        assert_int_not_equal(resume(t), ST_OK);
    }
    assert_int_equal(state_of(t), SLOT_POISONED);
}

static void lose_snapshot(struct host *host)
{
    struct target *t = &host->target[0];

    host_take_bundle(host, "init_trap");
    assert_int_equal(load_bundle(host, t), ST_OK);
    restrict_code(t);
    assert_int_equal(finish_load(t), ST_BUNDLE_INIT);
    assert_int_equal(t->invocation.outcome, OUTCOME_TRAP);
    assert_int_equal(t->invocation.trap, TRAP_UNREACHABLE);
    host_take_bundle(host, "witness");
}

static struct host *in_situation(enum situation situation)
{
    struct host *host = situation == POISONED ? host_open() : host_open_initialised();

    if (situation == POISONED) {
        poison(host);
    } else if (situation == NO_SNAPSHOT) {
        bring_to(host, &host->target[0], SLOT_BOOTED);
        lose_snapshot(host);
    } else {
        bring_to(host, &host->target[0], state_in[situation]);
    }
    assert_int_equal(state_of(&host->target[0]), state_in[situation]);
    return host;
}

/* The call as a host that knows the interface makes it. */
static enum status proper_call(struct host *host, struct target *t, uint64_t number)
{
    struct entry_init init = {.cpu_level = 2, .role = ROLE_WORKER};
    struct entry_stats stats = {0};
    struct entry_trim trim = {0};
    struct entry_envelope envelope = {0};
    struct entry_sign sign = {0};
    struct entry_report report = {0};
    struct entry_keeper keeper = {0};

    switch (number) {
    case ENTRY_INIT:
        return call(t, number, &init, sizeof(init));
    case ENTRY_LOAD:
        return load_bundle(host, t);
    case ENTRY_FINISH_LOAD:
        return finish_load(t);
    case ENTRY_INVOKE:
        return invoke(t, "e: second");
    case ENTRY_REWIND:
        return rewind_slot(t);
    case ENTRY_RESET:
        return reset_slot(t);
    case ENTRY_TRIM:
    case ENTRY_TRIM_ACCEPT:
        return call(t, number, &trim, sizeof(trim));
    case ENTRY_INVOKE_SEALED:
    case ENTRY_SESSION_OPEN:
        return call(t, number, &envelope, sizeof(envelope));
    case ENTRY_SIGN:
        return call(t, number, &sign, sizeof(sign));
    case ENTRY_REPORT:
        return call(t, number, &report, sizeof(report));
    case ENTRY_KEEPER:
        return call(t, number, &keeper, sizeof(keeper));
    case ENTRY_STATS:
        return call(t, number, &stats, sizeof(stats));
    default:
        return call(t, number, NULL, 0);
    }
}

static void check_cell(const struct row *row, enum situation situation)
{
    struct host *host = in_situation(situation);
    struct target *t = &host->target[0];
    struct entry_stats before = stats_of(t), after;
    enum status status;

    memset(t->output, 0xa5, BUFFER_ROOM);
    if (row->call == ENTRY_FINISH_LOAD && situation == LOADING)
        restrict_code(t);
    status = proper_call(host, t, row->call);
    if (status != row->status[situation])
        fail_msg("call %#llx in situation %d: status %d instead of %d",
                 (unsigned long long)row->call, situation, (int)status,
                 (int)row->status[situation]);
    after = stats_of(t);
    if (status == ST_OK) {
        assert_int_equal(after.state, state_after(row->call, state_in[situation]));
    } else { /* nothing at all has changed */
        assert_memory_equal(&after, &before, sizeof(after));
        assert_no_output(t);
    }
    if (situation != POISONED)
        assert_serves(host, t);
    host_close(host);
}

static void check_situation(enum situation situation)
{
    for (unsigned i = 0; i < COUNT(rows); i++)
        check_cell(&rows[i], situation);
}

static void every_call_on_an_empty_slot(void **state)
{
    (void)state;
    check_situation(EMPTY);
}

static void every_call_on_a_booted_slot(void **state)
{
    (void)state;
    check_situation(BOOTED);
}

static void every_call_on_a_loading_slot(void **state)
{
    (void)state;
    check_situation(LOADING);
}

static void every_call_on_a_ready_slot(void **state)
{
    (void)state;
    check_situation(READY);
}

static void every_call_on_a_dirty_slot(void **state)
{
    (void)state;
    check_situation(DIRTY);
}

static void every_call_on_a_slot_without_a_snapshot(void **state)
{
    (void)state;
    check_situation(NO_SNAPSHOT);
}

static void every_call_on_a_poisoned_slot(void **state)
{
    (void)state;
    check_situation(POISONED);
}

/* ---- beyond the table ------------------------------------------------------- */

static void a_poisoned_slot_leaves_its_neighbours_alone(void **state)
{
    struct host *host = host_open();
    struct target *t = &host->target[1];
    struct entry_init init = {.page_limit = 1, .cpu_level = 2, .role = ROLE_WORKER};

    (void)state;
    poison(host);
    assert_int_equal(state_of(t), SLOT_EMPTY);
    assert_int_equal(call(t, ENTRY_INIT, &init, sizeof(init)), ST_ALREADY_INITIALISED);
    if (!host->enclave->lazy) /* else there are no pages for it */
        assert_serves(host, t);
    host_close(host);
}

static void a_second_invocation_needs_a_rewind(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_DIRTY);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(invoke(t, "e: again"), ST_SLOT_DIRTY);
        assert_no_output(t);
    }
    assert_int_equal(stats_of(t).invocations, 1);
    assert_int_equal(rewind_slot(t), ST_OK);
    assert_int_equal(rewind_slot(t), ST_SLOT_READY);
    assert_invokes(t);
    host_close(host);
}

/* S1 is what initialisation left, also after runs and resets in any order. */
static void a_snapshot_is_taken_once_per_load(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint8_t first[32];

    (void)state;
    bring_to(host, t, SLOT_READY);
    memcpy(first, t->invocation.snapshot_sha256, 32);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(finish_load(t), ST_SLOT_READY);
        assert_int_equal(invoke(t, "e: spoil"), ST_OK);
        assert_memory_equal(t->invocation.snapshot_sha256, first, 32);
        assert_int_equal(finish_load(t), ST_SLOT_DIRTY);
        assert_int_equal(i % 2 ? rewind_slot(t) : reset_slot(t), ST_OK);
        if (i % 2 == 0)
            make_ready(host, t);
        assert_invokes(t);
    }
    host_close(host);
}

static void slots_do_not_share_their_order(void **state)
{
    struct host *host = host_open_initialised();

    (void)state;
    bring_to(host, &host->target[0], SLOT_READY);
    assert_int_equal(invoke(&host->target[1], "e"), ST_SLOT_EMPTY);
    bring_to(host, &host->target[1], SLOT_BOOTED);
    assert_int_equal(load_bundle(host, &host->target[2]), ST_SLOT_EMPTY);
    assert_int_equal(rewind_slot(&host->target[1]), ST_SLOT_BOOTED);
    for (unsigned i = 0; i < HOST_SLOTS; i++)
        assert_serves(host, &host->target[i]);
    host_close(host);
}

/* ---- ENTRY_INIT ------------------------------------------------------------------ */

static void nothing_works_before_init(void **state)
{
    struct host *host = host_open();
    struct target *t = &host->target[1];
    struct entry_stats stats = {0};
    struct entry_init init = {.cpu_level = 2, .role = ROLE_WORKER};

    (void)state;
    assert_int_equal(boot(t), ST_NOT_INITIALISED);
    assert_int_equal(load_bundle(host, t), ST_NOT_INITIALISED);
    assert_int_equal(finish_load(t), ST_NOT_INITIALISED);
    assert_int_equal(invoke(t, "e"), ST_NOT_INITIALISED);
    assert_no_output(t);
    assert_int_equal(rewind_slot(t), ST_NOT_INITIALISED);
    assert_int_equal(reset_slot(t), ST_NOT_INITIALISED);
    assert_int_equal(call(t, ENTRY_STATS, &stats, sizeof(stats)), ST_NOT_INITIALISED);
    assert_int_equal(call(t, ENTRY_NULL, NULL, 0), ST_NOT_INITIALISED);
    assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_WRONG_CSSA);
    assert_int_equal(call(t, 0, NULL, 0), ST_UNKNOWN_CALL);

    init.flags = INIT_ENCRYPTED_ONLY << 1;
    assert_int_equal(call(t, ENTRY_INIT, &init, sizeof(init)), ST_INVALID_ARGUMENT);
    init = (struct entry_init){.cpu_level = 2};
    assert_int_equal(call(t, ENTRY_INIT, &init, sizeof(init)), ST_INVALID_ARGUMENT);
    init = (struct entry_init){.cpu_level = 1, .role = ROLE_WORKER};
    assert_int_equal(call(t, ENTRY_INIT, &init, sizeof(init)), ST_INVALID_ARGUMENT);
    init.cpu_level = 5;
    assert_int_equal(call(t, ENTRY_INIT, &init, sizeof(init)), ST_INVALID_ARGUMENT);
    assert_int_equal(boot(t), ST_NOT_INITIALISED);
    init.cpu_level = 2;
    assert_int_equal(call(t, ENTRY_INIT, &init, sizeof(init)), ST_OK);
    assert_int_equal(call(t, ENTRY_INIT, &init, sizeof(init)), ST_ALREADY_INITIALISED);
    assert_serves(host, t);
    host_close(host);
}

struct racer {
    pthread_t thread;
    struct target *target;
    pthread_barrier_t *start;
    enum status status;
};

static void *race_to_init(void *argument)
{
    struct racer *racer = argument;
    struct entry_init init = {.cpu_level = 2, .role = ROLE_WORKER};

    pthread_barrier_wait(racer->start);
    if (enter(racer->target, ENCLU_EENTER, ENTRY_INIT, (uintptr_t)&init, sizeof(init),
              &racer->status) != ENCLU_EEXIT)
        racer->status = ST_SGX_ENTER;
    return NULL;
}

static void one_of_three_threads_initialises(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct host *host = host_open();
        struct racer racers[HOST_SLOTS];
        pthread_barrier_t start;
        unsigned winners = 0;

        pthread_barrier_init(&start, NULL, HOST_SLOTS);
        for (unsigned i = 0; i < HOST_SLOTS; i++) {
            racers[i] = (struct racer){.target = &host->target[i], .start = &start};
            assert_int_equal(pthread_create(&racers[i].thread, NULL, race_to_init, &racers[i]), 0);
        }
        for (unsigned i = 0; i < HOST_SLOTS; i++) {
            pthread_join(racers[i].thread, NULL);
            winners += racers[i].status == ST_OK;
            if (racers[i].status != ST_OK)
                assert_int_equal(racers[i].status, ST_ALREADY_INITIALISED);
        }
        assert_int_equal(winners, 1);
        pthread_barrier_destroy(&start);
        if (round == 0)
            assert_serves(host, &host->target[2]);
        host_close(host);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_on_an_empty_slot),
        cmocka_unit_test(every_call_on_a_booted_slot),
        cmocka_unit_test(every_call_on_a_loading_slot),
        cmocka_unit_test(every_call_on_a_ready_slot),
        cmocka_unit_test(every_call_on_a_dirty_slot),
        cmocka_unit_test(every_call_on_a_slot_without_a_snapshot),
        cmocka_unit_test(every_call_on_a_poisoned_slot),
        cmocka_unit_test(a_poisoned_slot_leaves_its_neighbours_alone),
        cmocka_unit_test(a_second_invocation_needs_a_rewind),
        cmocka_unit_test(a_snapshot_is_taken_once_per_load),
        cmocka_unit_test(slots_do_not_share_their_order),
        cmocka_unit_test(nothing_works_before_init),
        cmocka_unit_test(one_of_three_threads_initialises),
    };

    select_tests(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
