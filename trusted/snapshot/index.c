#include "trusted/snapshot/index.h"

#include <stddef.h>

uint32_t index_first(const struct snapshot *snapshot, unsigned region)
{
    uint32_t first = 0;

    for (unsigned i = 0; i < region; i++)
        first += snapshot->pages[i];
    return first;
}

const uint32_t *index_entries(const struct page_store *store, const struct snapshot *snapshot,
                              uint32_t number, uint32_t *count)
{
    const uint32_t *index, *leaf;

    *count = INDEX_ENTRIES - number % INDEX_ENTRIES;
    if (!snapshot->index)
        return NULL;
    index = store_page(store, snapshot->index);
    if (!index[number / INDEX_ENTRIES])
        return NULL;
    leaf = store_page(store, index[number / INDEX_ENTRIES]);
    return leaf + number % INDEX_ENTRIES;
}

static enum status take_counted(struct page_store *store, struct snapshot *snapshot, uint32_t *page)
{
    enum status status;

    if (*page)
        return ST_OK;
    status = store_take(store, page);
    if (status == ST_OK)
        snapshot->stored++;
    return status;
}

enum status index_entry(struct page_store *store, struct snapshot *snapshot, uint32_t number,
                        uint32_t **out)
{
    enum status status = take_counted(store, snapshot, &snapshot->index);
    uint32_t *index;

    if (status != ST_OK)
        return status;
    index = store_page(store, snapshot->index);
    status = take_counted(store, snapshot, &index[number / INDEX_ENTRIES]);
    if (status != ST_OK)
        return status;
    *out = (uint32_t *)store_page(store, index[number / INDEX_ENTRIES]) + number % INDEX_ENTRIES;
    return take_counted(store, snapshot, *out);
}

static void give_leaf(struct page_store *store, uint32_t leaf)
{
    const uint32_t *entries = store_page(store, leaf);

    for (uint32_t i = 0; i < INDEX_ENTRIES; i++)
        if (entries[i])
            store_give(store, entries[i]);
    store_give(store, leaf);
}

void index_give(struct page_store *store, struct snapshot *snapshot)
{
    const uint32_t *index;

    if (!snapshot->index)
        return;
    index = store_page(store, snapshot->index);
    for (uint32_t i = 0; i < INDEX_ENTRIES; i++)
        if (index[i])
            give_leaf(store, index[i]);
    store_give(store, snapshot->index);
    snapshot->index = 0;
    snapshot->stored = 0;
}
