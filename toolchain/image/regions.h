/* The regions of a slot by number: where each begins, how far it may grow, and how many pages an
 * image gives it. */
#ifndef RECLAVE_TOOLCHAIN_IMAGE_REGIONS_H
#define RECLAVE_TOOLCHAIN_IMAGE_REGIONS_H

#include "abi/image.h"
#include "toolchain/image/problem.h"

struct region_place {
    const char *name;
    uint64_t offset;    /* from the slot's base */
    uint64_t max_bytes; /* geometry's limit */
};

extern const struct region_place region_places[REGION_COUNT];

/* SGX2: nothing is in the image, every region may grow to geometry's limit. */
void regions_lazy(struct image_layout *layout);

/* SGX1: size_mib MiB shared evenly by layout->slots, all of it in the image. ST_OUT_OF_RANGE for a
 * size that leaves a region without room, or beyond geometry's limits, by the region's name. */
MUST_CHECK enum status regions_eager(struct image_layout *layout, uint64_t size_mib,
                                     struct problem *p);

#endif
