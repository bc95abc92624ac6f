#include "base/bytes.h"
#include "trusted/monitor/monitor.h"

#include <string.h>

/* Any fixed moment: what a function sees of time before S1. 2020-01-01T00:00:00Z. */
#define FIXED_REALTIME_NS  1577836800000000000ull
#define FIXED_MONOTONIC_NS 1000000000ull
#define INIT_OUTPUT_LIMIT  (64 * 1024)

_Static_assert(sizeof(struct l1_page) <= L1_PAGE_MAX, "the page fits its region");

static struct l1_page *fresh_page(struct slot *slot)
{
    struct l1_page *page = slot_l1_page(slot);

    memset(page, 0, (uint64_t)slot->committed[REGION_L1_PAGE] * PAGE_BYTES);
    page->version = RECLAVE_ABI_VERSION;
    page->linear_bytes = (uint64_t)slot->linear.pages * PAGE_BYTES;
    return page;
}

void l1_page_before_snapshot(struct slot *slot)
{
    struct l1_page *page = fresh_page(slot);

    page->fixed = 1;
    page->realtime_ns = FIXED_REALTIME_NS;
    page->monotonic_ns = FIXED_MONOTONIC_NS;
    page->stdout_limit = INIT_OUTPUT_LIMIT;
    page->stderr_limit = INIT_OUTPUT_LIMIT;
    slot->output_limit = INIT_OUTPUT_LIMIT;
    slot->log_limit = INIT_OUTPUT_LIMIT;
}

void l1_page_for_invocation(struct slot *slot, const struct entry_invocation *request)
{
    struct l1_page *page = fresh_page(slot);

    /* The host's clock may be anything, but for a function time never runs backwards. */
    if (request->monotonic_ns > slot->last_monotonic_ns)
        slot->last_monotonic_ns = request->monotonic_ns;
    page->realtime_ns = request->realtime_ns;
    page->monotonic_ns = slot->last_monotonic_ns;
    page->stdout_limit = request->output_limit;
    page->stderr_limit = request->log_limit;
    slot->output_limit = request->output_limit;
    slot->log_limit = request->log_limit;
}

static uint64_t smallest(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t least = a < b ? a : b;

    return least < c ? least : c;
}

static uint64_t window(const struct slot *slot, unsigned region, uint64_t claimed, uint64_t limit)
{
    return smallest(claimed, limit, (uint64_t)slot->committed[region] * PAGE_BYTES);
}

void results_of(const struct slot *slot, uint64_t output_limit, uint64_t log_limit,
                struct results *results)
{
    const volatile struct l1_page *page = slot_l1_page(slot);

    results->output_bytes = window(slot, REGION_STDOUT, page->stdout_bytes, output_limit);
    results->log_bytes = window(slot, REGION_STDERR, page->stderr_bytes, log_limit);
    results->log_dropped = page->stderr_dropped;
}

void copy_results_out(struct slot *slot, struct entry_invocation *request)
{
    struct results results;

    results_of(slot, request->output_limit, request->log_limit, &results);
    border_copy_out(request->output, region_start(slot, REGION_STDOUT), results.output_bytes);
    border_copy_out(request->log, region_start(slot, REGION_STDERR), results.log_bytes);
    request->output_bytes = results.output_bytes;
    request->log_bytes = results.log_bytes;
    request->log_dropped = results.log_dropped;
}
