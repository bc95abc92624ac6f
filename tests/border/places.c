#include "tests/border/places.h"

#include <stdio.h>

static const struct place control_places[PLACE_COUNT] = {
    [PLACE_TCS] = {"TCS", CTL_TCS, PAGE_BYTES},
    [PLACE_SSA0] = {"SSA 0", CTL_SSA, SSA_FRAME_PAGES *PAGE_BYTES},
    [PLACE_SSA1] = {"SSA 1", CTL_SSA + SSA_FRAME_PAGES *PAGE_BYTES, SSA_FRAME_PAGES *PAGE_BYTES},
    [PLACE_THREAD] = {"thread block", CTL_TLS, PAGE_BYTES},
    [PLACE_STACK] = {"L0's stack", CTL_STACK, CTL_STACK_BYTES},
    [PLACE_XSTACK] = {"L0's exception stack", CTL_XSTACK, CTL_XSTACK_BYTES},
    [PLACE_SLOT] = {"struct slot", CTL_SLOT, CTL_SLOT_BYTES},
};

#define PLACE(name, offset, bytes) {#name, offset, bytes},
static const struct place region_places[REGION_COUNT] = {REGION_LIST(PLACE)};
#undef PLACE

struct place place_of_control(unsigned slot, enum control_place which)
{
    struct place place = control_places[which];

    place.offset += SLOT_CONTROL_OFF + (uint64_t)slot * SLOT_CONTROL_STRIDE;
    return place;
}

struct place place_of_region(unsigned slot, unsigned region)
{
    struct place place = region_places[region];

    place.offset += MONITOR_ZONE_BYTES + (uint64_t)slot * SLOT_STRIDE;
    return place;
}

static int describe_if_in(const struct place *place, unsigned slot, uint64_t offset, char *text,
                          size_t bytes)
{
    if (offset < place->offset || offset - place->offset >= place->bytes)
        return 0;
    snprintf(text, bytes, "slot %u %s + %#llx", slot, place->name,
             (unsigned long long)(offset - place->offset));
    return 1;
}

void place_describe(uint64_t offset, char *text, size_t bytes)
{
    for (unsigned slot = 0; slot < SLOTS_MAX; slot++) {
        for (unsigned i = 0; i < PLACE_COUNT; i++) {
            struct place place = place_of_control(slot, i);

            if (describe_if_in(&place, slot, offset, text, bytes))
                return;
        }
        for (unsigned i = 0; i < REGION_COUNT; i++) {
            struct place place = place_of_region(slot, i);

            if (describe_if_in(&place, slot, offset, text, bytes))
                return;
        }
    }
    if (offset - STORE_OFF < STORE_MAX) {
        snprintf(text, bytes, "the store + %#llx", (unsigned long long)(offset - STORE_OFF));
        return;
    }
    snprintf(text, bytes, "%s + %#llx",
             offset >= L1_CODE_OFF && offset < L1_CODE_OFF + CODE_RODATA_OFF + CODE_RODATA_MAX
                 ? "layer 1's code"
                 : "the monitor",
             (unsigned long long)(offset - (offset >= MON_IMAGE_OFF ? MON_IMAGE_OFF : 0)));
}
