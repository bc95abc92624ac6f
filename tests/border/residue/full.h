/*
 * Interrupting the guest at the moment when the secret is in as many registers as it can be: four
 * words in general registers, the same as doubles, four pieces as floats.
 */
#ifndef RECLAVE_TESTS_BORDER_RESIDUE_FULL_H
#define RECLAVE_TESTS_BORDER_RESIDUE_FULL_H

#include "sgx/emu/instrument.h"
#include "tests/border/residue/story.h"

struct moment {
    const struct border *border;
    unsigned interrupts; /* 1 when it has come */
    enum emu_step answer;
};

/* Before an invocation; `answer` is what happens at that moment (EMU_STEP_AEX or _OUT). */
void await_full_registers(const struct story *story, struct moment *moment, enum emu_step answer);
/* After it. */
void moment_must_have_come(const struct moment *moment);
/* Takes a picture: SSA[0] has them all. */
void frame_must_hold_registers(struct story *story);

#endif
