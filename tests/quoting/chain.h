/* OpenSSL's opinion of a quote's certificates, independent of what issued them. */
#ifndef RECLAVE_TESTS_QUOTING_CHAIN_H
#define RECLAVE_TESTS_QUOTING_CHAIN_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Certificates of a PEM text, in order. The caller frees them with sk_X509_pop_free. */
STACK_OF(X509) * chain_read(const char *pem, size_t bytes);

/* Does the first of the chain verify up to root, with these CRLs (NULL: unchecked), at this time?
 */
bool chain_verifies(STACK_OF(X509) * chain, X509 *root, STACK_OF(X509_CRL) * crls, time_t when);

/* A CRL in hexadecimal DER. */
X509_CRL *crl_read(const char *hex);

/* ECDSA P-256 with SHA-256, (r, s) as in quotes, by a certificate's or a raw (x, y) key. */
bool pair_verifies(EVP_PKEY *key, const void *message, size_t bytes, const uint8_t signature[64]);
EVP_PKEY *key_from_point(const uint8_t point[64]);

#endif
