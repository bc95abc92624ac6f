#include "trusted/snapshot/store.h"

#include "base/lock.h"

#include <string.h>

static enum status take_locked(struct page_store *store, uint32_t *page)
{
    enum status status;

    if (store->free) {
        uint32_t *next = store_page(store, store->free);

        *page = store->free;
        store->free = *next;
        *next = 0;
    } else {
        status = store->commit(store->reached + 1);
        if (status != ST_OK)
            return status;
        *page = ++store->reached;
    }
    store->taken++;
    return ST_OK;
}

enum status store_take(struct page_store *store, uint32_t *page)
{
    enum status status;

    lock_take(&store->lock);
    status = take_locked(store, page);
    lock_release(&store->lock);
    return status;
}

void store_give(struct page_store *store, uint32_t page)
{
    uint32_t *next = store_page(store, page);

    memset(next, 0, PAGE_BYTES);
    lock_take(&store->lock);
    *next = store->free;
    store->free = page;
    store->taken--;
    lock_release(&store->lock);
}
