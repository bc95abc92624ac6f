/*
 * Puts together what a caller gets as evidence: claims, the proof that they are in a signed batch,
 * the signed root, and the identity that a quote binds (docs/evidence.md). Nothing here is trusted:
 * what comes out wrong is not accepted.
 */
#ifndef RECLAVE_HOST_EVIDENCE_COMPOSE_H
#define RECLAVE_HOST_EVIDENCE_COMPOSE_H

#include "abi/attest.h"
#include "abi/evidence.h"
#include "abi/status.h"

#include <stddef.h>
#include <stdint.h>

/* A batch as the enclave signed it. */
struct signed_batch {
    const struct attested_identity *identity;
    const uint8_t (*leaves)[32]; /* all of it, in order */
    uint32_t count;
    const uint8_t *root; /* COSE_Sign1, as L0 gave it */
    size_t root_bytes;
};

/* The evidence of the invocation whose leaf is number `index`. The claims of an encrypted
 * invocation are its caller's only: claims_bytes 0 leaves room for them, and evidence_complete()
 * (client/evidence) puts them in. ST_OUT_OF_RANGE: index or sizes. */
MUST_CHECK enum status evidence_compose(const struct signed_batch *batch, uint32_t index,
                                        const uint8_t *claims, size_t claims_bytes,
                                        uint8_t file[EVIDENCE_FILE_MAX], size_t *file_bytes);

#endif
