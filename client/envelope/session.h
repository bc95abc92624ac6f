/*
 * A session with one enclave: requests in order, each executed once. Formats: abi/envelope.h.
 *
 * One request at a time: seal, send, open its response, then the next. When the enclave answers
 * ST_CONTEXT_UNKNOWN or ST_SESSION_EXHAUSTED, the session is over; whether its last request was
 * executed is then unknown.
 */
#ifndef RECLAVE_CLIENT_ENVELOPE_SESSION_H
#define RECLAVE_CLIENT_ENVELOPE_SESSION_H

#include "client/envelope/envelope.h"

/* Secret: caller_session_wipe. */
struct caller_session {
    uint8_t id[SESSION_ID_BYTES];
    uint8_t request_key[AEAD_KEY_BYTES];
    uint8_t request_nonce[AEAD_NONCE_BYTES];
    uint8_t response_key[AEAD_KEY_BYTES];
    uint8_t response_nonce[AEAD_NONCE_BYTES];
    uint64_t sequence; /* of the last request sealed */
    uint32_t open;     /* the enclave has answered the opening */
    uint32_t waiting;  /* a request is sealed, its response has not been opened */
    /* between start and finish */
    uint8_t enc[HPKE_ENC_BYTES];
    uint8_t secret[32];
};

#define CALLER_OPEN_BYTES (sizeof(struct envelope_request) + AEAD_TAG_BYTES)

/* Writes the SESSION_OPEN message. */
MUST_CHECK enum status caller_session_start(const struct caller_target *target,
                                            uint8_t message[CALLER_OPEN_BYTES],
                                            struct caller_session *session);
/* Takes the SESSION_OPENED; *who answered. A message that is refused changes nothing. */
MUST_CHECK enum status caller_session_finish(struct caller_session *session, const uint8_t *message,
                                             size_t message_bytes, struct opened_body *who);

/* *message is allocated, free() it. ST_BUSY: the last response is still out. */
MUST_CHECK enum status caller_session_seal(struct caller_session *session,
                                           const struct caller_request *request, uint8_t **message,
                                           size_t *message_bytes);
/* ST_ENVELOPE_SEQUENCE: the response to another request, ST_CONTEXT_UNKNOWN: of another session. A
 * message that is refused changes nothing. */
MUST_CHECK enum status caller_session_open(struct caller_session *session, const uint8_t *message,
                                           size_t message_bytes, struct caller_response *response);

void caller_session_wipe(struct caller_session *session);

#endif
