/* ECDSA P-256 with SHA-256 on keys and signatures in the raw form of quotes and collateral. */
#ifndef RECLAVE_CLIENT_QUOTE_P256_H
#define RECLAVE_CLIENT_QUOTE_P256_H

#include "abi/status.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X || Y, 64 bytes; NULL when that is no point of the curve, or out of memory. Free with
 * EVP_PKEY_free. */
MUST_CHECK EVP_PKEY *p256_public_key(const uint8_t point[64]);

/* Is it a key on P-256? */
MUST_CHECK bool p256_is(const EVP_PKEY *key);

/* signature: r || s, 64 bytes. False on anything but a good signature. */
MUST_CHECK bool p256_verify(EVP_PKEY *key, const uint8_t signature[64], const void *data,
                            size_t bytes);

#endif
