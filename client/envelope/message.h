/* What requests of both kinds share. */
#ifndef RECLAVE_CLIENT_ENVELOPE_MESSAGE_H
#define RECLAVE_CLIENT_ENVELOPE_MESSAGE_H

#include "client/envelope/envelope.h"

void caller_prefix_fill(struct envelope_prefix *prefix, enum envelope_kind kind,
                        size_t cipher_bytes);
/* Is this message one of that kind, header_bytes long before its ciphertext? */
MUST_CHECK enum status caller_prefix_check(const uint8_t *message, size_t message_bytes,
                                           enum envelope_kind kind, size_t header_bytes);

MUST_CHECK enum status caller_nonce_fill(const struct caller_request *request,
                                         uint8_t nonce[NONCE_MAX], uint16_t *nonce_bytes);

/* How long the plaintext is, padding included. */
MUST_CHECK enum status caller_body_bytes(const struct caller_request *request, size_t *bytes);
/* Writes it. */
void caller_body_write(const struct caller_request *request, uint8_t *plain, size_t bytes);

/* Takes over plain, which was malloc'ed, also on failure (wiped and freed then). */
MUST_CHECK enum status caller_response_read(uint8_t *plain, size_t bytes,
                                            struct caller_response *response);

void caller_target_fill(const struct caller_target *target, struct envelope_request *header);
MUST_CHECK enum status caller_key_id(const uint8_t public_key[RECEIVING_KEY_BYTES],
                                     uint8_t id[KEY_ID_BYTES]);

#endif
