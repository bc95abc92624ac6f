/*
 * The commit map: for each region of a slot, and for the snapshot store, how
 * many pages of its front L0 has accepted. Invariants: a count grows by the
 * EACCEPT of the fresh page that it passes over and shrinks by the EACCEPT of
 * that page's removal, which L0 asked for: no page is accepted twice without
 * having been given up in between. Pages of the image were accepted by EADD and
 * measurement; nothing else is ever accepted.
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

/* Anything but a fresh zero page (EAUG) fails: then the host plays with the address space, and the
 * slot must not go on. */
static bool accept_new(uint8_t *page)
{
    return enclu_eaccept(page, SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_PENDING) == 0;
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
        if (!accept_new(start + now * PAGE_BYTES)) {
            slot->state = SLOT_POISONED;
            return ST_POISONED_NOW;
        }
        slot->committed[region] = (uint32_t)(now + 1);
    }
    return ST_OK;
}

enum status commit_store(uint32_t pages)
{
    while (enclave.store_pages < pages) {
        uint8_t *page = enclave_base() + STORE_OFF + (uint64_t)enclave.store_pages * PAGE_BYTES;

        if (pages > image_layout.store_max || !(image_layout.flags & IMAGE_LAZY) ||
            !take_from_limit(1))
            return ST_NO_MEMORY;
        if (!accept_new(page))
            return ST_POISONED_NOW;
        __atomic_store_n(&enclave.store_pages, enclave.store_pages + 1, __ATOMIC_RELAXED);
    }
    return ST_OK;
}

enum status commit_drop_last(struct slot *slot, unsigned region)
{
    uint32_t last = slot->committed[region] - 1;

    if (enclu_eaccept(region_start(slot, region) + (uint64_t)last * PAGE_BYTES,
                      SECINFO_TRIM | SECINFO_MODIFIED) != 0)
        return ST_TRIM_PERMISSIONS;
    slot->committed[region] = last;
    __atomic_sub_fetch(&enclave.committed_pages, 1, __ATOMIC_RELAXED);
    return ST_OK;
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
