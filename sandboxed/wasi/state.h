/*
 * All that layer 1 knows, in its cage: the page L0 fills in (abi/gates.h) and
 * a state of its own. There are no other variables: the sandbox has no .data.
 *
 * Both are part of the snapshot; the state after L1_BOOT is all zero.
 */
#ifndef RECLAVE_WASI_STATE_H
#define RECLAVE_WASI_STATE_H

#include "abi/gates.h"
#include "abi/geometry.h"
#include "sandboxed/wasi/segments.h"

#define RANDOM_PIECE 256u /* most bytes that GATE1_RANDOM gives at once */
#define STAGED_MAX   256u /* most bytes of one result for linear memory */
#define FD_COUNT     3u   /* stdin, stdout, stderr; there are no others */

struct l1_state {
    uint64_t stdin_at;   /* bytes of the input that the function has read */
    uint64_t elapsed_ns; /* virtual time since the invocation began (clock.c) */
    /* Bytes usable at STDOUT_OFF and STDERR_OFF, as far as layer 1 knows; L0 may know of more. */
    uint64_t stdout_committed;
    uint64_t stderr_committed;
    uint32_t closed; /* bit n: the function closed descriptor n */
    uint16_t fd_flags[FD_COUNT];
    uint16_t reserved;
    uint8_t staged[STAGED_MAX];   /* a result on its way to linear memory (guest.h) */
    uint8_t random[RANDOM_PIECE]; /* GATE1_RANDOM's bytes on their way; zero otherwise */
};

_Static_assert(sizeof(struct l1_state) <= PAGE_BYTES, "layer 1's state takes one page");
_Static_assert(sizeof(struct l1_page) <= L1_PAGE_MAX, "L0's page fits its region");

static inline struct l1_state CAGE *l1_state(void)
{
    return CAGE_AT(struct l1_state, L1_STATE_OFF);
}

static inline struct l1_page CAGE *l1_page(void)
{
    return CAGE_AT(struct l1_page, L1_PAGE_OFF);
}

#endif
