/* The pages of an image in the order in which they are added and measured. */
#ifndef RECLAVE_TOOLCHAIN_IMAGE_PLAN_H
#define RECLAVE_TOOLCHAIN_IMAGE_PLAN_H

#include "toolchain/image/problem.h"

#include <stdint.h>

struct plan_run {
    uint64_t offset; /* from the enclave's base */
    uint32_t pages;
    uint64_t secinfo;
    uint8_t *contents; /* pages * PAGE_BYTES, owned; NULL: zero pages */
};

/* At most what SLOTS_MAX slots need: 8 runs of control and REGION_COUNT regions each. */
#define PLAN_RUNS_MAX 512

struct plan {
    struct plan_run runs[PLAN_RUNS_MAX]; /* ascending, no overlap */
    unsigned count;
    uint64_t pages;
};

/* Appends a run; contents is copied, NULL means zero pages. ST_INVALID_ARGUMENT unless it lies
 * behind the last one; a run of 0 pages is nothing. */
MUST_CHECK enum status plan_add(struct plan *plan, uint64_t offset, uint64_t pages,
                                uint64_t secinfo, const uint8_t *contents, struct problem *p);
void plan_release(struct plan *plan);

/* MRENCLAVE of an enclave of this size whose pages are the plan's. */
MUST_CHECK enum status plan_measure(const struct plan *plan, uint32_t ssa_frame_pages,
                                    uint64_t elrange_bytes, uint8_t mrenclave[32],
                                    struct problem *p);

#endif
