/* COSE_Sign1 (RFC 9052, 4.2) with ES256, tagged, the signer's worker ID as protected key ID. */
#ifndef RECLAVE_TRUSTED_ATTEST_COSE_H
#define RECLAVE_TRUSTED_ATTEST_COSE_H

#include "trusted/attest/keys.h"

#define COSE_PAYLOAD_MAX 512u

/* ST_OUT_OF_RANGE when the payload is longer than COSE_PAYLOAD_MAX or out is too small. */
MUST_CHECK enum status cose_sign1(const struct signing_key *key, const uint8_t *payload,
                                  size_t payload_bytes, uint8_t *out, size_t capacity,
                                  size_t *bytes);

#endif
