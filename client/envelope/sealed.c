#include "client/envelope/sealed.h"

#include "abi/bundle.h"
#include "client/envelope/hpke.h"
#include "client/envelope/message.h"

#include <openssl/crypto.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX_BYTES 7u /* of the nonce; then the chunk's index and whether it is the last */

enum status caller_function_key_id(const uint8_t key[FUNCTION_KEY_BYTES], uint8_t id[KEY_ID_BYTES])
{
    const struct caller_piece label = {FUNCTION_KEY_ID_LABEL, sizeof(FUNCTION_KEY_ID_LABEL)};
    uint8_t mac[CALLER_DIGEST_BYTES] = {0};
    enum status status = caller_hmac(key, FUNCTION_KEY_BYTES, &label, 1, mac);

    memcpy(id, mac, KEY_ID_BYTES);
    OPENSSL_cleanse(mac, sizeof(mac));
    return status;
}

enum status caller_function_key_wrap(const uint8_t key[FUNCTION_KEY_BYTES],
                                     const uint8_t recipient[RECEIVING_KEY_BYTES],
                                     struct wrapped_key *wrapped)
{
    struct caller_hpke context = {0};
    enum status status;

    *wrapped = (struct wrapped_key){.version = SEALED_VERSION};
    memcpy(wrapped->magic, WRAPPED_MAGIC, sizeof(wrapped->magic));
    status = caller_key_id(recipient, wrapped->recipient);
    if (status == ST_OK)
        status = caller_function_key_id(key, wrapped->function_key_id);
    if (status == ST_OK)
        status = caller_hpke_setup(recipient, WRAP_INFO, sizeof(WRAP_INFO), wrapped->enc, &context);
    if (status == ST_OK)
        status = caller_aead_seal(&context.message, 0, wrapped,
                                  offsetof(struct wrapped_key, sealed), key, FUNCTION_KEY_BYTES,
                                  wrapped->sealed, wrapped->sealed + FUNCTION_KEY_BYTES);
    OPENSSL_cleanse(&context, sizeof(context));
    return status;
}

static enum status stream_key(const struct sealed_header *header,
                              const uint8_t key[FUNCTION_KEY_BYTES], struct caller_aead *stream)
{
    const struct caller_piece key_info[] = {{"key", 3}, {header, sizeof(*header)}};
    const struct caller_piece nonce_info[] = {{"nonce", 5}, {header, sizeof(*header)}};
    uint8_t prk[CALLER_DIGEST_BYTES];
    enum status status = caller_hmac(header->salt, sizeof(header->salt),
                                     &(struct caller_piece){key, FUNCTION_KEY_BYTES}, 1, prk);

    *stream = (struct caller_aead){{0}, {0}};
    if (status == ST_OK)
        status = caller_expand(prk, key_info, 2, stream->key, AEAD_KEY_BYTES);
    if (status == ST_OK)
        status = caller_expand(prk, nonce_info, 2, stream->nonce, PREFIX_BYTES);
    OPENSSL_cleanse(prk, sizeof(prk));
    return status;
}

static enum status header_fill(size_t bundle_bytes, const uint8_t bundle_sha256[32],
                               const uint8_t key[FUNCTION_KEY_BYTES], struct sealed_header *header)
{
    enum status status;

    *header = (struct sealed_header){.version = SEALED_VERSION,
                                     .chunk_bytes = SEALED_CHUNK_DEFAULT,
                                     .bundle_bytes = bundle_bytes};
    memcpy(header->magic, SEALED_MAGIC, sizeof(header->magic));
    memcpy(header->bundle_sha256, bundle_sha256, 32);
    status = caller_function_key_id(key, header->function_key_id);
    if (status == ST_OK)
        status = caller_random(header->salt, sizeof(header->salt));
    return status;
}

static enum status seal_chunks(const struct caller_aead *stream, const uint8_t *bundle,
                               size_t bundle_bytes, uint8_t *to)
{
    enum status status = ST_OK;

    for (uint64_t index = 0; status == ST_OK && bundle_bytes > 0; index++) {
        size_t bytes = bundle_bytes < SEALED_CHUNK_DEFAULT ? bundle_bytes : SEALED_CHUNK_DEFAULT;
        uint64_t last = bytes == bundle_bytes;

        status = caller_aead_seal(stream, index << 8 | last, "", 0, bundle, bytes, to, to + bytes);
        bundle += bytes;
        bundle_bytes -= bytes;
        to += bytes + AEAD_TAG_BYTES;
    }
    return status;
}

enum status caller_bundle_seal(const uint8_t *bundle, size_t bundle_bytes,
                               const uint8_t bundle_sha256[32],
                               const uint8_t key[FUNCTION_KEY_BYTES],
                               const struct wrapped_key *wrapped, uint8_t **sealed,
                               size_t *sealed_bytes)
{
    struct sealed_header header;
    struct caller_aead stream = {{0}, {0}};
    size_t chunks;
    enum status status;

    *sealed = NULL;
    if (bundle_bytes == 0 || bundle_bytes > BUNDLE_BYTES_MAX)
        return ST_OUT_OF_RANGE;
    status = header_fill(bundle_bytes, bundle_sha256, key, &header);
    if (status == ST_OK)
        status = stream_key(&header, key, &stream);
    if (status != ST_OK)
        goto out;
    chunks = (bundle_bytes + SEALED_CHUNK_DEFAULT - 1) / SEALED_CHUNK_DEFAULT;
    *sealed_bytes = sizeof(header) + sizeof(*wrapped) + bundle_bytes + chunks * AEAD_TAG_BYTES;
    *sealed = calloc(1, *sealed_bytes);
    if (!*sealed) {
        status = ST_NO_MEMORY;
        goto out;
    }
    memcpy(*sealed, &header, sizeof(header));
    if (wrapped)
        memcpy(*sealed + sizeof(header), wrapped, sizeof(*wrapped));
    status =
        seal_chunks(&stream, bundle, bundle_bytes, *sealed + sizeof(header) + sizeof(*wrapped));
    if (status != ST_OK) {
        free(*sealed);
        *sealed = NULL;
    }
out:
    OPENSSL_cleanse(&stream, sizeof(stream));
    return status;
}
