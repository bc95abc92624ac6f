#include "tests/border/residue/seen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static size_t count_in_region(const struct story *story, unsigned region, size_t window)
{
    const struct place place = place_of_region(0, region);

    return secret_count(&story->now, &place, window);
}

/* The guest marks the elements that the secret's bytes number; L2_TABLES has {type, code}. */
static void table_must_tell_the_secret(const struct story *story)
{
    const struct page *page = pages_at(&story->now, place_of_region(0, REGION_L2_TABLES).offset);

    assert_non_null(page);
    for (unsigned i = 0; i < 256; i++) {
        static const uint8_t null[8];
        bool marked = memcmp(page->bytes + 8 * i, null, 8) != 0;

        assert_int_equal(marked, memchr(secret(), (int)i, SECRET_BYTES) != NULL);
    }
}

void secret_must_be_seen(struct story *story, char mode)
{
    pages_take(&story->now, &story->border);
    /* argument and environment */
    assert_int_equal(count_in_region(story, REGION_L1_PAGE, SECRET_BYTES), 2);
    assert_int_equal(count_in_region(story, REGION_STDIN, SECRET_BYTES), 1);
    assert_int_equal(count_in_region(story, REGION_STDOUT, SECRET_BYTES), 1);
    assert_int_equal(count_in_region(story, REGION_STDERR, SECRET_BYTES), 1);
    /* globals: once as integers, once as floating point */
    assert_int_equal(count_in_region(story, REGION_L2_STATE, SECRET_BYTES), 2);
    /* initialised data twice, 128 frames of the shadow stack, 64 pages of heap, the input */
    assert_true(count_in_region(story, REGION_LINEAR, SECRET_BYTES) >= 2 + 128 + 64 + 1);
    /* 500 frames of deep recursion, each with all four words; in mode r, all of the stack */
    assert_true(count_in_region(story, REGION_L2_STACK, SECRET_WORD) >=
                (mode == 'r' ? 8000 : 2000));
    table_must_tell_the_secret(story);
}

/* The places that keep no secret of this guest, but traces of the invocation. */
bool differs_from_s1(const struct story *story, const struct place *place)
{
    for (uint64_t at = place->offset; at < place->offset + place->bytes; at += PAGE_BYTES) {
        const struct page *before = pages_at(&story->reference, at);
        const struct page *now = pages_at(&story->now, at);

        if (before && now && memcmp(before->bytes, now->bytes, PAGE_BYTES) != 0)
            return true;
    }
    return false;
}

void traces_must_be_seen(const struct story *story, bool exception)
{
    const unsigned regions[] = {REGION_L1_STATE, REGION_L1_STACK};
    const enum control_place places[] = {PLACE_STACK, PLACE_THREAD, PLACE_XSTACK, PLACE_SSA1};

    for (unsigned i = 0; i < 2; i++) {
        const struct place place = place_of_region(0, regions[i]);

        assert_true(differs_from_s1(story, &place));
    }
    for (unsigned i = 0; i < (exception ? 4 : 2); i++) {
        const struct place place = place_of_control(0, places[i]);

        assert_true(differs_from_s1(story, &place));
    }
}
