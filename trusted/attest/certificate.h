/*
 * The two kinds of certificate under a quote, in the one shape that Intel gives them ("Intel SGX
 * PCK Certificate and CRL Profile Specification"): X.509 version 3, ECDSA on P-256 with SHA-256.
 * Periods of validity are not looked at: an enclave has no clock that it could trust.
 */
#ifndef RECLAVE_TRUSTED_ATTEST_CERTIFICATE_H
#define RECLAVE_TRUSTED_ATTEST_CERTIFICATE_H

#include "abi/keeper.h"
#include "trusted/attest/der.h"

/* Points into the bytes that it was read from. */
struct certificate {
    struct der signed_part;           /* tbsCertificate */
    struct der signature;             /* DER: SEQUENCE of r and s */
    struct der issuer, subject;       /* names, to be compared byte by byte */
    uint8_t serial[PCK_SERIAL_BYTES]; /* on the right */
    uint8_t public_key[SIGNING_KEY_BYTES];
    bool signs_certificates; /* CA, and its key may sign certificates */
    struct der sgx;          /* Intel's extension; left = 0: none */
};

/* What Intel says of a platform in its PCK certificate. */
struct pck_platform {
    uint8_t fmspc[PLATFORM_FMSPC_BYTES];
    uint8_t components[PLATFORM_COMPONENTS];
    uint16_t pce_svn;
};

/* false: not such a certificate, or bytes behind it. */
MUST_CHECK bool certificate_read(const uint8_t *der, size_t bytes, struct certificate *out);
/* Each value exactly once. */
MUST_CHECK bool pck_platform_read(const struct certificate *pck, struct pck_platform *out);
/* Signed with this key? */
MUST_CHECK bool certificate_is_signed_by(const struct certificate *certificate,
                                         const uint8_t public_key[SIGNING_KEY_BYTES]);

#endif
