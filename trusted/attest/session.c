#include "trusted/attest/session.h"

#include "base/bytes.h"
#include "trusted/attest/digest.h"

#include <string.h>

/* abi/envelope.h, "Session keys" */
static void derive(const struct hpke *context, const uint8_t enc[HPKE_ENC_BYTES],
                   const uint8_t session_nonce[SESSION_NONCE_BYTES], struct session *session)
{
    uint8_t salt[HPKE_ENC_BYTES + SESSION_NONCE_BYTES];
    uint8_t secret[32];
    uint8_t prk[DIGEST_BYTES];

    memcpy(salt, enc, HPKE_ENC_BYTES);
    memcpy(salt + HPKE_ENC_BYTES, session_nonce, SESSION_NONCE_BYTES);
    hpke_export(context, SESSION_LABEL, sizeof(SESSION_LABEL), secret, sizeof(secret));
    hkdf_extract(salt, sizeof(salt), &(struct piece){secret, sizeof(secret)}, 1, prk);
    hkdf_expand_text(prk, "request key", session->request_key.key, AEAD_KEY_BYTES);
    hkdf_expand_text(prk, "request nonce", session->request_key.nonce, AEAD_NONCE_BYTES);
    hkdf_expand_text(prk, "response key", session->response_key.key, AEAD_KEY_BYTES);
    hkdf_expand_text(prk, "response nonce", session->response_key.nonce, AEAD_NONCE_BYTES);
    hkdf_expand_text(prk, "session id", session->id, SESSION_ID_BYTES);
    bytes_wipe(secret, sizeof(secret));
    bytes_wipe(prk, sizeof(prk));
}

static struct session *free_place(struct session_table *table)
{
    struct session *oldest = &table->sessions[0];

    for (unsigned i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &table->sessions[i];

        if (!session->open)
            return session;
        if (session->last_used < oldest->last_used)
            oldest = session;
    }
    session_close(oldest);
    return oldest;
}

static enum status receive_open(const struct envelope_target *target,
                                const struct envelope_request *header, uint8_t *cipher,
                                size_t cipher_bytes, struct hpke *context)
{
    enum status status = request_header_check(target, header, ENVELOPE_SESSION_OPEN, cipher_bytes);

    if (status == ST_OK && (cipher_bytes != AEAD_TAG_BYTES || header->nonce_bytes != 0))
        status = ST_ENVELOPE_FORMAT; /* nothing runs: no plaintext, and no nonce to bind */
    if (status == ST_OK)
        status =
            hpke_receive(target->key, header->enc, SESSION_INFO, sizeof(SESSION_INFO), context);
    if (status == ST_OK)
        status = hpke_open(context, header, sizeof(*header), cipher, 0, cipher);
    return status;
}

enum status session_open(struct session_table *table, const struct envelope_target *target,
                         const struct random_source *random, const struct opened_body *self,
                         const struct envelope_request *header, uint8_t *cipher,
                         size_t cipher_bytes, struct envelope_opened *opened,
                         uint8_t answer[sizeof(struct opened_body) + AEAD_TAG_BYTES])
{
    struct hpke context = {.sequence = 0};
    struct session *session;
    enum status status = receive_open(target, header, cipher, cipher_bytes, &context);

    if (status == ST_OK) {
        session = free_place(table);
        random->fill(random->context, opened->session_nonce, sizeof(opened->session_nonce));
        derive(&context, header->enc, opened->session_nonce, session);
        memcpy(session->bundle_sha256, target->bundle_sha256, 32);
        memcpy(session->policy_sha256, target->policy_sha256, 32);
        session->open = 1;
        session->next = 1;
        session->last_used = ++table->clock;

        envelope_prefix_fill(&opened->prefix, ENVELOPE_SESSION_OPENED,
                             sizeof(*self) + AEAD_TAG_BYTES);
        memcpy(answer, self, sizeof(*self));
        aead_seal(&session->response_key, 0, opened, sizeof(*opened), answer, sizeof(*self),
                  answer + sizeof(*self));
    }
    bytes_wipe(&context, sizeof(context));
    return status;
}

struct session *session_find(struct session_table *table, const uint8_t id[SESSION_ID_BYTES])
{
    for (unsigned i = 0; i < SESSIONS_MAX; i++)
        if (table->sessions[i].open && memcmp(table->sessions[i].id, id, SESSION_ID_BYTES) == 0)
            return &table->sessions[i];
    return NULL;
}

/* All that can be said before a key is used. */
static enum status request_check(const struct session *session,
                                 const struct envelope_target *target,
                                 const struct envelope_session_request *header)
{
    if (memcmp(session->bundle_sha256, target->bundle_sha256, 32) != 0)
        return ST_ENVELOPE_BUNDLE;
    if (memcmp(session->policy_sha256, target->policy_sha256, 32) != 0)
        return ST_ENVELOPE_POLICY;
    if (session->next > SESSION_REQUESTS_MAX)
        return ST_SESSION_EXHAUSTED;
    if (session->answering || header->sequence != session->next)
        return ST_ENVELOPE_SEQUENCE;
    return ST_OK;
}

static enum status header_check(const struct envelope_session_request *header, size_t cipher_bytes)
{
    static const uint8_t zero[sizeof(header->reserved)];
    enum status status =
        envelope_prefix_check(&header->prefix, ENVELOPE_SESSION_REQUEST, cipher_bytes);

    if (status == ST_OK && memcmp(header->reserved, zero, sizeof(zero)) != 0)
        status = ST_ENVELOPE_FORMAT;
    if (status == ST_OK)
        status = envelope_nonce_check(header->nonce, header->nonce_bytes);
    return status;
}

enum status session_request_open(struct session_table *table, const struct envelope_target *target,
                                 const struct envelope_session_request *header, uint8_t *cipher,
                                 size_t cipher_bytes, size_t *plain_bytes, struct session **session)
{
    struct session *found = NULL;
    enum status status = header_check(header, cipher_bytes);

    if (status == ST_OK) {
        found = session_find(table, header->session_id);
        status = found ? request_check(found, target, header) : ST_CONTEXT_UNKNOWN;
    }
    if (status == ST_OK &&
        !aead_open(&found->request_key, header->sequence, header, sizeof(*header), cipher,
                   cipher_bytes - AEAD_TAG_BYTES, cipher + cipher_bytes - AEAD_TAG_BYTES))
        status = ST_ENVELOPE_FORGED;
    if (status != ST_OK) {
        *plain_bytes = 0;
        *session = NULL;
        bytes_wipe(cipher, cipher_bytes);
        return status;
    }
    found->answering = 1;
    found->last_used = ++table->clock;
    *plain_bytes = cipher_bytes - AEAD_TAG_BYTES;
    *session = found;
    return ST_OK;
}

enum status session_response_seal(struct session *session, struct envelope_session_response *header,
                                  const struct aead_part *parts, size_t count,
                                  uint8_t tag[AEAD_TAG_BYTES])
{
    if (!session->open || !session->answering) {
        aead_parts_wipe(parts, count);
        return ST_RESPONSE_SPENT;
    }
    envelope_prefix_fill(&header->prefix, ENVELOPE_SESSION_RESPONSE,
                         aead_parts_bytes(parts, count) + AEAD_TAG_BYTES);
    memcpy(header->session_id, session->id, SESSION_ID_BYTES);
    header->sequence = session->next;
    aead_seal_parts(&session->response_key, session->next, header, sizeof(*header), parts, count,
                    tag);
    session->answering = 0;
    session->next++;
    return ST_OK;
}

void session_close(struct session *session)
{
    bytes_wipe(session, sizeof(*session));
}

void sessions_wipe(struct session_table *table)
{
    bytes_wipe(table, sizeof(*table));
}
