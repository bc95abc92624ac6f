/* Is a chain of certificates good, as of a time, under the trusted root? */
#ifndef RECLAVE_CLIENT_QUOTE_CHAIN_H
#define RECLAVE_CLIENT_QUOTE_CHAIN_H

#include "client/quote/certificates.h"

struct trust {
    X509 *anchor; /* whose name and key count; Intel has issued several certificates for one key */
    int64_t time; /* seconds since 1970 */
    bool check_crls;
    bool allow_missing_crl;
    X509_CRL *root_crl; /* NULL: missing */
    X509_CRL *pck_crl;  /* NULL: missing; of the issuer in a chain of three */
};

/* The steps that a failure is attributed to. */
struct chain_steps {
    enum reclave_step chain, root, validity;
};

/* Signatures (at least 128 bits of security), CA flags, validity in time and, if asked for,
 * revocation (RECLAVE_STEP_CRL, _CRL_VALIDITY, _REVOKED). `what` names the chain in the reason. */
MUST_CHECK bool chain_verify(const struct chain *chain, const struct trust *trust, const char *what,
                             const struct chain_steps *steps, struct failure *failure);

#endif
