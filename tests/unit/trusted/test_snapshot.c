/* Capture and restore: what a rewind makes of pages that were or were not in the snapshot, and
 * what slots share. */
#include "tests/unit/trusted/snapshot_fixture.h"
#include "trusted/snapshot/index.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct memory memory;

static int set_up(void **state)
{
    memory_new(&memory, 8);
    return snapshots_begin(state);
}

static int tear_down(void **state)
{
    memory_free(&memory);
    return snapshots_end(state);
}

static uint8_t *page(unsigned region, uint32_t number)
{
    return memory_page(&memory, region, number);
}

static uint64_t restored(const struct snapshot *snapshot)
{
    return snapshot_restore(&set, snapshot, memory.views, REGION_COUNT);
}

/* ---- capture ---------------------------------------------------------------------- */

static void stores_only_pages_that_are_not_zero(void **state)
{
    const struct snapshot *snapshot;

    (void)state;
    page(0, 1)[17] = 1;
    page(9, 7)[4095] = 2;
    snapshot = captured(&memory);
    assert_int_equal(snapshot->stored, 2 + 2); /* an index page and a leaf */
    assert_int_equal(set.store.taken, 4);
    assert_int_equal(snapshot->pages[0], 2);
    assert_int_equal(snapshot->pages[1], 0);
    assert_int_equal(snapshot->pages[9], 8);
}

static void nothing_is_stored_of_nothing(void **state)
{
    const struct snapshot *snapshot;

    (void)state;
    snapshot = captured(&memory);
    assert_int_equal(snapshot->stored, 0);
    assert_int_equal(set.store.taken, 0);
    memset(page(3, 3), 0xff, PAGE_BYTES);
    (void)restored(snapshot);
    for (size_t i = 0; i < PAGE_BYTES; i++)
        assert_int_equal(page(3, 3)[i], 0);
    snapshot_release(&set, snapshot);
    store_must_be_empty();
}

static void the_digest_is_what_its_definition_says(void **state)
{
    uint8_t digest[32];

    (void)state;
    digest_of(&memory, digest);
    assert_memory_equal(captured(&memory)->digest, digest, 32);
    memory_resize(&memory, 9, 2100);
    for (uint32_t i = 0; i < 2100; i += 3)
        memset(page(9, i), (int)(i % 255) + 1, 1 + i);
    page(0, 0)[0] = page(4, 7)[4095] = page(8, 3)[7] = 0x80;
    digest_of(&memory, digest);
    assert_memory_equal(captured(&memory)->digest, digest, 32);
}

static void digest_does_not_depend_on_place_or_history(void **state)
{
    const struct snapshot *first, *second;
    struct memory moved;

    (void)state;
    page(9, 3)[5] = 1;
    first = captured(&memory);
    memory_copy(&moved, &memory);
    memory_resize(&moved, 3, 30); /* committed by an earlier function, zero */
    second = captured(&moved);
    assert_memory_equal(first->digest, second->digest, 32);
    assert_ptr_equal(first, second);
    memory_free(&moved);
}

static void digest_depends_on_content_page_and_region(void **state)
{
    const struct snapshot *base;

    (void)state;
    page(9, 3)[5] = 1;
    base = captured(&memory);
    page(9, 3)[5] = 2;
    assert_memory_not_equal(base->digest, captured(&memory)->digest, 32);
    page(9, 3)[5] = 0;
    page(9, 4)[5] = 1;
    assert_memory_not_equal(base->digest, captured(&memory)->digest, 32);
    page(9, 4)[5] = 0;
    page(8, 3)[5] = 1;
    assert_memory_not_equal(base->digest, captured(&memory)->digest, 32);
}

static void a_full_store_refuses_and_leaves_nothing(void **state)
{
    const struct snapshot *snapshot = (const void *)&set;

    (void)state;
    memset(page(5, 0), 0x77, 4 * PAGE_BYTES);
    for (store_limit = 0; store_limit < 6; store_limit++) { /* wherever it ends */
        assert_int_equal(snapshot_capture(&set, memory.views, &snapshot), ST_NO_MEMORY);
        assert_null(snapshot);
        store_must_be_empty();
    }
    assert_int_equal(captured(&memory)->stored, 6);
}

/* ---- restore ------------------------------------------------------------------------ */

static void restores_what_was_changed_added_and_zeroed(void **state)
{
    const struct snapshot *snapshot;
    struct memory before;

    (void)state;
    memset(page(2, 0), 0x11, 3 * PAGE_BYTES);
    memset(page(9, 5), 0x22, PAGE_BYTES);
    memory_copy(&before, &memory);
    snapshot = captured(&memory);

    memset(page(2, 1), 0, PAGE_BYTES);        /* zeroed */
    page(2, 2)[100] = 9;                      /* changed */
    memset(page(4, 0), 0xff, 8 * PAGE_BYTES); /* was empty */
    page(9, 7)[4095] = 1;                     /* last byte of all */
    page(0, 0)[0] = 1;                        /* first byte of all */
    assert_int_equal(restored(snapshot), 8 * REGION_SNAPSHOT_COUNT);
    memory_must_equal(&memory, &before);
    memory_free(&before);
}

static void zeroes_pages_that_were_committed_later(void **state)
{
    const struct snapshot *snapshot;
    struct memory before;

    (void)state;
    page(9, 0)[0] = 7;
    memory_copy(&before, &memory);
    snapshot = captured(&memory);
    memory_resize(&memory, 9, 20);
    memset(page(9, 0), 0xaa, 20 * PAGE_BYTES);
    (void)restored(snapshot);
    memory_must_equal(&memory, &before);
    memory_free(&before);
}

static void spans_several_leaves(void **state)
{
    const uint32_t pages = 2 * INDEX_ENTRIES + 52;
    const struct snapshot *snapshot;
    struct memory before;

    (void)state;
    memory_resize(&memory, 9, pages);
    page(8, 3)[0] = 1; /* so that region 9 does not begin with a leaf */
    for (uint32_t i = 0; i < pages; i++)
        if (i % 97 > 3 && !(i > 400 && i < 900)) /* runs of both kinds */
            memset(page(9, i), (int)(i % 255) + 1, PAGE_BYTES);
    memory_copy(&before, &memory);
    snapshot = captured(&memory);
    memset(page(9, 0), 0xee, (size_t)pages * PAGE_BYTES);
    (void)restored(snapshot);
    memory_must_equal(&memory, &before);
    memory_free(&before);
}

/* Pages that were given and taken again do not follow one another in the store. */
static void restores_from_a_store_in_disorder(void **state)
{
    const struct snapshot *snapshot, *odd[4];
    struct memory before;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        memset(page(9, 0), (int)i + 1, (1 + i) * PAGE_BYTES);
        odd[i] = captured(&memory);
    }
    snapshot_release(&set, odd[2]);
    snapshot_release(&set, odd[0]);
    memset(page(9, 0), 0x31, 8 * PAGE_BYTES);
    for (uint32_t i = 0; i < 8; i++)
        page(9, i)[i] = (uint8_t)i;
    memory_copy(&before, &memory);
    snapshot = captured(&memory);
    memset(page(9, 0), 0, 8 * PAGE_BYTES);
    (void)restored(snapshot);
    memory_must_equal(&memory, &before);
    memory_free(&before);
}

static void a_region_can_be_left_out(void **state)
{
    const struct snapshot *snapshot;

    (void)state;
    snapshot = captured(&memory);
    page(9, 2)[1] = 1;
    page(8, 2)[1] = 1;
    assert_int_equal(snapshot_restore(&set, snapshot, memory.views, 9),
                     8 * (REGION_SNAPSHOT_COUNT - 1));
    assert_int_equal(page(9, 2)[1], 1);
    assert_int_equal(page(8, 2)[1], 0);
}

/* ---- sharing -------------------------------------------------------------------------- */

static void what_is_equal_is_stored_once(void **state)
{
    const struct snapshot *one, *two, *other;
    uint64_t stored, shared;

    (void)state;
    memset(page(9, 1), 0x44, 3 * PAGE_BYTES);
    one = captured(&memory);
    two = captured(&memory);
    assert_ptr_equal(one, two);
    assert_int_equal(one->references, 2);
    assert_int_equal(set.store.taken, one->stored);
    page(9, 1)[0] = 0;
    other = captured(&memory);
    assert_ptr_not_equal(one, other);
    snapshot_count(&set, &stored, &shared);
    assert_int_equal(stored, one->stored + other->stored);
    assert_int_equal(stored, set.store.taken);
    assert_int_equal(shared, one->stored);
}

static void a_shared_one_goes_with_its_last_slot(void **state)
{
    const struct snapshot *one, *two;
    struct memory before;

    (void)state;
    memset(page(9, 1), 0x44, 3 * PAGE_BYTES);
    memory_copy(&before, &memory);
    one = captured(&memory);
    two = captured(&memory);
    snapshot_release(&set, one);
    memset(page(9, 1), 0x55, 3 * PAGE_BYTES);
    (void)restored(two);
    memory_must_equal(&memory, &before);
    snapshot_release(&set, two);
    store_must_be_empty();
    snapshot_release(&set, NULL); /* no snapshot: nothing */
    memory_free(&before);
}

static void a_second_snapshot_leaves_the_first_intact(void **state)
{
    const struct snapshot *boot, *ready;

    (void)state;
    page(0, 0)[0] = 1;
    boot = captured(&memory);
    page(9, 0)[0] = 2;
    ready = captured(&memory);
    snapshot_release(&set, ready);
    (void)restored(boot);
    assert_int_equal(page(0, 0)[0], 1);
    assert_int_equal(page(9, 0)[0], 0);
    assert_int_equal(set.store.taken, boot->stored);
}

static void every_slot_finds_room_for_its_two(void **state)
{
    const struct snapshot *snapshots[2 * SLOTS_MAX];

    (void)state;
    for (unsigned i = 0; i < 2 * SLOTS_MAX; i++) {
        page(9, 0)[0] = (uint8_t)(i + 1);
        snapshots[i] = captured(&memory);
    }
    for (unsigned i = 0; i < 2 * SLOTS_MAX; i++)
        snapshot_release(&set, snapshots[i]);
    store_must_be_empty();
}

/* ---- threads ---------------------------------------------------------------------------- */

#define CAPTURES 300

struct capturer {
    pthread_t thread;
    uint8_t fill;
    bool vary; /* another memory each time */
    bool good;
};

static void *capture_again_and_again(void *argument)
{
    struct capturer *capturer = argument;
    struct region_view views[REGION_SNAPSHOT_COUNT];
    uint8_t *bytes = aligned_alloc(PAGE_BYTES, 4 * PAGE_BYTES);

    for (unsigned region = 0; region < REGION_SNAPSHOT_COUNT; region++)
        views[region] = (struct region_view){bytes, region == REGION_LINEAR ? 4 : 0};
    capturer->good = true;
    for (unsigned i = 0; i < CAPTURES; i++) {
        uint8_t fill = capturer->vary ? (uint8_t)(capturer->fill + i % 100) : capturer->fill;
        const struct snapshot *snapshot = NULL;

        memset(bytes, fill, 4 * PAGE_BYTES);
        capturer->good = capturer->good && snapshot_capture(&set, views, &snapshot) == ST_OK;
        memset(bytes, 0, 4 * PAGE_BYTES);
        (void)snapshot_restore(&set, snapshot, views, REGION_COUNT);
        for (size_t at = 0; at < 4 * PAGE_BYTES; at += 511)
            capturer->good = capturer->good && bytes[at] == fill;
        snapshot_release(&set, snapshot);
    }
    free(bytes);
    return NULL;
}

static void capture_at_once(struct capturer capturers[2])
{
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(
            pthread_create(&capturers[i].thread, NULL, capture_again_and_again, &capturers[i]), 0);
    for (unsigned i = 0; i < 2; i++) {
        pthread_join(capturers[i].thread, NULL);
        assert_true(capturers[i].good);
    }
    store_must_be_empty();
}

static const struct snapshot *faster;

/* While one slot stores its pages another one, which began later, comes to its end. */
static enum status commit_and_be_overtaken(uint32_t pages)
{
    (void)pages;
    if (!faster) {
        set.store.lock = 0; /* between two pages, when nobody holds it */
        faster = (const void *)&set;
        faster = captured(&memory);
        set.store.lock = 1;
    }
    return ST_OK;
}

static void who_is_slower_takes_the_other_ones(void **state)
{
    const struct snapshot *slower;

    (void)state;
    memset(page(9, 1), 0x44, 3 * PAGE_BYTES);
    faster = NULL;
    set.store.commit = commit_and_be_overtaken;
    slower = captured(&memory);
    assert_ptr_equal(slower, faster);
    assert_int_equal(slower->references, 2);
    assert_int_equal(set.store.taken, slower->stored);
    snapshot_release(&set, slower);
    snapshot_release(&set, faster);
    store_must_be_empty();
}

static void two_threads_capture_the_same(void **state)
{
    struct capturer capturers[2] = {{.fill = 7}, {.fill = 7}};

    (void)state;
    capture_at_once(capturers);
}

static void two_threads_capture_different_memory(void **state)
{
    struct capturer capturers[2] = {{.fill = 1, .vary = true}, {.fill = 101, .vary = true}};

    (void)state;
    capture_at_once(capturers);
}

static void two_threads_capture_what_the_other_just_had(void **state)
{
    struct capturer capturers[2] = {{.fill = 1, .vary = true}, {.fill = 1, .vary = true}};

    (void)state;
    capture_at_once(capturers);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(stores_only_pages_that_are_not_zero),
        TEST(nothing_is_stored_of_nothing),
        TEST(the_digest_is_what_its_definition_says),
        TEST(digest_does_not_depend_on_place_or_history),
        TEST(digest_depends_on_content_page_and_region),
        TEST(a_full_store_refuses_and_leaves_nothing),
        TEST(restores_what_was_changed_added_and_zeroed),
        TEST(zeroes_pages_that_were_committed_later),
        TEST(spans_several_leaves),
        TEST(restores_from_a_store_in_disorder),
        TEST(a_region_can_be_left_out),
        TEST(what_is_equal_is_stored_once),
        TEST(a_shared_one_goes_with_its_last_slot),
        TEST(a_second_snapshot_leaves_the_first_intact),
        TEST(every_slot_finds_room_for_its_two),
        TEST(who_is_slower_takes_the_other_ones),
        TEST(two_threads_capture_the_same),
        TEST(two_threads_capture_different_memory),
        TEST(two_threads_capture_what_the_other_just_had),
    };

    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
