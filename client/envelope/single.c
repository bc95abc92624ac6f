#include "client/envelope/envelope.h"

#include "client/envelope/hpke.h"
#include "client/envelope/message.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static enum status header_fill(const struct caller_target *target,
                               const struct caller_request *request, size_t plain_bytes,
                               struct envelope_request *header)
{
    enum status status = caller_nonce_fill(request, header->nonce, &header->nonce_bytes);

    caller_prefix_fill(&header->prefix, ENVELOPE_REQUEST, plain_bytes + AEAD_TAG_BYTES);
    caller_target_fill(target, header);
    if (status == ST_OK)
        status = caller_key_id(target->receiving_key, header->key_id);
    return status;
}

enum status caller_request_seal(const struct caller_target *target,
                                const struct caller_request *request, uint8_t **message,
                                size_t *message_bytes, struct caller_pending *pending)
{
    struct caller_hpke context = {0};
    struct envelope_request header = {0};
    size_t plain_bytes = 0;
    uint8_t *out = NULL;
    uint8_t *plain;
    enum status status = caller_body_bytes(request, &plain_bytes);

    *message = NULL;
    if (status == ST_OK)
        status = header_fill(target, request, plain_bytes, &header);
    if (status == ST_OK)
        status = caller_hpke_setup(target->receiving_key, REQUEST_INFO, sizeof(REQUEST_INFO),
                                   header.enc, &context);
    if (status == ST_OK)
        status = caller_hpke_export(&context, RESPONSE_LABEL, sizeof(RESPONSE_LABEL),
                                    pending->secret, sizeof(pending->secret));
    if (status != ST_OK)
        goto out;

    *message_bytes = sizeof(header) + plain_bytes + AEAD_TAG_BYTES;
    out = malloc(*message_bytes);
    if (!out) {
        status = ST_NO_MEMORY;
        goto out;
    }
    memcpy(out, &header, sizeof(header));
    plain = out + sizeof(header);
    caller_body_write(request, plain, plain_bytes);
    status = caller_aead_seal(&context.message, 0, &header, sizeof(header), plain, plain_bytes,
                              plain, plain + plain_bytes);
    if (status != ST_OK) {
        OPENSSL_cleanse(out, *message_bytes);
        goto out;
    }
    memcpy(pending->enc, header.enc, sizeof(pending->enc));
    pending->usable = 1;
    *message = out;
    out = NULL;
out:
    if (status != ST_OK)
        caller_pending_wipe(pending);
    free(out);
    OPENSSL_cleanse(&context, sizeof(context));
    return status;
}

/* RFC 9458, 4.4 */
static enum status response_key(const struct caller_pending *pending,
                                const uint8_t response_nonce[RESPONSE_NONCE_BYTES],
                                struct caller_aead *key)
{
    uint8_t salt[HPKE_ENC_BYTES + RESPONSE_NONCE_BYTES];
    uint8_t prk[CALLER_DIGEST_BYTES];
    enum status status;

    memcpy(salt, pending->enc, HPKE_ENC_BYTES);
    memcpy(salt + HPKE_ENC_BYTES, response_nonce, RESPONSE_NONCE_BYTES);
    status = caller_hmac(salt, sizeof(salt),
                         &(struct caller_piece){pending->secret, sizeof(pending->secret)}, 1, prk);
    if (status == ST_OK)
        status = caller_expand(prk, &(struct caller_piece){"key", 3}, 1, key->key, AEAD_KEY_BYTES);
    if (status == ST_OK)
        status =
            caller_expand(prk, &(struct caller_piece){"nonce", 5}, 1, key->nonce, AEAD_NONCE_BYTES);
    OPENSSL_cleanse(prk, sizeof(prk));
    return status;
}

enum status caller_response_open(struct caller_pending *pending, const uint8_t *message,
                                 size_t message_bytes, struct caller_response *response)
{
    struct envelope_response header;
    struct caller_aead key;
    size_t plain_bytes;
    uint8_t *plain;
    enum status status;

    *response = (struct caller_response){0};
    if (!pending->usable)
        return ST_RESPONSE_SPENT;
    status = caller_prefix_check(message, message_bytes, ENVELOPE_RESPONSE, sizeof(header));
    if (status != ST_OK)
        return status;
    memcpy(&header, message, sizeof(header));
    plain_bytes = message_bytes - sizeof(header) - AEAD_TAG_BYTES;
    plain = malloc(plain_bytes + 1);
    if (!plain)
        return ST_NO_MEMORY;
    status = response_key(pending, header.response_nonce, &key);
    if (status == ST_OK)
        status = caller_aead_open(&key, 0, &header, sizeof(header), message + sizeof(header),
                                  plain_bytes, message + sizeof(header) + plain_bytes, plain);
    OPENSSL_cleanse(&key, sizeof(key));
    if (status != ST_OK) {
        free(plain);
        return status;
    }
    /* authentic: the one answer that counts, whatever it says */
    caller_pending_wipe(pending);
    return caller_response_read(plain, plain_bytes, response);
}

void caller_pending_wipe(struct caller_pending *pending)
{
    OPENSSL_cleanse(pending, sizeof(*pending));
}
