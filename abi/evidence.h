/*
 * Level 2 of attestation: evidence of one invocation. docs/evidence.md has the
 * CDDL and the reasons; this header has the numbers.
 *
 * claims  a CWT claims set (RFC 8392) with EAT claims (RFC 9711), in
 *         deterministic CBOR (RFC 8949, 4.2.1)
 * leaf    SHA-256(0x00 || claims)                       as RFC 9162, 2.1.1
 * node    SHA-256(0x01 || left || right)
 * root    of up to EVIDENCE_BATCH_MAX leaves of one slot, signed by the worker
 *         as COSE_Sign1 (RFC 9052) with ES256
 */
#ifndef RECLAVE_ABI_EVIDENCE_H
#define RECLAVE_ABI_EVIDENCE_H

#define EVIDENCE_VERSION      1u
#define EVIDENCE_PROFILE      "urn:x-reclave:invocation:1"
#define EVIDENCE_ROOT_PROFILE "urn:x-reclave:evidence-root:1"

/* Claim labels: registered ones (RFC 9711, 10.2), then our own, from the range for private use
 * (below -65536). Both maps list them in this order, which is the deterministic one. */
#define CLAIM_NONCE     10  /* eat_nonce: the caller's, absent when there is none */
#define CLAIM_PROFILE   265 /* eat_profile */
#define CLAIM_BOOT_SEED 268 /* bootseed: boot ID */
#define CLAIM_WORKER    (-70001)
#define CLAIM_TENANT    (-70002)
#define CLAIM_BUNDLE    (-70003)
#define CLAIM_WASM      (-70004) /* the owner's claim, not L0's */
#define CLAIM_SNAPSHOT  (-70005)
#define CLAIM_POLICY    (-70006)
#define CLAIM_SLOT      (-70007)
#define CLAIM_COUNTER   (-70008) /* invocations of this slot since boot, refused ones included */
#define CLAIM_INPUT     (-70009) /* SHA-256 of stdin */
#define CLAIM_STRINGS   (-70010) /* digest of arguments and environment, see below */
#define CLAIM_OUTPUT    (-70011) /* SHA-256 of stdout as delivered */
#define CLAIM_OUTCOME   (-70012) /* outcome_name() */
#define CLAIM_TRAP      (-70013) /* trap_text(); present exactly with outcome "trap" */
#define CLAIM_EXIT_CODE (-70014) /* present exactly with outcomes "ok" and "function-error" */
#define CLAIM_BLINDING  (-70015) /* random: a leaf alone reveals nothing about its claims */
#define CLAIM_TREE_SIZE (-70016) /* in a signed root only, as the next */
#define CLAIM_TREE_ROOT (-70017)

/* strings digest = SHA-256(domain with its NUL || arguments u64 || variables u64 || strings),
 * numbers little-endian, strings as in struct entry_invocation (abi/entry.h). */
#define STRINGS_DOMAIN "reclave strings v1"

/* Of slot and counter: fits a signed integer of 64 bits. */
#define CLAIM_COUNT_MAX 0x7fffffffffffffffull

#define NONCE_MIN 8u /* bytes of eat_nonce: RFC 9711, 4.1 */
#define NONCE_MAX 64u

#define BLINDING_BYTES 16u

#define EVIDENCE_BATCH_MAX 256u
#define EVIDENCE_PATH_MAX  8u /* hashes from a leaf to the root of a full batch */

/* Upper bounds of encodings in bytes; the encoders are tested against them. */
#define EVIDENCE_CLAIMS_MAX 768u
#define EVIDENCE_ROOT_MAX   320u
#define EVIDENCE_FILE_MAX   2048u

/* COSE (RFC 9052, 9053) */
#define COSE_SIGN1_TAG     18
#define COSE_HEADER_ALG    1
#define COSE_HEADER_KID    4
#define COSE_ALG_ES256     (-7)
#define COSE_SIGN1_CONTEXT "Signature1"

#endif
