/* HPKE (RFC 9180), base mode, the suite of abi/envelope.h, the sender's side. */
#ifndef RECLAVE_CLIENT_ENVELOPE_HPKE_H
#define RECLAVE_CLIENT_ENVELOPE_HPKE_H

#include "client/envelope/crypto.h"

struct caller_hpke {
    struct caller_aead message;
    uint8_t exporter_secret[32];
};

/* Draws the ephemeral key. On failure *context is zeroes; wipe it after use. */
MUST_CHECK enum status caller_hpke_setup(const uint8_t recipient[RECEIVING_KEY_BYTES],
                                         const void *info, size_t info_bytes,
                                         uint8_t enc[HPKE_ENC_BYTES], struct caller_hpke *context);
/* The same with a given ephemeral secret, for the RFC's vectors. */
MUST_CHECK enum status caller_hpke_setup_with(const uint8_t ephemeral[32],
                                              const uint8_t recipient[RECEIVING_KEY_BYTES],
                                              const void *info, size_t info_bytes,
                                              uint8_t enc[HPKE_ENC_BYTES],
                                              struct caller_hpke *context);
/* bytes <= 32 */
MUST_CHECK enum status caller_hpke_export(const struct caller_hpke *context, const void *label,
                                          size_t label_bytes, uint8_t *out, size_t bytes);

#endif
