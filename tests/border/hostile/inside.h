/* What L0 thinks of a slot, read from its own memory as only an emulator can. */
#ifndef RECLAVE_TESTS_BORDER_HOSTILE_INSIDE_H
#define RECLAVE_TESTS_BORDER_HOSTILE_INSIDE_H

#include "abi/geometry.h"

#include <stdbool.h>
#include <stdint.h>

struct inside {
    uint32_t state;                   /* enum slot_state */
    uint32_t committed[REGION_COUNT]; /* pages */
    uint64_t linear_pages;            /* the last of those of REGION_LINEAR */
    uint32_t code_pages;              /* of the function, gates page included; 0: none */
    uint32_t stack_pages;             /* of the function; it grows down from their end */
    uint32_t store_reached;           /* pages of the store that ever held a snapshot: a prefix */
    uint32_t store_taken;             /* ... and that do now */
    bool store_locked;
    uint8_t bundle_sha256[32];
    uint64_t layer; /* 0: L0 runs, or nothing does */
};

/* Of the enclave behind this descriptor; fails the running test otherwise. */
struct inside look_inside(int fd, unsigned slot);

#endif
