/* The rewind of marked pages: all that a store can have changed, and nothing that it cannot. */
#include "abi/sfi.h"
#include "tests/unit/trusted/snapshot_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PAGES 21u /* the last word of marks has pages, and bytes without one */
#define MARKS 4096u

static struct memory memory, before;
static const struct snapshot *snapshot;
static uint64_t marks[MARKS / 8];

/* Pages 3n hold something, the others are zero; so are the last ones. */
static int set_up(void **state)
{
    if (snapshots_begin(state))
        return -1;
    memory_new(&memory, 2);
    memory_resize(&memory, REGION_LINEAR, PAGES);
    memset(memory_page(&memory, 8, 1), 0x88, PAGE_BYTES); /* another region comes first */
    for (uint32_t page = 0; page < PAGES - 2; page += 3)
        for (size_t i = 0; i < PAGE_BYTES; i++)
            memory_page(&memory, REGION_LINEAR, page)[i] = (uint8_t)(page * 7 + i);
    memory_copy(&before, &memory);
    snapshot = captured(&memory);
    memset(marks, 0, sizeof(marks));
    return 0;
}

static int tear_down(void **state)
{
    memory_free(&memory);
    memory_free(&before);
    return snapshots_end(state);
}

static void mark(uint32_t page)
{
    ((uint8_t *)marks)[page] = 1;
}

/* A store of `bytes` at this address as policy 4.2 has it: one mark, at its first byte. */
static void store(uint64_t address, unsigned bytes)
{
    uint8_t *to = memory.views[REGION_LINEAR].start + address;

    assert_true(address + bytes <= (uint64_t)PAGES * PAGE_BYTES);
    for (unsigned i = 0; i < bytes; i++)
        to[i] ^= 0xff;
    mark((uint32_t)(address / PAGE_BYTES));
}

static uint64_t restored(void)
{
    uint64_t pages = snapshot_restore_marked(&set, snapshot, REGION_LINEAR,
                                             &memory.views[REGION_LINEAR], marks, sizeof(marks));

    for (size_t i = 0; i < MARKS / 8; i++)
        assert_int_equal(marks[i], 0);
    return pages;
}

static void each_page_alone(void **state)
{
    (void)state;
    for (uint32_t page = 0; page < PAGES; page++) {
        memset(memory_page(&memory, REGION_LINEAR, page), 0xcc, PAGE_BYTES);
        mark(page);
        assert_int_equal(restored(), 1);
        memory_must_equal(&memory, &before);
    }
}

static void stores_at_every_place_around_a_pages_end(void **state)
{
    (void)state;
    for (uint32_t page = 0; page + 1 < PAGES; page++) {
        for (unsigned bytes = 1; bytes <= SFI_ACCESS_MAX; bytes *= 2) {
            for (unsigned crossing = 0; crossing < bytes; crossing++)
                store((uint64_t)(page + 1) * PAGE_BYTES - bytes + crossing, bytes);
            assert_int_equal(restored(), 1);
            memory_must_equal(&memory, &before);
        }
    }
}

static void the_last_byte_of_memory(void **state)
{
    (void)state;
    store((uint64_t)PAGES * PAGE_BYTES - 1, 1);
    assert_int_equal(restored(), 1);
    memory_must_equal(&memory, &before);
}

static void neighbours_and_all(void **state)
{
    (void)state;
    for (uint32_t first = 0; first < PAGES; first++) {
        for (uint32_t count = 2; first + count <= PAGES; count++) {
            for (uint32_t page = first; page < first + count; page++) {
                memset(memory_page(&memory, REGION_LINEAR, page), 0xcc, PAGE_BYTES);
                mark(page);
            }
            if (first + count < PAGES) /* and a store across the last one's end */
                store((uint64_t)(first + count) * PAGE_BYTES - 1, 64);
            assert_int_equal(restored(), count);
            memory_must_equal(&memory, &before);
        }
    }
}

/* Each combination of marks in the two words that have pages, where a tail meets the next word. */
static void any_marks_around_a_words_end(void **state)
{
    (void)state;
    for (unsigned combination = 0; combination < 256; combination++) {
        uint64_t expected = 0;

        for (uint32_t i = 0; i < 8; i++) {
            if (!(combination >> i & 1))
                continue;
            store((uint64_t)(4 + i) * PAGE_BYTES + PAGE_BYTES - 8, 64); /* ends in the next */
            store((uint64_t)(4 + i) * PAGE_BYTES + 100, 8);
            expected++;
        }
        assert_int_equal(restored(), expected);
        memory_must_equal(&memory, &before);
    }
}

/* What is not marked is not looked at: this is where the cost follows what was written. */
static void nothing_else_is_touched(void **state)
{
    uint8_t *far = memory_page(&memory, REGION_LINEAR, 12);
    uint8_t *behind_tail = memory_page(&memory, REGION_LINEAR, 4) + SFI_MARK_TAIL;

    (void)state;
    far[0] ^= 1;
    behind_tail[0] ^= 1;
    store(3 * PAGE_BYTES, 8);
    assert_int_equal(restored(), 1);
    assert_memory_not_equal(far, memory_page(&before, REGION_LINEAR, 12), 1);
    assert_int_equal(behind_tail[0], 1);
}

/* Any byte but 0 is a mark: the code's instruction writes 1, but nothing depends on it. */
static void any_byte_is_a_mark(void **state)
{
    (void)state;
    memset(memory_page(&memory, REGION_LINEAR, 7), 0xcc, PAGE_BYTES);
    ((uint8_t *)marks)[7] = 0x80;
    assert_int_equal(restored(), 1);
    memory_must_equal(&memory, &before);
}

static void marks_beyond_memory_are_cleared_and_harmless(void **state)
{
    (void)state;
    memset(marks, 1, sizeof(marks));
    assert_int_equal(restored(), PAGES);
    memory_must_equal(&memory, &before);
    mark(PAGES);
    mark(MARKS - 1);
    assert_int_equal(restored(), 0);
    memory_must_equal(&memory, &before);
}

static void without_marks_nothing_is_done(void **state)
{
    (void)state;
    assert_int_equal(restored(), 0);
    assert_int_equal(snapshot_restore_marked(&set, snapshot, REGION_LINEAR,
                                             &memory.views[REGION_LINEAR], marks, 0),
                     0);
    memory_must_equal(&memory, &before);
}

static void a_snapshot_without_any_page(void **state)
{
    struct memory empty;

    (void)state;
    memory_new(&empty, 2);
    memory_resize(&empty, REGION_LINEAR, PAGES);
    snapshot = captured(&empty);
    memset(memory_page(&empty, REGION_LINEAR, 5), 9, PAGE_BYTES);
    mark(5);
    assert_int_equal(snapshot_restore_marked(&set, snapshot, REGION_LINEAR,
                                             &empty.views[REGION_LINEAR], marks, sizeof(marks)),
                     1);
    for (size_t i = 0; i < PAGE_BYTES; i++)
        assert_int_equal(memory_page(&empty, REGION_LINEAR, 5)[i], 0);
    memory_free(&empty);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_page_alone),
        TEST(stores_at_every_place_around_a_pages_end),
        TEST(the_last_byte_of_memory),
        TEST(neighbours_and_all),
        TEST(any_marks_around_a_words_end),
        TEST(nothing_else_is_touched),
        TEST(any_byte_is_a_mark),
        TEST(marks_beyond_memory_are_cleared_and_harmless),
        TEST(without_marks_nothing_is_done),
        TEST(a_snapshot_without_any_page),
    };

    return cmocka_run_group_tests_name("marked", tests, NULL, NULL);
}
