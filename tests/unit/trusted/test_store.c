/* The page store: pages are given out zeroed, taken back wiped, and used again before it grows. */
#include "trusted/snapshot/store.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PAGES 64u

static struct page_store store;
static uint32_t limit, committed;

static enum status commit(uint32_t pages)
{
    if (pages > limit)
        return ST_NO_MEMORY;
    committed = pages;
    return ST_OK;
}

static int set_up(void **state)
{
    (void)state;
    limit = PAGES;
    committed = 0;
    store = (struct page_store){.base = calloc(PAGES, PAGE_BYTES), .commit = commit};
    return store.base ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(store.base);
    return 0;
}

static uint32_t take(void)
{
    uint32_t page = 0;

    assert_int_equal(store_take(&store, &page), ST_OK);
    assert_in_range(page, 1, PAGES);
    return page;
}

/* A page on the free list keeps nothing but the number of the next one. */
static void assert_wiped(uint32_t page, size_t from)
{
    const uint8_t *bytes = store_page(&store, page);

    for (size_t i = from; i < PAGE_BYTES; i++)
        assert_int_equal(bytes[i], 0);
}

static void pages_are_zero_and_different(void **state)
{
    bool seen[PAGES + 1] = {false};

    (void)state;
    for (unsigned i = 0; i < PAGES; i++) {
        uint32_t page = take();

        assert_false(seen[page]);
        seen[page] = true;
        assert_wiped(page, 0);
        memset(store_page(&store, page), 0x5a, PAGE_BYTES);
    }
    assert_int_equal(store.taken, PAGES);
    assert_int_equal(store.reached, PAGES);
}

static void what_is_given_is_wiped(void **state)
{
    uint32_t pages[4];

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        pages[i] = take();
        memset(store_page(&store, pages[i]), 0xff, PAGE_BYTES);
    }
    for (unsigned i = 0; i < 4; i++)
        store_give(&store, pages[i]);
    for (unsigned i = 0; i < 4; i++)
        assert_wiped(pages[i], sizeof(uint32_t));
    assert_int_equal(store.taken, 0);
}

static void what_was_given_is_taken_again_zeroed(void **state)
{
    uint32_t pages[8];

    (void)state;
    for (unsigned i = 0; i < 8; i++)
        pages[i] = take();
    for (unsigned i = 0; i < 8; i += 2) {
        memset(store_page(&store, pages[i]), 0xff, PAGE_BYTES);
        store_give(&store, pages[i]);
    }
    for (unsigned i = 0; i < 4; i++)
        assert_wiped(take(), 0);
    assert_int_equal(store.reached, 8); /* it did not grow */
    assert_int_equal(committed, 8);
    assert_int_equal(take(), 9);
}

static void a_full_store_refuses_and_goes_on(void **state)
{
    uint32_t page = 0, other = 77;

    (void)state;
    limit = 2;
    (void)take();
    page = take();
    assert_int_equal(store_take(&store, &other), ST_NO_MEMORY);
    assert_int_equal(other, 77);
    assert_int_equal(store.taken, 2);
    assert_int_equal(store.reached, 2);
    assert_int_equal(store.lock, 0);
    store_give(&store, page);
    assert_int_equal(take(), page);
}

static enum status commit_poisoned(uint32_t pages)
{
    (void)pages;
    return ST_POISONED_NOW;
}

static void a_commit_that_fails_says_why(void **state)
{
    uint32_t page = 0;

    (void)state;
    store.commit = commit_poisoned;
    assert_int_equal(store_take(&store, &page), ST_POISONED_NOW);
    assert_int_equal(store.lock, 0);
    assert_int_equal(store.reached, 0);
}

#define ROUNDS 20000u
#define HELD   8u

/* Writes its own number into each page that it holds, and finds it again. */
static void *take_and_give(void *argument)
{
    uint32_t mine = *(uint32_t *)argument;
    bool *good = calloc(1, sizeof(*good));
    uint32_t held[HELD] = {0};

    *good = true;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t *page = &held[i % HELD];
        uint32_t *word;

        if (*page) {
            word = store_page(&store, *page);
            *good = *good && word[1] == mine + i % HELD;
            store_give(&store, *page);
        }
        *good = *good && store_take(&store, page) == ST_OK;
        word = store_page(&store, *page);
        *good = *good && word[0] == 0 && word[1] == 0;
        word[1] = mine + i % HELD;
    }
    for (unsigned i = 0; i < HELD; i++)
        store_give(&store, held[i]);
    return good;
}

static void two_threads_never_hold_one_page(void **state)
{
    uint32_t numbers[2] = {0x1000, 0x2000};
    pthread_t threads[2];

    (void)state;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, &numbers[i]), 0);
    for (unsigned i = 0; i < 2; i++) {
        void *good;

        pthread_join(threads[i], &good);
        assert_true(*(bool *)good);
        free(good);
    }
    assert_int_equal(store.taken, 0);
    assert_in_range(store.reached, 1, 2 * HELD);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages_are_zero_and_different),         TEST(what_is_given_is_wiped),
        TEST(what_was_given_is_taken_again_zeroed), TEST(a_full_store_refuses_and_goes_on),
        TEST(a_commit_that_fails_says_why),         TEST(two_threads_never_hold_one_page),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
