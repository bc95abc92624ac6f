/*
 * Sessions: many requests in order to one enclave, for the price of symmetric cryptography.
 * Formats: abi/envelope.h.
 *
 * A session takes request n + 1 only after request n's response is sealed, so that both directions
 * use each number once: whatever becomes of a request that was opened, seal an answer, with a
 * status if nothing ran. It dies with the enclave, when another session takes its place (the one
 * least recently used), and when it is closed: ST_CONTEXT_UNKNOWN from then on.
 *
 * A table has one user at a time: the slot that it belongs to. It is never part of a snapshot.
 */
#ifndef RECLAVE_TRUSTED_ATTEST_SESSION_H
#define RECLAVE_TRUSTED_ATTEST_SESSION_H

#include "trusted/attest/envelope.h"

#define SESSIONS_MAX 32u

struct session {
    uint8_t id[SESSION_ID_BYTES];
    struct aead_key request_key;
    struct aead_key response_key;
    uint8_t bundle_sha256[32];
    uint8_t policy_sha256[32];
    uint64_t next;      /* number of the request that is due */
    uint64_t last_used; /* session_table.clock at its last use */
    uint32_t open;      /* 0: free, all else is zero */
    uint32_t answering; /* request `next` is open, its response is not sealed yet */
};

struct session_table {
    struct session sessions[SESSIONS_MAX];
    uint64_t clock; /* counts uses */
};

/* Checks a SESSION_OPEN (cipher: its tag only), makes a session in place of the least recently used
 * one if need be, and writes the SESSION_OPENED: header, then sizeof(struct opened_body) and the
 * tag. On failure nothing has changed. */
MUST_CHECK enum status session_open(struct session_table *table,
                                    const struct envelope_target *target,
                                    const struct random_source *random,
                                    const struct opened_body *self,
                                    const struct envelope_request *header, uint8_t *cipher,
                                    size_t cipher_bytes, struct envelope_opened *opened,
                                    uint8_t answer[sizeof(struct opened_body) + AEAD_TAG_BYTES]);

/* NULL: unknown (ST_CONTEXT_UNKNOWN). */
struct session *session_find(struct session_table *table, const uint8_t id[SESSION_ID_BYTES]);

/* Checks and decrypts a SESSION_REQUEST as request_open does. Anything but the request that is due
 * leaves the session as it was. */
MUST_CHECK enum status session_request_open(struct session_table *table,
                                            const struct envelope_target *target,
                                            const struct envelope_session_request *header,
                                            uint8_t *cipher, size_t cipher_bytes,
                                            size_t *plain_bytes, struct session **session);

/* As response_seal, for the request that is open; ST_RESPONSE_SPENT when none is. */
MUST_CHECK enum status session_response_seal(struct session *session,
                                             struct envelope_session_response *header,
                                             const struct aead_part *parts, size_t count,
                                             uint8_t tag[AEAD_TAG_BYTES]);

void session_close(struct session *session);
void sessions_wipe(struct session_table *table);

#endif
