/*
 * poll_oneoff. Nothing inside an enclave can become ready later: input is all
 * there and output is never full. So a ready descriptor answers at once, and
 * with clocks alone the earliest one ends the call by letting virtual time pass.
 */
#include "sandboxed/wasi/calls.h"

struct subscription {
    uint64_t userdata;
    uint64_t timeout;
    uint32_t target; /* clock or descriptor */
    uint16_t flags;
    uint8_t type;
};

static struct subscription load_subscription(guest_address array, uint32_t i)
{
    uint64_t at = (uint64_t)array + (uint64_t)i * SUBSCRIPTION_SIZE;

    return (struct subscription){
        .userdata = guest_load64(at + SUBSCRIPTION_USERDATA),
        .type = guest_load8(at + SUBSCRIPTION_TYPE),
        .target = guest_load32(at + SUBSCRIPTION_TARGET),
        .timeout = guest_load64(at + SUBSCRIPTION_CLOCK_TIMEOUT),
        .flags = guest_load16(at + SUBSCRIPTION_CLOCK_FLAGS),
    };
}

/* Nanoseconds from now until the subscription fires; descriptors and bad clocks fire at once. */
static uint64_t remaining_ns(struct subscription subscription)
{
    struct clock_reading now = clock_now(subscription.target);

    if (subscription.type != EVENTTYPE_CLOCK || !now.known)
        return 0;
    if (!(subscription.flags & SUBCLOCK_ABSTIME))
        return subscription.timeout;
    return subscription.timeout > now.ns ? subscription.timeout - now.ns : 0;
}

static enum wasi_errno event_error(struct subscription subscription)
{
    switch (subscription.type) {
    case EVENTTYPE_CLOCK:
        return clock_now(subscription.target).known ? E_SUCCESS : E_INVAL;
    case EVENTTYPE_FD_READ:
    case EVENTTYPE_FD_WRITE:
        return descriptor_open(subscription.target) ? E_SUCCESS : E_BADF;
    default:
        return E_INVAL;
    }
}

static bool store_event(guest_address array, uint32_t i, struct subscription subscription)
{
    uint64_t input = l1_page()->stdin_bytes - l1_state()->stdin_at;
    enum wasi_errno error = event_error(subscription);

    stage_zero(EVENT_SIZE);
    stage64(EVENT_USERDATA, subscription.userdata);
    stage16(EVENT_ERRNO, (uint16_t)error);
    stage8(EVENT_TYPE, subscription.type);
    if (subscription.type == EVENTTYPE_FD_READ && subscription.target == 0 && !error) {
        stage64(EVENT_BYTES, input);
        stage16(EVENT_FLAGS, input ? 0 : EVENT_HANGUP);
    }
    return guest_store(array + i * EVENT_SIZE, EVENT_SIZE);
}

/* The subscriptions that fire after `wait` ns, in order. The arrays may overlap: that is the
 * function's own loss, events lie inside `events` whatever the subscriptions say. */
static bool store_events(guest_address subscriptions, guest_address events, uint32_t count,
                         uint64_t wait, uint32_t *fired)
{
    *fired = 0;

    for (uint32_t i = 0; i < count; i++) {
        struct subscription subscription = load_subscription(subscriptions, i);

        if (remaining_ns(subscription) <= wait && !store_event(events, (*fired)++, subscription))
            return false;
    }
    return true;
}

enum wasi_errno wasi_poll_oneoff(guest_address subscriptions, guest_address events, uint32_t count,
                                 guest_address event_count)
{
    uint64_t wait = UINT64_MAX;
    uint32_t fired;

    if (count == 0)
        return E_INVAL;
    if (!guest_has_array(subscriptions, count, SUBSCRIPTION_SIZE) ||
        !guest_has_array(events, count, EVENT_SIZE) || !guest_has(event_count, 4))
        return E_FAULT;
    for (uint32_t i = 0; i < count; i++) {
        struct subscription subscription = load_subscription(subscriptions, i);
        uint64_t remaining = remaining_ns(subscription);

        if (remaining < wait)
            wait = remaining;
    }
    if (!store_events(subscriptions, events, count, wait, &fired) ||
        !guest_store32(event_count, fired))
        return E_FAULT;
    clock_advance(wait);
    return E_SUCCESS;
}
