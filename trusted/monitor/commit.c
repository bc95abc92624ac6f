/*
 * The commit map: for each region of a slot, how many pages of its front L0
 * has accepted. Invariants: a page is accepted at most once (counts only grow,
 * EACCEPT runs exactly for the pages that a count passes over); pages of the
 * image were accepted by EADD and measurement; nothing outside the regions is
 * ever accepted.
 */
#include "trusted/monitor/monitor.h"

/* Pages of the image are there from the start. Linear memory and stacks end or
 * begin at the edge of what is present, so everything present counts as committed. */
void commit_at_boot(struct slot *slot)
{
    for (unsigned region = 0; region < REGION_COUNT; region++)
        slot->committed[region] = image_layout.region[region].present;
}

static bool take_from_limit(uint64_t pages)
{
    uint64_t total = __atomic_add_fetch(&enclave.committed_pages, pages, __ATOMIC_RELAXED);

    if (enclave.page_limit && total > enclave.page_limit) {
        __atomic_sub_fetch(&enclave.committed_pages, pages, __ATOMIC_RELAXED);
        return false;
    }
    return true;
}

enum status commit_region(struct slot *slot, unsigned region, uint64_t pages)
{
    uint8_t *start = region_start(slot, region);
    uint64_t now = slot->committed[region];

    if (pages <= now)
        return ST_OK;
    if (pages > image_layout.region[region].max || !(image_layout.flags & IMAGE_LAZY))
        return ST_NO_MEMORY;
    if (!take_from_limit(pages - now))
        return ST_NO_MEMORY;
    for (; now < pages; now++) {
        /* Anything but a fresh zero page (EAUG) fails: then the host plays with the
         * address space, and the slot must not go on. */
        if (enclu_eaccept(start + now * PAGE_BYTES,
                          SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_PENDING) != 0) {
            slot->state = SLOT_POISONED;
            return ST_POISONED_NOW;
        }
        slot->committed[region] = (uint32_t)(now + 1);
    }
    return ST_OK;
}

enum status commit_store(void *slot, uint32_t pages)
{
    return commit_region(slot, REGION_STORE, pages);
}

bool commit_covers(const struct slot *slot, uint64_t address)
{
    for (unsigned region = 0; region < REGION_COUNT; region++) {
        uint64_t start = (uint64_t)region_start(slot, region);

        if (address >= start && address - start < (uint64_t)slot->committed[region] * PAGE_BYTES)
            return true;
    }
    return false;
}
