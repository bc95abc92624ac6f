/*
 * Snapshots of a slot's regions, and the rewind to them.
 *
 * A snapshot is the set of non-zero pages of all regions at one moment. Page
 * numbers count from each region's start, so it does not depend on where the
 * regions lie. Restoring makes every page of every region equal to the
 * snapshot, whatever its history. Regions may have more pages than they had at
 * capture, never fewer.
 *
 * Snapshots are immutable and counted: slots whose memory is the same (S0; S1
 * of one function) share one. They are told apart by their digest.
 */
#ifndef RECLAVE_TRUSTED_SNAPSHOT_SNAPSHOT_H
#define RECLAVE_TRUSTED_SNAPSHOT_SNAPSHOT_H

#include "trusted/snapshot/store.h"

#include <stdbool.h>
#include <stdint.h>

/* A region as it lies now: all of [start, start + pages) is readable and writable. */
struct region_view {
    uint8_t *start;
    uint32_t pages;
};

struct snapshot {
    uint32_t references;                   /* slots that hold it; 0: the entry is free */
    uint32_t index;                        /* index.h: page of the store; 0: all pages are zero */
    uint32_t stored;                       /* pages in the store, index included */
    uint32_t pages[REGION_SNAPSHOT_COUNT]; /* of each region, up to the last that is not zero */
    uint8_t digest[32];
};

/* Every slot can hold an S0 and an S1 of its own, and build one that turns out to be shared. */
#define SNAPSHOTS_MAX (3 * SLOTS_MAX)

struct snapshot_set {
    struct page_store store;
    struct snapshot snapshots[SNAPSHOTS_MAX];
};

/*
 * Captures REGION_SNAPSHOT_COUNT views, or finds a snapshot that is the same.
 * digest = SHA-256 over "reclave snapshot v1\0" and, for each non-zero page in
 * order of region and page: region << 28 | page as u32, then its 4096 bytes.
 * On failure nothing is kept. A snapshot that is returned is released once.
 */
MUST_CHECK enum status snapshot_capture(struct snapshot_set *set, const struct region_view *views,
                                        const struct snapshot **out);
void snapshot_release(struct snapshot_set *set, const struct snapshot *snapshot);

/* Makes all regions but `except` (REGION_COUNT: none) equal to the snapshot. Returns the number of
 * pages written. */
uint64_t snapshot_restore(const struct snapshot_set *set, const struct snapshot *snapshot,
                          const struct region_view *views, unsigned except);

/*
 * The same for one region of which only marked pages, and the first SFI_MARK_TAIL bytes behind
 * each, can differ from the snapshot. marks: a byte a page, `marks_bytes` (a multiple of 8, at
 * least the region's pages) of them; all are clear afterwards. Returns the number of pages written.
 */
uint64_t snapshot_restore_marked(const struct snapshot_set *set, const struct snapshot *snapshot,
                                 unsigned region, const struct region_view *view, uint64_t *marks,
                                 uint64_t marks_bytes);

/* Pages that are stored, and how many more would be if nothing were shared. */
void snapshot_count(struct snapshot_set *set, uint64_t *stored, uint64_t *shared);

#endif
