/*
 * Single encrypted requests and their responses, the enclave's side. Formats: abi/envelope.h.
 *
 * The header is a copy inside the enclave; the host no longer reaches it. Data is encrypted and
 * decrypted in place, in enclave memory.
 */
#ifndef RECLAVE_TRUSTED_ATTEST_ENVELOPE_H
#define RECLAVE_TRUSTED_ATTEST_ENVELOPE_H

#include "abi/envelope.h"
#include "trusted/attest/aead.h"
#include "trusted/attest/hpke.h"
#include "trusted/attest/keys.h"

/* What runs here: a message meant for anything else is refused before a key is used. */
struct envelope_target {
    const struct receiving_key *key;
    uint8_t bundle_sha256[32];
    uint8_t policy_sha256[32];
};

/* What is needed to answer one request, once. Secret: wipe it after use. */
struct reply_key {
    uint8_t enc[HPKE_ENC_BYTES];
    uint8_t secret[16];
    uint32_t usable; /* 1 until the answer is sealed */
};

/* Magic, version, kind, reserved bytes, and that cipher_bytes is what follows and has room for a
 * tag. */
MUST_CHECK enum status envelope_prefix_check(const struct envelope_prefix *prefix, unsigned kind,
                                             size_t cipher_bytes);
void envelope_prefix_fill(struct envelope_prefix *prefix, unsigned kind, size_t cipher_bytes);
/* ST_ENVELOPE_FORMAT unless 0 or NONCE_MIN..NONCE_MAX bytes, the rest of the field zero. */
MUST_CHECK enum status envelope_nonce_check(const uint8_t nonce[NONCE_MAX], unsigned nonce_bytes);

/* All checks of a REQUEST or SESSION_OPEN header that need no key, in the order of the codes:
 * format, version, suite, key, bundle, policy. */
MUST_CHECK enum status request_header_check(const struct envelope_target *target,
                                            const struct envelope_request *header, unsigned kind,
                                            size_t cipher_bytes);

/* Checks and decrypts a REQUEST. cipher holds cipher_bytes, tag included; afterwards its first
 * *plain_bytes are the plaintext, or all of it is zeroes. */
MUST_CHECK enum status request_open(const struct envelope_target *target,
                                    const struct envelope_request *header, uint8_t *cipher,
                                    size_t cipher_bytes, size_t *plain_bytes,
                                    struct reply_key *reply);

/* Encrypts the answer in place, whose parts follow one another in the message; fills header and
 * tag. A second answer to the same request is refused (ST_RESPONSE_SPENT) and the parts are wiped.
 */
MUST_CHECK enum status response_seal(struct reply_key *reply, const struct random_source *random,
                                     struct envelope_response *header,
                                     const struct aead_part *parts, size_t count,
                                     uint8_t tag[AEAD_TAG_BYTES]);

/* RFC 9458, 4.4: the key and nonce of one response. */
void response_keys(const uint8_t enc[HPKE_ENC_BYTES], const uint8_t secret[16],
                   const uint8_t response_nonce[RESPONSE_NONCE_BYTES], struct aead_key *key);

#endif
