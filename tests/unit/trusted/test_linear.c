/* Linear memory: its end is the end of what is committed, whatever happened before; and marks are
 * believed only where they tell all that differs from S1. */
#include "abi/sfi.h"
#include "tests/unit/trusted/mock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MAX 64u

static struct slot *slot;

static int lazy(void **state)
{
    (void)state;
    slot = mock_enclave(1, IMAGE_LAZY);
    mock_region(REGION_LINEAR, 0, MAX);
    mock_region(REGION_MARKS, 0, 1);
    commit_at_boot(slot);
    return 0;
}

static int eager(void **state)
{
    (void)state;
    slot = mock_enclave(1, 0);
    mock_region(REGION_LINEAR, MAX, MAX);
    mock_region(REGION_MARKS, 1, 1);
    commit_at_boot(slot);
    slot->linear.low = MAX; /* boot_slot(): all of it is zero */
    return 0;
}

static int marked_lazy(void **state)
{
    int result = lazy(state);

    slot->function.tracking = BUNDLE_TRACK_MARK;
    return result;
}

static int marked_eager(void **state)
{
    int result = eager(state);

    slot->function.tracking = BUNDLE_TRACK_MARK;
    return result;
}

static int tear_down(void **state)
{
    (void)state;
    mock_release();
    return 0;
}

static uint8_t *region(void)
{
    return region_start(slot, REGION_LINEAR);
}

static uint8_t *marks(void)
{
    return region_start(slot, REGION_MARKS);
}

static void assert_ends_at_the_edge(void)
{
    uint8_t *end = linear_start(slot) + (size_t)slot->linear.pages * PAGE_BYTES;

    assert_ptr_equal(end, region() + (size_t)slot->committed[REGION_LINEAR] * PAGE_BYTES);
}

static void assert_filled(uint32_t pages, uint8_t value)
{
    for (uint32_t i = 0; i < pages; i++)
        assert_int_equal(linear_start(slot)[(size_t)i * PAGE_BYTES + i], value);
}

static void assert_zero(const uint8_t *from, const uint8_t *to)
{
    for (; from < to; from++)
        assert_int_equal(*from, 0);
}

/* ---- size and place ----------------------------------------------------------------- */

static void eager_memory_ends_where_pages_end(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 16), ST_OK);
    assert_int_equal(slot->committed[REGION_LINEAR], MAX);
    assert_ends_at_the_edge();
    assert_int_equal(mock_eaccept_calls, 0);
}

static void growth_keeps_contents_and_adds_zeros(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 16), ST_OK);
    memset(linear_start(slot), 0x5a, 16 * PAGE_BYTES);
    assert_int_equal(linear_grow(slot, 40), ST_OK);
    assert_int_equal(slot->linear.pages, 56);
    assert_ends_at_the_edge();
    assert_filled(16, 0x5a);
    assert_zero(linear_start(slot) + 16 * PAGE_BYTES, linear_start(slot) + 56 * PAGE_BYTES);
}

/* Contents move down over themselves. */
static void growth_by_less_than_the_size_keeps_contents(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 32), ST_OK);
    for (uint32_t i = 0; i < 32; i++)
        memset(linear_start(slot) + i * PAGE_BYTES, (int)i + 1, PAGE_BYTES);
    assert_int_equal(linear_grow(slot, 5), ST_OK);
    for (uint32_t i = 0; i < 32 * PAGE_BYTES; i += 1024)
        assert_int_equal(linear_start(slot)[i], i / PAGE_BYTES + 1);
    assert_zero(linear_start(slot) + 32 * PAGE_BYTES, linear_start(slot) + 37 * PAGE_BYTES);
}

static void growth_past_the_region_is_refused(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 16), ST_OK);
    assert_int_equal(linear_grow(slot, MAX - 15), ST_NO_MEMORY);
    assert_int_equal(linear_grow(slot, UINT64_MAX), ST_NO_MEMORY);
    assert_int_equal(slot->linear.pages, 16);
    assert_int_equal(linear_grow(slot, MAX - 16), ST_OK);
}

/* What the slot committed before does not decide how far a function can grow. */
static void growth_to_the_limit_after_any_history(void **state)
{
    (void)state;
    for (uint32_t before = 0; before + 16 <= MAX; before += 12) {
        (void)tear_down(state);
        (void)lazy(state);
        assert_int_equal(linear_place(slot, before + 16), ST_OK);
        linear_return(slot, 16);
        memset(linear_start(slot), 0x5a, 16 * PAGE_BYTES);
        assert_int_equal(linear_grow(slot, MAX - 16), ST_OK);
        assert_int_equal(slot->linear.pages, MAX);
        assert_ends_at_the_edge();
        assert_filled(16, 0x5a);
        assert_zero(linear_start(slot) + 16 * PAGE_BYTES, linear_start(slot) + MAX * PAGE_BYTES);
    }
}

static void returning_leaves_zeros_below(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 8), ST_OK);
    assert_int_equal(linear_grow(slot, 24), ST_OK);
    memset(linear_start(slot), 0x77, 32 * PAGE_BYTES);
    assert_int_equal(linear_return(slot, 8), 24);
    assert_ends_at_the_edge();
    assert_zero(region(), linear_start(slot));
    memset(linear_start(slot), 0x77, 8 * PAGE_BYTES);
    assert_int_equal(linear_return(slot, 0), 8);
    assert_zero(region(), region() + 32 * PAGE_BYTES);
    assert_int_equal(linear_return(slot, 0), 0); /* it remembers */
}

static void what_lies_below_is_zeroed_once(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 60), ST_OK);
    assert_int_equal(linear_return(slot, 8), 52);
    assert_int_equal(linear_return(slot, 8), 0);
    assert_int_equal(linear_grow(slot, 4), ST_OK);
    memset(linear_start(slot), 0x77, 12 * PAGE_BYTES);
    assert_int_equal(linear_return(slot, 8), 4);
    assert_zero(region(), linear_start(slot));
}

static void growing_again_needs_no_new_pages(void **state)
{
    unsigned accepted;

    (void)state;
    assert_int_equal(linear_place(slot, 8), ST_OK);
    assert_int_equal(linear_grow(slot, 24), ST_OK);
    accepted = mock_eaccept_calls;
    assert_int_equal(accepted, 32);
    (void)linear_return(slot, 8);
    assert_int_equal(linear_grow(slot, 10), ST_OK);
    assert_int_equal(linear_grow(slot, 14), ST_OK);
    assert_int_equal(mock_eaccept_calls, accepted);
    assert_ends_at_the_edge();
}

static void a_page_that_is_not_fresh_poisons(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 8), ST_OK);
    mock_eaccept_result = SGX_PAGE_ATTRIBUTES_MISMATCH;
    assert_int_equal(linear_grow(slot, 1), ST_POISONED_NOW);
    assert_int_equal(slot->state, SLOT_POISONED);
    assert_int_equal(slot->committed[REGION_LINEAR], 8);
}

static void the_enclave_wide_limit_holds(void **state)
{
    (void)state;
    enclave.page_limit = 10;
    assert_int_equal(linear_place(slot, 8), ST_OK);
    assert_int_equal(linear_grow(slot, 3), ST_NO_MEMORY);
    assert_int_equal(enclave.committed_pages, 8);
    assert_int_equal(linear_grow(slot, 2), ST_OK);
}

static void the_commit_map_knows_exactly_what_is_committed(void **state)
{
    uint64_t start = (uint64_t)region();

    (void)state;
    assert_int_equal(linear_place(slot, 8), ST_OK);
    assert_true(commit_covers(slot, start));
    assert_true(commit_covers(slot, start + 8 * PAGE_BYTES - 1));
    assert_false(commit_covers(slot, start + 8 * PAGE_BYTES));
    assert_false(commit_covers(slot, start - 1));
}

/* ---- marks ------------------------------------------------------------------------------ */

/* All that lies where memory was at S1 is as the marks say. */
static void at_s1(uint32_t pages)
{
    assert_int_equal(linear_place(slot, pages), ST_OK);
    linear_is_ready(slot);
    assert_true(linear_marks_suffice(slot));
}

static void a_function_without_marks_is_copied(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 16), ST_OK);
    linear_is_ready(slot);
    assert_false(linear_marks_suffice(slot));
    assert_int_equal(slot->committed[REGION_MARKS], 0);
    linear_mark(slot, 0, 16 * PAGE_BYTES); /* nowhere to put any */
}

static void there_is_a_mark_for_each_page(void **state)
{
    (void)state;
    mock_region(REGION_LINEAR, 0, 9000);
    mock_region(REGION_MARKS, 0, 3);
    assert_int_equal(linear_place(slot, 16), ST_OK);
    assert_int_equal(slot->committed[REGION_MARKS], 1);
    assert_int_equal(linear_grow(slot, 4096 - 16), ST_OK);
    assert_int_equal(slot->committed[REGION_MARKS], 1);
    assert_int_equal(linear_grow(slot, 1), ST_OK);
    assert_int_equal(slot->committed[REGION_MARKS], 2);
}

static void without_room_for_marks_memory_does_not_grow(void **state)
{
    (void)state;
    mock_region(REGION_LINEAR, 0, 9000);
    assert_int_equal(linear_place(slot, 4096), ST_OK);
    assert_int_equal(linear_grow(slot, 1), ST_NO_MEMORY);
    assert_int_equal(slot->linear.pages, 4096);
    assert_int_equal(linear_place(slot, 5000), ST_NO_MEMORY);
    assert_int_equal(slot->linear.pages, 4096);
}

static void l0_marks_what_it_writes(void **state)
{
    (void)state;
    at_s1(16);
    linear_mark(slot, 2 * PAGE_BYTES - 1, 1);
    linear_mark(slot, 4 * PAGE_BYTES - 1, 2);
    linear_mark(slot, 8 * PAGE_BYTES, 0);
    linear_mark(slot, 9 * PAGE_BYTES, 3 * PAGE_BYTES);
    for (unsigned page = 0; page < PAGE_BYTES; page++)
        assert_int_equal(marks()[page],
                         page == 1 || page == 3 || page == 4 || (page >= 9 && page < 12));
}

static void at_s1_all_marks_are_clear(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 16), ST_OK);
    memset(marks(), 1, PAGE_BYTES);
    linear_is_ready(slot);
    assert_zero(marks(), marks() + PAGE_BYTES);
    assert_true(linear_marks_suffice(slot));
}

static void marks_suffice_after_growth_upwards_only_if_it_is_given_back(void **state)
{
    (void)state;
    at_s1(16);
    assert_int_equal(linear_grow(slot, 8), ST_OK);
    (void)linear_return(slot, 16);
    assert_false(linear_marks_suffice(slot)); /* it lies higher now */
    linear_is_ready(slot);
    assert_true(linear_marks_suffice(slot));
}

static void marks_suffice_after_growth_that_is_trimmed(void **state)
{
    (void)state;
    at_s1(16);
    assert_int_equal(linear_grow(slot, 8), ST_OK);
    slot->committed[REGION_LINEAR] -= 8; /* trim.c */
    linear_was_trimmed(slot);
    (void)linear_return(slot, 16);
    assert_true(linear_marks_suffice(slot));
}

/* Its marks count from another place than those before the move. */
static void marks_do_not_suffice_after_a_move(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 40), ST_OK);
    (void)linear_return(slot, 16);
    at_s1(16);
    assert_int_equal(linear_grow(slot, 8), ST_OK);
    (void)linear_return(slot, 16);
    assert_false(linear_marks_suffice(slot)); /* the same place, and yet */
    linear_is_ready(slot);
    assert_true(linear_marks_suffice(slot));
}

static void marks_do_not_suffice_after_a_move_and_a_trim(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 40), ST_OK);
    (void)linear_return(slot, 16);
    at_s1(16);
    assert_int_equal(linear_grow(slot, 8), ST_OK); /* moves */
    slot->committed[REGION_LINEAR] = 20;
    linear_was_trimmed(slot);
    (void)linear_return(slot, 16);
    assert_false(linear_marks_suffice(slot));
}

static void marks_do_not_suffice_after_a_stop_anywhere(void **state)
{
    (void)state;
    at_s1(16);
    slot->linear.unmarked = true; /* run.c */
    (void)linear_return(slot, 16);
    assert_false(linear_marks_suffice(slot));
    linear_is_ready(slot);
    assert_true(linear_marks_suffice(slot));
}

static void trimming_keeps_size_and_zeros_within_what_is_there(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 40), ST_OK);
    slot->committed[REGION_LINEAR] = 10;
    linear_was_trimmed(slot);
    assert_int_equal(slot->linear.pages, 10);
    assert_ptr_equal(linear_start(slot), region());
    assert_int_equal(linear_return(slot, 4), 6);
    slot->committed[REGION_LINEAR] = 2;
    linear_was_trimmed(slot);
    assert_int_equal(slot->linear.low, 2);
    assert_int_equal(linear_return(slot, 0), 0);
    assert_int_equal(slot->linear.low, 2);
}

#define LAZY(name)         cmocka_unit_test_setup_teardown(name, lazy, tear_down)
#define EAGER(name)        cmocka_unit_test_setup_teardown(name, eager, tear_down)
#define MARKED(name)       cmocka_unit_test_setup_teardown(name, marked_lazy, tear_down)
#define MARKED_EAGER(name) cmocka_unit_test_setup_teardown(name, marked_eager, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EAGER(eager_memory_ends_where_pages_end),
        EAGER(growth_keeps_contents_and_adds_zeros),
        LAZY(growth_keeps_contents_and_adds_zeros),
        EAGER(growth_by_less_than_the_size_keeps_contents),
        LAZY(growth_by_less_than_the_size_keeps_contents),
        EAGER(growth_past_the_region_is_refused),
        LAZY(growth_past_the_region_is_refused),
        LAZY(growth_to_the_limit_after_any_history),
        EAGER(returning_leaves_zeros_below),
        LAZY(what_lies_below_is_zeroed_once),
        LAZY(growing_again_needs_no_new_pages),
        LAZY(a_page_that_is_not_fresh_poisons),
        LAZY(the_enclave_wide_limit_holds),
        LAZY(the_commit_map_knows_exactly_what_is_committed),
        LAZY(a_function_without_marks_is_copied),
        MARKED(there_is_a_mark_for_each_page),
        MARKED(without_room_for_marks_memory_does_not_grow),
        MARKED(l0_marks_what_it_writes),
        MARKED(at_s1_all_marks_are_clear),
        MARKED_EAGER(at_s1_all_marks_are_clear),
        MARKED(marks_suffice_after_growth_upwards_only_if_it_is_given_back),
        MARKED(marks_suffice_after_growth_that_is_trimmed),
        MARKED(marks_do_not_suffice_after_a_move),
        MARKED_EAGER(marks_do_not_suffice_after_a_move),
        MARKED(marks_do_not_suffice_after_a_move_and_a_trim),
        MARKED(marks_do_not_suffice_after_a_stop_anywhere),
        LAZY(trimming_keeps_size_and_zeros_within_what_is_there),
    };

    return cmocka_run_group_tests_name("linear", tests, NULL, NULL);
}
