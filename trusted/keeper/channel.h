/*
 * Between a keeper and an enclave that asks it for keys: nonces, mutual attestation, and a message
 * that only the two ends of one exchange can make and read. Formats: abi/keeper.h.
 */
#ifndef RECLAVE_TRUSTED_KEEPER_CHANNEL_H
#define RECLAVE_TRUSTED_KEEPER_CHANNEL_H

#include "trusted/keeper/owner.h"

/* This enclave: what both ends need of themselves. Borrowed. */
struct keeper_self {
    struct signing_key *signing;
    const struct receiving_key *receiving;
    struct attested_identity *identity;
    uint8_t mrenclave[32];
    uint64_t time; /* the host's word: never for a decision about keys */
    struct random_source random;
};

struct exchange_nonces {
    uint8_t asker[ADMISSION_NONCE_BYTES];
    uint8_t keeper[ADMISSION_NONCE_BYTES];
};

/* What a side's quote must answer. */
void asker_challenge(const struct exchange_nonces *nonces, uint8_t challenge[CHALLENGE_BYTES]);
void keeper_challenge(const struct exchange_nonces *nonces, uint8_t challenge[CHALLENGE_BYTES]);

void exchange_transcript(const struct exchange_nonces *nonces, const uint8_t asker_quote[32],
                         const uint8_t keeper_quote[32], uint8_t transcript[32]);

/* The bytes behind an identity in a message. */
#define IDENTITY_RESERVED 7u
MUST_CHECK bool reserved_is_zero(const uint8_t reserved[IDENTITY_RESERVED]);

/* What a quote must be of. */
struct peer {
    enum attest_role role;
    const struct platform_policy *platforms; /* checked */
    const struct attested_identity *identity;
    const struct enclave_policy *policy; /* whose digest the identity must have */
    uint8_t challenge[CHALLENGE_BYTES];
};
/* ST_QUOTE_*; *out is filled with ST_OK only. */
MUST_CHECK enum status peer_check(const struct quote_copy *quote, const struct peer *peer,
                                  struct quoted *out);

/* A grant is struct grant_header, body, tag, signature in this order and without gaps; body_bytes
 * is a multiple of 8. */
#define GRANT_BYTES(body_bytes)                                                                    \
    (sizeof(struct grant_header) + (body_bytes) + AEAD_TAG_BYTES + SIGNATURE_BYTES)

/* Encrypts the body where it lies in `grant` to the recipient's key and signs all; on failure the
 * grant is zeroes. */
MUST_CHECK enum status grant_seal(const struct keeper_self *self, enum grant_kind kind,
                                  const uint8_t transcript[32],
                                  const uint8_t recipient[RECEIVING_KEY_BYTES], void *grant,
                                  size_t body_bytes);
/* Decrypts in place, after the signature by keeper_key has been checked. ST_GRANT_FORGED: the grant
 * is zeroes. */
MUST_CHECK enum status grant_open(const struct keeper_self *self, enum grant_kind kind,
                                  const uint8_t transcript[32],
                                  const uint8_t keeper_key[SIGNING_KEY_BYTES], void *grant,
                                  size_t body_bytes);

#endif
