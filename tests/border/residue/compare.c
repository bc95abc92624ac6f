#include "tests/border/residue/compare.h"

#include "tests/border/places.h"

#include <stdio.h>
#include <string.h>

#define NAMED_MAX      6
#define STORE_FREE_MAX 4096

struct comparison {
    const struct pages *before, *after;
    unsigned slot;
    struct known_list *known;
    uint64_t linear_start; /* of the region, from the enclave's base */
    uint64_t linear_shift; /* bytes by which linear memory has moved up */
    size_t differences;
    uint32_t free_count;
    uint32_t free[STORE_FREE_MAX]; /* the store's free pages after */
};

static void report(struct comparison *c, uint64_t offset, const char *what)
{
    char text[96];

    if (c->differences++ >= NAMED_MAX)
        return;
    place_describe(offset, text, sizeof(text));
    fprintf(stderr, "# REMAINS: %s: %s\n", text, what);
}

static bool is_known(struct comparison *c, uint64_t offset)
{
    for (size_t i = 0; i < c->known->count; i++) {
        struct known_difference *entry = &c->known->entry[i];

        if (offset < entry->offset || offset - entry->offset >= entry->bytes)
            continue;
        entry->seen = true;
        return true;
    }
    return false;
}

static bool in_linear(const struct comparison *c, uint64_t offset)
{
    return offset >= c->linear_start && offset - c->linear_start < LINEAR_MAX;
}

static bool in_region_of_slot(const struct comparison *c, uint64_t offset)
{
    for (unsigned region = 0; region < REGION_COUNT; region++) {
        struct place place = place_of_region(c->slot, region);

        if (offset >= place.offset && offset - place.offset < place.bytes)
            return true;
    }
    return false;
}

/* Its first bytes link it to the next one; the rest must be zero, whatever it was before. */
static bool is_free_store_page(const struct comparison *c, const struct page *page)
{
    if (page->offset - STORE_OFF >= STORE_MAX)
        return false;
    for (uint32_t i = 0; i < c->free_count; i++)
        if (STORE_OFF + (uint64_t)(c->free[i] - 1) * PAGE_BYTES == page->offset)
            return true;
    return false;
}

static void look_at_free_page(struct comparison *c, const struct page *page)
{
    for (size_t i = sizeof(uint32_t); i < PAGE_BYTES; i++)
        if (page->bytes[i])
            report(c, page->offset + i, "a free page of the store that is not zero");
}

/* The page's counterpart: NULL for one that is new. */
static const struct page *earlier(const struct comparison *c, const struct page *page)
{
    uint64_t offset = page->offset;

    if (in_linear(c, offset)) {
        if (offset - c->linear_start < c->linear_shift)
            return NULL;
        offset -= c->linear_shift;
    }
    return pages_at(c->before, offset);
}

static void compare_page(struct comparison *c, const struct page *before, const struct page *after)
{
    char what[64];

    if (before->flags != after->flags)
        report(c, after->offset, "its permissions or type have changed");
    if ((before->zero && after->zero) || memcmp(before->bytes, after->bytes, PAGE_BYTES) == 0)
        return;
    for (size_t i = 0; i < PAGE_BYTES; i++) {
        if (before->bytes[i] == after->bytes[i] || is_known(c, after->offset + i))
            continue;
        snprintf(what, sizeof(what), "was %02x, is %02x", before->bytes[i], after->bytes[i]);
        report(c, after->offset + i, what);
    }
}

size_t compare_pages(const struct pages *before, const struct pages *after, unsigned slot,
                     struct known_list *known)
{
    struct comparison c = {.before = before, .after = after, .slot = slot, .known = known};

    c.linear_start = place_of_region(slot, REGION_LINEAR).offset;
    c.linear_shift = (uint64_t)(slot_committed(after, slot, REGION_LINEAR) -
                                slot_committed(before, slot, REGION_LINEAR)) *
                     PAGE_BYTES;
    c.free_count = store_free_pages(after, c.free, STORE_FREE_MAX);
    for (size_t i = 0; i < after->count; i++) {
        const struct page *page = &after->page[i];
        const struct page *counterpart = earlier(&c, page);

        if (is_free_store_page(&c, page))
            look_at_free_page(&c, page);
        else if (counterpart)
            compare_page(&c, counterpart, page);
        else if (!in_region_of_slot(&c, page->offset))
            report(&c, page->offset, "a new page outside the slot's regions");
        else if (!page->zero)
            report(&c, page->offset, "a new page that is not zero");
    }
    if (after->count < before->count)
        report(&c, 0, "pages have gone");
    return c.differences;
}
