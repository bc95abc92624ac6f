/*
 * Collateral: what Intel says of platforms, as one JSON object of texts. Read
 * once; nothing in it is believed before its signature is checked.
 */
#ifndef RECLAVE_CLIENT_QUOTE_COLLATERAL_H
#define RECLAVE_CLIENT_QUOTE_COLLATERAL_H

#include "client/failure.h"
#include "client/quote/certificates.h"

#include <openssl/x509.h>

/* A JSON text that Intel signed, to be verified over exactly these bytes. */
struct signed_text {
    char *text;
    size_t bytes;
    uint8_t signature[64]; /* r || s */
    struct certificates issuers;
};

/* Zeroed: empty. */
struct collateral {
    struct signed_text tcb_info;
    struct signed_text qe_identity;
    X509_CRL *root_crl; /* NULL: missing */
    X509_CRL *pck_crl;  /* NULL: missing */
};

/* Fails at RECLAVE_STEP_COLLATERAL (RECLAVE_STEP_CRL for a CRL that is there but unreadable), and
 * *collateral is then empty. */
MUST_CHECK bool collateral_read(const char *json, size_t bytes, struct collateral *collateral,
                                struct failure *failure);
void collateral_free(struct collateral *collateral);

#endif
