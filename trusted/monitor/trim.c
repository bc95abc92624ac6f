/*
 * Trimming: pages that a slot committed beyond what its snapshot had are given
 * back, so that one greedy invocation or function does not keep them. L0 says
 * which, the host asks the hardware to remove them, and L0 sees for itself that
 * it did (EACCEPT) before it forgets a page. The slot is DIRTY or BOOTED: the
 * contents are about to be restored, or zero.
 */
#include "trusted/monitor/monitor.h"

#define TRIM_PAGES_MAX 4096u /* in one call: L0 is not interruptible */

static uint32_t surplus(const struct slot *slot, unsigned region)
{
    const uint32_t *base = slot->function_ready ? slot->at_ready : slot->at_boot;

    return slot->committed[region] - base[region];
}

uint64_t surplus_pages(const struct slot *slot)
{
    uint64_t pages = 0;

    if (!(image_layout.flags & IMAGE_LAZY))
        return 0;
    for (unsigned region = 0; region < REGION_COUNT; region++)
        pages += surplus(slot, region);
    return pages;
}

void trim_forget(struct slot *slot)
{
    slot->trim_region = 0;
    slot->trim_pages = 0;
}

enum status trim_plan(struct slot *slot, struct entry_trim *request)
{
    trim_forget(slot);
    if (request->reserved)
        return ST_INVALID_ARGUMENT;
    if (!surplus_pages(slot))
        return ST_OK;
    for (unsigned region = 0; region < REGION_COUNT && !slot->trim_pages; region++) {
        uint32_t pages = surplus(slot, region);

        slot->trim_region = region;
        slot->trim_pages = pages < TRIM_PAGES_MAX ? pages : TRIM_PAGES_MAX;
    }
    request->offset =
        (uint64_t)(region_start(slot, slot->trim_region) - enclave_base()) +
        (uint64_t)(slot->committed[slot->trim_region] - slot->trim_pages) * PAGE_BYTES;
    request->bytes = (uint64_t)slot->trim_pages * PAGE_BYTES;
    return ST_OK;
}

enum status trim_accept(struct slot *slot, struct entry_trim *request)
{
    enum status status = ST_OK;

    if (request->reserved)
        return ST_INVALID_ARGUMENT;
    for (; slot->trim_pages && surplus(slot, slot->trim_region); slot->trim_pages--) {
        status = commit_drop_last(slot, slot->trim_region);
        if (status != ST_OK)
            break;
        request->bytes += PAGE_BYTES;
    }
    trim_forget(slot);
    linear_was_trimmed(slot);
    return status;
}
