/*
 * Snapshot and rewind of a slot's regions by copying.
 *
 * A snapshot is the set of non-zero pages of all regions at one moment. Page
 * numbers count from each region's start, so it does not depend on where the
 * regions lie. Restoring makes every page of every region equal to the
 * snapshot: stored pages are copied, all others are zeroed, whatever their
 * history. Regions may have more pages than they had at capture, never fewer.
 */
#ifndef RECLAVE_TRUSTED_SNAPSHOT_SNAPSHOT_H
#define RECLAVE_TRUSTED_SNAPSHOT_SNAPSHOT_H

#include "trusted/snapshot/store.h"

#include <stdint.h>

/* A region as it lies now: all of [start, start + pages) is readable and writable. */
struct region_view {
    uint8_t *start;
    uint32_t pages;
};

struct snapshot {
    uint32_t first;   /* in the store; 0 pages: nothing captured is non-zero */
    uint32_t pages;   /* index pages included */
    uint32_t present; /* 1 after a capture */
    uint8_t digest[32];
};

/*
 * Captures REGION_SNAPSHOT_COUNT views into the store, after what it holds.
 * digest = SHA-256 over "reclave snapshot v1\0" and, for each non-zero page in
 * order of region and page: entry as u32 (store.h), then the page's 4096 bytes.
 * On failure the store is as before and *snapshot is not present.
 */
MUST_CHECK enum status snapshot_capture(struct snapshot *snapshot, struct page_store *store,
                                        const struct region_view *views);

/* Returns the number of pages written. */
uint64_t snapshot_restore(const struct snapshot *snapshot, const struct page_store *store,
                          const struct region_view *views);

#endif
