#include "trusted/snapshot/index.h"
#include "trusted/snapshot/snapshot.h"

#include <string.h>

static uint8_t *page_of(const struct region_view *view, uint32_t page)
{
    return view->start + (uint64_t)page * PAGE_BYTES;
}

/* How many of `count` entries are a run: zero pages, or pages that follow one another in the store.
 */
static uint32_t run_length(const uint32_t *entries, uint32_t count)
{
    uint32_t step = entries[0] ? 1 : 0;
    uint32_t length = 1;

    while (length < count && entries[length] == entries[0] + step * length)
        length++;
    return length;
}

static void restore_run(const struct page_store *store, uint32_t entry, uint8_t *to, uint32_t count)
{
    uint64_t bytes = (uint64_t)count * PAGE_BYTES;

    if (entry)
        memcpy(to, store_page(store, entry), bytes);
    else
        memset(to, 0, bytes);
}

static void restore_region(const struct page_store *store, const struct snapshot *snapshot,
                           unsigned region, const struct region_view *view)
{
    static const uint32_t zero = 0;
    uint32_t first = index_first(snapshot, region);
    uint32_t held = snapshot->pages[region];

    for (uint32_t page = 0; page < held;) {
        uint32_t count, length;
        const uint32_t *entries = index_entries(store, snapshot, first + page, &count);

        if (count > held - page)
            count = held - page;
        length = entries ? run_length(entries, count) : count;
        restore_run(store, entries ? entries[0] : zero, page_of(view, page), length);
        page += length;
    }
    restore_run(store, zero, page_of(view, held), view->pages - held);
}

uint64_t snapshot_restore(const struct snapshot_set *set, const struct snapshot *snapshot,
                          const struct region_view *views, unsigned except)
{
    uint64_t written = 0;

    for (unsigned region = 0; region < REGION_SNAPSHOT_COUNT; region++) {
        if (region == except)
            continue;
        restore_region(&set->store, snapshot, region, &views[region]);
        written += views[region].pages;
    }
    return written;
}
