/* What an attack must leave alone, and what it must not have learnt. Findings go to stderr. */
#ifndef RECLAVE_TESTS_BORDER_HOSTILE_L1_INTACT_H
#define RECLAVE_TESTS_BORDER_HOSTILE_L1_INTACT_H

#include "tests/border/hostile-l1/scene.h"

#include <stddef.h>

/* What a slot's layers may write: its cages and linear memory. */
bool in_layers_memory(unsigned slot, uint64_t offset);

/* Bytes that differ between the pictures outside the layers' memory of the slot, but for L0's
 * stacks and frames of it (which the rewind empties) and the list. */
size_t foreign_differences(const struct pages *before, const struct pages *after, unsigned slot,
                           struct known_list *known);

/* Between these pictures the slot got pages: nothing of others has changed but L0's counts. The
 * test fails if it has. */
void others_are_as_before(const struct pages *before, const struct pages *after, unsigned slot);

/* Puts L0's secret where L0 keeps nothing just now, on its own stack. */
void plant_secret_of_l0(const struct border *border, unsigned slot);
/* Is every secret in the picture where it belongs? Else the search below means nothing. */
bool secrets_in_place(const struct pages *pages, unsigned attacked, unsigned holder);
/* Runs of eight bytes of any secret in the layers' memory of the attacked slot. */
size_t secrets_learnt(const struct pages *pages, unsigned attacked, unsigned holder);
/* ... in what the host received. */
size_t secrets_in_bytes(const struct pages *pages, unsigned attacked, unsigned holder,
                        const void *bytes, size_t size);

#endif
