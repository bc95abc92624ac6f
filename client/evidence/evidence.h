/*
 * Checks evidence of an invocation (docs/evidence.md). The caller has verified a quote before: its
 * 64 bytes of REPORTDATA are what all of this is rooted in.
 *
 *   struct evidence evidence;
 *   verdict = evidence_parse(file, bytes, &evidence);
 *   verdict = evidence_check_identity(&evidence.identity, ROLE_WORKER, report_data, challenge);
 *   verdict = evidence_check_signed(&evidence);
 *   verdict = evidence_check_expected(&evidence.claims, &expected);
 *
 * or evidence_check() for all of it. Within an encrypted session or a single encrypted request
 * the response's AEAD authenticates the claims: claims_parse() and evidence_check_expected() then
 * suffice, after evidence_check_identity() of the key that the request was encrypted to.
 */
#ifndef RECLAVE_CLIENT_EVIDENCE_EVIDENCE_H
#define RECLAVE_CLIENT_EVIDENCE_EVIDENCE_H

#include "abi/attest.h"
#include "abi/evidence.h"
#include "abi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The steps in their order; a check stops at the first that fails. */
enum evidence_step {
    EVIDENCE_ACCEPTED = 0,
    EVIDENCE_FORMAT,    /* not evidence in the one accepted encoding */
    EVIDENCE_IDENTITY,  /* the quote's REPORTDATA binds other keys, boot or policy, or another role
                         */
    EVIDENCE_CHALLENGE, /* the quote answers another challenge */
    EVIDENCE_SIGNATURE, /* the root is not signed by the quoted key */
    EVIDENCE_PROOF,     /* the claims are not in the signed tree */
    EVIDENCE_WORKER,    /* the claims speak of another enclave, boot or policy than the quote */
    EVIDENCE_NONCE,     /* the rest: the claims are not what was expected */
    EVIDENCE_INPUT,
    EVIDENCE_STRINGS,
    EVIDENCE_OUTPUT,
    EVIDENCE_TENANT,
    EVIDENCE_BUNDLE,
    EVIDENCE_SNAPSHOT,
    EVIDENCE_POLICY,
    EVIDENCE_OUTCOME,
    EVIDENCE_EPOCH_AGE, /* of a fleet's worker, before the rest: client/invoke/fleet.c */
    EVIDENCE_CERTIFICATE,
    EVIDENCE_MEASUREMENT,
    EVIDENCE_EPOCH,
    EVIDENCE_SYSTEM, /* no memory, or OpenSSL refuses to work: nothing is accepted */
};

struct evidence_verdict {
    enum evidence_step step;
    const char *reason; /* a sentence without full stop; never NULL */
};

/* "evidence_format", ...: for programs; never NULL */
const char *evidence_step_name(enum evidence_step step);

/* Claims of one invocation, decoded. */
struct evidence_claims {
    uint8_t nonce[NONCE_MAX];
    size_t nonce_bytes;
    uint8_t boot_id[BOOT_ID_BYTES];
    uint8_t worker_id[32];
    uint8_t tenant[32];
    uint8_t bundle_sha256[32];
    uint8_t wasm_sha256[32]; /* the owner's claim: nothing is accepted on it alone */
    uint8_t snapshot_sha256[32];
    uint8_t policy_sha256[32];
    uint64_t slot;
    uint64_t counter;
    uint8_t input_sha256[32];
    uint8_t strings_sha256[32];
    uint8_t output_sha256[32];
    enum outcome outcome;
    enum trap trap;
    bool has_exit_code;
    int64_t exit_code;
    uint8_t blinding[BLINDING_BYTES];
};

/* A statement about a batch, as signed. */
struct evidence_root {
    const uint8_t *header; /* COSE's protected header */
    size_t header_bytes;
    const uint8_t *payload;
    size_t payload_bytes;
    uint8_t signature[SIGNATURE_BYTES];
    uint8_t key_id[32];
    uint8_t boot_id[BOOT_ID_BYTES];
    uint8_t worker_id[32];
    uint32_t tree_size;
    uint8_t tree_root[32];
};

/* Points into the file that it was parsed from. */
struct evidence {
    struct attested_identity identity;
    struct evidence_claims claims;
    const uint8_t *encoded_claims;
    size_t encoded_claims_bytes;
    uint32_t index;
    uint8_t path[EVIDENCE_PATH_MAX][32];
    uint32_t path_length;
    struct evidence_root root;
};

MUST_CHECK struct evidence_verdict evidence_parse(const uint8_t *file, size_t bytes,
                                                  struct evidence *out);
MUST_CHECK struct evidence_verdict claims_parse(const uint8_t *encoded, size_t bytes,
                                                struct evidence_claims *out);

/* Does a verified quote's REPORTDATA bind this identity in this role? challenge: the 32 bytes that
 * the quote must answer, or NULL to accept any. */
MUST_CHECK struct evidence_verdict evidence_check_identity(const struct attested_identity *identity,
                                                           enum attest_role role,
                                                           const uint8_t report_data[64],
                                                           const uint8_t *challenge);
/* Did the identity's enclave sign a tree that contains the claims, and are they about itself? */
MUST_CHECK struct evidence_verdict evidence_check_signed(const struct evidence *evidence);

/* A set of digests; empty (count 0): all are accepted. */
struct digest_set {
    const uint8_t (*digests)[32];
    size_t count;
};

/* What the caller knows or demands. NULL pointers and empty sets demand nothing. */
struct evidence_expectation {
    const uint8_t *nonce;
    size_t nonce_bytes;
    const uint8_t *input; /* what was sent to stdin */
    size_t input_bytes;
    const uint8_t *strings_sha256; /* strings_sha256_of() */
    const uint8_t *output;         /* what came back */
    size_t output_bytes;
    struct digest_set tenants;
    struct digest_set bundles;
    struct digest_set snapshots;
    struct digest_set policies;
    unsigned outcomes; /* bits 1u << enum outcome that are accepted; 0: all */
};

MUST_CHECK struct evidence_verdict
evidence_check_expected(const struct evidence_claims *claims,
                        const struct evidence_expectation *expected);

/* All steps. */
MUST_CHECK struct evidence_verdict evidence_check(const uint8_t *file, size_t bytes,
                                                  const uint8_t report_data[64],
                                                  const uint8_t *challenge,
                                                  const struct evidence_expectation *expected,
                                                  struct evidence *out);

/* Of an encrypted invocation the host never sees the claims: its evidence file has none, and the
 * caller puts in those that the response brought. ST_CORRUPT: not such a file; ST_OUT_OF_RANGE: too
 * long. The result is as good as what evidence_check() says of it. */
MUST_CHECK enum status evidence_complete(const uint8_t *file, size_t bytes, const uint8_t *claims,
                                         size_t claims_bytes, uint8_t out[EVIDENCE_FILE_MAX],
                                         size_t *out_bytes);

/* The digest of arguments and environment as claims have it. strings as in caller_request. */
MUST_CHECK enum status strings_sha256_of(uint64_t arg_count, uint64_t env_count,
                                         const char *strings, size_t bytes, uint8_t digest[32]);
/* What the quote of an enclave with this identity has in REPORTDATA. */
MUST_CHECK enum status identity_report_data(const struct attested_identity *identity,
                                            const uint8_t *challenge, uint8_t data[64]);
MUST_CHECK enum status policy_sha256_of(const struct enclave_policy *policy, uint8_t digest[32]);

#endif
