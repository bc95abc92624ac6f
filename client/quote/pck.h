/* What Intel says of the platform in its PCK certificate: the SGX extension, 1.2.840.113741.1.13.1
 * (Intel SGX PCK Certificate and CRL Profile Specification, 1.3.5). */
#ifndef RECLAVE_CLIENT_QUOTE_PCK_H
#define RECLAVE_CLIENT_QUOTE_PCK_H

#include "client/failure.h"

#include <openssl/x509.h>

#define TCB_COMPONENTS 16

struct pck_extension {
    uint8_t component_svns[TCB_COMPONENTS];
    uint16_t pce_svn;
    uint8_t pce_id[2];
    uint8_t fmspc[6];
};

/* Fails at RECLAVE_STEP_PCK_EXTENSION unless every field is there exactly once, in range. */
MUST_CHECK bool pck_read(X509 *certificate, struct pck_extension *extension,
                         struct failure *failure);

#endif
