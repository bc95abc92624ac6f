/*
 * A fleet seen by its callers: one keeper, verified once per epoch, speaks for all workers that it
 * has admitted (docs/keeper.md). The caller verifies the keeper's quote first (reclave_client.h,
 * with its own challenge) and checks its REPORTDATA (evidence_check_identity, ROLE_KEEPER); these
 * functions take it from there. Nothing here opens a file or a connection.
 *
 *   fleet_keeper_check    owner, root, platforms and images are acceptable
 *   fleet_epoch_check     this epoch's receiving key: encrypt requests to it
 *   fleet_worker_check    a worker's identity: check its evidence as if its quote had been verified
 *   fleet_worker_policy   what policy_sha256 the fleet's requests are meant for
 */
#ifndef RECLAVE_CLIENT_KEEPER_FLEET_H
#define RECLAVE_CLIENT_KEEPER_FLEET_H

#include "abi/keeper.h"
#include "abi/status.h"

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the keeper says of itself, and what its verified quote says of it. */
struct fleet_keeper {
    struct attested_identity identity;
    uint8_t mrenclave[32];
    uint8_t owner[SIGNING_KEY_BYTES];
    struct platform_policy policy;
};

struct fleet_images {
    const uint8_t (*mrenclaves)[32];
    size_t count;
};

/* Is this the keeper that its identity says, and would every image that it gives keys to be
 * acceptable to this caller? The caller's own decisions remain: which owner (its tenant ID is
 * SHA-256 of the key), which root, which least versions, all of them in `policy`.
 * ST_WRONG_ROLE, ST_KEEPER_POLICY, ST_KEEPER_SIGNATURE, ST_QUOTE_IDENTITY: the terms are not the
 * identity's; ST_QUOTE_MEASUREMENT: an image that is not in `accepted`. */
MUST_CHECK enum status fleet_keeper_check(const struct fleet_keeper *keeper,
                                          const struct fleet_images *accepted);

struct fleet_epoch {
    uint64_t epoch;
    uint64_t counter; /* of the keeper's state: remember the highest, see below */
    uint64_t began;   /* seconds since 1970, the word of the keeper's host: docs/keeper.md */
    uint8_t receiving_key[RECEIVING_KEY_BYTES];
};

/* The keeper has passed fleet_keeper_check. oldest_counter: the highest that this caller has seen
 * of this keeper, 0: none; an older one means that the keeper's state was rolled back. ST_CORRUPT,
 * ST_GRANT_FORGED: not the keeper's; ST_KEEPER_POLICY: made under another platform policy;
 * ST_KEEPER_STALE. */
MUST_CHECK enum status fleet_epoch_check(const struct fleet_keeper *keeper,
                                         const uint8_t *certificate, size_t bytes,
                                         uint64_t oldest_counter, struct fleet_epoch *out);

struct fleet_worker {
    struct attested_identity identity;
    uint8_t mrenclave[32];
    uint64_t epoch;
    uint64_t began; /* of that epoch */
};

/* ... also ST_QUOTE_MEASUREMENT: an image that the policy does not name; ST_WRONG_ROLE.
 * oldest_epoch: workers certified before it are refused (ST_KEEPER_STALE); usually the current one
 * less 1. */
MUST_CHECK enum status fleet_worker_check(const struct fleet_keeper *keeper,
                                          const uint8_t *certificate, size_t bytes,
                                          uint64_t oldest_epoch, struct fleet_worker *out);

/* The policy digest of this keeper's workers: enum tenancy, POLICY_* flags. */
MUST_CHECK enum status fleet_worker_policy(const struct fleet_keeper *keeper, uint32_t tenancy,
                                           uint32_t flags, uint8_t policy_sha256[32]);

/* The worker_id of an identity: a keeper's is how its workers name it. */
MUST_CHECK enum status fleet_keeper_id(const struct attested_identity *identity, uint8_t id[32]);

/* The key of the root under which the policy's platforms count: its own, or Intel's. */
void fleet_root_key(const struct platform_policy *policy, uint8_t key[SIGNING_KEY_BYTES]);
/* The public key of a certificate, on P-256. */
MUST_CHECK bool fleet_certificate_key(X509 *certificate, uint8_t key[SIGNING_KEY_BYTES]);

/* The policy digest that a keeper of this owner under this policy's root has. */
MUST_CHECK enum status fleet_keeper_policy(const uint8_t owner[SIGNING_KEY_BYTES],
                                           const struct platform_policy *policy,
                                           uint8_t policy_sha256[32]);

#endif
