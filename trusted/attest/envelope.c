#include "trusted/attest/envelope.h"

#include "base/bytes.h"

#include <string.h>

enum status envelope_prefix_check(const struct envelope_prefix *prefix, unsigned kind,
                                  size_t cipher_bytes)
{
    if (memcmp(prefix->magic, ENVELOPE_MAGIC, sizeof(prefix->magic)) != 0)
        return ST_ENVELOPE_FORMAT;
    if (prefix->version != ENVELOPE_VERSION)
        return ST_ENVELOPE_VERSION;
    if (prefix->kind != kind || prefix->reserved != 0)
        return ST_ENVELOPE_FORMAT;
    if (prefix->cipher_bytes != cipher_bytes || cipher_bytes < AEAD_TAG_BYTES)
        return ST_ENVELOPE_FORMAT;
    return ST_OK;
}

void envelope_prefix_fill(struct envelope_prefix *prefix, unsigned kind, size_t cipher_bytes)
{
    memcpy(prefix->magic, ENVELOPE_MAGIC, sizeof(prefix->magic));
    prefix->version = ENVELOPE_VERSION;
    prefix->kind = (uint16_t)kind;
    prefix->reserved = 0;
    prefix->cipher_bytes = cipher_bytes;
}

enum status envelope_nonce_check(const uint8_t nonce[NONCE_MAX], unsigned nonce_bytes)
{
    if (nonce_bytes > NONCE_MAX || (nonce_bytes != 0 && nonce_bytes < NONCE_MIN))
        return ST_ENVELOPE_FORMAT;
    for (unsigned i = nonce_bytes; i < NONCE_MAX; i++)
        if (nonce[i] != 0)
            return ST_ENVELOPE_FORMAT;
    return ST_OK;
}

static bool suite_is_ours(const struct envelope_request *header)
{
    return header->kem == HPKE_KEM_X25519_HKDF_SHA256 && header->kdf == HPKE_KDF_HKDF_SHA256 &&
           header->aead == HPKE_AEAD_AES_128_GCM;
}

enum status request_header_check(const struct envelope_target *target,
                                 const struct envelope_request *header, unsigned kind,
                                 size_t cipher_bytes)
{
    enum status status = envelope_prefix_check(&header->prefix, kind, cipher_bytes);

    if (status != ST_OK)
        return status;
    if (!suite_is_ours(header))
        return ST_ENVELOPE_SUITE;
    status = envelope_nonce_check(header->nonce, header->nonce_bytes);
    if (status != ST_OK)
        return status;
    if (memcmp(header->key_id, target->key->id, sizeof(header->key_id)) != 0)
        return ST_ENVELOPE_KEY;
    if (memcmp(header->bundle_sha256, target->bundle_sha256, 32) != 0)
        return ST_ENVELOPE_BUNDLE;
    if (memcmp(header->policy_sha256, target->policy_sha256, 32) != 0)
        return ST_ENVELOPE_POLICY;
    return ST_OK;
}

enum status request_open(const struct envelope_target *target,
                         const struct envelope_request *header, uint8_t *cipher,
                         size_t cipher_bytes, size_t *plain_bytes, struct reply_key *reply)
{
    struct hpke context = {.sequence = 0};
    enum status status = request_header_check(target, header, ENVELOPE_REQUEST, cipher_bytes);

    if (status == ST_OK)
        status =
            hpke_receive(target->key, header->enc, REQUEST_INFO, sizeof(REQUEST_INFO), &context);
    if (status == ST_OK)
        status = hpke_open(&context, header, sizeof(*header), cipher, cipher_bytes - AEAD_TAG_BYTES,
                           cipher + cipher_bytes - AEAD_TAG_BYTES);
    if (status == ST_OK) {
        *plain_bytes = cipher_bytes - AEAD_TAG_BYTES;
        memcpy(reply->enc, header->enc, sizeof(reply->enc));
        hpke_export(&context, RESPONSE_LABEL, sizeof(RESPONSE_LABEL), reply->secret,
                    sizeof(reply->secret));
        reply->usable = 1;
    } else {
        *plain_bytes = 0;
        bytes_wipe(cipher, cipher_bytes);
        bytes_wipe(reply, sizeof(*reply));
    }
    bytes_wipe(&context, sizeof(context));
    return status;
}
