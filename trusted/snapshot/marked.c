/* The rewind of marked pages: its cost follows what was written, not what there is. */
#include "abi/sfi.h"
#include "trusted/snapshot/index.h"
#include "trusted/snapshot/snapshot.h"

#include <string.h>

struct marked {
    const struct page_store *store;
    const struct snapshot *snapshot;
    const struct region_view *view;
    uint32_t first; /* index.h: the region's first page */
    uint32_t held;  /* pages behind are zero in the snapshot */
    uint64_t written;
};

/* What the page holds in the snapshot; NULL: zeros. */
static const void *original(const struct marked *marked, uint32_t page)
{
    const uint32_t *entries = NULL;
    uint32_t count;

    if (page < marked->held)
        entries = index_entries(marked->store, marked->snapshot, marked->first + page, &count);
    return entries && entries[0] ? store_page(marked->store, entries[0]) : NULL;
}

/* Copied as one value: for so few bytes a string instruction costs more than the copy. */
struct tail {
    uint64_t words[SFI_MARK_TAIL / 8];
} __attribute__((may_alias));

static void restore_tail(const struct marked *marked, uint32_t page)
{
    struct tail *to = (void *)(marked->view->start + (uint64_t)page * PAGE_BYTES);
    const struct tail *from = original(marked, page);

    *to = from ? *from : (struct tail){0};
}

/* A store that begins in a marked page may end in the next one. */
static void restore_page(struct marked *marked, uint32_t page, bool next_is_marked)
{
    uint8_t *to = marked->view->start + (uint64_t)page * PAGE_BYTES;
    const void *from;

    if (page >= marked->view->pages)
        return; /* a mark without a page: whoever set it wrote nothing there */
    from = original(marked, page);
    if (from)
        memcpy(to, from, PAGE_BYTES);
    else
        memset(to, 0, PAGE_BYTES);
    marked->written++;
    if (!next_is_marked && page + 1 < marked->view->pages)
        restore_tail(marked, page + 1);
}

/* Eight pages from `page` on; any mark but 0 counts. */
static void restore_word(struct marked *marked, uint32_t page, uint64_t word, bool next_is_marked)
{
    for (uint32_t i = 0; i < 8; i++) {
        bool next = i < 7 ? (word >> (8 * (i + 1)) & 0xff) != 0 : next_is_marked;

        if (word >> (8 * i) & 0xff)
            restore_page(marked, page + i, next);
    }
}

#define LINE_WORDS 8u

/* Most lines are: of a large memory little is written. */
static bool line_is_clear(const uint64_t *marks)
{
    uint64_t any = 0;

    for (unsigned i = 0; i < LINE_WORDS; i++)
        any |= marks[i];
    return any == 0;
}

uint64_t snapshot_restore_marked(const struct snapshot_set *set, const struct snapshot *snapshot,
                                 unsigned region, const struct region_view *view, uint64_t *marks,
                                 uint64_t marks_bytes)
{
    struct marked marked = {
        .store = &set->store,
        .snapshot = snapshot,
        .view = view,
        .first = index_first(snapshot, region),
        .held = snapshot->pages[region],
    };
    uint64_t words = marks_bytes / 8;

    for (uint64_t i = 0; i < words; i++) {
        if (i % LINE_WORDS == 0 && words - i >= LINE_WORDS && line_is_clear(marks + i)) {
            i += LINE_WORDS - 1;
            continue;
        }
        if (!marks[i])
            continue;
        restore_word(&marked, (uint32_t)(8 * i), marks[i],
                     i + 1 < words && (marks[i + 1] & 0xff) != 0);
        marks[i] = 0;
    }
    return marked.written;
}
