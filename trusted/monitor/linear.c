/*
 * Linear memory lies at the *end* of its region's committed pages, so that the
 * first byte past memory.size is never a committed page and traps by itself,
 * on SGX1 (where all pages exist from the start) and after an invocation that
 * grew (whose pages stay). Pages below it are out of reach: no address of a
 * layer's is negative. Growing into them moves the contents down.
 */
#include "trusted/monitor/monitor.h"

#include <string.h>

uint8_t *linear_start(const struct slot *slot)
{
    return region_start(slot, REGION_LINEAR) +
           (slot->committed[REGION_LINEAR] - slot->linear_pages) * PAGE_BYTES;
}

enum status linear_place(struct slot *slot, uint64_t pages)
{
    enum status status = commit_region(slot, REGION_LINEAR, pages);

    if (status == ST_OK)
        slot->linear_pages = pages;
    return status;
}

enum status linear_grow(struct slot *slot, uint64_t pages)
{
    uint64_t below = slot->committed[REGION_LINEAR] - slot->linear_pages;
    uint8_t *old_start = linear_start(slot);
    enum status status;

    if (pages > image_layout.region[REGION_LINEAR].max - slot->linear_pages)
        return ST_NO_MEMORY;
    if (below < pages) { /* new pages above; what is below stays for later */
        status = commit_region(slot, REGION_LINEAR, slot->committed[REGION_LINEAR] + pages);
        if (status == ST_OK)
            slot->linear_pages += pages;
        return status;
    }
    memmove(old_start - pages * PAGE_BYTES, old_start, slot->linear_pages * PAGE_BYTES);
    memset(old_start + (slot->linear_pages - pages) * PAGE_BYTES, 0, pages * PAGE_BYTES);
    slot->linear_pages += pages;
    return ST_OK;
}

void linear_shrink(struct slot *slot, uint64_t pages)
{
    memset(linear_start(slot), 0, (slot->linear_pages - pages) * PAGE_BYTES);
    slot->linear_pages = pages;
}
