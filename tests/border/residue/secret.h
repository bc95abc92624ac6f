/* The secret that tests/guests/secret_spreader.wat spreads, and how it is looked for. */
#ifndef RECLAVE_TESTS_BORDER_RESIDUE_SECRET_H
#define RECLAVE_TESTS_BORDER_RESIDUE_SECRET_H

#include "tests/border/harness.h"
#include "tests/border/pages.h"
#include "tests/border/places.h"

#define SECRET_BYTES 32
#define SECRET_WORD  8 /* registers and native stack keep pieces of this size */

/* From a fixed seed; no byte is zero or '=', so that it can be an argument or a variable. */
const uint8_t *secret(void);

/* The environment variable that the guest's bundle allows. */
const char *secret_name(void);

/* Fills in the call: the secret on stdin, then the mode; the secret as an argument and as the
 * value of the environment variable that the bundle allows. */
void secret_spread(struct border_call *call, char mode);

/* Places in the picture that hold the whole secret, or a run of `window` bytes of it. */
size_t secret_count(const struct pages *pages, const struct place *where, size_t window);
/* Any run of eight bytes, anywhere; each is named on stderr. */
size_t secret_remains(const struct pages *pages);
/* Does the general or vector register state hold a run of `window` bytes? */
bool secret_in_bytes(const void *bytes, size_t size, size_t window);

#endif
