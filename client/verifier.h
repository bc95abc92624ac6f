/* The parts of libreclave-client that share a verifier. */
#ifndef RECLAVE_CLIENT_VERIFIER_H
#define RECLAVE_CLIENT_VERIFIER_H

#include "client/policy/policy.h"
#include "client/quote/collateral.h"

struct reclave_verifier {
    X509 *anchor;

    bool has_collateral; /* false, and no failure noted: none was given */
    struct collateral collateral;
    struct failure collateral_failure; /* what was wrong with the one that was given */

    bool policy_broken; /* the last policy did not parse: nothing may pass */
    struct policy policy;

    bool has_time;
    int64_t time; /* seconds since 1970 */
    bool allow_missing_crl;

    bool has_challenge;
    uint8_t challenge[RECLAVE_CHALLENGE_BYTES];
};

/* reclave_verify_quote but for its last step: for callers who check themselves, against evidence,
 * what policy_needs_evidence names. */
MUST_CHECK bool verifier_check_quote(const struct reclave_verifier *verifier, const void *quote,
                                     size_t bytes, struct reclave_verdict *verdict);

/* The verifier's time, or the present. */
int64_t verifier_time(const struct reclave_verifier *verifier);

#endif
