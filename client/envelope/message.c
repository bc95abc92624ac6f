#include "client/envelope/message.h"

#include "abi/gates.h"
#include "abi/geometry.h"
#include "base/padding.h"
#include "client/envelope/crypto.h"

#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void caller_prefix_fill(struct envelope_prefix *prefix, enum envelope_kind kind,
                        size_t cipher_bytes)
{
    memcpy(prefix->magic, ENVELOPE_MAGIC, sizeof(prefix->magic));
    prefix->version = ENVELOPE_VERSION;
    prefix->kind = kind;
    prefix->reserved = 0;
    prefix->cipher_bytes = cipher_bytes;
}

enum status caller_prefix_check(const uint8_t *message, size_t message_bytes,
                                enum envelope_kind kind, size_t header_bytes)
{
    struct envelope_prefix prefix;

    if (message_bytes < header_bytes + AEAD_TAG_BYTES)
        return ST_ENVELOPE_FORMAT;
    memcpy(&prefix, message, sizeof(prefix));
    if (memcmp(prefix.magic, ENVELOPE_MAGIC, sizeof(prefix.magic)) != 0)
        return ST_ENVELOPE_FORMAT;
    if (prefix.version != ENVELOPE_VERSION)
        return ST_ENVELOPE_VERSION;
    if (prefix.kind != kind || prefix.reserved != 0 ||
        prefix.cipher_bytes != message_bytes - header_bytes)
        return ST_ENVELOPE_FORMAT;
    return ST_OK;
}

enum status caller_nonce_fill(const struct caller_request *request, uint8_t nonce[NONCE_MAX],
                              uint16_t *nonce_bytes)
{
    if (request->nonce_bytes > NONCE_MAX ||
        (request->nonce_bytes != 0 && request->nonce_bytes < NONCE_MIN))
        return ST_INVALID_ARGUMENT;
    memset(nonce, 0, NONCE_MAX);
    if (request->nonce_bytes != 0)
        memcpy(nonce, request->nonce, request->nonce_bytes);
    *nonce_bytes = (uint16_t)request->nonce_bytes;
    return ST_OK;
}

enum status caller_body_bytes(const struct caller_request *request, size_t *bytes)
{
    uint64_t padded;
    uint64_t unused;
    enum status status;

    if (request->strings_bytes > L1_STRINGS_MAX || request->input_bytes > STDIO_MAX)
        return ST_OUT_OF_RANGE;
    status = padded_length(request->response_padding, 0, &unused);
    if (status == ST_OK)
        status = padded_length(
            request->padding,
            sizeof(struct request_body) + request->strings_bytes + request->input_bytes, &padded);
    if (status == ST_OK)
        *bytes = padded;
    return status;
}

void caller_body_write(const struct caller_request *request, uint8_t *plain, size_t bytes)
{
    const struct request_body head = {
        .version = BODY_VERSION,
        .response_padding = request->response_padding,
        .arg_count = request->arg_count,
        .env_count = request->env_count,
        .strings_bytes = request->strings_bytes,
        .input_bytes = request->input_bytes,
    };
    uint8_t *to = plain + sizeof(head);

    memset(plain, 0, bytes);
    memcpy(plain, &head, sizeof(head));
    if (request->strings_bytes)
        memcpy(to, request->strings, request->strings_bytes);
    if (request->input_bytes)
        memcpy(to + request->strings_bytes, request->input, request->input_bytes);
}

static bool all_zero(const uint8_t *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (data[i])
            return false;
    return true;
}

enum status caller_response_read(uint8_t *plain, size_t bytes, struct caller_response *response)
{
    struct response_body head;
    size_t used;

    *response = (struct caller_response){.plain = plain, .plain_bytes = bytes};
    if (bytes < sizeof(head))
        goto malformed;
    memcpy(&head, plain, sizeof(head));
    if (head.version != BODY_VERSION || head.output_bytes > STDIO_MAX ||
        head.log_bytes > STDIO_MAX || head.claims_bytes > EVIDENCE_CLAIMS_MAX)
        goto malformed;
    used = sizeof(head) + head.output_bytes + head.log_bytes + head.claims_bytes;
    if (used > bytes || !all_zero(plain + used, bytes - used))
        goto malformed;
    response->head = head;
    response->output = plain + sizeof(head);
    response->log = response->output + head.output_bytes;
    response->claims = response->log + head.log_bytes;
    return ST_OK;

malformed:
    caller_response_free(response);
    return ST_ENVELOPE_BODY;
}

void caller_response_free(struct caller_response *response)
{
    if (response->plain)
        OPENSSL_cleanse(response->plain, response->plain_bytes);
    free(response->plain);
    *response = (struct caller_response){0};
}

enum status caller_key_id(const uint8_t public_key[RECEIVING_KEY_BYTES], uint8_t id[KEY_ID_BYTES])
{
    uint8_t digest[CALLER_DIGEST_BYTES] = {0};
    enum status status =
        caller_sha256(&(struct caller_piece){public_key, RECEIVING_KEY_BYTES}, 1, digest);

    memcpy(id, digest, KEY_ID_BYTES);
    return status;
}

void caller_target_fill(const struct caller_target *target, struct envelope_request *header)
{
    header->kem = HPKE_KEM_X25519_HKDF_SHA256;
    header->kdf = HPKE_KDF_HKDF_SHA256;
    header->aead = HPKE_AEAD_AES_128_GCM;
    memcpy(header->bundle_sha256, target->bundle_sha256, 32);
    memcpy(header->policy_sha256, target->policy_sha256, 32);
}
