/*
 * A slot as layer 2 finds it, in this process: cage, linear memory and code zone with everything
 * around them unmapped, and a way to run code there one instruction at a time.
 */
#ifndef RECLAVE_TESTS_VERIFY_RUN_CAGE_H
#define RECLAVE_TESTS_VERIFY_RUN_CAGE_H

#include "tests/verify/run/generate.h"

#include <stdint.h>

enum verdict {
    RAN_OUT_OF_STEPS,
    REACHED_GATE,
    FAULTED, /* on a guard, hlt, ud2, a division, a misaligned vector */
    ESCAPED, /* anything else: cage_escape says what */
};

/* Once per process. Needs FSGSBASE. */
void cage_create(void);
/* Before the first cage_run() of each test: cmocka takes signals for itself. */
void cage_take_signals(void);

/* Runs the program from its first bundle with registers and memory from `state`, at most `steps`
 * instructions, checking before each that it is one the verifier saw and that nothing that the
 * policy keeps has changed; and before each that ends a sequence, that what a marked program has
 * changed of linear memory is marked. */
enum verdict cage_run(uint64_t *state, const struct program *program, unsigned steps);

/* How often changes were found, all of them marked. */
unsigned long cage_marked_changes(void);

/* The page whose mark the last program could not set; UINT64_MAX: there was none. */
uint64_t cage_mark_fault(void);

/* After ESCAPED. */
const char *cage_escape(void);

#endif
