/*
 * A call of the enclave in single steps: from where it reaches a symbol of the monitor until L0 is
 * left, one step per instruction. Of a repeated string instruction the first iterations are steps
 * of their own, and the rest of them is one. Recorded once, the call can then be interrupted after
 * any step, in the hands of a host of one's choice.
 */
#ifndef RECLAVE_TESTS_BORDER_REWIND_STEPS_H
#define RECLAVE_TESTS_BORDER_REWIND_STEPS_H

#include "tests/border/harness.h"

#include <stdbool.h>

struct stepped_call {
    const struct border *border;
    struct slot *slot; /* slot 0 */
    enum entry_call call;
    void *argument;
    size_t bytes;
};

/* One EENTER or ERESUME of a slot, always from the same stack, as an ERESUME needs it
 * (abi/entry.h); returns as enter_once() of the loader. */
unsigned steps_enter(struct slot *slot, unsigned leaf, enum entry_call call, void *argument,
                     size_t bytes);

struct steps {
    uint64_t from; /* where it begins, from the enclave's base */
    size_t count;
    uint64_t *rip;       /* rip[i]: where step i led to, from the enclave's base */
    bool *first;         /* step i was the first to lead there */
    unsigned iterations; /* of a repeated instruction: so many are stepped through */
};

/* What the host does with the interrupted thread, until it lets it go on: may enter other slots and
 * this one at CSSA 1. Returns the leaf that ended the last ERESUME. */
typedef unsigned (*steps_host)(void *context);

/* Makes the call, uninterrupted: ST_OK. At most `most` steps are recorded. */
void steps_record(struct steps *steps, const struct stepped_call *call, const char *symbol,
                  size_t most, unsigned iterations);
/* Makes it again with an interrupt after this step. host == NULL: the interrupt is served, and the
 * thread resumed, by the kernel alone. Returns the leaf that ended it (ENCLU_EEXIT: the slot's
 * exit_status). The steps before must be those that were recorded. */
unsigned steps_interrupt(const struct steps *steps, const struct stepped_call *call, size_t step,
                         steps_host host, void *context);
/* A step, from the seed, that is reached soon after one that is the first at its instruction: this
 * one needs no stepping, so that a sample takes little time. */
size_t steps_choose(const struct steps *steps, unsigned *seed);
void steps_free(struct steps *steps);

#endif
