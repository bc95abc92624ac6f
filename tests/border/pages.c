#include "tests/border/pages.h"

#include "sgx/emu/instrument.h"
#include "tests/border/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void make_room(struct pages *pages)
{
    size_t room = pages->room ? pages->room * 2 : 1024;

    pages->page = realloc(pages->page, room * sizeof(*pages->page));
    pages->memory = realloc(pages->memory, room * PAGE_BYTES);
    assert_non_null(pages->page);
    assert_non_null(pages->memory);
    pages->room = room;
}

static bool all_zero(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, PAGE_BYTES - 1) == 0;
}

void pages_take(struct pages *pages, const struct border *border)
{
    struct emu_page next = {0};

    pages->count = 0;
    while (emu_next_page(border->fd, next.offset, &next) == ST_OK) {
        if (pages->count == pages->room)
            make_room(pages);
        assert_int_equal(emu_peek(border->fd, next.offset,
                                  pages->memory + pages->count * PAGE_BYTES, PAGE_BYTES),
                         ST_OK);
        pages->page[pages->count++] = (struct page){.offset = next.offset, .flags = next.flags};
        next.offset += PAGE_BYTES;
    }
    for (size_t i = 0; i < pages->count; i++) { /* the memory may have moved until now */
        pages->page[i].bytes = pages->memory + i * PAGE_BYTES;
        pages->page[i].zero = all_zero(pages->page[i].bytes);
    }
}

void pages_free(struct pages *pages)
{
    free(pages->page);
    free(pages->memory);
    *pages = (struct pages){0};
}

/* Index of the first page at or after offset. */
static size_t lower_bound(const struct pages *pages, uint64_t offset)
{
    size_t low = 0;
    size_t high = pages->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (pages->page[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct page *pages_at(const struct pages *pages, uint64_t offset)
{
    size_t i = lower_bound(pages, offset);

    return i < pages->count && pages->page[i].offset == offset ? &pages->page[i] : NULL;
}

/* Windows by their first two bytes: offsets in the needle, ending in -1. */
struct window_index {
    int first[UINT16_MAX + 1];
    int *next;
};

static uint16_t two_bytes(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static bool window_at(const struct needle *needle, const struct window_index *index,
                      const uint8_t *place)
{
    for (int i = index->first[two_bytes(place)]; i >= 0; i = index->next[i])
        if (memcmp(needle->bytes + i, place, needle->window) == 0)
            return true;
    return false;
}

static void index_windows(const struct needle *needle, struct window_index *index)
{
    memset(index->first, 0xff, sizeof(index->first));
    index->next = calloc(needle->size, sizeof(*index->next));
    assert_non_null(index->next);
    for (size_t i = 0; i + needle->window <= needle->size; i++) {
        if (window_at(needle, index, needle->bytes + i))
            continue; /* padding repeats itself */
        index->next[i] = index->first[two_bytes(needle->bytes + i)];
        index->first[two_bytes(needle->bytes + i)] = (int)i;
    }
}

size_t pages_find(const struct pages *pages, const struct needle *needle, uint64_t from,
                  uint64_t size, void (*found)(void *context, uint64_t offset), void *context)
{
    static struct window_index index; /* large */
    size_t hits = 0;

    index_windows(needle, &index);
    for (size_t i = lower_bound(pages, from - from % PAGE_BYTES); i < pages->count; i++) {
        const struct page *page = &pages->page[i];
        /* Contents of adjacent pages are adjacent: a window may reach into the next one. */
        bool joined = i + 1 < pages->count && page[1].offset == page->offset + PAGE_BYTES;
        size_t end = joined ? PAGE_BYTES : PAGE_BYTES - needle->window + 1;

        if (page->offset >= from && page->offset - from >= size)
            break;
        if (page->zero && (!joined || page[1].zero))
            continue;
        for (size_t at = 0; at < end; at++) {
            if (!window_at(needle, &index, page->bytes + at) || page->offset + at < from ||
                page->offset + at - from >= size)
                continue;
            hits++;
            if (found)
                found(context, page->offset + at);
        }
    }
    free(index.next);
    return hits;
}
