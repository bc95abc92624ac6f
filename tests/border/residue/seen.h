/* What the search sees before the rewind: proof that it can see. */
#ifndef RECLAVE_TESTS_BORDER_RESIDUE_SEEN_H
#define RECLAVE_TESTS_BORDER_RESIDUE_SEEN_H

#include "tests/border/residue/story.h"

/* Takes a picture after an invocation with the secret, before its rewind: the secret is in each
 * place where the guest puts it, as often as it does. */
void secret_must_be_seen(struct story *story, char mode);

/* Places that keep none of this guest's secret differ from S1 all the same: layer 1's state and
 * stack, L0's stack and thread block; after an entry at CSSA 1 also its stack and frame. */
void traces_must_be_seen(const struct story *story, bool exception);

/* In the last picture; pages that are new are not looked at. */
bool differs_from_s1(const struct story *story, const struct place *place);

#endif
