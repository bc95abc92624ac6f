/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), self-contained for use in wasm. */
#ifndef PSEUDONYMISE_SHA256_H
#define PSEUDONYMISE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES       32
#define SHA256_BLOCK_BYTES 64

struct sha256 {
    uint32_t h[8];
    uint64_t bytes; /* hashed so far */
    uint8_t block[SHA256_BLOCK_BYTES];
};

void sha256_start(struct sha256 *state);
void sha256_add(struct sha256 *state, const void *data, size_t bytes);
void sha256_finish(struct sha256 *state, uint8_t digest[SHA256_BYTES]);

struct hmac {
    struct sha256 inner, outer;
};

void hmac_start(struct hmac *state, const void *key, size_t key_bytes);
void hmac_add(struct hmac *state, const void *data, size_t bytes);
void hmac_finish(struct hmac *state, uint8_t mac[SHA256_BYTES]);

#endif
