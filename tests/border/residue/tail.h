/*
 * The end of a rewind in single steps: from a symbol of the monitor, usually exit_scrubbing
 * (trusted/monitor/entry.S), to EEXIT, one step per instruction (per iteration of a repeated string
 * instruction). A run interrupts it after one chosen step, and looks at what is left when the call
 * has ended.
 */
#ifndef RECLAVE_TESTS_BORDER_RESIDUE_TAIL_H
#define RECLAVE_TESTS_BORDER_RESIDUE_TAIL_H

#include "tests/border/residue/story.h"

struct tail {
    struct story story;
    struct pages control; /* after the same interrupt of a run without the secret */
    uint64_t from;        /* where it begins, from the enclave's base */
    size_t steps;         /* of all of it */
    uint64_t *rip;        /* rip[i]: where step i led to, from the enclave's base */
    bool *first, *last;   /* step i was the first, the last to lead there */
};

enum tail_interrupt {
    TAIL_AEX,   /* an interrupt, then ERESUME */
    TAIL_NESTED /* AEX, ENTRY_EXCEPTION, ENTRY_ABORT: each ST_IN_MONITOR, then ERESUME */
};

#define TAIL_SCRUBBING "exit_scrubbing" /* all data is restored */
#define TAIL_ALL       "monitor_entry"  /* the whole rewind */

void tail_begin(struct tail *tail, const char *image, const char *from);
void tail_end(struct tail *tail);

/*
 * Invocation, then a rewind that is interrupted after `step`; with the secret, and as a control
 * with another end of the function and no secret at all. Fails the test unless
 *  - no eight bytes of the secret are anywhere,
 *  - the enclave is the same after both but for the list,
 *  - it differs from S1 in the list and in what an interrupt leaves: SSA frames, which hold the
 *    tail's own clean registers, and L0's exception stack.
 */
void tail_run(struct tail *tail, size_t step, enum tail_interrupt interrupt);

#endif
