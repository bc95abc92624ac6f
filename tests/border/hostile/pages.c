/*
 * A kernel that plays with pages: withdraws them, swaps them for fresh ones, adds some early, or
 * does not restrict the code's permissions. Never a wrong answer: the slot is poisoned, or lost,
 * or the page was of no use.
 */
#include "tests/border/hostile/inside.h"
#include "tests/border/hostile/steer.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define RESUMES_MAX 5 /* by then a fault is there to stay */

enum end {
    ANSWERED, /* L0 exited; the status says how */
    LOST,     /* the slot can be neither entered nor resumed */
};

/* An invocation by a host that does what it is told to at each fault. */
static enum end run_on(struct target *t, unsigned leaf, enum status *status)
{
    unsigned end =
        enter(t, leaf, ENTRY_INVOKE, (uintptr_t)&t->invocation, sizeof(t->invocation), status);

    for (unsigned i = 0; end == ENCLU_ERESUME && i < RESUMES_MAX; i++) {
        if (enter(t, ENCLU_EENTER, ENTRY_EXCEPTION, 0, 0, status) != ENCLU_EEXIT)
            return LOST;
        if (*status == ST_POISONED_NOW || *status == ST_SLOT_POISONED)
            return ANSWERED;
        end = enter(t, ENCLU_ERESUME, 0, 0, 0, status);
    }
    return end == ENCLU_EEXIT ? ANSWERED : LOST;
}

/* Whatever happened to its pages, the slot does not answer wrongly, now or after a rewind. Returns
 * whether it still works. */
static bool never_wrong(struct target *t, enum end end, enum status status)
{
    for (unsigned i = 0; end == ANSWERED && status == ST_OK && i < 2; i++) {
        struct entry_rewind argument = {0};

        assert_answered(t, "e: swapped");
        if (enter(t, ENCLU_EENTER, ENTRY_REWIND, (uintptr_t)&argument, sizeof(argument), &status) !=
            ENCLU_EEXIT)
            return false;
        if (status != ST_OK)
            break;
        invocation_of(t, "e: swapped");
        end = run_on(t, ENCLU_EENTER, &status);
    }
    if (end == ANSWERED && status != ST_OK && status != ST_POISONED_NOW &&
        status != ST_SLOT_POISONED)
        fail_msg("status %d", (int)status);
    return end == ANSWERED && status == ST_OK;
}

enum trick { WITHDRAW, SWAP };

static void play(struct target *t, uint64_t offset, enum trick trick)
{
    assert_int_equal(emu_hostile_remove(t->fd, offset), ST_OK);
    if (trick == SWAP)
        assert_int_equal(emu_hostile_augment(t->fd, offset), ST_OK);
}

static void start_layer2(struct target *t)
{
    uint64_t pages = look_inside(t->fd, t->number).stack_pages;
    uint64_t page = region_page(t, REGION_L2_STACK, pages - 1);

    call_until_page(t, ENTRY_INVOKE, invocation_of(t, "e: swapped"), sizeof(t->invocation), page);
    give_page(t, page);
}

/* One enclave, one page. Returns whether the slot noticed. */
static bool lose_page(uint64_t offset, enum trick trick, bool midway)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    enum status status;
    enum end end;
    bool works;

    bring_to(host, t, SLOT_READY);
    bring_to(host, &host->target[1], SLOT_READY);
    assert_invokes(t);
    if (midway)
        start_layer2(t);
    play(t, offset, trick);
    if (!midway)
        invocation_of(t, "e: swapped");
    end = run_on(t, midway ? ENCLU_ERESUME : ENCLU_EENTER, &status);
    works = never_wrong(t, end, status);
    if (offset >= MONITOR_ZONE_BYTES)
        assert_invokes(&host->target[1]);
    host_close(host);
    return !works;
}

/* Every eighth page and the last one of those at `first`, in each way. */
static void lose_pages_at(uint64_t first, uint64_t pages)
{
    unsigned noticed = 0;

    assert_true(pages > 0);
    for (uint64_t page = 0; page < pages; page++)
        for (int way = 0; way < 4 && (page % 8 == 0 || page + 1 == pages); way++)
            noticed += lose_page(first + page * PAGE_BYTES, way & 1 ? SWAP : WITHDRAW, way & 2);
    assert_true(noticed > 0); /* at least one page of it matters */
}

static void lose_pages_of(unsigned region)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint64_t first = region_page(t, region, 0);
    uint64_t pages;

    bring_to(host, t, SLOT_READY);
    assert_invokes(t);
    pages = look_inside(t->fd, 0).committed[region];
    host_close(host);
    lose_pages_at(first, pages);
}

#define LOSES(name, region)                                                                        \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        lose_pages_of(region);                                                                     \
    }

LOSES(lost_pages_of_layer_1s_page, REGION_L1_PAGE)
LOSES(lost_pages_of_layer_1s_state, REGION_L1_STATE)
LOSES(lost_pages_of_layer_1s_stack, REGION_L1_STACK)
LOSES(lost_pages_of_stdin, REGION_STDIN)
LOSES(lost_pages_of_stdout, REGION_STDOUT)
LOSES(lost_pages_of_layer_2s_state, REGION_L2_STATE)
LOSES(lost_pages_of_layer_2s_stack, REGION_L2_STACK)
LOSES(lost_pages_of_linear_memory, REGION_LINEAR)
LOSES(lost_pages_of_code, REGION_CODE)

/* Both slots share S0 and S1: whoever takes their pages takes them from both. */
static void lost_pages_of_the_store(void **state)
{
    struct host *host = host_open_initialised();
    uint32_t pages;

    (void)state;
    bring_to(host, &host->target[0], SLOT_READY);
    bring_to(host, &host->target[1], SLOT_READY);
    pages = look_inside(host->fd, 0).store_reached;
    assert_int_equal(look_inside(host->fd, 1).store_taken, look_inside(host->fd, 0).store_taken);
    host_close(host);
    lose_pages_at(STORE_OFF, pages);
}

/* L0's own pages and layer 1's code: every fifth, and the slot's control pages. */
static void lost_pages_of_the_image(void **state)
{
    struct host *host = host_open_initialised();
    uint64_t offsets[256];
    unsigned count = 0, noticed = 0;
    struct emu_page page;

    (void)state;
    for (uint64_t at = 0; emu_next_page(host->fd, at, &page) == ST_OK && count < COUNT(offsets) &&
                          page.offset < SLOT_CONTROL_OFF + SLOT_CONTROL_STRIDE;
         at = page.offset + PAGE_BYTES)
        offsets[count++] = page.offset;
    host_close(host);
    for (unsigned i = 0; i < count; i += 5)
        for (int way = 0; way < 4; way++)
            noticed += lose_page(offsets[i], way & 1 ? SWAP : WITHDRAW, way & 2);
    assert_true(noticed > 0);
}

/* ---- a page is accepted once ----------------------------------------------------- */

static void a_swapped_page_poisons(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    enum status status;

    (void)state;
    bring_to(host, t, SLOT_READY);
    start_layer2(t);
    resume_until(t, &(struct place){ZONE_L2, ZONE_L0, 20});
    play(t, region_page(t, REGION_L2_STATE, 0), SWAP);
    assert_int_equal(enter(t, ENCLU_ERESUME, 0, 0, 0, &status), ENCLU_ERESUME);
    assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_POISONED_NOW);
    assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_SLOT_POISONED);
    assert_int_equal(call(t, ENTRY_ABORT, NULL, 0), ST_SLOT_POISONED);
    assert_int_equal(call(t, ENTRY_REWIND, NULL, 0), ST_WRONG_CSSA);
    assert_no_output(t);
    assert_serves(host, &host->target[1]);
    host_close(host);
}

/* Below the commit mark no page is accepted again, whatever grows, is loaded or reset. */
static void no_page_is_accepted_twice(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    struct inside inside;
    uint64_t offset;
    enum status status;

    (void)state;
    bring_to(host, t, SLOT_READY);
    assert_int_equal(invoke(t, "g"), ST_OK);
    assert_answered(t, "grown");
    assert_int_equal(rewind_slot(t), ST_OK);
    /* 1 MiB lies below linear memory now, committed and unused: swap a page of it. */
    inside = look_inside(t->fd, 0);
    assert_true(inside.committed[REGION_LINEAR] >= inside.linear_pages + 256);
    offset = region_page(t, REGION_LINEAR, 8);
    play(t, offset, SWAP);
    assert_invokes(t); /* unused: no harm */
    invocation_of(t, "g");
    assert_int_equal(run_on(t, ENCLU_EENTER, &status), LOST); /* L0 itself wants to use it */
    assert_true(page_flags(t, offset) & SECINFO_PENDING);
    assert_no_output(t);
    assert_serves(host, &host->target[1]);
    host_close(host);
}

/* The same where L0 passes its commit mark at each invocation. */
static void a_page_for_input_is_accepted_once(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint64_t offset = region_page(t, REGION_STDIN, 0);
    enum status status;

    (void)state;
    bring_to(host, t, SLOT_READY);
    assert_invokes(t);
    assert_int_equal(page_flags(t, offset), SECINFO_REG | SECINFO_R | SECINFO_W);
    play(t, offset, SWAP);
    invocation_of(t, "e: swapped");
    assert_int_equal(run_on(t, ENCLU_EENTER, &status), LOST);
    assert_int_equal(page_flags(t, offset), SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_PENDING);
    assert_no_output(t);
    assert_serves(host, &host->target[1]);
    host_close(host);
}

/* ---- pages that come early ---------------------------------------------------------- */

static void augment_ahead(struct target *t, unsigned region, unsigned pages)
{
    uint64_t next = look_inside(t->fd, t->number).committed[region];

    for (unsigned i = 0; i < pages; i++)
        assert_int_equal(emu_hostile_augment(t->fd, region_page(t, region, next + i)), ST_OK);
}

static void early_pages_are_still_out_of_bounds(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_READY);
    augment_ahead(t, REGION_LINEAR, 16);
    call_interrupted(t, ENTRY_INVOKE, invocation_of(t, "o"), sizeof(t->invocation));
    assert_true(t->run.exception_error_code & PF_SGX);
    assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_OK);
    assert_int_equal(resume(t), ST_OK);
    assert_int_equal(t->invocation.outcome, OUTCOME_TRAP);
    assert_int_equal(t->invocation.trap, TRAP_MEMORY_OUT_OF_BOUNDS);
    assert_serves(host, t);
    host_close(host);
}

static void early_pages_do_not_hinder_growth(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_READY);
    augment_ahead(t, REGION_LINEAR, 300);
    augment_ahead(t, REGION_STDIN, 2);
    augment_ahead(t, REGION_STDOUT, 2);
    assert_int_equal(invoke(t, "g"), ST_OK);
    assert_answered(t, "grown");
    assert_serves(host, t);
    host_close(host);
}

/* Growing over what an earlier invocation left: zero again. */
static void growing_again_finds_zeros(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_READY);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(invoke(t, "g"), ST_OK);
        assert_answered(t, "grown");
        assert_int_equal(rewind_slot(t), ST_OK);
    }
    assert_serves(host, t);
    host_close(host);
}

static void pages_run_out(void **state)
{
    struct host *host = host_open();
    struct target *t = &host->target[0];
    struct entry_init init = {.cpu_level = 2, .role = ROLE_WORKER};
    struct entry_stats stats;
    uint64_t used;

    (void)state;
    assert_int_equal(call(t, ENTRY_INIT, &init, sizeof(init)), ST_OK);
    bring_to(host, t, SLOT_READY);
    used = stats_of(t).committed_pages;
    host_close(host);

    host = host_open();
    t = &host->target[0];
    init.page_limit = used + 10;
    assert_int_equal(call(t, ENTRY_INIT, &init, sizeof(init)), ST_OK);
    bring_to(host, t, SLOT_READY);
    assert_int_equal(invoke(t, "g"), ST_OK);
    assert_answered(t, "refused");
    stats = stats_of(t);
    assert_true(stats.committed_pages <= init.page_limit);
    assert_serves(host, t);
    host_close(host);
}

/* ---- permissions of code --------------------------------------------------------------- */

static void restrict_nothing(struct target *t)
{
    (void)t;
}

static void restrict_to_read(struct target *t)
{
    restrict_pages(t, t->loaded.restrict_offset, t->loaded.restrict_bytes, SECINFO_R);
}

static void restrict_to_nothing(struct target *t)
{
    restrict_pages(t, t->loaded.restrict_offset, t->loaded.restrict_bytes, 0);
}

static void restrict_keeping_write(struct target *t)
{
    restrict_pages(t, t->loaded.restrict_offset, t->loaded.restrict_bytes,
                   SECINFO_R | SECINFO_W | SECINFO_X);
}

static void restrict_all_but_the_last(struct target *t)
{
    restrict_pages(t, t->loaded.restrict_offset, t->loaded.restrict_bytes - PAGE_BYTES,
                   SECINFO_R | SECINFO_X);
}

static void restrict_all_but_the_gates(struct target *t)
{
    restrict_pages(t, t->loaded.restrict_offset + PAGE_BYTES, t->loaded.restrict_bytes - PAGE_BYTES,
                   SECINFO_R | SECINFO_X);
}

static void restrict_and_withdraw(struct target *t)
{
    restrict_code(t);
    play(t, t->loaded.restrict_offset + PAGE_BYTES, WITHDRAW);
}

static void restrict_and_swap(struct target *t)
{
    restrict_code(t);
    play(t, t->loaded.restrict_offset + PAGE_BYTES, SWAP);
}

/* FINISH_LOAD after this: refused, not one instruction of the function has run. */
static void refuse_permissions(void (*restrict_badly)(struct target *t), bool pages_are_left)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint64_t calls;

    bring_to(host, t, SLOT_LOADING);
    restrict_badly(t);
    for (calls = 0; calls < 2; calls++) {
        assert_int_equal(finish_load(t), ST_CODE_PERMISSIONS);
        assert_int_equal(t->invocation.outcome, OUTCOME_NONE);
        assert_int_equal(t->invocation.log_bytes, 0);
        assert_int_equal(t->log[0], 0xa5); /* the witness writes a line when it initialises */
        assert_int_equal(state_of(t), SLOT_LOADING);
    }
    assert_int_equal(invoke(t, "e"), ST_SLOT_LOADING);
    if (pages_are_left)
        assert_serves(host, t);
    assert_serves(host, &host->target[1]);
    host_close(host);
}

#define REFUSES(name, how, left)                                                                   \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        refuse_permissions(how, left);                                                             \
    }

REFUSES(code_that_was_not_restricted, restrict_nothing, true)
REFUSES(code_that_was_restricted_to_reading, restrict_to_read, true)
REFUSES(code_that_was_restricted_to_nothing, restrict_to_nothing, true)
REFUSES(code_that_is_still_writable, restrict_keeping_write, true)
REFUSES(code_with_one_writable_page, restrict_all_but_the_last, true)
REFUSES(code_with_writable_gates, restrict_all_but_the_gates, true)
REFUSES(code_with_a_withdrawn_page, restrict_and_withdraw, false)
REFUSES(code_with_a_swapped_page, restrict_and_swap, false)

static void restricted_code_can_be_reset(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_LOADING);
    restrict_code(t);
    assert_int_equal(reset_slot(t), ST_OK);
    assert_serves(host, t);
    assert_int_equal(reset_slot(t), ST_OK);
    assert_serves(host, t);
    host_close(host);
}

/* The code of a READY slot is R|X, page by page. */
static void accepted_code_is_not_writable(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_READY);
    for (uint64_t at = 0; at < t->loaded.restrict_bytes; at += PAGE_BYTES)
        assert_int_equal(page_flags(t, t->loaded.restrict_offset + at),
                         SECINFO_REG | SECINFO_R | SECINFO_X);
    host_close(host);
}

/* Taking more permissions away later stops the function, and is not its trap. */
static void code_restricted_again_poisons(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    enum status status;

    (void)state;
    bring_to(host, t, SLOT_READY);
    restrict_pages(t, t->loaded.restrict_offset, t->loaded.restrict_bytes, SECINFO_R);
    invocation_of(t, "e");
    assert_int_equal(run_on(t, ENCLU_EENTER, &status), ANSWERED);
    assert_int_equal(status, ST_POISONED_NOW);
    assert_no_output(t);
    assert_serves(host, &host->target[1]);
    host_close(host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lost_pages_of_layer_1s_page),
        cmocka_unit_test(lost_pages_of_layer_1s_state),
        cmocka_unit_test(lost_pages_of_layer_1s_stack),
        cmocka_unit_test(lost_pages_of_stdin),
        cmocka_unit_test(lost_pages_of_stdout),
        cmocka_unit_test(lost_pages_of_layer_2s_state),
        cmocka_unit_test(lost_pages_of_layer_2s_stack),
        cmocka_unit_test(lost_pages_of_linear_memory),
        cmocka_unit_test(lost_pages_of_code),
        cmocka_unit_test(lost_pages_of_the_store),
        cmocka_unit_test(lost_pages_of_the_image),
        cmocka_unit_test(a_swapped_page_poisons),
        cmocka_unit_test(no_page_is_accepted_twice),
        cmocka_unit_test(a_page_for_input_is_accepted_once),
        cmocka_unit_test(early_pages_are_still_out_of_bounds),
        cmocka_unit_test(early_pages_do_not_hinder_growth),
        cmocka_unit_test(growing_again_finds_zeros),
        cmocka_unit_test(pages_run_out),
        cmocka_unit_test(code_that_was_not_restricted),
        cmocka_unit_test(code_that_was_restricted_to_reading),
        cmocka_unit_test(code_that_was_restricted_to_nothing),
        cmocka_unit_test(code_that_is_still_writable),
        cmocka_unit_test(code_with_one_writable_page),
        cmocka_unit_test(code_with_writable_gates),
        cmocka_unit_test(code_with_a_withdrawn_page),
        cmocka_unit_test(code_with_a_swapped_page),
        cmocka_unit_test(restricted_code_can_be_reset),
        cmocka_unit_test(accepted_code_is_not_writable),
        cmocka_unit_test(code_restricted_again_poisons),
    };

    select_tests(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
