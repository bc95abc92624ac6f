/* Names for the places of an enclave (abi/geometry.h), and where they are. */
#ifndef RECLAVE_TESTS_BORDER_PLACES_H
#define RECLAVE_TESTS_BORDER_PLACES_H

#include "abi/geometry.h"

#include <stddef.h>
#include <stdint.h>

struct place {
    const char *name;
    uint64_t offset; /* from the enclave's base */
    uint64_t bytes;
};

/* The monitor's own places for a slot. */
enum control_place {
    PLACE_TCS,
    PLACE_SSA0,
    PLACE_SSA1,
    PLACE_THREAD,
    PLACE_STACK,
    PLACE_XSTACK,
    PLACE_SLOT,
    PLACE_COUNT
};

struct place place_of_control(unsigned slot, enum control_place which);
struct place place_of_region(unsigned slot, unsigned region); /* REGION_* */

/* "slot 0 SSA 1 + 0x40" */
void place_describe(uint64_t offset, char *text, size_t bytes);

#endif
