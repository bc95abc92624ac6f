/* L0's own structs in a picture: in a file of its own, since L0 and the loader share names. */
#ifndef RECLAVE_TESTS_BORDER_HOSTILE_L1_INSIDE_H
#define RECLAVE_TESTS_BORDER_HOSTILE_L1_INSIDE_H

#include "tests/border/pages.h"
#include "tests/border/residue/known.h"

/* State of a slot's random generator: SHA-256's part of it. */
#define GENERATOR_BYTES 32
const uint8_t *generator_key(const struct pages *pages, unsigned slot);
const uint8_t *generator_value(const struct pages *pages, unsigned slot);
uint64_t generator_offset(unsigned slot); /* from the enclave's base */

/* known.h's list, and the leaves of evidence. */
void known_list_with_evidence(unsigned slot, struct known_list *list);
/* What may differ between READY and DIRTY: known.h's list, and the slot's state. */
void known_list_before_rewind(unsigned slot, struct known_list *list);

#endif
