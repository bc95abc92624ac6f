/*
 * An enclave's two key pairs. They live outside every snapshot, are never rewound, and are wiped
 * when the enclave ends.
 *
 * What this folder keeps of secrets on its stack it wipes. BearSSL leaves copies on its own and in
 * vector registers: a call that uses a key must leave the enclave through the scrubbing exit
 * (monitor/entry.S).
 */
#ifndef RECLAVE_TRUSTED_ATTEST_KEYS_H
#define RECLAVE_TRUSTED_ATTEST_KEYS_H

#include "abi/attest.h"
#include "abi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* L0's generator. It must not fail: where there is no randomness, there is no enclave. */
struct random_source {
    void (*fill)(void *context, void *to, size_t bytes);
    void *context;
};

/* Signs evidence (ECDSA, P-256, SHA-256). */
struct signing_key {
    uint8_t secret[32]; /* big-endian, 1 .. order - 1 */
    uint8_t public_key[SIGNING_KEY_BYTES];
    uint8_t worker_id[32]; /* SHA-256(public_key) */
};

/* Receives messages (X25519). */
struct receiving_key {
    uint8_t secret[32]; /* RFC 7748: little-endian, before clamping */
    uint8_t public_key[RECEIVING_KEY_BYTES];
    uint8_t id[KEY_ID_BYTES];
};

MUST_CHECK enum status signing_key_make(const struct random_source *random,
                                        struct signing_key *key);
/* Deterministic (RFC 6979): needs no randomness, never repeats a nonce over two messages. */
MUST_CHECK enum status signing_key_sign(const struct signing_key *key, const uint8_t digest[32],
                                        uint8_t signature[SIGNATURE_BYTES]);

/* SHA-256 of a signing key: names its enclave. */
void worker_id_of(const uint8_t public_key[SIGNING_KEY_BYTES], uint8_t id[32]);
/* Is it this key's signature of the digest? Of public data: time may depend on all of it. */
MUST_CHECK bool signature_is_valid(const uint8_t public_key[SIGNING_KEY_BYTES],
                                   const uint8_t digest[32],
                                   const uint8_t signature[SIGNATURE_BYTES]);

MUST_CHECK enum status receiving_key_make(const struct random_source *random,
                                          struct receiving_key *key);
/* From a secret that came from elsewhere: an epoch's key, or a test's. */
MUST_CHECK enum status receiving_key_from_secret(const uint8_t secret[32],
                                                 struct receiving_key *key);
/* key_id of any public receiving key */
void receiving_key_id(const uint8_t public_key[RECEIVING_KEY_BYTES], uint8_t id[KEY_ID_BYTES]);

/* shared = X25519(secret, peer). ST_KEY_REJECTED when it is zero: the peer chose a point of small
 * order (RFC 9180, 7.1.4); shared is zero then. */
MUST_CHECK enum status key_agree(const uint8_t secret[32], const uint8_t peer[RECEIVING_KEY_BYTES],
                                 uint8_t shared[32]);

#endif
