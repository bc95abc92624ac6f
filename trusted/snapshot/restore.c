#include "trusted/snapshot/snapshot.h"

#include <string.h>

/* Where a restore has got to: regions are made right from front to back. */
struct restore {
    const struct region_view *views;
    uint32_t region;
    uint32_t page; /* pages below it in `region` are done */
    uint64_t written;
};

static void zero_until(struct restore *restore, uint32_t page)
{
    const struct region_view *view = &restore->views[restore->region];

    if (page > restore->page) {
        memset(view->start + (uint64_t)restore->page * PAGE_BYTES, 0,
               (uint64_t)(page - restore->page) * PAGE_BYTES);
        restore->written += page - restore->page;
        restore->page = page;
    }
}

static void finish_regions_before(struct restore *restore, uint32_t region)
{
    while (restore->region < region) {
        zero_until(restore, restore->views[restore->region].pages);
        restore->region++;
        restore->page = 0;
    }
}

/* Copies `count` stored pages that are consecutive in one region. */
static void copy_run(struct restore *restore, uint32_t entry, const uint8_t *source, uint32_t count)
{
    finish_regions_before(restore, ENTRY_REGION(entry));
    zero_until(restore, ENTRY_PAGE(entry));
    memcpy(restore->views[restore->region].start + (uint64_t)restore->page * PAGE_BYTES, source,
           (uint64_t)count * PAGE_BYTES);
    restore->written += count;
    restore->page += count;
}

static void restore_chunk(struct restore *restore, const struct chunk_index *index)
{
    const uint8_t *contents = (const uint8_t *)(index + 1);

    for (uint32_t i = 0; i < index->count;) {
        uint32_t count = 1;

        while (i + count < index->count && index->entry[i + count] == index->entry[i] + count)
            count++;
        copy_run(restore, index->entry[i], contents + (uint64_t)i * PAGE_BYTES, count);
        i += count;
    }
}

uint64_t snapshot_restore(const struct snapshot *snapshot, const struct page_store *store,
                          const struct region_view *views)
{
    struct restore restore = {.views = views};
    const uint8_t *chunk = store->base + (uint64_t)snapshot->first * PAGE_BYTES;

    for (uint32_t done = 0; done < snapshot->pages; done += CHUNK_PAGES) {
        restore_chunk(&restore, (const struct chunk_index *)(const void *)chunk);
        chunk += (uint64_t)CHUNK_PAGES * PAGE_BYTES;
    }
    finish_regions_before(&restore, REGION_SNAPSHOT_COUNT);
    return restore.written;
}
