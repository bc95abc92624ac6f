/* Capture and restore: what a rewind makes of pages that were or were not in the snapshot. */
#include "trusted/snapshot/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PAGES 3000u

static uint8_t *memory;
static uint8_t *store_memory;
static uint32_t store_limit;
static struct region_view views[REGION_SNAPSHOT_COUNT];
static struct page_store store;

static enum status commit(void *context, uint32_t pages)
{
    (void)context;
    return pages <= store_limit ? ST_OK : ST_NO_MEMORY;
}

static uint8_t *page(unsigned region, uint32_t number)
{
    return views[region].start + (size_t)number * PAGE_BYTES;
}

static int set_up(void **state)
{
    (void)state;
    memory = calloc(REGION_SNAPSHOT_COUNT, (size_t)PAGES * PAGE_BYTES);
    store_memory = calloc(PAGES, PAGE_BYTES);
    store_limit = PAGES;
    for (unsigned i = 0; i < REGION_SNAPSHOT_COUNT; i++) {
        views[i].start = memory + (size_t)i * PAGES * PAGE_BYTES;
        views[i].pages = 8;
    }
    store = (struct page_store){.base = store_memory, .commit = commit};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(memory);
    free(store_memory);
    return 0;
}

static void stores_only_pages_that_are_not_zero(void **state)
{
    struct snapshot snapshot;

    (void)state;
    page(0, 1)[17] = 1;
    page(9, 7)[4095] = 2;
    assert_int_equal(snapshot_capture(&snapshot, &store, views), ST_OK);
    assert_int_equal(snapshot.present, 1);
    assert_int_equal(snapshot.pages, 3); /* one index page */
}

static void restores_what_was_changed_added_and_zeroed(void **state)
{
    struct snapshot snapshot;
    uint8_t *before;

    (void)state;
    memset(page(2, 0), 0x11, 3 * PAGE_BYTES);
    memset(page(9, 5), 0x22, PAGE_BYTES);
    before = malloc((size_t)REGION_SNAPSHOT_COUNT * PAGES * PAGE_BYTES);
    memcpy(before, memory, (size_t)REGION_SNAPSHOT_COUNT * PAGES * PAGE_BYTES);
    assert_int_equal(snapshot_capture(&snapshot, &store, views), ST_OK);

    memset(page(2, 1), 0, PAGE_BYTES);        /* zeroed */
    page(2, 2)[100] = 9;                      /* changed */
    memset(page(4, 0), 0xff, 8 * PAGE_BYTES); /* was empty */
    page(9, 7)[4095] = 1;                     /* last byte of all */
    page(0, 0)[0] = 1;                        /* first byte of all */
    assert_int_equal(snapshot_restore(&snapshot, &store, views), 8 * REGION_SNAPSHOT_COUNT);
    assert_memory_equal(memory, before, (size_t)REGION_SNAPSHOT_COUNT * PAGES * PAGE_BYTES);
    free(before);
}

static void zeroes_pages_that_were_committed_later(void **state)
{
    struct snapshot snapshot;

    (void)state;
    page(9, 0)[0] = 7;
    assert_int_equal(snapshot_capture(&snapshot, &store, views), ST_OK);
    views[9].pages = 20;
    memset(page(9, 8), 0xaa, 12 * PAGE_BYTES);
    (void)snapshot_restore(&snapshot, &store, views);
    for (uint32_t i = 8; i < 20; i++)
        assert_int_equal(page(9, i)[i], 0);
    assert_int_equal(page(9, 0)[0], 7);
}

static void spans_several_chunks(void **state)
{
    struct snapshot snapshot;

    (void)state;
    views[9].pages = 2100;
    for (uint32_t i = 0; i < 2100; i++)
        memset(page(9, i), (int)(i % 255) + 1, PAGE_BYTES);
    assert_int_equal(snapshot_capture(&snapshot, &store, views), ST_OK);
    assert_int_equal(snapshot.pages, 2100 + 3);
    memset(page(9, 0), 0xee, (size_t)2100 * PAGE_BYTES);
    (void)snapshot_restore(&snapshot, &store, views);
    for (uint32_t i = 0; i < 2100; i++) {
        assert_int_equal(page(9, i)[0], i % 255 + 1);
        assert_int_equal(page(9, i)[4095], i % 255 + 1);
    }
}

static void digest_does_not_depend_on_place_or_history(void **state)
{
    struct snapshot first;
    struct snapshot second;
    uint8_t *moved = calloc(8, PAGE_BYTES);

    (void)state;
    page(9, 3)[5] = 1;
    assert_int_equal(snapshot_capture(&first, &store, views), ST_OK);
    memcpy(moved, page(9, 0), 8 * PAGE_BYTES);
    views[9].start = moved;
    views[3].pages = 30; /* committed by an earlier function, zero */
    assert_int_equal(snapshot_capture(&second, &store, views), ST_OK);
    assert_memory_equal(first.digest, second.digest, 32);
    free(moved);
}

static void digest_depends_on_content_page_and_region(void **state)
{
    struct snapshot base;
    struct snapshot other;

    (void)state;
    page(9, 3)[5] = 1;
    assert_int_equal(snapshot_capture(&base, &store, views), ST_OK);
    page(9, 3)[5] = 2;
    assert_int_equal(snapshot_capture(&other, &store, views), ST_OK);
    assert_memory_not_equal(base.digest, other.digest, 32);
    page(9, 3)[5] = 0;
    page(9, 4)[5] = 1;
    assert_int_equal(snapshot_capture(&other, &store, views), ST_OK);
    assert_memory_not_equal(base.digest, other.digest, 32);
    page(9, 4)[5] = 0;
    page(8, 3)[5] = 1;
    assert_int_equal(snapshot_capture(&other, &store, views), ST_OK);
    assert_memory_not_equal(base.digest, other.digest, 32);
}

static void a_full_store_refuses_and_leaves_nothing(void **state)
{
    struct snapshot snapshot;

    (void)state;
    memset(page(5, 0), 0x77, 4 * PAGE_BYTES);
    store_limit = 3;
    assert_int_equal(snapshot_capture(&snapshot, &store, views), ST_NO_MEMORY);
    assert_int_equal(snapshot.present, 0);
    assert_int_equal(store.used, 0);
    for (size_t i = 0; i < 5 * PAGE_BYTES; i++)
        assert_int_equal(store_memory[i], 0);
}

static void a_second_snapshot_leaves_the_first_intact(void **state)
{
    struct snapshot boot;
    struct snapshot ready;

    (void)state;
    page(0, 0)[0] = 1;
    assert_int_equal(snapshot_capture(&boot, &store, views), ST_OK);
    page(9, 0)[0] = 2;
    assert_int_equal(snapshot_capture(&ready, &store, views), ST_OK);
    store_truncate(&store, boot.first + boot.pages);
    (void)snapshot_restore(&boot, &store, views);
    assert_int_equal(page(0, 0)[0], 1);
    assert_int_equal(page(9, 0)[0], 0);
    for (size_t i = (size_t)store.used * PAGE_BYTES; i < 10 * PAGE_BYTES; i++)
        assert_int_equal(store_memory[i], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(stores_only_pages_that_are_not_zero),
        TEST(restores_what_was_changed_added_and_zeroed),
        TEST(zeroes_pages_that_were_committed_later),
        TEST(spans_several_chunks),
        TEST(digest_does_not_depend_on_place_or_history),
        TEST(digest_depends_on_content_page_and_region),
        TEST(a_full_store_refuses_and_leaves_nothing),
        TEST(a_second_snapshot_leaves_the_first_intact),
    };

    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
