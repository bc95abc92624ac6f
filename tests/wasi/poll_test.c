/* poll_oneoff and the clocks that it moves. */
#include "tests/wasi/machine.h"

#include <string.h>

#define SUBSCRIPTIONS 0x1000u
#define EVENTS        0x2000u
#define COUNT         0x3000u
#define SECOND        1000000000ull

static void put_subscription(uint32_t i, uint64_t userdata, uint8_t type, uint32_t target)
{
    uint32_t at = SUBSCRIPTIONS + i * SUBSCRIPTION_SIZE;

    memset(guest(at), 0, SUBSCRIPTION_SIZE);
    put64(at + SUBSCRIPTION_USERDATA, userdata);
    *guest(at + SUBSCRIPTION_TYPE) = type;
    put32(at + SUBSCRIPTION_TARGET, target);
}

static void put_clock(uint32_t i, uint64_t userdata, uint32_t clock, uint64_t timeout,
                      uint16_t flags)
{
    put_subscription(i, userdata, EVENTTYPE_CLOCK, clock);
    put64(SUBSCRIPTIONS + i * SUBSCRIPTION_SIZE + SUBSCRIPTION_CLOCK_TIMEOUT, timeout);
    put32(SUBSCRIPTIONS + i * SUBSCRIPTION_SIZE + SUBSCRIPTION_CLOCK_FLAGS, flags);
}

static uint64_t poll_subscriptions(uint32_t count)
{
    return wasi(WASI_POLL_ONEOFF, SUBSCRIPTIONS, EVENTS, count, COUNT);
}

static void assert_event(uint32_t i, uint64_t userdata, uint16_t error, uint8_t type)
{
    uint32_t at = EVENTS + i * EVENT_SIZE;

    assert_int_equal(get64(at + EVENT_USERDATA), userdata);
    assert_int_equal(get16(at + EVENT_ERRNO), error);
    assert_int_equal(*guest(at + EVENT_TYPE), type);
}

static uint64_t ask_clock(uint32_t clock)
{
    assert_int_equal(wasi(WASI_CLOCK_TIME_GET, clock, 1, 0x100, 0), E_SUCCESS);
    return get64(0x100);
}

static void clocks_start_at_the_hosts_and_never_repeat(void **state)
{
    (void)state;
    l1_page()->realtime_ns = 5000;
    l1_page()->monotonic_ns = 100;
    assert_int_equal(ask_clock(CLOCK_REALTIME_ID), 5000);
    assert_int_equal(ask_clock(CLOCK_MONOTONIC_ID), 101);
    assert_int_equal(ask_clock(CLOCK_MONOTONIC_ID), 102);
    assert_int_equal(ask_clock(CLOCK_REALTIME_ID), 5003);
}

static void clocks_stand_still_before_the_snapshot(void **state)
{
    (void)state;
    l1_page()->fixed = 1;
    l1_page()->monotonic_ns = 100;
    put_clock(0, 1, CLOCK_MONOTONIC_ID, SECOND, 0);
    assert_int_equal(ask_clock(CLOCK_MONOTONIC_ID), 100);
    assert_int_equal(poll_subscriptions(1), E_SUCCESS);
    assert_int_equal(get32(COUNT), 1);
    assert_int_equal(ask_clock(CLOCK_MONOTONIC_ID), 100);
}

static void clocks_stop_at_the_end_of_time(void **state)
{
    (void)state;
    l1_page()->monotonic_ns = UINT64_MAX - 1;
    assert_int_equal(ask_clock(CLOCK_MONOTONIC_ID), UINT64_MAX - 1);
    assert_int_equal(ask_clock(CLOCK_MONOTONIC_ID), UINT64_MAX);
    assert_int_equal(ask_clock(CLOCK_MONOTONIC_ID), UINT64_MAX);
}

static void clocks_refuse_other_ids_and_pointers(void **state)
{
    (void)state;
    assert_int_equal(wasi(WASI_CLOCK_TIME_GET, 2, 0, 0x100, 0), E_INVAL);
    assert_int_equal(wasi(WASI_CLOCK_RES_GET, 3, 0x100, 0, 0), E_INVAL);
    assert_int_equal(wasi(WASI_CLOCK_TIME_GET, 0, 0, MACHINE_LINEAR_BYTES - 7, 0), E_FAULT);
    assert_int_equal(wasi(WASI_CLOCK_RES_GET, 0, MACHINE_LINEAR_BYTES - 7, 0, 0), E_FAULT);
    assert_guest_untouched();
}

static void clock_resolution_is_a_nanosecond(void **state)
{
    (void)state;
    assert_int_equal(wasi(WASI_CLOCK_RES_GET, CLOCK_MONOTONIC_ID, 0x100, 0, 0), E_SUCCESS);
    assert_int_equal(get64(0x100), 1);
}

static void poll_relative_clock_passes_virtual_time(void **state)
{
    uint64_t before = ask_clock(CLOCK_MONOTONIC_ID);

    (void)state;
    put_clock(0, 77, CLOCK_MONOTONIC_ID, 3 * SECOND, 0);
    assert_int_equal(poll_subscriptions(1), E_SUCCESS);
    assert_int_equal(get32(COUNT), 1);
    assert_event(0, 77, E_SUCCESS, EVENTTYPE_CLOCK);
    assert_true(ask_clock(CLOCK_MONOTONIC_ID) >= before + 3 * SECOND);
}

static void poll_absolute_clock_passes_up_to_its_deadline(void **state)
{
    (void)state;
    l1_page()->realtime_ns = 10 * SECOND;
    put_clock(0, 1, CLOCK_REALTIME_ID, 12 * SECOND, SUBCLOCK_ABSTIME);
    assert_int_equal(poll_subscriptions(1), E_SUCCESS);
    assert_int_equal(ask_clock(CLOCK_REALTIME_ID), 12 * SECOND);
}

static void poll_absolute_clock_in_the_past_takes_no_time(void **state)
{
    (void)state;
    l1_page()->realtime_ns = 10 * SECOND;
    put_clock(0, 1, CLOCK_REALTIME_ID, 9 * SECOND, SUBCLOCK_ABSTIME);
    assert_int_equal(poll_subscriptions(1), E_SUCCESS);
    assert_int_equal(get32(COUNT), 1);
    assert_int_equal(ask_clock(CLOCK_REALTIME_ID), 10 * SECOND);
}

static void poll_earliest_of_several_clocks_fires_alone(void **state)
{
    (void)state;
    put_clock(0, 10, CLOCK_MONOTONIC_ID, 5 * SECOND, 0);
    put_clock(1, 11, CLOCK_MONOTONIC_ID, 2 * SECOND, 0);
    put_clock(2, 12, CLOCK_REALTIME_ID, 2 * SECOND, 0);
    assert_int_equal(poll_subscriptions(3), E_SUCCESS);
    assert_int_equal(get32(COUNT), 2);
    assert_event(0, 11, E_SUCCESS, EVENTTYPE_CLOCK);
    assert_event(1, 12, E_SUCCESS, EVENTTYPE_CLOCK);
    assert_int_equal(ask_clock(CLOCK_MONOTONIC_ID), 2 * SECOND);
}

static void poll_ready_descriptor_comes_before_a_clock(void **state)
{
    (void)state;
    machine_input("abc", 3);
    put_clock(0, 10, CLOCK_MONOTONIC_ID, SECOND, 0);
    put_subscription(1, 20, EVENTTYPE_FD_READ, 0);
    put_subscription(2, 21, EVENTTYPE_FD_WRITE, 1);
    assert_int_equal(poll_subscriptions(3), E_SUCCESS);
    assert_int_equal(get32(COUNT), 2);
    assert_event(0, 20, E_SUCCESS, EVENTTYPE_FD_READ);
    assert_int_equal(get64(EVENTS + EVENT_BYTES), 3);
    assert_int_equal(get16(EVENTS + EVENT_FLAGS), 0);
    assert_event(1, 21, E_SUCCESS, EVENTTYPE_FD_WRITE);
    assert_int_equal(ask_clock(CLOCK_MONOTONIC_ID), 0);
}

static void poll_exhausted_input_hangs_up(void **state)
{
    (void)state;
    put_subscription(0, 20, EVENTTYPE_FD_READ, 0);
    assert_int_equal(poll_subscriptions(1), E_SUCCESS);
    assert_int_equal(get64(EVENTS + EVENT_BYTES), 0);
    assert_int_equal(get16(EVENTS + EVENT_FLAGS), EVENT_HANGUP);
}

static void poll_reports_errors_as_events(void **state)
{
    (void)state;
    put_subscription(0, 1, EVENTTYPE_FD_READ, 7);
    put_subscription(1, 2, 9, 0);
    put_clock(2, 3, 5, SECOND, 0);
    assert_int_equal(wasi(WASI_FD_CLOSE, 1, 0, 0, 0), E_SUCCESS);
    put_subscription(3, 4, EVENTTYPE_FD_WRITE, 1);
    assert_int_equal(poll_subscriptions(4), E_SUCCESS);
    assert_int_equal(get32(COUNT), 4);
    assert_event(0, 1, E_BADF, EVENTTYPE_FD_READ);
    assert_event(1, 2, E_INVAL, 9);
    assert_event(2, 3, E_INVAL, EVENTTYPE_CLOCK);
    assert_event(3, 4, E_BADF, EVENTTYPE_FD_WRITE);
}

static void poll_refuses_no_subscriptions(void **state)
{
    (void)state;
    assert_int_equal(poll_subscriptions(0), E_INVAL);
    assert_guest_untouched();
}

static void poll_refuses_wrong_pointers(void **state)
{
    const uint32_t end = MACHINE_LINEAR_BYTES;

    (void)state;
    assert_int_equal(wasi(WASI_POLL_ONEOFF, end - 47, EVENTS, 1, COUNT), E_FAULT);
    assert_int_equal(wasi(WASI_POLL_ONEOFF, SUBSCRIPTIONS, end - 31, 1, COUNT), E_FAULT);
    assert_int_equal(wasi(WASI_POLL_ONEOFF, SUBSCRIPTIONS, EVENTS, 1, end - 3), E_FAULT);
    assert_int_equal(wasi(WASI_POLL_ONEOFF, 0, EVENTS, 0x05555556, COUNT), E_FAULT); /* 48n wraps */
    assert_int_equal(wasi(WASI_POLL_ONEOFF, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff),
                     E_FAULT);
    assert_guest_untouched();
}

/* Events written over subscriptions not yet read: whatever comes of it stays in the arrays. */
static void poll_survives_overlapping_arrays(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 8; i++)
        put_subscription(i, i, EVENTTYPE_FD_WRITE, 1);
    assert_int_equal(
        wasi(WASI_POLL_ONEOFF, SUBSCRIPTIONS, SUBSCRIPTIONS + 40, 8, SUBSCRIPTIONS + 4), E_SUCCESS);
    assert_true(get32(SUBSCRIPTIONS + 4) <= 8);
}

static void yield_does_nothing(void **state)
{
    (void)state;
    assert_int_equal(wasi(WASI_SCHED_YIELD, 0, 0, 0, 0), E_SUCCESS);
    assert_guest_untouched();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(clocks_start_at_the_hosts_and_never_repeat),
        CASE(clocks_stand_still_before_the_snapshot),
        CASE(clocks_stop_at_the_end_of_time),
        CASE(clocks_refuse_other_ids_and_pointers),
        CASE(clock_resolution_is_a_nanosecond),
        CASE(poll_relative_clock_passes_virtual_time),
        CASE(poll_absolute_clock_passes_up_to_its_deadline),
        CASE(poll_absolute_clock_in_the_past_takes_no_time),
        CASE(poll_earliest_of_several_clocks_fires_alone),
        CASE(poll_ready_descriptor_comes_before_a_clock),
        CASE(poll_exhausted_input_hangs_up),
        CASE(poll_reports_errors_as_events),
        CASE(poll_refuses_no_subscriptions),
        CASE(poll_refuses_wrong_pointers),
        CASE(poll_survives_overlapping_arrays),
        CASE(yield_does_nothing),
    };

    return RUN_GROUP(tests);
}
