/*
 * The page store: where a slot's snapshots keep their pages. It is a growing
 * prefix of one region that layers cannot reach. Zero pages are never stored.
 *
 * A snapshot occupies consecutive chunks of CHUNK_PAGES pages: one index page,
 * then the contents of the pages it names. The last chunk may be shorter.
 */
#ifndef RECLAVE_TRUSTED_SNAPSHOT_STORE_H
#define RECLAVE_TRUSTED_SNAPSHOT_STORE_H

#include "abi/geometry.h"
#include "abi/status.h"

#include <stdint.h>

#define CHUNK_ENTRIES 1023u
#define CHUNK_PAGES   (CHUNK_ENTRIES + 1u)

/* Index page. Entry: region in the top 4 bits, page within the region below. */
struct chunk_index {
    uint32_t count;
    uint32_t entry[CHUNK_ENTRIES];
};
_Static_assert(sizeof(struct chunk_index) == PAGE_BYTES, "an index fills a page");
_Static_assert(REGION_SNAPSHOT_COUNT <= 16, "a region number fits 4 bits");

#define ENTRY_PAGE_BITS          28
#define ENTRY_MAKE(region, page) ((uint32_t)(region) << ENTRY_PAGE_BITS | (uint32_t)(page))
#define ENTRY_REGION(entry)      ((entry) >> ENTRY_PAGE_BITS)
#define ENTRY_PAGE(entry)        ((entry) & ((1u << ENTRY_PAGE_BITS) - 1))

struct page_store {
    uint8_t *base;
    uint32_t used; /* pages that hold snapshots: [0, used) */
    /* Makes [0, pages) of the store usable; ST_NO_MEMORY when it cannot. */
    enum status (*commit)(void *context, uint32_t pages);
    void *context;
};

/* The next free page of the store, committed, in *out. */
MUST_CHECK enum status store_take_page(struct page_store *store, uint8_t **out);

/* Wipes pages [from, used) and forgets them. */
void store_truncate(struct page_store *store, uint32_t from);

#endif
