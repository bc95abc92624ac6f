#include "client/envelope/session.h"

#include "client/envelope/crypto.h"
#include "client/envelope/message.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static struct caller_aead key_of(const uint8_t key[AEAD_KEY_BYTES],
                                 const uint8_t nonce[AEAD_NONCE_BYTES])
{
    struct caller_aead aead;

    memcpy(aead.key, key, sizeof(aead.key));
    memcpy(aead.nonce, nonce, sizeof(aead.nonce));
    return aead;
}

static enum status may_seal(const struct caller_session *session)
{
    if (!session->open)
        return ST_CONTEXT_UNKNOWN;
    if (session->waiting)
        return ST_BUSY;
    return session->sequence < SESSION_REQUESTS_MAX ? ST_OK : ST_SESSION_EXHAUSTED;
}

enum status caller_session_seal(struct caller_session *session,
                                const struct caller_request *request, uint8_t **message,
                                size_t *message_bytes)
{
    struct envelope_session_request header = {.sequence = session->sequence + 1};
    struct caller_aead key = key_of(session->request_key, session->request_nonce);
    size_t plain_bytes = 0;
    uint8_t *plain;
    enum status status = may_seal(session);

    *message = NULL;
    if (status == ST_OK)
        status = caller_body_bytes(request, &plain_bytes);
    if (status == ST_OK)
        status = caller_nonce_fill(request, header.nonce, &header.nonce_bytes);
    if (status != ST_OK)
        goto out;
    *message_bytes = sizeof(header) + plain_bytes + AEAD_TAG_BYTES;
    *message = malloc(*message_bytes);
    if (!*message) {
        status = ST_NO_MEMORY;
        goto out;
    }
    caller_prefix_fill(&header.prefix, ENVELOPE_SESSION_REQUEST, plain_bytes + AEAD_TAG_BYTES);
    memcpy(header.session_id, session->id, sizeof(header.session_id));
    memcpy(*message, &header, sizeof(header));
    plain = *message + sizeof(header);
    caller_body_write(request, plain, plain_bytes);
    status = caller_aead_seal(&key, header.sequence, &header, sizeof(header), plain, plain_bytes,
                              plain, plain + plain_bytes);
    if (status == ST_OK) {
        session->sequence = header.sequence;
        session->waiting = 1;
    } else {
        OPENSSL_cleanse(*message, *message_bytes);
        free(*message);
        *message = NULL;
    }
out:
    OPENSSL_cleanse(&key, sizeof(key));
    return status;
}

static enum status header_check(const struct caller_session *session,
                                const struct envelope_session_response *header)
{
    if (memcmp(header->session_id, session->id, sizeof(header->session_id)) != 0)
        return ST_CONTEXT_UNKNOWN;
    if (!session->waiting || header->sequence != session->sequence)
        return ST_ENVELOPE_SEQUENCE;
    return ST_OK;
}

enum status caller_session_open(struct caller_session *session, const uint8_t *message,
                                size_t message_bytes, struct caller_response *response)
{
    struct envelope_session_response header;
    struct caller_aead key;
    size_t plain_bytes;
    uint8_t *plain;
    enum status status =
        caller_prefix_check(message, message_bytes, ENVELOPE_SESSION_RESPONSE, sizeof(header));

    *response = (struct caller_response){0};
    if (status != ST_OK)
        return status;
    memcpy(&header, message, sizeof(header));
    status = session->open ? header_check(session, &header) : ST_CONTEXT_UNKNOWN;
    if (status != ST_OK)
        return status;
    plain_bytes = message_bytes - sizeof(header) - AEAD_TAG_BYTES;
    plain = malloc(plain_bytes + 1);
    if (!plain)
        return ST_NO_MEMORY;
    key = key_of(session->response_key, session->response_nonce);
    status =
        caller_aead_open(&key, header.sequence, &header, sizeof(header), message + sizeof(header),
                         plain_bytes, message + sizeof(header) + plain_bytes, plain);
    OPENSSL_cleanse(&key, sizeof(key));
    if (status != ST_OK) {
        free(plain);
        return status;
    }
    session->waiting = 0;
    return caller_response_read(plain, plain_bytes, response);
}
