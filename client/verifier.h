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
};

/* The verifier's time, or the present. */
int64_t verifier_time(const struct reclave_verifier *verifier);

#endif
