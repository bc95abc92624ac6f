#include "base/lock.h"
#include "trusted/snapshot/index.h"
#include "trusted/snapshot/pages.h"
#include "trusted/snapshot/snapshot.h"

#include <bearssl/bearssl_hash.h>
#include <string.h>

static const char digest_domain[] = "reclave snapshot v1"; /* hashed with its NUL */

/* In a page's name: the region, above the page's number in it. */
#define NAME_PAGE_BITS 28
_Static_assert(REGION_SNAPSHOT_COUNT <= 16 && LINEAR_MAX / PAGE_BYTES < 1u << NAME_PAGE_BITS,
               "region and page fit 32 bits");

static const uint8_t *page_of(const struct region_view *view, uint32_t page)
{
    return view->start + (uint64_t)page * PAGE_BYTES;
}

/* ---- pass 1: what it is ------------------------------------------------------ */

static uint32_t hash_region(br_sha256_context *hash, uint32_t region,
                            const struct region_view *view)
{
    uint32_t end = 0;

    for (uint32_t page = 0; page < view->pages; page++) {
        uint32_t name = region << NAME_PAGE_BITS | page;

        if (page_is_zero(page_of(view, page)))
            continue;
        br_sha256_update(hash, &name, sizeof(name));
        br_sha256_update(hash, page_of(view, page), PAGE_BYTES);
        end = page + 1;
    }
    return end;
}

/* Digest and the regions' extents. */
static void describe(struct snapshot *snapshot, const struct region_view *views)
{
    br_sha256_context hash;

    br_sha256_init(&hash);
    br_sha256_update(&hash, digest_domain, sizeof(digest_domain));
    for (uint32_t region = 0; region < REGION_SNAPSHOT_COUNT; region++)
        snapshot->pages[region] = hash_region(&hash, region, &views[region]);
    br_sha256_out(&hash, snapshot->digest);
}

/* ---- pass 2: its pages --------------------------------------------------------- */

static enum status store_region(struct page_store *store, struct snapshot *snapshot,
                                uint32_t region, const struct region_view *view)
{
    uint32_t first = index_first(snapshot, region);

    for (uint32_t page = 0; page < snapshot->pages[region]; page++) {
        uint32_t *entry = NULL;
        enum status status;

        if (page_is_zero(page_of(view, page)))
            continue;
        status = index_entry(store, snapshot, first + page, &entry);
        if (status != ST_OK)
            return status;
        memcpy(store_page(store, *entry), page_of(view, page), PAGE_BYTES);
    }
    return ST_OK;
}

static enum status store_pages(struct page_store *store, struct snapshot *snapshot,
                               const struct region_view *views)
{
    for (uint32_t region = 0; region < REGION_SNAPSHOT_COUNT; region++) {
        enum status status = store_region(store, snapshot, region, &views[region]);

        if (status != ST_OK) {
            index_give(store, snapshot);
            return status;
        }
    }
    return ST_OK;
}

/* ---- the set ----------------------------------------------------------------------- */

/* The one that has this digest, with a reference more; else NULL. */
static struct snapshot *find_locked(struct snapshot_set *set, const uint8_t digest[32])
{
    for (unsigned i = 0; i < SNAPSHOTS_MAX; i++) {
        struct snapshot *candidate = &set->snapshots[i];

        if (candidate->references && memcmp(candidate->digest, digest, 32) == 0) {
            candidate->references++;
            return candidate;
        }
    }
    return NULL;
}

static struct snapshot *find(struct snapshot_set *set, const uint8_t digest[32])
{
    struct snapshot *found;

    lock_take(&set->store.lock);
    found = find_locked(set, digest);
    lock_release(&set->store.lock);
    return found;
}

/* Enters what is built, unless another slot was faster with the same. */
static struct snapshot *enter(struct snapshot_set *set, const struct snapshot *built)
{
    struct snapshot *entered;

    lock_take(&set->store.lock);
    entered = find_locked(set, built->digest);
    for (unsigned i = 0; !entered && i < SNAPSHOTS_MAX; i++)
        if (!set->snapshots[i].references) {
            entered = &set->snapshots[i];
            *entered = *built;
            entered->references = 1;
        }
    lock_release(&set->store.lock);
    return entered;
}

enum status snapshot_capture(struct snapshot_set *set, const struct region_view *views,
                             const struct snapshot **out)
{
    struct snapshot built = {0};
    enum status status;

    describe(&built, views);
    *out = find(set, built.digest);
    if (*out)
        return ST_OK;
    status = store_pages(&set->store, &built, views);
    if (status != ST_OK)
        return status;
    *out = enter(set, &built);
    if (*out && (*out)->index == built.index)
        return ST_OK;
    index_give(&set->store, &built);
    return *out ? ST_OK : ST_NO_MEMORY; /* a slot has two at most: there is room */
}

void snapshot_release(struct snapshot_set *set, const struct snapshot *snapshot)
{
    struct snapshot *entry, last = {0};

    if (!snapshot)
        return;
    entry = &set->snapshots[snapshot - set->snapshots];
    lock_take(&set->store.lock);
    if (--entry->references == 0) {
        last = *entry;
        memset(entry, 0, sizeof(*entry));
    }
    lock_release(&set->store.lock);
    index_give(&set->store, &last);
}

void snapshot_count(struct snapshot_set *set, uint64_t *stored, uint64_t *shared)
{
    *stored = 0;
    *shared = 0;
    lock_take(&set->store.lock);
    for (unsigned i = 0; i < SNAPSHOTS_MAX; i++) {
        const struct snapshot *snapshot = &set->snapshots[i];

        if (!snapshot->references)
            continue;
        *stored += snapshot->stored;
        *shared += (uint64_t)(snapshot->references - 1) * snapshot->stored;
    }
    lock_release(&set->store.lock);
}
