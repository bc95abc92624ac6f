/*
 * The named, justified list: all that may differ between a slot in S1 and the same slot after an
 * invocation and its rewind. Everything else in the enclave must be equal, byte for byte.
 */
#ifndef RECLAVE_TESTS_BORDER_RESIDUE_KNOWN_H
#define RECLAVE_TESTS_BORDER_RESIDUE_KNOWN_H

#include "tests/border/pages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct known_difference {
    const char *name;
    uint64_t offset; /* from the enclave's base */
    uint64_t bytes;
    const char *why; /* it carries nothing of the invocation */
    bool seen;       /* set by compare_pages(): it did differ */
};

#define KNOWN_MAX 64

struct known_list {
    size_t count;
    struct known_difference entry[KNOWN_MAX];
};

void known_list_for(unsigned number, struct known_list *list);
/* The same for a slot in S0 and after a function and its reset: S1's pages have come and gone. */
void known_list_for_reset(unsigned number, struct known_list *list);
/* The same for a slot in S1 and after a reset and S1 anew. Its digest, and what a rewind makes of
 * it, tell whether the pages that are not compared are right. */
void known_list_for_s1(unsigned number, struct known_list *list);

/* The store's free pages by number (1: the page at STORE_OFF), at most `room` of them. */
uint32_t store_free_pages(const struct pages *pages, uint32_t *numbers, uint32_t room);
uint32_t store_taken(const struct pages *pages);

/* What L0 knows about a slot, from its own struct in a picture. */
uint32_t slot_committed(const struct pages *pages, unsigned number, unsigned region);
uint64_t slot_linear_pages(const struct pages *pages, unsigned number);
uint32_t slot_state(const struct pages *pages, unsigned number);

#endif
