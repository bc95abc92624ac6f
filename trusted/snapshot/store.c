#include "trusted/snapshot/store.h"

#include <string.h>

enum status store_take_page(struct page_store *store, uint8_t **out)
{
    enum status status = store->commit(store->context, store->used + 1);

    if (status != ST_OK)
        return status;
    *out = store->base + (uint64_t)store->used * PAGE_BYTES;
    store->used++;
    return ST_OK;
}

void store_truncate(struct page_store *store, uint32_t from)
{
    if (from >= store->used)
        return;
    memset(store->base + (uint64_t)from * PAGE_BYTES, 0,
           (uint64_t)(store->used - from) * PAGE_BYTES);
    store->used = from;
}
