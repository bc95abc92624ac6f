/* Who waits behind whom: the queue and the scheduler alone, with played slots and a played clock.
 */
#include "host/pool/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TICKETS 16u

static struct pool pool;
static struct function function;
static struct ticket tickets[TICKETS];
static uint64_t now_us;

uint64_t pool_now_us(void)
{
    return now_us;
}

/* One worker with one slot, which is busy. */
static int set_up(void **state)
{
    struct worker *worker = &pool.workers[0];

    (void)state;
    memset(&pool, 0, sizeof(pool));
    memset(tickets, 0, sizeof(tickets));
    function = (struct function){.held = 1};
    pool.options = (struct pool_options){.workers = 1, .queue_limit = 8, .tenancy = POOL_SHARED};
    pool.last = &pool.first;
    worker->pool = &pool;
    worker->state = WORKER_UP;
    worker->slot_count = 1;
    worker->slots[0] = (struct slot){.worker = worker, .state = POOL_SLOT_BUSY, .holds = &function};
    for (unsigned i = 0; i < TICKETS; i++) {
        tickets[i].function = &function;
        sem_init(&tickets[i].wakeup, 0, 0);
    }
    return 0;
}

static bool wait_as(unsigned number, uint64_t party)
{
    tickets[number].party = party;
    tickets[number].since_us = now_us++;
    return queue_ticket(&pool, &tickets[number]);
}

/* The slot becomes free; who gets it? */
static unsigned serve_one(void)
{
    struct slot *slot = &pool.workers[0].slots[0];

    slot->state = POOL_SLOT_WARM;
    schedule(&pool);
    for (unsigned i = 0; i < TICKETS; i++) {
        if (tickets[i].slot) {
            tickets[i].slot = NULL;
            return i;
        }
    }
    return TICKETS;
}

static void must_serve(const unsigned *order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(serve_one(), order[i]);
}

static void one_party_is_served_as_it_came(void **state)
{
    static const unsigned order[] = {0, 1, 2, 3, 4, 5, 6, 7, TICKETS};

    (void)state;
    for (unsigned i = 0; i < 8; i++)
        assert_true(wait_as(i, 0));
    assert_false(wait_as(8, 0)); /* full */
    assert_int_equal(pool.queue, 8);
    must_serve(order, 9);
    assert_int_equal(pool.queue, 0);
    assert_true(wait_as(9, 0));
    assert_int_equal(serve_one(), 9);
}

static void parties_take_turns(void **state)
{
    static const unsigned order[] = {0, 4, 6, 1, 5, 2, 3, TICKETS};

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        assert_true(wait_as(i, 1));
    assert_true(wait_as(4, 2));
    assert_true(wait_as(5, 2));
    assert_true(wait_as(6, 3));
    must_serve(order, 8);
}

/* Also when nobody's patience is left, and nothing overtakes any more. */
static void parties_take_turns_when_late(void **state)
{
    static const unsigned order[] = {0, 3, 1, 2};

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_true(wait_as(i, 1));
    assert_true(wait_as(3, 2));
    now_us += 10 * POOL_PATIENCE_US;
    must_serve(order, 4);
}

/* Who comes again and again, one call at a time, does not keep the others from their turn. */
static void coming_again_does_not_push_in(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_true(wait_as(i, 1));
    assert_true(wait_as(8, 2));
    for (unsigned turn = 0; turn < 3; turn++) {
        assert_int_equal(serve_one(), turn);
        assert_int_equal(serve_one(), 8);
        assert_true(wait_as(8, 2));
    }
}

static void a_full_queue_has_room_for_another_party(void **state)
{
    static const unsigned order[] = {0, 8, 1, 9, 2, 3, 4, 5};

    (void)state;
    for (unsigned i = 0; i < 8; i++)
        assert_true(wait_as(i, 1));
    assert_true(wait_as(8, 2));
    assert_true(tickets[7].displaced);
    assert_true(wait_as(9, 2));
    assert_true(tickets[6].displaced);
    assert_false(tickets[5].displaced);
    assert_false(wait_as(10, 1)); /* the greedy one gets none of it back */
    assert_int_equal(pool.queue, 8);
    must_serve(order, 8);
}

static void who_leaves_the_queue_is_not_served(void **state)
{
    static const unsigned order[] = {0, 3, 2, TICKETS};

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_true(wait_as(i, 1));
    assert_true(wait_as(3, 2));
    unqueue_ticket(&pool, &tickets[1]);
    must_serve(order, 4);
    assert_ptr_equal(pool.last, &pool.first);
    assert_int_equal(function.waiting, 0);
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(one_party_is_served_as_it_came),
        CASE(parties_take_turns),
        CASE(parties_take_turns_when_late),
        CASE(coming_again_does_not_push_in),
        CASE(a_full_queue_has_room_for_another_party),
        CASE(who_leaves_the_queue_is_not_served),
    };

    return cmocka_run_group_tests_name("pool-schedule", tests, NULL, NULL);
}
