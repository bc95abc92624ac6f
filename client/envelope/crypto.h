/*
 * The caller's primitives, from OpenSSL: HKDF-SHA256, X25519, AES-128-GCM. ST_UNSUPPORTED when
 * OpenSSL refuses (a provider without the algorithm), ST_NO_MEMORY when it cannot allocate.
 */
#ifndef RECLAVE_CLIENT_ENVELOPE_CRYPTO_H
#define RECLAVE_CLIENT_ENVELOPE_CRYPTO_H

#include "abi/envelope.h"
#include "abi/status.h"

#include <stddef.h>
#include <stdint.h>

#define CALLER_DIGEST_BYTES 32u

struct caller_piece {
    const void *data;
    size_t bytes;
};

MUST_CHECK enum status caller_random(void *to, size_t bytes);
MUST_CHECK enum status caller_sha256(const struct caller_piece *pieces, size_t count,
                                     uint8_t digest[CALLER_DIGEST_BYTES]);
/* HMAC-SHA256, which is also HKDF-Extract with the salt as key. key_bytes may be 0. */
MUST_CHECK enum status caller_hmac(const void *key, size_t key_bytes,
                                   const struct caller_piece *pieces, size_t count,
                                   uint8_t mac[CALLER_DIGEST_BYTES]);
/* HKDF-Expand of at most CALLER_DIGEST_BYTES; ST_OUT_OF_RANGE for more. */
MUST_CHECK enum status caller_expand(const uint8_t prk[CALLER_DIGEST_BYTES],
                                     const struct caller_piece *info, size_t count, uint8_t *out,
                                     size_t bytes);

/* ST_KEY_REJECTED when the shared secret would be zero. */
MUST_CHECK enum status caller_agree(const uint8_t secret[32], const uint8_t peer[32],
                                    uint8_t shared[32]);
MUST_CHECK enum status caller_public_key(const uint8_t secret[32], uint8_t public_key[32]);

struct caller_aead {
    uint8_t key[AEAD_KEY_BYTES];
    uint8_t nonce[AEAD_NONCE_BYTES]; /* of message 0; message n's is this XOR n */
};

/* to and from may be the same; bytes <= INT_MAX, else ST_OUT_OF_RANGE. */
MUST_CHECK enum status caller_aead_seal(const struct caller_aead *key, uint64_t sequence,
                                        const void *aad, size_t aad_bytes, const uint8_t *from,
                                        size_t bytes, uint8_t *to, uint8_t tag[AEAD_TAG_BYTES]);
/* ST_ENVELOPE_FORGED: `to` is zeroes. */
MUST_CHECK enum status caller_aead_open(const struct caller_aead *key, uint64_t sequence,
                                        const void *aad, size_t aad_bytes, const uint8_t *from,
                                        size_t bytes, const uint8_t tag[AEAD_TAG_BYTES],
                                        uint8_t *to);

#endif
