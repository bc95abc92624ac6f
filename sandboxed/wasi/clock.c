/*
 * Clocks. An enclave has none of its own: L0 hands in the host's two clocks once
 * per invocation, and from there time is virtual. It advances by 1 ns per
 * question, so that no two answers are equal, and by what poll_oneoff was asked
 * to sleep. Before the snapshot it stands still, so that the snapshot depends on
 * nothing but the function.
 */
#include "sandboxed/wasi/calls.h"

static uint64_t add_saturated(uint64_t a, uint64_t b)
{
    uint64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

struct clock_reading clock_now(uint32_t clock)
{
    uint64_t elapsed = l1_state()->elapsed_ns;

    if (clock == CLOCK_REALTIME_ID)
        return (struct clock_reading){true, add_saturated(l1_page()->realtime_ns, elapsed)};
    if (clock == CLOCK_MONOTONIC_ID)
        return (struct clock_reading){true, add_saturated(l1_page()->monotonic_ns, elapsed)};
    return (struct clock_reading){false, 0};
}

void clock_advance(uint64_t ns)
{
    if (!l1_page()->fixed)
        l1_state()->elapsed_ns = add_saturated(l1_state()->elapsed_ns, ns);
}

enum wasi_errno wasi_clock_res_get(uint32_t clock, guest_address resolution)
{
    if (!clock_now(clock).known)
        return E_INVAL;
    if (!guest_has(resolution, 8))
        return E_FAULT;
    return guest_store64(resolution, 1) ? E_SUCCESS : E_FAULT;
}

enum wasi_errno wasi_clock_time_get(uint32_t clock, guest_address time)
{
    struct clock_reading now = clock_now(clock);

    if (!now.known)
        return E_INVAL;
    if (!guest_has(time, 8) || !guest_store64(time, now.ns))
        return E_FAULT;
    clock_advance(1);
    return E_SUCCESS;
}
