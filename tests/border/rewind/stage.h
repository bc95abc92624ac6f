/*
 * Interrupting L0 while it changes a slot as a whole: the rewind by copying and by marks, the
 * creation of S1, a reset, growth and trimming. Wherever it is stopped and whatever the host does
 * meanwhile, the slot is in the end what it would have been, or of no use to anybody.
 */
#ifndef RECLAVE_TESTS_BORDER_REWIND_STAGE_H
#define RECLAVE_TESTS_BORDER_REWIND_STAGE_H

#include "tests/border/residue/story.h"
#include "tests/border/rewind/steps.h"

struct subject;

struct stage {
    const struct subject *subject;
    struct border border;
    struct slot *slot; /* slot 0, with the guest; slot 1 serves another one */
    struct border_file guest, neighbour;
    struct pages booted, ready, now; /* slot 0 in S0 and in S1 */
    uint8_t digest[32];              /* S1's */
    struct border_call call;         /* slot 0's invocation */
    struct steps steps;
    size_t most;
    unsigned iterations;
    struct entry_rewind rewind; /* arguments of the calls under test */
    struct entry_trim trim;
    struct entry_invocation loading;
};

struct subject {
    const char *name;
    const char *guest;
    const char *from; /* symbol of the monitor */
    /* The slot is READY; afterwards the call can be made. */
    void (*before)(struct stage *stage, struct stepped_call *call);
    /* The call has ended with ST_OK: checks, and leads back to READY. */
    void (*after)(struct stage *stage);
};

#define SUBJECT_COUNT 8
extern const struct subject subjects[SUBJECT_COUNT];

enum hostile_host {
    HOST_RESUMES,        /* an interrupt, nothing else */
    HOST_ASKS,           /* every call at CSSA 1 */
    HOST_SERVES_OTHERS,  /* an invocation and a rewind in another slot */
    HOST_WITHDRAWS_PAGES /* pages of the slot and of the store, given back when missed */
};
#define HARMLESS_HOSTS 4

/* most, iterations: steps_record(). */
void stage_open(struct stage *stage, const struct subject *subject, const char *image, size_t most,
                unsigned iterations);
void stage_close(struct stage *stage);
/* One run: interrupted after this step, and all checks. */
void stage_interrupt(struct stage *stage, size_t step, enum hostile_host host);
/* The host swaps one page for a fresh one, chosen by `seed`: the slot ends poisoned, lost, or as it
 * should be in all but that page, which nobody can use. Closes and opens the stage. */
void stage_swap_page(struct stage *stage, size_t step, unsigned seed, const char *image);
/* The enclave is destroyed there. Closes and opens the stage. */
void stage_kill(struct stage *stage, size_t step, const char *image);

#endif
