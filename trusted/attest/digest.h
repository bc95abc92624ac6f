/*
 * SHA-256, HMAC and HKDF (RFC 5869) over pieces that lie apart. All outputs fit one block of the
 * hash, so HKDF-Expand is a single HMAC. Everything secret that is kept in between is wiped.
 */
#ifndef RECLAVE_TRUSTED_ATTEST_DIGEST_H
#define RECLAVE_TRUSTED_ATTEST_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES 32u

struct piece {
    const void *data;
    size_t bytes;
};

void sha256_pieces(const struct piece *pieces, size_t count, uint8_t digest[DIGEST_BYTES]);

void hmac_sha256(const void *key, size_t key_bytes, const struct piece *pieces, size_t count,
                 uint8_t mac[DIGEST_BYTES]);

/* prk = HKDF-Extract(salt, pieces) */
void hkdf_extract(const void *salt, size_t salt_bytes, const struct piece *pieces, size_t count,
                  uint8_t prk[DIGEST_BYTES]);

/* out = HKDF-Expand(prk, pieces, bytes); bytes <= DIGEST_BYTES, more is cut off. */
void hkdf_expand(const uint8_t prk[DIGEST_BYTES], const struct piece *pieces, size_t count,
                 uint8_t *out, size_t bytes);

/* hkdf_expand with a text as info, without its NUL. */
void hkdf_expand_text(const uint8_t prk[DIGEST_BYTES], const char *info, uint8_t *out,
                      size_t bytes);

#endif
