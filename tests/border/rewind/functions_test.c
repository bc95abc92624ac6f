/*
 * Many functions on few slots: each answers for itself, from its own snapshot; what a function
 * brought leaves with it, to the page; and no two invocations ever see the same random bytes.
 * Under a name that says torture: 200 functions and 1,000 switches instead of 12 and 60.
 */
#include "tests/border/harness.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SLOTS       3
#define NOISE_BYTES 16
#define NOISES_MAX  8192

static unsigned functions = 12, switches = 60;

static const char placeholder[] = "function #00000000#";
#define NAME_BYTES (sizeof(placeholder) - 1)

static uint8_t noises[NOISES_MAX][NOISE_BYTES];
static atomic_uint noise_count;

/* A slot's side of the tests; used by one thread at a time, which asserts nothing. */
struct seat {
    struct slot *slot;
    struct border_file bundle; /* of its own: the name in it changes */
    uint8_t *name;
    uint8_t *input, *output;
    unsigned seed;
    pthread_t thread;
    char problem[160];
};

static bool failed(struct seat *seat, const char *what, int value)
{
    snprintf(seat->problem, sizeof(seat->problem), "%s: %d", what, value);
    return false;
}

static bool load(struct seat *seat, unsigned number)
{
    struct slot_load request = {.bundle = seat->bundle.bytes, .bundle_bytes = seat->bundle.size};
    char name[32];
    enum status status;

    snprintf(name, sizeof(name), "function #%08u#", number);
    memcpy(seat->name, name, NAME_BYTES);
    status = slot_load(seat->slot, &request);
    return status == ST_OK || failed(seat, "load", status);
}

/* The answer is the function's, to this question, and its first since the snapshot. */
static bool ask(struct seat *seat, unsigned number)
{
    struct entry_invocation call = {
        .input = (uintptr_t)seat->input, .output = (uintptr_t)seat->output, .output_limit = 256};
    char expected[64];
    size_t head, question;
    enum status status;
    unsigned noise;

    question =
        (size_t)snprintf((char *)seat->input, 64, "question %u", (unsigned)rand_r(&seat->seed));
    call.input_bytes = question;
    memset(seat->output, 0, 256);
    status = slot_invoke(seat->slot, &call, 0);
    if (status != ST_OK || call.outcome != OUTCOME_OK)
        return failed(seat, "invocation", status != ST_OK ? (int)status : (int)call.outcome);
    head = (size_t)snprintf(expected, sizeof(expected), "function #%08u# 1 ", number);
    if (call.output_bytes != head + NOISE_BYTES + question ||
        memcmp(seat->output, expected, head) != 0 ||
        memcmp(seat->output + head + NOISE_BYTES, seat->input, question) != 0)
        return failed(seat, (const char *)seat->output, (int)number);
    noise = atomic_fetch_add(&noise_count, 1);
    if (noise >= NOISES_MAX)
        return failed(seat, "too many invocations", (int)noise);
    memcpy(noises[noise], seat->output + head, NOISE_BYTES);
    status = slot_rewind(seat->slot, NULL);
    return status == ST_OK || failed(seat, "rewind", status);
}

/* One tenancy of a function, from S0 to S0. */
static bool serve(struct seat *seat, unsigned number, unsigned questions)
{
    enum status status;
    uint64_t trimmed;

    if (!load(seat, number))
        return false;
    for (unsigned i = 0; i < questions; i++)
        if (!ask(seat, number))
            return false;
    status = slot_reset(seat->slot, NULL);
    if (status == ST_OK)
        status = slot_trim(seat->slot, &trimmed);
    return status == ST_OK || failed(seat, "reset and trim", status);
}

static void must(struct seat *seat, bool good)
{
    if (!good)
        fail_msg("%s", seat->problem);
}

/* ---- the house -------------------------------------------------------------------------- */

struct house {
    struct border border;
    struct seat seat[SLOTS];
};

static void house_open(struct house *house)
{
    memset(house, 0, sizeof(*house));
    border_open(&house->border, "reclave-lazy");
    for (unsigned i = 0; i < SLOTS; i++) {
        struct seat *seat = &house->seat[i];

        border_boot(&house->border, i);
        seat->slot = enclave_slot(house->border.enclave, i);
        seat->bundle = border_guest("tagged");
        seat->name = memmem(seat->bundle.bytes, seat->bundle.size, placeholder, NAME_BYTES);
        assert_non_null(seat->name);
        seat->input = loader_buffer_alloc(64);
        seat->output = loader_buffer_alloc(256);
        assert_true(seat->input && seat->output);
        seat->seed = 7 + i;
    }
}

static void house_close(struct house *house)
{
    border_close(&house->border);
    for (unsigned i = 0; i < SLOTS; i++) {
        border_file_free(&house->seat[i].bundle);
        free(house->seat[i].input);
        free(house->seat[i].output);
    }
}

static struct entry_stats stats_of(struct house *house)
{
    struct entry_stats stats;

    assert_int_equal(slot_stats(house->seat[0].slot, &stats), ST_OK);
    return stats;
}

static void no_page_leaks(void **state)
{
    static struct house house;
    struct entry_stats before, now;

    (void)state;
    house_open(&house);
    for (unsigned i = 0; i < SLOTS; i++) /* the store grows to what it takes */
        must(&house.seat[i], serve(&house.seat[i], i, 1));
    before = stats_of(&house);
    for (unsigned i = 0; i < switches; i++) {
        struct seat *seat = &house.seat[i % SLOTS];

        must(seat, serve(seat, (unsigned)rand_r(&seat->seed) % functions, 2));
        now = stats_of(&house);
        assert_int_equal(now.committed_pages, before.committed_pages);
        assert_int_equal(now.store_pages, before.store_pages);
        assert_int_equal(now.snapshot_pages, before.snapshot_pages); /* S0's alone */
        assert_int_equal(now.slot_pages, before.slot_pages);
    }
    house_close(&house);
}

/* Slots that hold the same function store it once; the last one takes it away. */
static void equal_functions_are_stored_once(void **state)
{
    static struct house house;
    struct entry_stats none, one, three;

    (void)state;
    house_open(&house);
    none = stats_of(&house);
    assert_true(none.shared_pages > 0); /* S0 */
    must(&house.seat[0], load(&house.seat[0], 4711));
    one = stats_of(&house);
    for (unsigned i = 1; i < SLOTS; i++)
        must(&house.seat[i], load(&house.seat[i], 4711));
    three = stats_of(&house);
    assert_true(one.snapshot_pages > none.snapshot_pages);
    assert_int_equal(three.snapshot_pages, one.snapshot_pages);
    assert_int_equal(three.shared_pages - one.shared_pages,
                     (SLOTS - 1) * (one.snapshot_pages - none.snapshot_pages));
    for (unsigned i = 0; i < SLOTS; i++) {
        must(&house.seat[i], ask(&house.seat[i], 4711));
        border_reset(&house.border, i);
    }
    assert_int_equal(stats_of(&house).snapshot_pages, none.snapshot_pages);
    house_close(&house);
}

static void *serve_many(void *argument)
{
    struct seat *seat = argument;

    for (unsigned i = 0; i < switches / SLOTS; i++)
        if (!serve(seat, (unsigned)rand_r(&seat->seed) % functions, 3))
            return seat;
    return NULL;
}

static void all_slots_switch_at_once(void **state)
{
    static struct house house;
    struct entry_stats before;

    (void)state;
    house_open(&house);
    before = stats_of(&house);
    for (unsigned i = 0; i < SLOTS; i++)
        assert_int_equal(pthread_create(&house.seat[i].thread, NULL, serve_many, &house.seat[i]),
                         0);
    for (unsigned i = 0; i < SLOTS; i++) {
        void *broken;

        pthread_join(house.seat[i].thread, &broken);
        must(&house.seat[i], broken == NULL);
    }
    assert_int_equal(stats_of(&house).snapshot_pages, before.snapshot_pages);
    house_close(&house);
}

static int compare_noise(const void *a, const void *b)
{
    return memcmp(a, b, NOISE_BYTES);
}

/* Of all invocations above: across rewinds, resets, functions, slots and enclaves. */
static void random_bytes_never_recur(void **state)
{
    unsigned count = atomic_load(&noise_count);

    (void)state;
    assert_true(count > 2 * switches);
    qsort(noises, count, NOISE_BYTES, compare_noise);
    for (unsigned i = 1; i < count; i++)
        assert_memory_not_equal(noises[i - 1], noises[i], NOISE_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_page_leaks),
        cmocka_unit_test(equal_functions_are_stored_once),
        cmocka_unit_test(all_slots_switch_at_once),
        cmocka_unit_test(random_bytes_never_recur),
    };

    if (strstr(program_invocation_short_name, "torture")) {
        functions = 200;
        switches = 1000;
    }
    return cmocka_run_group_tests_name("border-functions", tests, NULL, NULL);
}
