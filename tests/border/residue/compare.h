/* Compares two pictures of an enclave: what has come to be different in between, and where. */
#ifndef RECLAVE_TESTS_BORDER_RESIDUE_COMPARE_H
#define RECLAVE_TESTS_BORDER_RESIDUE_COMPARE_H

#include "tests/border/pages.h"
#include "tests/border/residue/known.h"

/*
 * Bytes that differ and that no entry of the list covers; the first few are named on stderr.
 * Linear memory is compared from its own start, since it ends where its committed pages end.
 * A page that came since `before` must be zero and belong to a region of the slot, or be a free
 * page of the snapshot store: those hold the number of the next one and nothing else.
 */
size_t compare_pages(const struct pages *before, const struct pages *after, unsigned slot,
                     struct known_list *known);

#endif
