#include "trusted/monitor/monitor.h"

/* Offsets from the slot's base. */
#define OFFSET(name, offset, bytes) offset,
static const uint64_t region_offsets[REGION_COUNT] = {REGION_LIST(OFFSET)};
#undef OFFSET

uint8_t *slot_base(const struct slot *slot)
{
    return enclave_base() + MONITOR_ZONE_BYTES + slot->number * SLOT_STRIDE;
}

uint8_t *region_start(const struct slot *slot, unsigned region)
{
    return slot_base(slot) + region_offsets[region];
}

struct l1_page *slot_l1_page(const struct slot *slot)
{
    return (struct l1_page *)(void *)region_start(slot, REGION_L1_PAGE);
}

void snapshot_views(const struct slot *slot, struct region_view *views)
{
    for (unsigned region = 0; region < REGION_SNAPSHOT_COUNT; region++) {
        views[region].start = region_start(slot, region);
        views[region].pages = slot->committed[region];
    }
    views[REGION_LINEAR].start = linear_start(slot);
    views[REGION_LINEAR].pages = slot->linear.pages;
}
