/*
 * What a relying party accepts. docs/verify.md is the manual of the JSON form; a field that is not
 * in it is refused, so that a misspelt restriction can't be taken for none.
 */
#ifndef RECLAVE_CLIENT_POLICY_POLICY_H
#define RECLAVE_CLIENT_POLICY_POLICY_H

#include "client/failure.h"

#define POLICY_DIGESTS_MAX  64
#define POLICY_DIGEST_BYTES 32

/* Digests of which one must match; count 0: any will do. */
struct digest_list {
    size_t count;
    uint8_t digests[POLICY_DIGESTS_MAX][POLICY_DIGEST_BYTES];
};

struct policy {
    /* about the quote */
    struct digest_list mrenclave;
    struct digest_list mrsigner;
    uint16_t isv_svn_least;
    bool has_isv_prod_id;
    uint16_t isv_prod_id;
    bool allow_debug;
    unsigned accepted_tcb; /* bit 1 << status of enum reclave_tcb_status; never _UNKNOWN, and
                              _REVOKED counts for nothing: see policy_accepts_tcb */
    uint32_t tcb_evaluation_least;
    bool require_challenge; /* the quote answers the caller's challenge */

    /* about a keeper, which its description shows */
    struct digest_list keeper_owners; /* SHA-256 of the owner's public key */

    /* about evidence: nothing in a quote shows these */
    struct digest_list tenants;
    struct digest_list bundles;
    struct digest_list snapshots;
    struct digest_list enclave_policies; /* of what an enclave enforces: docs/evidence.md */
    bool has_epoch_seconds;
    uint64_t epoch_seconds_most; /* age of the key epoch that evidence or a certificate names */
};

/* What counts without a policy: UpToDate or SWHardeningNeeded, no debug enclave. */
void policy_default(struct policy *policy);

/* Starts from the default. False: `error` names the field and says what it must be; *policy is then
 * undefined. */
MUST_CHECK bool policy_parse(const char *json, size_t bytes, struct policy *policy,
                             char error[RECLAVE_ERROR_BYTES]);

/* Is the list empty or the digest in it? */
bool digest_list_allows(const struct digest_list *list, const uint8_t digest[POLICY_DIGEST_BYTES]);

/* Revoked never passes, listed or not: its keys may be in anybody's hands. */
bool policy_accepts_tcb(const struct policy *policy, enum reclave_tcb_status status);

/* MRENCLAVE, MRSIGNER, ISVPRODID, ISVSVN and the evaluation number. Fails at RECLAVE_STEP_POLICY.
 */
MUST_CHECK bool policy_check_quote(const struct policy *policy,
                                   const struct reclave_verdict *verdict, struct failure *failure);

/* The first field that only evidence can satisfy; NULL: there is none. */
const char *policy_needs_evidence(const struct policy *policy);

#endif
