#include "toolchain/image/regions.h"

#include <inttypes.h>

#define REGION_PLACE(name, offset, bytes) [REGION_##name] = {#name, offset, bytes},
const struct region_place region_places[REGION_COUNT] = {REGION_LIST(REGION_PLACE)};

/* Eager images: pages that do not depend on the size. */
static const uint32_t fixed_pages[REGION_COUNT] = {
    [REGION_L1_PAGE] = 16,   [REGION_L1_STATE] = 1,  [REGION_L1_STACK] = 4,
    [REGION_STDIN] = 272, /* 1 MiB, the default limit, and slack */
    [REGION_STDOUT] = 272,   [REGION_STDERR] = 32,   [REGION_L2_STATE] = 64,
    [REGION_L2_TABLES] = 64, [REGION_L2_STACK] = 96, /* 256 KiB, the default, and slack */
};

/* ... and sixteenths of the rest. */
static const uint32_t share_of_16[REGION_COUNT] = {
    [REGION_LINEAR] = 8,
    [REGION_CODE] = 2,
    [REGION_RODATA] = 1,
};
#define STORE_SHARE_OF_16 5 /* all slots': S1 of what is not zero */

/* A function's code with its crt, and one wasm page of memory with a copy of it: less is useless.
 */
static const uint32_t least_pages[REGION_COUNT] = {
    [REGION_LINEAR] = 64,
    [REGION_CODE] = 64,
    [REGION_RODATA] = 16,
};
#define STORE_LEAST_PAGES 64

static uint32_t limit_pages(unsigned region)
{
    return (uint32_t)(region_places[region].max_bytes / PAGE_BYTES);
}

void regions_lazy(struct image_layout *layout)
{
    for (unsigned i = 0; i < REGION_COUNT; i++) {
        layout->region[i].present = 0;
        layout->region[i].max = limit_pages(i);
    }
    layout->store_present = 0;
    layout->store_max = STORE_MAX / PAGE_BYTES;
}

/* One mark for each page of linear memory. */
static uint64_t marks_pages(uint64_t linear_pages)
{
    return (linear_pages + PAGE_BYTES - 1) / PAGE_BYTES;
}

static enum status check_pages(const char *name, uint64_t pages, uint32_t least, uint64_t limit,
                               uint64_t size_mib, struct problem *p)
{
    if (pages < least)
        return problem(p, ST_OUT_OF_RANGE,
                       "%" PRIu64 " MiB leave %" PRIu64 " pages for the region %s, which needs %u:"
                       " choose a larger --size or fewer --slots",
                       size_mib, pages, name, least);
    if (pages > limit)
        return problem(p, ST_OUT_OF_RANGE,
                       "%" PRIu64 " MiB give the region %s %" PRIu64 " pages, above its limit of"
                       " %" PRIu64 ": choose a smaller --size or more --slots",
                       size_mib, name, pages, limit);
    return ST_OK;
}

/* The store is one for all slots. */
static enum status share_store(struct image_layout *layout, uint64_t rest, uint64_t size_mib,
                               struct problem *p)
{
    uint64_t wanted = rest * STORE_SHARE_OF_16 / 16 * layout->slots;

    layout->store_present = layout->store_max = (uint32_t)wanted;
    return check_pages("STORE", wanted, STORE_LEAST_PAGES, STORE_MAX / PAGE_BYTES, size_mib, p);
}

enum status regions_eager(struct image_layout *layout, uint64_t size_mib, struct problem *p)
{
    uint64_t pages = size_mib <= UINT32_MAX ? size_mib * 256 / layout->slots : UINT32_MAX;
    uint64_t fixed = 0, rest;

    for (unsigned i = 0; i < REGION_COUNT; i++)
        fixed += fixed_pages[i];
    rest = pages > fixed ? pages - fixed : 0;
    for (unsigned i = 0; i < REGION_COUNT; i++) {
        uint64_t wanted = fixed_pages[i] + rest * share_of_16[i] / 16;
        enum status status;

        if (i == REGION_MARKS)
            wanted = marks_pages(layout->region[REGION_LINEAR].max);
        status =
            check_pages(region_places[i].name, wanted, least_pages[i], limit_pages(i), size_mib, p);
        if (status)
            return status;
        layout->region[i].present = layout->region[i].max = (uint32_t)wanted;
    }
    return share_store(layout, rest, size_mib, p);
}
