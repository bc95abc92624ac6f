/*
 * HPKE (RFC 9180), base mode, the one suite of abi/envelope.h, both roles: an enclave receives
 * requests, and sends to other enclaves. A context is secret: wipe it after use.
 */
#ifndef RECLAVE_TRUSTED_ATTEST_HPKE_H
#define RECLAVE_TRUSTED_ATTEST_HPKE_H

#include "trusted/attest/aead.h"
#include "trusted/attest/keys.h"

struct hpke {
    struct aead_key message;
    uint8_t exporter_secret[32];
    uint64_t sequence; /* of the next message */
};

/* info_bytes: what the two sides agree on, with its NUL where it is a text. On failure *context is
 * zeroes. */
MUST_CHECK enum status hpke_receive(const struct receiving_key *key,
                                    const uint8_t enc[HPKE_ENC_BYTES], const void *info,
                                    size_t info_bytes, struct hpke *context);
MUST_CHECK enum status hpke_send(const struct random_source *random,
                                 const uint8_t recipient[RECEIVING_KEY_BYTES], const void *info,
                                 size_t info_bytes, uint8_t enc[HPKE_ENC_BYTES],
                                 struct hpke *context);

/* In place, in order; one direction only: the sender seals, the receiver opens. A message that does
 * not open (ST_ENVELOPE_FORGED, data is zeroes) does not count. */
MUST_CHECK enum status hpke_seal(struct hpke *context, const void *aad, size_t aad_bytes,
                                 uint8_t *data, size_t bytes, uint8_t tag[AEAD_TAG_BYTES]);
MUST_CHECK enum status hpke_open(struct hpke *context, const void *aad, size_t aad_bytes,
                                 uint8_t *data, size_t bytes, const uint8_t tag[AEAD_TAG_BYTES]);

/* bytes <= 32 */
void hpke_export(const struct hpke *context, const void *label, size_t label_bytes, uint8_t *out,
                 size_t bytes);

#endif
