/* Claims as JSON, for programs that read what `reclave verify --json` prints. */
#ifndef RECLAVE_CLIENT_EVIDENCE_DESCRIBE_H
#define RECLAVE_CLIENT_EVIDENCE_DESCRIBE_H

#include "client/evidence/evidence.h"

#include <jansson.h>

/* An object that the caller owns (json_decref); NULL: out of memory. Digests and IDs are lower-case
 * hex. "nonce" is null without one, "trap" without a trap, "exit_code" when there is none.
 * "wasm_sha256_claimed" is the owner's word. */
json_t *claims_describe(const struct evidence_claims *claims);

#endif
