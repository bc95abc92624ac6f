/* Linear memory: its end is the end of what is committed, whatever happened before. */
#include "tests/unit/trusted/mock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct slot *slot;

static int lazy(void **state)
{
    (void)state;
    slot = mock_enclave(1, IMAGE_LAZY);
    mock_region(REGION_LINEAR, 0, 64);
    commit_at_boot(slot);
    return 0;
}

static int eager(void **state)
{
    (void)state;
    slot = mock_enclave(1, 0);
    mock_region(REGION_LINEAR, 64, 64);
    commit_at_boot(slot);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_release();
    return 0;
}

static void assert_ends_at_the_edge(void)
{
    uint8_t *end = linear_start(slot) + slot->linear_pages * PAGE_BYTES;

    assert_ptr_equal(end, region_start(slot, REGION_LINEAR) +
                              (size_t)slot->committed[REGION_LINEAR] * PAGE_BYTES);
}

static void assert_filled(uint32_t pages, uint8_t value)
{
    for (uint32_t i = 0; i < pages; i++)
        assert_int_equal(linear_start(slot)[(size_t)i * PAGE_BYTES + i], value);
}

static void eager_memory_ends_where_pages_end(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 16), ST_OK);
    assert_int_equal(slot->committed[REGION_LINEAR], 64);
    assert_ends_at_the_edge();
    assert_int_equal(mock_eaccept_calls, 0);
}

static void growth_keeps_contents_and_adds_zeros(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 16), ST_OK);
    memset(linear_start(slot), 0x5a, 16 * PAGE_BYTES);
    assert_int_equal(linear_grow(slot, 40), ST_OK);
    assert_int_equal(slot->linear_pages, 56);
    assert_ends_at_the_edge();
    assert_filled(16, 0x5a);
    for (size_t i = 16 * PAGE_BYTES; i < 56 * PAGE_BYTES; i++)
        assert_int_equal(linear_start(slot)[i], 0);
}

static void growth_past_the_region_is_refused(void **state)
{
    (void)state;
    assert_int_equal(linear_place(slot, 16), ST_OK);
    assert_int_equal(linear_grow(slot, 49), ST_NO_MEMORY);
    assert_int_equal(linear_grow(slot, UINT64_MAX), ST_NO_MEMORY);
    assert_int_equal(slot->linear_pages, 16);
    assert_int_equal(linear_grow(slot, 48), ST_OK);
}

static void shrinking_leaves_zeros_below(void **state)
{
    uint8_t *start = region_start(slot, REGION_LINEAR);

    (void)state;
    assert_int_equal(linear_place(slot, 8), ST_OK);
    assert_int_equal(linear_grow(slot, 24), ST_OK);
    memset(linear_start(slot), 0x77, 32 * PAGE_BYTES);
    linear_shrink(slot, 8);
    assert_ends_at_the_edge();
    for (uint8_t *p = start; p < linear_start(slot); p++)
        assert_int_equal(*p, 0);
}

static void growing_again_needs_no_new_pages(void **state)
{
    unsigned accepted;

    (void)state;
    assert_int_equal(linear_place(slot, 8), ST_OK);
    assert_int_equal(linear_grow(slot, 24), ST_OK);
    accepted = mock_eaccept_calls;
    assert_int_equal(accepted, 32);
    linear_shrink(slot, 8);
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
    uint64_t start = (uint64_t)region_start(slot, REGION_LINEAR);

    (void)state;
    assert_int_equal(linear_place(slot, 8), ST_OK);
    assert_true(commit_covers(slot, start));
    assert_true(commit_covers(slot, start + 8 * PAGE_BYTES - 1));
    assert_false(commit_covers(slot, start + 8 * PAGE_BYTES));
    assert_false(commit_covers(slot, start - 1));
}

#define LAZY(name)  cmocka_unit_test_setup_teardown(name, lazy, tear_down)
#define EAGER(name) cmocka_unit_test_setup_teardown(name, eager, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EAGER(eager_memory_ends_where_pages_end),
        EAGER(growth_keeps_contents_and_adds_zeros),
        LAZY(growth_keeps_contents_and_adds_zeros),
        EAGER(growth_past_the_region_is_refused),
        LAZY(growth_past_the_region_is_refused),
        EAGER(shrinking_leaves_zeros_below),
        LAZY(shrinking_leaves_zeros_below),
        LAZY(growing_again_needs_no_new_pages),
        LAZY(a_page_that_is_not_fresh_poisons),
        LAZY(the_enclave_wide_limit_holds),
        LAZY(the_commit_map_knows_exactly_what_is_committed),
    };

    return cmocka_run_group_tests_name("linear", tests, NULL, NULL);
}
