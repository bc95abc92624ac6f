/* The few certificates of one of Intel's chains, and the order that they form. */
#ifndef RECLAVE_CLIENT_QUOTE_CERTIFICATES_H
#define RECLAVE_CLIENT_QUOTE_CERTIFICATES_H

#include "client/failure.h"

#include <openssl/x509.h>

#define CERTIFICATES_MAX 3

/* Zeroed: empty. */
struct certificates {
    X509 *items[CERTIFICATES_MAX];
    size_t count;
};

/* PEM blocks (client/quote/pem.h), exactly `expected` of them, each DER and nothing else. `what`
 * names them in the reason. On failure nothing is left to free. */
MUST_CHECK bool certificates_read(const char *pem, size_t bytes, size_t expected, const char *what,
                                  enum reclave_step step, struct certificates *certificates,
                                  struct failure *failure);
void certificates_free(struct certificates *certificates);

/* Borrowed from the certificates. */
struct chain {
    X509 *leaf;
    X509 *issuer; /* between leaf and root; NULL in a chain of two */
    X509 *root;
};

/* Finds the order by subjects and issuers, whatever order they came in: one is its own issuer, each
 * other one's issuer is there, none is left over. Proves nothing about signatures. */
MUST_CHECK bool chain_order(const struct certificates *certificates, struct chain *chain);

#endif
