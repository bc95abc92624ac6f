#include "client/envelope/session.h"

#include "client/envelope/hpke.h"
#include "client/envelope/message.h"

#include <openssl/crypto.h>
#include <string.h>

enum status caller_session_start(const struct caller_target *target,
                                 uint8_t message[CALLER_OPEN_BYTES], struct caller_session *session)
{
    struct caller_hpke context = {0};
    struct envelope_request header = {0};
    enum status status;

    *session = (struct caller_session){0};
    caller_prefix_fill(&header.prefix, ENVELOPE_SESSION_OPEN, AEAD_TAG_BYTES);
    caller_target_fill(target, &header);
    status = caller_key_id(target->receiving_key, header.key_id);
    if (status == ST_OK)
        status = caller_hpke_setup(target->receiving_key, SESSION_INFO, sizeof(SESSION_INFO),
                                   header.enc, &context);
    if (status == ST_OK)
        status = caller_hpke_export(&context, SESSION_LABEL, sizeof(SESSION_LABEL), session->secret,
                                    sizeof(session->secret));
    if (status == ST_OK) {
        memcpy(session->enc, header.enc, sizeof(session->enc));
        memcpy(message, &header, sizeof(header));
        status = caller_aead_seal(&context.message, 0, &header, sizeof(header), message, 0, message,
                                  message + sizeof(header));
    }
    if (status != ST_OK)
        caller_session_wipe(session);
    OPENSSL_cleanse(&context, sizeof(context));
    return status;
}

static enum status derive(const uint8_t session_nonce[SESSION_NONCE_BYTES],
                          struct caller_session *session)
{
    const struct {
        const char *label;
        uint8_t *to;
        size_t bytes;
    } parts[] = {
        {"request key", session->request_key, AEAD_KEY_BYTES},
        {"request nonce", session->request_nonce, AEAD_NONCE_BYTES},
        {"response key", session->response_key, AEAD_KEY_BYTES},
        {"response nonce", session->response_nonce, AEAD_NONCE_BYTES},
        {"session id", session->id, SESSION_ID_BYTES},
    };
    uint8_t salt[HPKE_ENC_BYTES + SESSION_NONCE_BYTES];
    uint8_t prk[CALLER_DIGEST_BYTES];
    enum status status;

    memcpy(salt, session->enc, HPKE_ENC_BYTES);
    memcpy(salt + HPKE_ENC_BYTES, session_nonce, SESSION_NONCE_BYTES);
    status = caller_hmac(salt, sizeof(salt),
                         &(struct caller_piece){session->secret, sizeof(session->secret)}, 1, prk);
    for (size_t i = 0; status == ST_OK && i < sizeof(parts) / sizeof(parts[0]); i++)
        status = caller_expand(prk, &(struct caller_piece){parts[i].label, strlen(parts[i].label)},
                               1, parts[i].to, parts[i].bytes);
    OPENSSL_cleanse(prk, sizeof(prk));
    return status;
}

enum status caller_session_finish(struct caller_session *session, const uint8_t *message,
                                  size_t message_bytes, struct opened_body *who)
{
    struct envelope_opened header;
    struct caller_session opened = *session;
    struct caller_aead key;
    enum status status;

    if (session->open)
        return ST_RESPONSE_SPENT;
    status = caller_prefix_check(message, message_bytes, ENVELOPE_SESSION_OPENED, sizeof(header));
    if (status == ST_OK && message_bytes != sizeof(header) + sizeof(*who) + AEAD_TAG_BYTES)
        status = ST_ENVELOPE_FORMAT;
    if (status != ST_OK)
        goto out;
    memcpy(&header, message, sizeof(header));
    status = derive(header.session_nonce, &opened);
    if (status != ST_OK)
        goto out;
    memcpy(key.key, opened.response_key, sizeof(key.key));
    memcpy(key.nonce, opened.response_nonce, sizeof(key.nonce));
    status =
        caller_aead_open(&key, 0, &header, sizeof(header), message + sizeof(header), sizeof(*who),
                         message + sizeof(header) + sizeof(*who), (uint8_t *)who);
    if (status == ST_OK) {
        opened.open = 1;
        OPENSSL_cleanse(opened.secret, sizeof(opened.secret));
        *session = opened;
    }
out:
    OPENSSL_cleanse(&opened, sizeof(opened));
    OPENSSL_cleanse(&key, sizeof(key));
    return status;
}

void caller_session_wipe(struct caller_session *session)
{
    OPENSSL_cleanse(session, sizeof(*session));
}
