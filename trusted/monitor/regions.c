#include "trusted/monitor/monitor.h"

static const struct {
    uint64_t offset; /* from the slot's base */
} regions[REGION_COUNT] = {
    [REGION_L1_PAGE] = {SLOT_L1_CAGE + L1_PAGE_OFF},
    [REGION_L1_STATE] = {SLOT_L1_CAGE + L1_STATE_OFF},
    [REGION_L1_STACK] = {SLOT_L1_CAGE + L1_STACK_OFF},
    [REGION_STDIN] = {SLOT_L1_CAGE + STDIN_OFF},
    [REGION_STDOUT] = {SLOT_L1_CAGE + STDOUT_OFF},
    [REGION_STDERR] = {SLOT_L1_CAGE + STDERR_OFF},
    [REGION_L2_STATE] = {SLOT_L2_CAGE + L2_STATE_OFF},
    [REGION_L2_TABLES] = {SLOT_L2_CAGE + L2_TABLES_OFF},
    [REGION_L2_STACK] = {SLOT_L2_CAGE + L2_STACK_OFF},
    [REGION_LINEAR] = {SLOT_LINEAR},
    [REGION_CODE] = {SLOT_CODE},
    [REGION_STORE] = {SLOT_STORE},
};

uint8_t *slot_base(const struct slot *slot)
{
    return enclave_base() + MONITOR_ZONE_BYTES + slot->number * SLOT_STRIDE;
}

uint8_t *region_start(const struct slot *slot, unsigned region)
{
    return slot_base(slot) + regions[region].offset;
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
    views[REGION_LINEAR].pages = (uint32_t)slot->linear_pages;
}
