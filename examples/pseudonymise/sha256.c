#include "sha256.h"

#include <string.h>

/* FIPS 180-4, 4.2.2 and 5.3.3 */
static const uint32_t k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static uint32_t rotate(uint32_t x, int bits)
{
    return x >> bits | x << (32 - bits);
}

static uint32_t load_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void store_be32(uint8_t *p, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(x >> (24 - 8 * i));
}

static void compress(uint32_t h[8], const uint8_t *block)
{
    uint32_t w[64], s[8];

    for (int i = 0; i < 16; i++)
        w[i] = load_be32(block + 4 * i);
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];

        w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] +
               (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
    memcpy(s, h, sizeof(s));
    for (int i = 0; i < 64; i++) {
        uint32_t a = s[0], e = s[4];
        uint32_t t1 = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                      ((e & s[5]) ^ (~e & s[6])) + k[i] + w[i];
        uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                      ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));

        memmove(s + 1, s, 7 * sizeof(s[0]));
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        h[i] += s[i];
}

void sha256_start(struct sha256 *state)
{
    memcpy(state->h, initial, sizeof(initial));
    state->bytes = 0;
}

void sha256_add(struct sha256 *state, const void *data, size_t bytes)
{
    const uint8_t *p = data;

    for (size_t i = 0; i < bytes; i++) {
        state->block[state->bytes++ % SHA256_BLOCK_BYTES] = p[i];
        if (state->bytes % SHA256_BLOCK_BYTES == 0)
            compress(state->h, state->block);
    }
}

void sha256_finish(struct sha256 *state, uint8_t digest[SHA256_BYTES])
{
    uint64_t bits = state->bytes * 8;
    uint8_t length[8];

    sha256_add(state, "\x80", 1);
    while (state->bytes % SHA256_BLOCK_BYTES != SHA256_BLOCK_BYTES - sizeof(length))
        sha256_add(state, "", 1);
    store_be32(length, (uint32_t)(bits >> 32));
    store_be32(length + 4, (uint32_t)bits);
    sha256_add(state, length, sizeof(length));
    for (int i = 0; i < 8; i++)
        store_be32(digest + 4 * i, state->h[i]);
}

void hmac_start(struct hmac *state, const void *key, size_t key_bytes)
{
    uint8_t block[SHA256_BLOCK_BYTES] = {0};

    if (key_bytes > sizeof(block)) {
        sha256_start(&state->inner);
        sha256_add(&state->inner, key, key_bytes);
        sha256_finish(&state->inner, block);
    } else if (key_bytes) {
        memcpy(block, key, key_bytes);
    }
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] ^= 0x36;
    sha256_start(&state->inner);
    sha256_add(&state->inner, block, sizeof(block));
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] ^= 0x36 ^ 0x5c;
    sha256_start(&state->outer);
    sha256_add(&state->outer, block, sizeof(block));
}

void hmac_add(struct hmac *state, const void *data, size_t bytes)
{
    sha256_add(&state->inner, data, bytes);
}

void hmac_finish(struct hmac *state, uint8_t mac[SHA256_BYTES])
{
    sha256_finish(&state->inner, mac);
    sha256_add(&state->outer, mac, SHA256_BYTES);
    sha256_finish(&state->outer, mac);
}
