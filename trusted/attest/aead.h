/*
 * AES-128-GCM (SP 800-38D) in place. The caller sees to it that no nonce is used twice under a key.
 * Needs a CPU with AES-NI and PCLMULQDQ, which every CPU with SGX has.
 */
#ifndef RECLAVE_TRUSTED_ATTEST_AEAD_H
#define RECLAVE_TRUSTED_ATTEST_AEAD_H

#include "abi/envelope.h"
#include "abi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aead_key {
    uint8_t key[AEAD_KEY_BYTES];
    uint8_t nonce[AEAD_NONCE_BYTES]; /* of message 0 */
};

/* A plaintext may lie in several places: nothing has to be copied together to be encrypted. */
struct aead_part {
    uint8_t *data;
    size_t bytes;
};
size_t aead_parts_bytes(const struct aead_part *parts, size_t count);
void aead_parts_wipe(const struct aead_part *parts, size_t count);

/* Message n's nonce is key->nonce XOR n, n as a big-endian number on the right (RFC 9180, 5.2). */
void aead_seal(const struct aead_key *key, uint64_t sequence, const void *aad, size_t aad_bytes,
               uint8_t *data, size_t bytes, uint8_t tag[AEAD_TAG_BYTES]);

void aead_seal_parts(const struct aead_key *key, uint64_t sequence, const void *aad,
                     size_t aad_bytes, const struct aead_part *parts, size_t count,
                     uint8_t tag[AEAD_TAG_BYTES]);

/* false: forged; data is zeroes then. */
MUST_CHECK bool aead_open(const struct aead_key *key, uint64_t sequence, const void *aad,
                          size_t aad_bytes, uint8_t *data, size_t bytes,
                          const uint8_t tag[AEAD_TAG_BYTES]);

#endif
