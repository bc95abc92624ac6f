/* Trimming: L0 names what the slot has beyond its snapshot, and forgets a page only when the
 * hardware says that it is gone. */
#include "tests/unit/trusted/mock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct slot *slot;
static const struct snapshot s1; /* only whether there is one matters here */

static int set_up(void **state)
{
    (void)state;
    slot = mock_enclave(2, IMAGE_LAZY);
    slot->state = SLOT_DIRTY;
    slot->function_ready = &s1;
    enclave.committed_pages = 10000;
    for (unsigned region = 0; region < REGION_COUNT; region++) {
        mock_region(region, 0, 20000);
        slot->committed[region] = slot->at_boot[region] = slot->at_ready[region] = 3 + region;
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_release();
    return 0;
}

static struct entry_trim planned(void)
{
    struct entry_trim request = {0};

    assert_int_equal(trim_plan(slot, &request), ST_OK);
    return request;
}

static uint64_t accepted(enum status expected)
{
    struct entry_trim request = {0};

    assert_int_equal(trim_accept(slot, &request), expected);
    return request.bytes / PAGE_BYTES;
}

static uint64_t offset_of(unsigned region, uint32_t page)
{
    return (uint64_t)(region_start(slot, region) - enclave_base()) + (uint64_t)page * PAGE_BYTES;
}

static void each_region_by_itself(void **state)
{
    for (unsigned region = 0; region < REGION_COUNT; region++) {
        struct entry_trim plan;

        (void)tear_down(state);
        (void)set_up(state);
        slot->committed[region] += 7;
        assert_int_equal(surplus_pages(slot), 7);
        plan = planned();
        assert_int_equal(plan.offset, offset_of(region, 3 + region));
        assert_int_equal(plan.bytes, 7 * PAGE_BYTES);
        assert_int_equal(slot->committed[region], 10 + region); /* nothing is gone yet */
        assert_int_equal(accepted(ST_OK), 7);
        assert_int_equal(slot->committed[region], 3 + region);
        assert_int_equal(enclave.committed_pages, 10000 - 7);
        assert_int_equal(mock_eaccept_calls, 7);
        assert_int_equal(mock_eaccept_flags, SECINFO_TRIM | SECINFO_MODIFIED);
        assert_ptr_equal(mock_eaccept_page, enclave_base() + plan.offset); /* down to the first */
        assert_int_equal(planned().bytes, 0);
        assert_int_equal(surplus_pages(slot), 0);
    }
}

static void all_regions_one_after_the_other(void **state)
{
    uint64_t pages = 0;

    (void)state;
    for (unsigned region = 0; region < REGION_COUNT; region++)
        slot->committed[region] += 1 + region;
    for (unsigned region = 0; region < REGION_COUNT; region++) {
        assert_true(planned().bytes > 0);
        pages += accepted(ST_OK);
    }
    assert_int_equal(pages, REGION_COUNT * (REGION_COUNT + 1) / 2);
    assert_int_equal(planned().bytes, 0);
    assert_memory_equal(slot->committed, slot->at_ready, sizeof(slot->committed));
}

static void much_is_trimmed_in_pieces(void **state)
{
    uint64_t pages = 0;
    unsigned calls = 0;

    (void)state;
    slot->committed[REGION_LINEAR] += 10000;
    while (planned().bytes) {
        struct entry_trim plan = planned();

        assert_true(plan.bytes <= 4096 * PAGE_BYTES);
        assert_int_equal(plan.offset + plan.bytes,
                         offset_of(REGION_LINEAR, slot->committed[REGION_LINEAR]));
        pages += accepted(ST_OK);
        calls++;
    }
    assert_int_equal(pages, 10000);
    assert_int_equal(calls, 3);
}

/* What S1 had stays, what S0 had too where there is no S1. */
static void never_below_the_snapshots(void **state)
{
    (void)state;
    assert_int_equal(planned().bytes, 0);
    assert_int_equal(accepted(ST_OK), 0);
    slot->at_boot[REGION_LINEAR] = 1;
    assert_int_equal(planned().bytes, 0);
    slot->function_ready = NULL;
    assert_int_equal(planned().bytes, (3 + REGION_LINEAR - 1) * PAGE_BYTES);
    (void)accepted(ST_OK);
    assert_int_equal(slot->committed[REGION_LINEAR], 1);
    assert_int_equal(mock_eaccept_calls, 3 + REGION_LINEAR - 1);
}

static void nothing_is_accepted_without_a_plan(void **state)
{
    (void)state;
    slot->committed[REGION_STDIN] += 5;
    assert_int_equal(accepted(ST_OK), 0);
    assert_int_equal(mock_eaccept_calls, 0);
    (void)planned();
    assert_int_equal(accepted(ST_OK), 5);
    assert_int_equal(accepted(ST_OK), 0); /* used up */
    assert_int_equal(mock_eaccept_calls, 5);
}

/* The plan was made before the slot got another function, whose S1 needs some of the pages. */
static void a_stale_plan_takes_nothing_that_is_needed(void **state)
{
    (void)state;
    slot->committed[REGION_STDIN] += 5;
    (void)planned();
    slot->at_ready[REGION_STDIN] += 3;
    assert_int_equal(accepted(ST_OK), 2);
    assert_int_equal(slot->committed[REGION_STDIN], slot->at_ready[REGION_STDIN]);
    assert_int_equal(mock_eaccept_calls, 2);
}

static void a_page_that_is_not_gone_stays_committed(void **state)
{
    (void)state;
    slot->committed[REGION_STDIN] += 5;
    (void)planned();
    mock_eaccept_fails_at = 2;
    mock_eaccept_result = SGX_PAGE_ATTRIBUTES_MISMATCH;
    assert_int_equal(accepted(ST_TRIM_PERMISSIONS), 2);
    assert_int_equal(slot->committed[REGION_STDIN], slot->at_ready[REGION_STDIN] + 3);
    assert_int_equal(enclave.committed_pages, 10000 - 2);
    assert_int_equal(slot->state, SLOT_DIRTY);
    mock_eaccept_result = 0;
    assert_int_equal(accepted(ST_OK), 0); /* the plan is void */
    assert_int_equal(planned().bytes, 3 * PAGE_BYTES);
    assert_int_equal(accepted(ST_OK), 3);
}

static void linear_memory_shrinks_with_its_pages(void **state)
{
    (void)state;
    slot->linear.pages = slot->committed[REGION_LINEAR] += 9;
    (void)planned();
    assert_int_equal(accepted(ST_OK), 9);
    assert_int_equal(slot->linear.pages, slot->committed[REGION_LINEAR]);
    assert_ptr_equal(linear_start(slot), region_start(slot, REGION_LINEAR));
}

static void an_eager_image_has_no_surplus(void **state)
{
    (void)state;
    (void)tear_down(state);
    slot = mock_enclave(1, 0);
    slot->committed[REGION_LINEAR] += 9;
    assert_int_equal(surplus_pages(slot), 0);
    assert_int_equal(planned().bytes, 0);
    assert_int_equal(accepted(ST_OK), 0);
    assert_int_equal(mock_eaccept_calls, 0);
}

static void a_reserved_field_must_be_zero(void **state)
{
    struct entry_trim request = {.reserved = 1};

    (void)state;
    slot->committed[REGION_LINEAR] += 9;
    assert_int_equal(trim_plan(slot, &request), ST_INVALID_ARGUMENT);
    assert_int_equal(request.bytes, 0);
    (void)planned();
    assert_int_equal(trim_accept(slot, &request), ST_INVALID_ARGUMENT);
    assert_int_equal(mock_eaccept_calls, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_region_by_itself),
        TEST(all_regions_one_after_the_other),
        TEST(much_is_trimmed_in_pieces),
        TEST(never_below_the_snapshots),
        TEST(nothing_is_accepted_without_a_plan),
        TEST(a_stale_plan_takes_nothing_that_is_needed),
        TEST(a_page_that_is_not_gone_stays_committed),
        TEST(linear_memory_shrinks_with_its_pages),
        TEST(an_eager_image_has_no_surplus),
        TEST(a_reserved_field_must_be_zero),
    };

    return cmocka_run_group_tests_name("trim", tests, NULL, NULL);
}
