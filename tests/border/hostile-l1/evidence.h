/* Evidence of invocations that a hostile runtime served: true in each word, whatever it did. */
#ifndef RECLAVE_TESTS_BORDER_HOSTILE_L1_EVIDENCE_H
#define RECLAVE_TESTS_BORDER_HOSTILE_L1_EVIDENCE_H

#include "tests/border/harness.h"

/* Asks for claims with the next invocation that `call` is prepared for. */
void evidence_ask(struct border_call *call);
/* They are there, and say what went in, what came out, where it ran and how it ended: as the host,
 * who did all of this, knows. The batch is signed. Of one enclave's one function: what must stay
 * the same from one invocation to the next, does; evidence_forget() before another enclave. */
void evidence_must_be_true(struct slot *slot, const struct border_call *call,
                           const struct border_file *bundle);
void evidence_forget(void);

#endif
