/* Layer 1's gate into linear memory, and layer 2's data: whatever they ask for, L0 writes linear
 * memory and nothing else, and marks what it wrote. */
#include "abi/sfi.h"
#include "tests/unit/trusted/mock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

uint64_t serve_write(struct thread_block *block, uint64_t address, uint64_t offset, uint64_t bytes);
uint64_t serve_data(struct thread_block *block, uint64_t target, uint64_t offset, uint64_t bytes);

#define LINEAR_PAGES 16u
#define LINEAR_BYTES (LINEAR_PAGES * PAGE_BYTES)

static struct slot *slot;
static struct thread_block *block;

/* Not used by the gates under test. */
void random_fill(struct slot *of, void *to, uint32_t bytes)
{
    (void)of;
    memset(to, 0xd1, bytes);
}

static const uint64_t offset_of[] = {L1_PAGE_OFF, L1_STATE_OFF, L1_STACK_OFF,
                                     STDIN_OFF,   STDOUT_OFF,   STDERR_OFF};
static const uint32_t pages_of[] = {2, 1, 4, 3, 2, 0};

static uint8_t *cage(uint64_t offset)
{
    return slot_base(slot) + SLOT_L1_CAGE + offset;
}

static int set_up(void **state)
{
    (void)state;
    slot = mock_enclave(1, IMAGE_LAZY);
    block = thread_of(slot);
    for (unsigned region = 0; region < REGION_COUNT; region++)
        mock_region(region, 0, 1024);
    slot->state = SLOT_RUNNING;
    slot->function.tracking = BUNDLE_TRACK_MARK;
    for (unsigned region = REGION_L1_PAGE; region <= REGION_STDERR; region++) {
        assert_int_equal(commit_region(slot, region, pages_of[region]), ST_OK);
        memset(cage(offset_of[region]), 0x10 + (int)region, pages_of[region] * PAGE_BYTES);
    }
    assert_int_equal(linear_place(slot, 40), ST_OK); /* memory does not begin its region */
    (void)linear_return(slot, LINEAR_PAGES);
    linear_is_ready(slot);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_release();
    return 0;
}

static void assert_marked(uint64_t first, uint64_t count)
{
    const uint8_t *marks = region_start(slot, REGION_MARKS);

    for (uint64_t page = 0; page < PAGE_BYTES; page++)
        assert_int_equal(marks[page], page >= first && page - first < count);
}

static void assert_linear_is(uint64_t from, uint64_t bytes, uint8_t value)
{
    const uint8_t *region = region_start(slot, REGION_LINEAR);
    const uint8_t *memory = linear_start(slot);

    for (uint64_t at = 0; at < 42 * PAGE_BYTES; at++) {
        uint64_t address = (uint64_t)(region + at - memory);
        bool inside = address >= from && address - from < bytes;

        assert_int_equal(region[at], inside ? value : 0);
    }
}

static void writes_and_marks(void **state)
{
    static const struct {
        uint64_t address, bytes, first, count;
    } writes[] = {
        {0, 1, 0, 1},
        {PAGE_BYTES - 1, 1, 0, 1},
        {PAGE_BYTES - 1, 2, 0, 2},
        {3 * PAGE_BYTES, PAGE_BYTES, 3, 1},
        {3 * PAGE_BYTES + 1, PAGE_BYTES, 3, 2},
        {LINEAR_BYTES - 8, 8, LINEAR_PAGES - 1, 1},
        {LINEAR_BYTES - 3 * PAGE_BYTES, 3 * PAGE_BYTES, LINEAR_PAGES - 3, 3},
    };

    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
        (void)tear_down(state);
        (void)set_up(state);
        assert_int_equal(serve_write(block, writes[i].address, STDIN_OFF, writes[i].bytes), 1);
        assert_linear_is(writes[i].address, writes[i].bytes, 0x10 + REGION_STDIN);
        assert_marked(writes[i].first, writes[i].count);
    }
}

static void any_region_of_layer_1_is_a_source(void **state)
{
    (void)state;
    for (unsigned region = REGION_L1_PAGE; region < REGION_STDERR; region++) {
        uint64_t bytes = (uint64_t)pages_of[region] * PAGE_BYTES;

        assert_int_equal(serve_write(block, 0, offset_of[region], bytes), 1);
        assert_int_equal(linear_start(slot)[bytes - 1], 0x10 + region);
        assert_int_equal(serve_write(block, 0, offset_of[region] + bytes - 1, 1), 1);
        assert_int_equal(serve_write(block, 0, offset_of[region] + bytes - 1, 2), 0);
        assert_int_equal(serve_write(block, 0, offset_of[region] + bytes, 1), 0);
        assert_int_equal(serve_write(block, 0, offset_of[region] - 1, 1), 0);
        assert_int_equal(serve_write(block, 0, offset_of[region] - 1, 2), 0);
    }
    assert_int_equal(serve_write(block, 0, STDERR_OFF, 1), 0); /* nothing is committed */
}

static void sources_outside_are_refused(void **state)
{
    static const uint64_t offsets[] = {
        0,
        CAGE_BYTES - 1,
        CAGE_BYTES,
        SLOT_L2_CAGE + L2_STATE_OFF,
        SLOT_LINEAR,
        SLOT_CODE,
        SLOT_STRIDE + L1_STATE_OFF,
        (uint64_t)1 << 63,
        UINT64_MAX,
        UINT64_MAX - 7,
        L1_STATE_OFF - MONITOR_ZONE_BYTES,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
        assert_int_equal(serve_write(block, 0, offsets[i], 8), 0);
    assert_int_equal(serve_write(block, 0, STDIN_OFF, 3 * PAGE_BYTES + 1), 0);
    assert_int_equal(serve_write(block, 0, STDIN_OFF, UINT64_MAX), 0);
    assert_int_equal(serve_write(block, 0, STDIN_OFF, UINT64_MAX - STDIN_OFF + 1), 0);
    assert_linear_is(0, 0, 0);
    assert_marked(0, 0);
}

static void targets_outside_are_refused(void **state)
{
    static const uint64_t addresses[] = {
        LINEAR_BYTES - 7, LINEAR_BYTES,          LINEAR_BYTES + PAGE_BYTES, LINEAR_MAX,
        0xffffffff,       (uint64_t)1 << 32,     (uint64_t)1 << 63,         UINT64_MAX,
        UINT64_MAX - 7,   -(uint64_t)PAGE_BYTES, /* committed, below memory */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
        assert_int_equal(serve_write(block, addresses[i], STDIN_OFF, 8), 0);
    assert_int_equal(serve_write(block, LINEAR_BYTES - PAGE_BYTES, STDIN_OFF, PAGE_BYTES + 1), 0);
    assert_linear_is(0, 0, 0);
    assert_marked(0, 0);
}

static void nothing_is_written_for_nothing(void **state)
{
    (void)state;
    (void)serve_write(block, 0, STDIN_OFF, 0);
    (void)serve_write(block, LINEAR_BYTES, STDIN_OFF, 0);
    (void)serve_write(block, UINT64_MAX, UINT64_MAX, 0);
    assert_linear_is(0, 0, 0);
    assert_marked(0, 0);
}

/* At boot there is no linear memory. */
static void without_memory_all_is_refused(void **state)
{
    (void)state;
    (void)linear_return(slot, 0);
    slot->state = SLOT_EMPTY;
    assert_int_equal(serve_write(block, 0, STDIN_OFF, 1), 0);
    assert_linear_is(0, 0, 0);
}

static void an_unmarked_function_needs_no_marks(void **state)
{
    (void)state;
    slot->function.tracking = BUNDLE_TRACK_COPY;
    assert_int_equal(serve_write(block, 64, STDIN_OFF, 64), 1);
    assert_linear_is(64, 64, 0x10 + REGION_STDIN);
    assert_marked(0, 0);
}

/* ---- GATE2_DATA ------------------------------------------------------------------------ */

static void data_segments_are_marked(void **state)
{
    (void)state;
    assert_int_equal(commit_region(slot, REGION_RODATA, 2), ST_OK);
    memset(region_start(slot, REGION_RODATA), 0x77, 2 * PAGE_BYTES);
    slot->function.rodata_bytes = 2 * PAGE_BYTES;
    assert_int_equal(serve_data(block, 5 * PAGE_BYTES - 1, 0, 2), 1);
    assert_linear_is(5 * PAGE_BYTES - 1, 2, 0x77);
    assert_marked(4, 2);
}

static void data_for_the_cage_is_not(void **state)
{
    (void)state;
    assert_int_equal(commit_region(slot, REGION_RODATA, 1), ST_OK);
    assert_int_equal(commit_region(slot, REGION_L2_TABLES, 1), ST_OK);
    slot->function.rodata_bytes = PAGE_BYTES;
    assert_int_equal(serve_data(block, GATE2_DATA_CAGE | L2_TABLES_OFF, 0, 64), 1);
    assert_marked(0, 0);
}

static void refused_data_is_not_marked(void **state)
{
    (void)state;
    slot->function.rodata_bytes = 0;
    assert_int_equal(serve_data(block, 0, 0, 64), 0);
    assert_marked(0, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_and_marks),
        TEST(any_region_of_layer_1_is_a_source),
        TEST(sources_outside_are_refused),
        TEST(targets_outside_are_refused),
        TEST(nothing_is_written_for_nothing),
        TEST(without_memory_all_is_refused),
        TEST(an_unmarked_function_needs_no_marks),
        TEST(data_segments_are_marked),
        TEST(data_for_the_cage_is_not),
        TEST(refused_data_is_not_marked),
    };

    return cmocka_run_group_tests_name("serve", tests, NULL, NULL);
}
