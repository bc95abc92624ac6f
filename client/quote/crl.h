/* Certificate revocation lists as collateral services give them: DER in hexadecimal, or PEM. */
#ifndef RECLAVE_CLIENT_QUOTE_CRL_H
#define RECLAVE_CLIENT_QUOTE_CRL_H

#include "abi/status.h"

#include <openssl/x509.h>

/* NULL: neither of the two. Free with X509_CRL_free. */
MUST_CHECK X509_CRL *crl_read(const char *text, size_t bytes);

#endif
