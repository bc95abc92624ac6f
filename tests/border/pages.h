/*
 * All pages of an enclave at one moment, as the hardware itself sees them: to search them for
 * bytes and to compare two moments.
 */
#ifndef RECLAVE_TESTS_BORDER_PAGES_H
#define RECLAVE_TESTS_BORDER_PAGES_H

#include "abi/geometry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct border; /* harness.h */

struct page {
    uint64_t offset; /* from the enclave's base */
    uint64_t flags;  /* EPCM, as struct emu_page */
    const uint8_t *bytes;
    bool zero;
};

struct pages {
    size_t count, room;
    struct page *page; /* ascending offsets */
    uint8_t *memory;
};

/* Takes (again) a picture of every page. Start with a zeroed struct; pages_free at the end. */
void pages_take(struct pages *pages, const struct border *border);
void pages_free(struct pages *pages);
/* The page at this offset; NULL: there was none. */
const struct page *pages_at(const struct pages *pages, uint64_t offset);

/* What is searched for: every run of `window` bytes in `bytes`. */
struct needle {
    const uint8_t *bytes;
    size_t size;
    size_t window; /* at least 2 */
};

/* Calls found(context, offset) for each place in [from, from + size) where one of the needle's
 * windows lies; windows may cross from one page to the next. Returns how many. */
size_t pages_find(const struct pages *pages, const struct needle *needle, uint64_t from,
                  uint64_t size, void (*found)(void *context, uint64_t offset), void *context);

#endif
