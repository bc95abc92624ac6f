/*
 * Entries at CSSA 1: the enclave was interrupted somewhere, and the host asks for something. Only
 * EXCEPTION and ABORT mean anything then, and only where a layer was interrupted.
 */
#include "tests/border/hostile/inside.h"
#include "tests/border/hostile/steer.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct entry_rewind rewind_argument;

/* ---- ways to be interrupted ------------------------------------------------ */

static void start_invocation(struct target *t, const char *input, uint64_t page)
{
    call_until_page(t, ENTRY_INVOKE, invocation_of(t, input), sizeof(t->invocation), page);
    give_page(t, page);
}

/* L0 is about to enter layer 2: it prepares the stack. */
static void start_layer2(struct target *t, const char *input)
{
    uint64_t pages = look_inside(t->fd, t->number).stack_pages;

    start_invocation(t, input, region_page(t, REGION_L2_STACK, pages - 1));
}

static void in_layer2(struct host *host, struct target *t)
{
    bring_to(host, t, SLOT_READY);
    start_layer2(t, "e: interrupted");
    resume_until(t, &(struct place){ZONE_L2, ZONE_L0, 100});
}

static void in_layer1(struct host *host, struct target *t)
{
    bring_to(host, t, SLOT_READY);
    start_layer2(t, "e: interrupted");
    resume_until(t, &(struct place){ZONE_L1, ZONE_L0, 10});
}

static void at_a_gate(struct host *host, struct target *t)
{
    bring_to(host, t, SLOT_READY);
    start_layer2(t, "e: interrupted");
    resume_until(t, &(struct place){ZONE_L0, ZONE_L2, 0});
}

static void inside_a_gate(struct host *host, struct target *t)
{
    bring_to(host, t, SLOT_READY);
    start_layer2(t, "e: interrupted");
    resume_until(t, &(struct place){ZONE_L0, ZONE_L2, 1});
}

static void at_layer1s_return(struct host *host, struct target *t)
{
    bring_to(host, t, SLOT_READY);
    start_layer2(t, "e: interrupted");
    resume_until(t, &(struct place){ZONE_L0, ZONE_L1, 3});
}

/* Layer 1 asks for pages of stdout; that takes longer than a gate without C. */
static void in_a_gates_c(struct host *host, struct target *t)
{
    bring_to(host, t, SLOT_READY);
    start_layer2(t, "e: interrupted");
    resume_until(t, &(struct place){ZONE_L0, ZONE_L1, 70});
    assert_int_equal(look_inside(t->fd, t->number).layer, 0);
}

static void while_input_is_copied(struct host *host, struct target *t)
{
    bring_to(host, t, SLOT_DIRTY); /* now there is a page for input */
    assert_int_equal(rewind_slot(t), ST_OK);
    start_invocation(t, "e: interrupted", region_page(t, REGION_STDIN, 0));
}

/* Layer 1 touches the page with each write; the first touch by L0 is the copy at the end. */
static void while_output_is_copied(struct host *host, struct target *t)
{
    uint64_t page = region_page(t, REGION_STDOUT, 0);

    bring_to(host, t, SLOT_DIRTY);
    assert_int_equal(rewind_slot(t), ST_OK);
    start_invocation(t, "e: interrupted", page);
    for (unsigned i = 0; look_inside(t->fd, t->number).layer; i++) {
        enum status status;

        assert_true(i < 1000);
        assert_true(resume_steps(t, 5, &status));
        resume_until_page(t, page);
        give_page(t, page);
    }
}

static void while_rewinding(struct host *host, struct target *t)
{
    uint64_t pages;

    bring_to(host, t, SLOT_DIRTY);
    pages = look_inside(t->fd, t->number).committed[REGION_LINEAR];
    rewind_argument = (struct entry_rewind){0};
    call_until_page(t, ENTRY_REWIND, &rewind_argument, sizeof(rewind_argument),
                    region_page(t, REGION_LINEAR, pages - 1));
    give_page(t, region_page(t, REGION_LINEAR, pages - 1));
}

/* The wiping of stacks and frames: no stack, no C. */
static void in_the_tail_of_a_rewind(struct host *host, struct target *t)
{
    uint64_t page = SLOT_CONTROL_OFF + t->number * SLOT_CONTROL_STRIDE + CTL_XSTACK;
    enum status status;

    bring_to(host, t, SLOT_DIRTY);
    rewind_argument = (struct entry_rewind){0};
    call_until_page(t, ENTRY_REWIND, &rewind_argument, sizeof(rewind_argument), page);
    give_page(t, page);
    /* All of CTL_XSTACK, and a part of the SSA frames. */
    assert_true(resume_steps(t, CTL_XSTACK_BYTES / 8 + 200, &status));
}

static void while_resetting(struct host *host, struct target *t)
{
    bring_to(host, t, SLOT_READY);
    rewind_argument = (struct entry_rewind){0};
    call_until_page(t, ENTRY_RESET, &rewind_argument, sizeof(rewind_argument),
                    region_page(t, REGION_L2_STATE, 0));
    give_page(t, region_page(t, REGION_L2_STATE, 0));
}

static void while_loading(struct host *host, struct target *t)
{
    uint64_t page = region_page(t, REGION_CODE, 1);

    bring_to(host, t, SLOT_READY); /* now there is a page for code */
    assert_int_equal(reset_slot(t), ST_OK);
    t->loaded = (struct entry_load){
        .bundle = (uintptr_t)host->bundle,
        .bundle_bytes = host->bundle_bytes,
    };
    call_until_page(t, ENTRY_LOAD, &t->loaded, sizeof(t->loaded), page);
    give_page(t, page);
}

static void start_finish_load(struct target *t, uint64_t page)
{
    t->invocation = (struct entry_invocation){.log = (uintptr_t)t->log, .log_limit = BUFFER_ROOM};
    call_until_page(t, ENTRY_FINISH_LOAD, &t->invocation, sizeof(t->invocation), page);
    give_page(t, page);
}

static void in_initialisation(struct host *host, struct target *t)
{
    uint64_t pages;

    bring_to(host, t, SLOT_LOADING);
    restrict_code(t);
    pages = look_inside(t->fd, t->number).stack_pages;
    start_finish_load(t, region_page(t, REGION_L2_STACK, pages - 1));
    resume_until(t, &(struct place){ZONE_L2, ZONE_L0, 50});
}

static void while_the_snapshot_is_taken(struct host *host, struct target *t)
{
    uint64_t pages;

    bring_to(host, t, SLOT_READY); /* now the store has pages for S1 */
    pages = look_inside(t->fd, t->number).store_reached;
    assert_int_equal(reset_slot(t), ST_OK);
    assert_int_equal(load_bundle(host, t), ST_OK);
    restrict_code(t);
    start_finish_load(t, STORE_OFF + (pages - 1) * PAGE_BYTES);
}

static void in_layer1_at_boot(struct host *host, struct target *t)
{
    (void)host;
    call_until(t, ENTRY_BOOT, NULL, 0, &(struct place){ZONE_L1, ZONE_L0, 5});
}

/* ---- what must follow ----------------------------------------------------------- */

static void ends_with_an_answer(struct target *t)
{
    assert_int_equal(resume(t), ST_OK);
    assert_answered(t, "e: interrupted");
    assert_int_equal(state_of(t), SLOT_DIRTY);
}

static void ends_aborted(struct target *t)
{
    assert_int_equal(resume(t), ST_OK);
    assert_int_equal(t->invocation.outcome, OUTCOME_ABORTED_BY_HOST);
    assert_int_equal(t->invocation.trap, TRAP_NONE);
    assert_int_equal(t->invocation.exit_code, 0);
    assert_int_equal(state_of(t), SLOT_DIRTY);
}

static void ends_ready(struct target *t)
{
    assert_int_equal(resume(t), ST_OK);
    assert_int_equal(state_of(t), SLOT_READY);
}

static void ends_booted(struct target *t)
{
    assert_int_equal(resume(t), ST_OK);
    assert_int_equal(state_of(t), SLOT_BOOTED);
}

static void ends_loaded(struct target *t)
{
    assert_int_equal(resume(t), ST_OK);
    assert_int_equal(state_of(t), SLOT_LOADING);
    restrict_code(t);
    assert_int_equal(finish_load(t), ST_OK);
}

static void ends_without_a_snapshot(struct target *t)
{
    assert_int_equal(resume(t), ST_BUNDLE_INIT);
    assert_int_equal(t->invocation.outcome, OUTCOME_ABORTED_BY_HOST);
    assert_int_equal(state_of(t), SLOT_DIRTY);
    assert_int_equal(rewind_slot(t), ST_NO_SNAPSHOT);
}

static void ends_poisoned(struct target *t)
{
    assert_int_not_equal(resume(t), ST_OK);
    assert_int_equal(state_of(t), SLOT_POISONED);
}

struct situation {
    void (*reach)(struct host *host, struct target *t);
    bool layer; /* interrupted in layer 1 or 2 */
    void (*ends)(struct target *t);
    void (*ends_after_abort)(struct target *t);
};

static const struct situation situations[] = {
    {in_layer2, true, ends_with_an_answer, ends_aborted},
    {in_layer1, true, ends_with_an_answer, ends_aborted},
    {at_a_gate, true, ends_with_an_answer, ends_aborted},
    {inside_a_gate, false, ends_with_an_answer, ends_aborted},
    {at_layer1s_return, false, ends_with_an_answer, ends_aborted},
    {in_a_gates_c, false, ends_with_an_answer, ends_aborted},
    {while_input_is_copied, false, ends_with_an_answer, ends_with_an_answer},
    {while_output_is_copied, false, ends_with_an_answer, ends_with_an_answer},
    {while_rewinding, false, ends_ready, ends_ready},
    {in_the_tail_of_a_rewind, false, ends_ready, ends_ready},
    {while_resetting, false, ends_booted, ends_booted},
    {while_loading, false, ends_loaded, ends_loaded},
    {in_initialisation, true, ends_ready, ends_without_a_snapshot},
    {while_the_snapshot_is_taken, false, ends_ready, ends_ready},
    {in_layer1_at_boot, true, ends_booted, ends_poisoned},
};

static const struct {
    uint64_t call;
    enum status status;
} refused_at_depth_1[] = {
    {ENTRY_INIT, ST_WRONG_CSSA},
    {ENTRY_BOOT, ST_WRONG_CSSA},
    {ENTRY_LOAD, ST_WRONG_CSSA},
    {ENTRY_FINISH_LOAD, ST_WRONG_CSSA},
    {ENTRY_INVOKE, ST_WRONG_CSSA},
    {ENTRY_REWIND, ST_WRONG_CSSA},
    {ENTRY_RESET, ST_WRONG_CSSA},
    {ENTRY_STATS, ST_WRONG_CSSA},
    {ENTRY_NULL, ST_WRONG_CSSA},
    {0, ST_UNKNOWN_CALL},
    {ENTRY_TRIM, ST_WRONG_CSSA},
    {ENTRY_TRIM_ACCEPT, ST_WRONG_CSSA},
    {ENTRY_INVOKE_SEALED, ST_WRONG_CSSA},
    {ENTRY_SESSION_OPEN, ST_WRONG_CSSA},
    {ENTRY_SIGN, ST_WRONG_CSSA},
    {ENTRY_REPORT, ST_WRONG_CSSA},
    {ENTRY_ADMISSION, ST_WRONG_CSSA},
    {ENTRY_GRANT, ST_WRONG_CSSA},
    {ENTRY_KEEPER, ST_WRONG_CSSA},
    {ENTRY_KEEPER + 1, ST_UNKNOWN_CALL},
    {0x100, ST_UNKNOWN_CALL},
    {0x103, ST_UNKNOWN_CALL},
    {(1ull << 32) + ENTRY_ABORT, ST_UNKNOWN_CALL},
    {0x10000 + ENTRY_ABORT, ST_UNKNOWN_CALL},
    {UINT64_MAX, ST_UNKNOWN_CALL},
};

static void assert_only_nested_calls(struct target *t)
{
    struct entry_rewind argument = {0};

    for (unsigned i = 0; i < COUNT(refused_at_depth_1); i++)
        assert_int_equal(call(t, refused_at_depth_1[i].call, NULL, 0),
                         refused_at_depth_1[i].status);
    /* ... and with sound arguments, too. */
    assert_int_equal(call(t, ENTRY_REWIND, &argument, sizeof(argument)), ST_WRONG_CSSA);
    assert_int_equal(call(t, ENTRY_RESET, &argument, sizeof(argument)), ST_WRONG_CSSA);
}

static void check_situation(const struct situation *situation, bool abort)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[1];

    situation->reach(host, t);
    assert_only_nested_calls(t);
    for (int i = 0; i < 2; i++)
        assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0),
                         situation->layer ? ST_FAULT_RESUME : ST_IN_MONITOR);
    assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 8), ST_BAD_LENGTH);
    if (abort) {
        assert_int_equal(call(t, ENTRY_ABORT, NULL, 8), ST_BAD_LENGTH);
        assert_int_equal(call(t, ENTRY_ABORT, NULL, 0), situation->layer ? ST_OK : ST_IN_MONITOR);
        /* The frame leads to L0 now: nothing more can be asked of it. */
        assert_int_equal(call(t, ENTRY_ABORT, NULL, 0), ST_IN_MONITOR);
        assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_IN_MONITOR);
        assert_only_nested_calls(t);
        situation->ends_after_abort(t);
    } else {
        situation->ends(t);
    }
    resume_refused(t); /* the frame is used up */
    if (state_of(t) != SLOT_POISONED)
        assert_serves(host, t);
    assert_serves(host, &host->target[2]);
    host_close(host);
}

/* One test per situation; the state names it. */
static void asked_and_resumed(void **state)
{
    check_situation(*state, false);
}

static void aborted(void **state)
{
    check_situation(*state, true);
}

#define SITUATION(number, name)                                                                    \
    {"interrupted " name ": asked, resumed", asked_and_resumed, NULL, NULL,                        \
     (void *)(uintptr_t)&situations[number]},                                                      \
    {                                                                                              \
        "interrupted " name ": aborted", aborted, NULL, NULL,                                      \
            (void *)(uintptr_t)&situations[number]                                                 \
    }

/* ---- frames that are left lying ----------------------------------------------------- */

static void an_abandoned_frame_blocks_only_its_slot(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    in_layer2(host, t);
    assert_int_equal(call(t, ENTRY_ABORT, NULL, 0), ST_OK);
    for (int i = 0; i < 3; i++)
        assert_only_nested_calls(t);
    assert_serves(host, &host->target[1]);
    assert_serves(host, &host->target[2]);
    ends_aborted(t);
    assert_int_equal(invoke(t, "e"), ST_SLOT_DIRTY);
    assert_serves(host, t);
    host_close(host);
}

static void a_frame_is_resumed_after_other_slots_worked(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    in_layer1(host, t);
    bring_to(host, &host->target[1], SLOT_READY);
    for (int i = 0; i < 5; i++)
        assert_invokes(&host->target[1]);
    ends_with_an_answer(t);
    assert_serves(host, t);
    host_close(host);
}

static void an_endless_function_is_aborted_and_the_next_one_runs(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_READY);
    start_layer2(t, "w");
    /* Longer in layer 2 than any of its other work takes. */
    resume_until(t, &(struct place){ZONE_L2, ZONE_L0, 200000});
    assert_int_equal(call(t, ENTRY_ABORT, NULL, 0), ST_OK);
    ends_aborted(t);
    assert_serves(host, t);
    host_close(host);
}

/* ---- instructions of an entry ---------------------------------------------------------- */

/* ENTRY_STATS, interrupted after n instructions: asked, resumed, answered. False: it has fewer. */
static bool stats_interrupted_after(struct target *t, const struct entry_stats *expected,
                                    unsigned n)
{
    struct entry_stats stats = {0};
    enum status status;

    if (call_steps(t, ENTRY_STATS, &stats, sizeof(stats), n, &status)) {
        assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_IN_MONITOR);
        assert_int_equal(call(t, ENTRY_ABORT, NULL, 0), ST_IN_MONITOR);
        assert_int_equal(call(t, ENTRY_STATS, NULL, 0), ST_WRONG_CSSA);
        assert_int_equal(resume(t), ST_OK);
        assert_memory_equal(&stats, expected, sizeof(stats));
        return true;
    }
    assert_int_equal(status, ST_OK);
    return false;
}

/* From the first instruction, on the host's registers, to the last before EEXIT. */
static void a_short_call_interrupted_at_either_end(void **state)
{
    const unsigned each = 100;
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    struct entry_stats expected;
    unsigned low = 1, high = 1 << 14;

    (void)state;
    bring_to(host, t, SLOT_DIRTY);
    expected = stats_of(t);
    while (low < high) { /* how many instructions there are */
        unsigned middle = (low + high) / 2;

        if (stats_interrupted_after(t, &expected, middle))
            low = middle + 1;
        else
            high = middle;
    }
    assert_true(low > 2 * each && low < 1 << 14);
    for (unsigned n = 1; n <= each; n++) {
        assert_true(stats_interrupted_after(t, &expected, n));
        assert_true(stats_interrupted_after(t, &expected, low - n));
    }
    assert_serves(host, t);
    host_close(host);
}

/* The start of an invocation; past it lies what the situations above interrupt. */
static void an_invocation_interrupted_at_its_first_instructions(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_READY);
    for (unsigned n = 1; n <= 150; n++) {
        enum status status;

        assert_true(call_steps(t, ENTRY_INVOKE, invocation_of(t, "e: interrupted"),
                               sizeof(t->invocation), n, &status));
        assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_IN_MONITOR);
        assert_int_equal(call(t, ENTRY_ABORT, NULL, 0), ST_IN_MONITOR);
        ends_with_an_answer(t);
        assert_int_equal(rewind_slot(t), ST_OK);
    }
    host_close(host);
}

/* At CSSA 2 nothing can be entered; what was asked at CSSA 1 comes to its end all the same. */
static void a_nested_call_interrupted_at_many_instructions(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    bool interrupted = true;
    unsigned n;

    (void)state;
    bring_to(host, t, SLOT_READY);
    for (n = 1; interrupted; n += 1 + n / 12) { /* each at first; later L0 fills a frame */
        enum status status;

        start_layer2(t, "e: interrupted");
        resume_until(t, &(struct place){ZONE_L2, ZONE_L0, 3});
        interrupted = call_steps(t, ENTRY_ABORT, NULL, 0, n, &status);
        if (interrupted) {
            enter_refused(t);
            status = resume(t);
        }
        assert_int_equal(status, ST_OK);
        ends_aborted(t);
        assert_int_equal(rewind_slot(t), ST_OK);
    }
    assert_true(n > 100);
    assert_invokes(t);
    host_close(host);
}

static void nothing_to_resume(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    resume_refused(t);
    bring_to(host, t, SLOT_READY);
    resume_refused(t);
    assert_int_equal(state_of(t), SLOT_READY);
    assert_invokes(t);
    resume_refused(t);
    host_close(host);
}

/* ---- faults that the host makes ------------------------------------------------------- */

/* Goes on until L0 exits, giving back the page whenever it is missed. False: EENTER faulted. */
static bool finish_without(struct target *t, uint64_t offset, unsigned end, enum status *status)
{
    for (unsigned i = 0; end == ENCLU_ERESUME; i++) {
        enum status answer;

        assert_true(i < 4);
        assert_int_equal(t->run.exception_vector, VECTOR_PF);
        give_page(t, offset);
        answer = call(t, ENTRY_EXCEPTION, NULL, 0);
        if (answer != ST_FAULT_RESUME && answer != ST_IN_MONITOR)
            fail_msg("without page %#llx: EXCEPTION answers %d", (unsigned long long)offset,
                     (int)answer);
        end = enter(t, ENCLU_ERESUME, 0, 0, 0, status);
    }
    return end == ENCLU_EEXIT;
}

static bool belongs_to_other_slot(const struct target *t, uint64_t offset)
{
    uint64_t control = SLOT_CONTROL_OFF + t->number * SLOT_CONTROL_STRIDE;

    if (offset >= MONITOR_ZONE_BYTES)
        return (offset - MONITOR_ZONE_BYTES) / SLOT_STRIDE != t->number;
    return offset - SLOT_CONTROL_OFF < (uint64_t)SLOTS_MAX * SLOT_CONTROL_STRIDE &&
           offset - control >= SLOT_CONTROL_STRIDE;
}

/* Takes each page of the enclave away, one per invocation, before it or when layer 2 has begun. */
static void each_page_missed_once(struct target *t, bool midway)
{
    struct emu_page page = {0};
    /* Thousands of pages if the image brings them all: a prime number skips some of each kind. */
    unsigned stride = t->slot->enclave->lazy ? 1 : 7;
    unsigned pages = 0;

    for (uint64_t at = 0; emu_next_page(t->fd, at, &page) == ST_OK; at = page.offset + PAGE_BYTES) {
        enum status status;
        unsigned end;

        if (belongs_to_other_slot(t, page.offset) || page.offset / PAGE_BYTES % stride)
            continue;
        pages++;
        if (midway) {
            start_layer2(t, "e: interrupted");
            take_page(t, page.offset);
            end = enter(t, ENCLU_ERESUME, 0, 0, 0, &status);
            if (t->run.exception_vector == VECTOR_PF && t->run.exception_addr == t->slot->tcs)
                end = ENCLU_EENTER; /* the TCS itself: not even resumed */
            if (end == ENCLU_EENTER) {
                give_page(t, page.offset);
                end = enter(t, ENCLU_ERESUME, 0, 0, 0, &status);
            }
        } else {
            take_page(t, page.offset);
            end =
                enter(t, ENCLU_EENTER, ENTRY_INVOKE, (uintptr_t)invocation_of(t, "e: interrupted"),
                      sizeof(t->invocation), &status);
            if (end == ENCLU_EENTER) { /* TCS or SSA */
                give_page(t, page.offset);
                end = enter(t, ENCLU_EENTER, ENTRY_INVOKE, (uintptr_t)&t->invocation,
                            sizeof(t->invocation), &status);
            }
        }
        assert_true(finish_without(t, page.offset, end, &status));
        give_page(t, page.offset);
        assert_int_equal(status, ST_OK);
        assert_answered(t, "e: interrupted");
        assert_int_equal(rewind_slot(t), ST_OK);
    }
    assert_true(pages > 100);
}

static void any_page_missed_at_its_first_touch(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[1];

    (void)state;
    bring_to(host, t, SLOT_READY);
    assert_invokes(t);
    each_page_missed_once(t, false);
    assert_serves(host, t);
    host_close(host);
}

static void any_page_missed_after_layer_2_began(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[1];

    (void)state;
    bring_to(host, t, SLOT_READY);
    assert_invokes(t);
    each_page_missed_once(t, true);
    assert_serves(host, t);
    host_close(host);
}

static void a_page_never_given_back_is_no_trap(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint64_t page;
    enum status status;

    (void)state;
    bring_to(host, t, SLOT_READY);
    start_layer2(t, "e: interrupted");
    resume_until(t, &(struct place){ZONE_L2, ZONE_L0, 20});
    page = region_page(t, REGION_L2_STATE, 0);
    resume_until_page(t, page);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_FAULT_RESUME);
        assert_int_equal(enter(t, ENCLU_ERESUME, 0, 0, 0, &status), ENCLU_ERESUME);
        assert_int_equal(t->run.exception_vector, VECTOR_PF);
    }
    give_page(t, page);
    ends_with_an_answer(t);
    assert_serves(host, t);
    host_close(host);
}

/* The counterpart: a fault that is the function's own is its trap, whatever the host does. */
static void a_load_beyond_memory_is_a_trap(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_READY);
    call_interrupted(t, ENTRY_INVOKE, invocation_of(t, "o"), sizeof(t->invocation));
    assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_OK);
    assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_IN_MONITOR);
    assert_int_equal(call(t, ENTRY_ABORT, NULL, 0), ST_IN_MONITOR);
    assert_int_equal(resume(t), ST_OK);
    assert_int_equal(t->invocation.outcome, OUTCOME_TRAP);
    assert_int_equal(t->invocation.trap, TRAP_MEMORY_OUT_OF_BOUNDS);
    assert_serves(host, t);
    host_close(host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        SITUATION(0, "in layer 2"),
        SITUATION(1, "in layer 1"),
        SITUATION(2, "at a gate's first instruction"),
        SITUATION(3, "inside a gate"),
        SITUATION(4, "at layer 1's return"),
        SITUATION(5, "in a gate's C"),
        SITUATION(6, "while input is copied"),
        SITUATION(7, "while output is copied"),
        SITUATION(8, "while rewinding"),
        SITUATION(9, "in the tail of a rewind"),
        SITUATION(10, "while resetting"),
        SITUATION(11, "while loading"),
        SITUATION(12, "in the function's initialisation"),
        SITUATION(13, "while the snapshot is taken"),
        SITUATION(14, "in layer 1 at boot"),
        cmocka_unit_test(an_abandoned_frame_blocks_only_its_slot),
        cmocka_unit_test(a_frame_is_resumed_after_other_slots_worked),
        cmocka_unit_test(an_endless_function_is_aborted_and_the_next_one_runs),
        cmocka_unit_test(a_short_call_interrupted_at_either_end),
        cmocka_unit_test(an_invocation_interrupted_at_its_first_instructions),
        cmocka_unit_test(a_nested_call_interrupted_at_many_instructions),
        cmocka_unit_test(nothing_to_resume),
        cmocka_unit_test(any_page_missed_at_its_first_touch),
        cmocka_unit_test(any_page_missed_after_layer_2_began),
        cmocka_unit_test(a_page_never_given_back_is_no_trap),
        cmocka_unit_test(a_load_beyond_memory_is_a_trap),
    };

    select_tests(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
