/*
 * Evidence of invocations, the enclave's side. Formats: abi/evidence.h, docs/evidence.md.
 *
 * After each invocation L0 encodes its claims, hands them to the caller (within the encrypted
 * response if there is one, in the clear otherwise) and keeps the leaf. One call signs all leaves
 * that a slot has pending. What is pending is never part of a snapshot.
 */
#ifndef RECLAVE_TRUSTED_ATTEST_EVIDENCE_H
#define RECLAVE_TRUSTED_ATTEST_EVIDENCE_H

#include "abi/evidence.h"
#include "abi/status.h"
#include "trusted/attest/keys.h"

/* Digests are SHA-256, 32 bytes. */
struct claims {
    const uint8_t *nonce; /* the caller's */
    size_t nonce_bytes;   /* 0, or NONCE_MIN..NONCE_MAX */
    const uint8_t *boot_id;
    const uint8_t *worker_id;
    const uint8_t *tenant;
    const uint8_t *bundle_sha256;
    const uint8_t *wasm_sha256; /* the owner's claim */
    const uint8_t *snapshot_sha256;
    const uint8_t *policy_sha256;
    const uint8_t *input_sha256;
    const uint8_t *strings_sha256; /* strings_digest() */
    const uint8_t *output_sha256;
    const uint8_t *blinding; /* BLINDING_BYTES, random for each invocation */
    uint64_t slot;
    uint64_t counter;
    enum outcome outcome;
    enum trap trap; /* TRAP_NONE unless outcome is OUTCOME_TRAP */
    int64_t exit_code;
};

/* The encoding in out[0 .. *bytes). ST_INVALID_ARGUMENT for a nonce of a wrong length, a slot or
 * counter above CLAIM_COUNT_MAX, or when outcome and trap are not known or contradict one another.
 */
MUST_CHECK enum status claims_encode(const struct claims *claims, uint8_t out[EVIDENCE_CLAIMS_MAX],
                                     size_t *bytes);

/* SHA-256(0x00 || encoded claims) */
void claims_leaf(const uint8_t *encoded, size_t bytes, uint8_t leaf[32]);

void strings_digest(uint64_t arg_count, uint64_t env_count, const void *strings, size_t bytes,
                    uint8_t digest[32]);

struct evidence_batch {
    uint32_t count;
    uint8_t leaves[EVIDENCE_BATCH_MAX][32];
};

/* ST_BATCH_FULL: ask before the invocation runs, so that none is left without evidence. */
MUST_CHECK enum status batch_room(const struct evidence_batch *batch);
MUST_CHECK enum status batch_add(struct evidence_batch *batch, const uint8_t leaf[32]);

/* Signs the batch's root and empties the batch. ST_NOT_FOUND when there is nothing to sign; on any
 * failure the batch is as before. */
MUST_CHECK enum status batch_sign(struct evidence_batch *batch, const struct signing_key *key,
                                  const uint8_t boot_id[BOOT_ID_BYTES],
                                  uint8_t out[EVIDENCE_ROOT_MAX], size_t *bytes);

#endif
