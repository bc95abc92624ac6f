/*
 * Linear memory lies at the *end* of its region's committed pages, so that the
 * first byte past memory.size is never a committed page and traps by itself,
 * on SGX1 (where all pages exist from the start) and after an invocation that
 * grew (whose pages stay). Pages below it are out of reach: no address of a
 * layer's is negative. Growing into them moves the contents down.
 *
 * Where the function's stores are marked, there is a mark for each page; marks
 * count from where linear memory starts. They tell what a rewind must restore
 * as long as memory ends up where it was at S1 and was not moved in between.
 */
#include "abi/sfi.h"
#include "base/bytes.h"
#include "trusted/monitor/monitor.h"

#include <string.h>

_Static_assert(SFI_MARKS_OFF == SLOT_MARKS - SLOT_CODE && PAGE_BYTES == 1 << SFI_MARK_SHIFT,
               "code finds the marks where they are");

static uint32_t start_page(const struct slot *slot)
{
    return slot->committed[REGION_LINEAR] - slot->linear.pages;
}

static uint8_t *page_address(const struct slot *slot, uint32_t page)
{
    return region_start(slot, REGION_LINEAR) + (uint64_t)page * PAGE_BYTES;
}

uint8_t *linear_start(const struct slot *slot)
{
    return page_address(slot, start_page(slot));
}

static bool is_marked(const struct slot *slot)
{
    return slot->function.tracking == BUNDLE_TRACK_MARK;
}

static enum status commit_marks(struct slot *slot, uint64_t linear_pages)
{
    if (!is_marked(slot))
        return ST_OK;
    return commit_region(slot, REGION_MARKS, round_up(linear_pages, PAGE_BYTES) / PAGE_BYTES);
}

/* The size changes, at its start. */
static void set_pages(struct slot *slot, uint64_t pages)
{
    slot->linear.pages = (uint32_t)pages;
    if (slot->linear.low > start_page(slot))
        slot->linear.low = start_page(slot);
}

enum status linear_place(struct slot *slot, uint64_t pages)
{
    enum status status = commit_region(slot, REGION_LINEAR, pages);

    if (status == ST_OK)
        status = commit_marks(slot, pages);
    if (status == ST_OK)
        set_pages(slot, pages);
    return status;
}

/* Uses pages below. Its marks count from the old place. */
static void move_down(struct slot *slot, uint64_t pages, const uint8_t *old_start)
{
    uint64_t bytes = (uint64_t)slot->linear.pages * PAGE_BYTES;

    set_pages(slot, slot->linear.pages + pages);
    memmove(linear_start(slot), old_start, bytes);
    memset(linear_start(slot) + bytes, 0, pages * PAGE_BYTES);
    slot->linear.unmarked = true;
}

enum status linear_grow(struct slot *slot, uint64_t pages)
{
    uint64_t below = start_page(slot);
    const uint8_t *old_start = linear_start(slot);
    enum status status;

    if (pages > image_layout.region[REGION_LINEAR].max - slot->linear.pages)
        return ST_NO_MEMORY;
    status = commit_marks(slot, slot->linear.pages + pages);
    if (status != ST_OK)
        return status;
    if (below < pages) { /* new pages above; what is below stays for later */
        status = commit_region(slot, REGION_LINEAR, slot->committed[REGION_LINEAR] + pages);
        if (status == ST_OK)
            slot->linear.pages += (uint32_t)pages;
        if (status != ST_NO_MEMORY)
            return status;
        /* What the slot had before must not decide how far a function can grow. */
        status = commit_region(slot, REGION_LINEAR, slot->committed[REGION_LINEAR] + pages - below);
        if (status != ST_OK)
            return status;
    }
    move_down(slot, pages, old_start);
    return ST_OK;
}

uint64_t linear_return(struct slot *slot, uint64_t pages)
{
    uint32_t start = slot->committed[REGION_LINEAR] - (uint32_t)pages;
    uint32_t below = start > slot->linear.low ? start - slot->linear.low : 0;

    memset(page_address(slot, slot->linear.low), 0, (uint64_t)below * PAGE_BYTES);
    slot->linear.pages = (uint32_t)pages;
    slot->linear.low = start;
    return below;
}

void linear_was_trimmed(struct slot *slot)
{
    uint32_t end = slot->committed[REGION_LINEAR];

    if (slot->linear.pages > end)
        slot->linear.pages = end;
    if (slot->linear.low > end)
        slot->linear.low = end;
}

void linear_is_ready(struct slot *slot)
{
    memset(region_start(slot, REGION_MARKS), 0,
           (uint64_t)slot->committed[REGION_MARKS] * PAGE_BYTES);
    slot->linear.ready_pages = slot->linear.pages;
    slot->linear.ready_start = start_page(slot);
    slot->linear.unmarked = false;
}

void linear_mark(struct slot *slot, uint64_t address, uint64_t bytes)
{
    uint64_t first = address >> SFI_MARK_SHIFT;

    if (is_marked(slot) && bytes)
        memset(region_start(slot, REGION_MARKS) + first, 1,
               ((address + bytes - 1) >> SFI_MARK_SHIFT) - first + 1);
}

bool linear_marks_suffice(const struct slot *slot)
{
    return is_marked(slot) && !slot->linear.unmarked &&
           start_page(slot) == slot->linear.ready_start;
}
