/*
 * S1, the snapshot that every invocation starts from, depends on the bundle and on nothing else:
 * not on the slot, the enclave's address, or what ran in the slot before. It holds no address.
 */
#include "abi/gates.h"
#include "tests/border/residue/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LAZY "reclave-lazy"

static const char *const guests[] = {"secret_spreader", "reactor_init", "init_output", "hello"};
#define GUESTS (sizeof(guests) / sizeof(guests[0]))

/* The digest does not depend on what the test varies. */
static void must_be_equal(const char *guest, const uint8_t one[32], const uint8_t other[32])
{
    if (memcmp(one, other, 32) != 0)
        fprintf(stderr, "# REMAINS: S1 of %s differs\n", guest);
    assert_memory_equal(one, other, 32);
}

static void digest_in(struct border *border, unsigned slot, const char *guest, uint8_t digest[32])
{
    struct border_file bundle = border_guest(guest);

    border_load(border, slot, &bundle, digest);
    border_file_free(&bundle);
}

static void same_in_each_slot(void **state)
{
    struct border border;
    uint8_t first[32], other[32];

    (void)state;
    border_open(&border, LAZY);
    assert_true(enclave_slot_count(border.enclave) >= 3);
    for (unsigned slot = 0; slot < enclave_slot_count(border.enclave); slot++)
        border_boot(&border, slot);
    for (size_t g = 0; g < GUESTS; g++) {
        digest_in(&border, 0, guests[g], first);
        border_reset(&border, 0);
        for (unsigned slot = 1; slot < enclave_slot_count(border.enclave); slot++) {
            digest_in(&border, slot, guests[g], other);
            must_be_equal(guests[g], first, other);
            border_reset(&border, slot);
        }
    }
    border_close(&border);
}

static void same_in_another_enclave(void **state)
{
    struct border one, two;
    uint8_t first[32], second[32];

    (void)state;
    border_open(&one, LAZY);
    border_open(&two, LAZY);
    assert_int_not_equal(one.base, two.base);
    border_boot(&one, 0);
    border_boot(&two, 0);
    for (size_t g = 0; g < GUESTS; g++) {
        digest_in(&one, 0, guests[g], first);
        digest_in(&two, 0, guests[g], second);
        must_be_equal(guests[g], first, second);
        border_reset(&one, 0);
        border_reset(&two, 0);
    }
    border_close(&two);
    border_close(&one);
}

/* Pages that SGX1 adds up front are zero, as those are that SGX2 has not added yet. */
static void same_with_lazy_and_eager_pages(void **state)
{
    const char *images[STORY_IMAGES_MAX];
    size_t count = story_images(images);
    uint8_t first[GUESTS][32], other[32];
    struct border border;

    (void)state;
    for (size_t i = 0; i < count; i++) {
        border_open(&border, images[i]);
        border_boot(&border, 0);
        for (size_t g = 0; g < GUESTS; g++) {
            digest_in(&border, 0, guests[g], i ? other : first[g]);
            if (i)
                must_be_equal(guests[g], first[g], other);
            border_reset(&border, 0);
        }
        border_close(&border);
    }
}

static void same_after_other_functions(void **state)
{
    static struct border_call call;
    struct border border;
    uint8_t first[32], again[32];

    (void)state;
    border_open(&border, LAZY);
    border_boot(&border, 0);
    digest_in(&border, 0, "hello", first);
    border_reset(&border, 0);
    for (const char *mode = "ftr"; *mode; mode++) {
        digest_in(&border, 0, "secret_spreader", again);
        secret_spread(&call, *mode);
        border_invoke(&border, 0, &call);
        border_reset(&border, 0);
        digest_in(&border, 0, "hello", again);
        must_be_equal("hello", first, again);
        border_reset(&border, 0);
    }
    border_close(&border);
}

/* Random bytes before S1 are a fixed stream, which starts anew with each load; having drawn them is
 * a property of the function, not of the slot. */
static void same_after_random_bytes(void **state)
{
    struct border_file hello = border_guest("hello");
    struct slot_load load = {.bundle = hello.bytes, .bundle_bytes = hello.size};
    struct border border;
    uint8_t first[32], again[32];
    enum status status;

    (void)state;
    border_open(&border, LAZY);
    border_boot(&border, 0);
    digest_in(&border, 0, "init_random_reseed", first);
    border_reset(&border, 0);
    digest_in(&border, 0, "init_random_reseed", again);
    must_be_equal("init_random_reseed", first, again);
    border_reset(&border, 0);
    status = slot_load(enclave_slot(border.enclave, 0), &load);
    if (status == ST_BUNDLE_RANDOM)
        fprintf(stderr, "# REMAINS: hello is blamed for another's random bytes\n");
    assert_int_equal(status, ST_OK);
    border_file_free(&hello);
    border_close(&border);
}

static void invocations_report_it(void **state)
{
    static struct border_call call;
    struct border border;
    uint8_t digest[32];

    (void)state;
    border_open(&border, LAZY);
    border_boot(&border, 0);
    digest_in(&border, 0, "hello", digest);
    for (int round = 0; round < 2; round++) {
        border_invoke(&border, 0, &call);
        assert_memory_equal(call.result.snapshot_sha256, digest, 32);
        border_rewind(&border, 0);
    }
    border_close(&border);
}

static void differs_for_another_bundle(void **state)
{
    struct border border;
    uint8_t digest[GUESTS][32];

    (void)state;
    border_open(&border, LAZY);
    border_boot(&border, 0);
    for (size_t g = 0; g < GUESTS; g++) {
        digest_in(&border, 0, guests[g], digest[g]);
        border_reset(&border, 0);
        for (size_t other = 0; other < g; other++)
            assert_memory_not_equal(digest[g], digest[other], 32);
    }
    border_close(&border);
}

/* ---- position independence -------------------------------------------------------- */

/* Eight bytes, at any alignment, that are an address in the enclave. */
static size_t addresses_in(const struct pages *pages, const struct place *where,
                           const struct border *border)
{
    uint64_t bytes = enclave_bytes(border->enclave);
    size_t found = 0;

    for (size_t i = 0; i < pages->count; i++) {
        const struct page *page = &pages->page[i];

        if (page->zero || page->offset < where->offset ||
            page->offset - where->offset >= where->bytes)
            continue;
        for (size_t at = 0; at + 8 <= PAGE_BYTES; at++) {
            uint64_t value;

            memcpy(&value, page->bytes + at, 8);
            found += value - border->base < bytes;
        }
    }
    return found;
}

static void holds_no_address(void **state)
{
    static struct border_call call;
    const struct place stack = place_of_region(0, REGION_L2_STACK);
    struct border border;
    struct pages pages = {0};

    (void)state;
    border_open(&border, LAZY);
    border_boot(&border, 0);
    for (size_t g = 0; g < GUESTS; g++) {
        digest_in(&border, 0, guests[g], (uint8_t[32]){0});
        pages_take(&pages, &border);
        for (unsigned region = 0; region < REGION_COUNT; region++) {
            const struct place place = place_of_region(0, region);

            /* Not part of S1: gates are jumps to L0; constants are the bundle's bytes, of which
             * some (the largest double) look like an address in every tenth address space. */
            if (region == REGION_CODE || region == REGION_RODATA)
                continue;
            if (addresses_in(&pages, &place, &border) != 0)
                fprintf(stderr, "# REMAINS: an address in S1's %s\n", place.name);
            assert_int_equal(addresses_in(&pages, &place, &border), 0);
        }
        border_invoke(&border, 0, &call);
        pages_take(&pages, &border);
        assert_true(addresses_in(&pages, &stack, &border) > 0); /* it can see them */
        border_reset(&border, 0);
    }
    pages_free(&pages);
    border_close(&border);
}

static bool region_is_zero(const struct pages *pages, unsigned region)
{
    const struct place place = place_of_region(0, region);

    for (size_t i = 0; i < pages->count; i++)
        if (pages->page[i].offset >= place.offset &&
            pages->page[i].offset - place.offset < place.bytes && !pages->page[i].zero)
            return false;
    return true;
}

static void holds_no_output_of_the_initialisation(void **state)
{
    static const unsigned empty[] = {REGION_STDIN, REGION_STDOUT, REGION_STDERR, REGION_L1_STACK,
                                     REGION_L2_STACK};
    const struct l1_page *l1;
    struct border border;
    struct pages pages = {0};

    (void)state;
    border_open(&border, LAZY);
    border_boot(&border, 0);
    digest_in(&border, 0, "init_output", (uint8_t[32]){0});
    pages_take(&pages, &border);
    l1 = (const void *)pages_at(&pages, place_of_region(0, REGION_L1_PAGE).offset)->bytes;
    if (l1->stdout_bytes || l1->stderr_bytes)
        fprintf(stderr, "# REMAINS: lengths of output in S1\n");
    assert_int_equal(l1->stdout_bytes, 0);
    assert_int_equal(l1->stderr_bytes, 0);
    for (unsigned i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        if (!region_is_zero(&pages, empty[i]))
            fprintf(stderr, "# REMAINS: %s in S1\n", place_of_region(0, empty[i]).name);
        assert_true(region_is_zero(&pages, empty[i]));
    }
    pages_free(&pages);
    border_close(&border);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_in_each_slot),
        cmocka_unit_test(same_in_another_enclave),
        cmocka_unit_test(same_with_lazy_and_eager_pages),
        cmocka_unit_test(same_after_other_functions),
        cmocka_unit_test(same_after_random_bytes),
        cmocka_unit_test(invocations_report_it),
        cmocka_unit_test(differs_for_another_bundle),
        cmocka_unit_test(holds_no_address),
        cmocka_unit_test(holds_no_output_of_the_initialisation),
    };

    return cmocka_run_group_tests_name("border-s1", tests, NULL, NULL);
}
