/*
 * The page store: where the snapshots of all slots keep their pages. It is a
 * prefix of one zone of the enclave that no layer can reach (STORE_OFF).
 *
 * Pages have numbers from 1 on; 0 stands for a page of zeros, which is never
 * stored. A page that is given back is wiped and taken again before the store
 * grows: the free ones form a list through their first four bytes.
 *
 * Any thread may take and give pages; the lock is held for one page at a time.
 * Contents of a taken page are its owner's: the store does not touch them.
 */
#ifndef RECLAVE_TRUSTED_SNAPSHOT_STORE_H
#define RECLAVE_TRUSTED_SNAPSHOT_STORE_H

#include "abi/geometry.h"
#include "abi/status.h"

#include <stdint.h>

struct page_store {
    uint8_t *base;
    uint32_t lock;
    uint32_t reached; /* pages 1..reached were taken at some time */
    uint32_t free;    /* the list's first page; 0: empty */
    uint32_t taken;
    /* Makes pages 1..pages usable, zeroed when new; ST_NO_MEMORY when it cannot. Called with the
     * lock held. */
    enum status (*commit)(uint32_t pages);
};

/* A zeroed page. */
MUST_CHECK enum status store_take(struct page_store *store, uint32_t *page);
void store_give(struct page_store *store, uint32_t page);

static inline void *store_page(const struct page_store *store, uint32_t page)
{
    return store->base + (uint64_t)(page - 1) * PAGE_BYTES;
}

#endif
