#include "trusted/snapshot/snapshot.h"

#include <bearssl/bearssl_hash.h>
#include <stdbool.h>
#include <string.h>

static const char digest_domain[] = "reclave snapshot v1"; /* hashed with its NUL */

static bool page_is_zero(const uint8_t *page)
{
    const uint64_t *words = (const uint64_t *)(const void *)page;
    uint64_t any = 0;

    for (unsigned i = 0; i < PAGE_BYTES / 8; i += 8) {
        for (unsigned j = 0; j < 8; j++)
            any |= words[i + j];
        if (any)
            return false;
    }
    return true;
}

/* The chunk being filled. */
struct capture {
    struct page_store *store;
    struct chunk_index *index; /* NULL before the first page */
    br_sha256_context hash;
};

static enum status capture_page(struct capture *capture, uint32_t entry, const uint8_t *page)
{
    enum status status;
    uint8_t *target;

    if (!capture->index || capture->index->count == CHUNK_ENTRIES) {
        status = store_take_page(capture->store, &target);
        if (status != ST_OK)
            return status;
        memset(target, 0, PAGE_BYTES);
        capture->index = (struct chunk_index *)(void *)target;
    }
    status = store_take_page(capture->store, &target);
    if (status != ST_OK)
        return status;
    memcpy(target, page, PAGE_BYTES);
    capture->index->entry[capture->index->count++] = entry;
    br_sha256_update(&capture->hash, &entry, sizeof(entry));
    br_sha256_update(&capture->hash, target, PAGE_BYTES);
    return ST_OK;
}

static enum status capture_region(struct capture *capture, uint32_t region,
                                  const struct region_view *view)
{
    for (uint32_t page = 0; page < view->pages; page++) {
        const uint8_t *start = view->start + (uint64_t)page * PAGE_BYTES;
        enum status status;

        if (page_is_zero(start))
            continue;
        status = capture_page(capture, ENTRY_MAKE(region, page), start);
        if (status != ST_OK)
            return status;
    }
    return ST_OK;
}

enum status snapshot_capture(struct snapshot *snapshot, struct page_store *store,
                             const struct region_view *views)
{
    struct capture capture = {.store = store};
    uint32_t first = store->used;

    snapshot->present = 0;
    br_sha256_init(&capture.hash);
    br_sha256_update(&capture.hash, digest_domain, sizeof(digest_domain));
    for (uint32_t region = 0; region < REGION_SNAPSHOT_COUNT; region++) {
        enum status status = capture_region(&capture, region, &views[region]);

        if (status != ST_OK) {
            store_truncate(store, first);
            return status;
        }
    }
    br_sha256_out(&capture.hash, snapshot->digest);
    snapshot->first = first;
    snapshot->pages = store->used - first;
    snapshot->present = 1;
    return ST_OK;
}
