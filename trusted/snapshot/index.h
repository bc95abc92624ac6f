/*
 * Where a snapshot's pages are in the store: all regions' pages are numbered
 * through, up to each region's last page that is not zero. The index page
 * holds one number for each INDEX_ENTRIES of them: a leaf, which holds the
 * numbers of the pages themselves. 0: zero pages, nothing is stored.
 */
#ifndef RECLAVE_TRUSTED_SNAPSHOT_INDEX_H
#define RECLAVE_TRUSTED_SNAPSHOT_INDEX_H

#include "trusted/snapshot/snapshot.h"

#define INDEX_ENTRIES 1024u
_Static_assert(INDEX_ENTRIES * sizeof(uint32_t) == PAGE_BYTES, "an index fills a page");

/* All regions together fit one index page. */
#define INDEX_SUM_UP(name, offset, bytes)                                                          \
    +(REGION_##name < REGION_SNAPSHOT_COUNT ? (bytes) / PAGE_BYTES : 0)
_Static_assert(0 REGION_LIST(INDEX_SUM_UP) <= (uint64_t)INDEX_ENTRIES * INDEX_ENTRIES,
               "one index page is enough");
#undef INDEX_SUM_UP

/* The number of the region's first page. */
uint32_t index_first(const struct snapshot *snapshot, unsigned region);
/* A run of entries from page `number` on, *count of them; NULL: that many zero pages. */
const uint32_t *index_entries(const struct page_store *store, const struct snapshot *snapshot,
                              uint32_t number, uint32_t *count);
/* Where to enter page `number` of a snapshot that is being built; takes what is missing. */
MUST_CHECK enum status index_entry(struct page_store *store, struct snapshot *snapshot,
                                   uint32_t number, uint32_t **out);
/* Gives back all pages of the snapshot, index included. */
void index_give(struct page_store *store, struct snapshot *snapshot);

#endif
