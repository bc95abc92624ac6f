#include "trusted/attest/digest.h"
#include "trusted/attest/sealed.h"

#include "abi/bundle.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <string.h>

#define PREFIX_BYTES 7u /* of the nonce; then the chunk's index and whether it is the last */

void function_key_id(const uint8_t key[FUNCTION_KEY_BYTES], uint8_t id[KEY_ID_BYTES])
{
    const struct piece label = {FUNCTION_KEY_ID_LABEL, sizeof(FUNCTION_KEY_ID_LABEL)};
    uint8_t digest[DIGEST_BYTES];

    hmac_sha256(key, FUNCTION_KEY_BYTES, &label, 1, digest);
    memcpy(id, digest, KEY_ID_BYTES);
    bytes_wipe(digest, sizeof(digest));
}

enum status sealed_header_check(const struct sealed_header *header, uint64_t total_bytes)
{
    uint64_t chunks;

    if (memcmp(header->magic, SEALED_MAGIC, sizeof(header->magic)) != 0)
        return ST_SEALED_FORMAT;
    if (header->version != SEALED_VERSION)
        return ST_SEALED_VERSION;
    if (header->chunk_bytes < SEALED_CHUNK_MIN || header->chunk_bytes > SEALED_CHUNK_MAX ||
        header->chunk_bytes & (header->chunk_bytes - 1))
        return ST_SEALED_FORMAT;
    if (header->bundle_bytes == 0 || header->bundle_bytes > BUNDLE_BYTES_MAX)
        return ST_SEALED_FORMAT;
    chunks = (header->bundle_bytes + header->chunk_bytes - 1) / header->chunk_bytes;
    if (total_bytes != sizeof(*header) + sizeof(struct wrapped_key) + header->bundle_bytes +
                           chunks * AEAD_TAG_BYTES)
        return ST_SEALED_FORMAT;
    return ST_OK;
}

enum status sealed_start(const struct sealed_header *header, const uint8_t key[FUNCTION_KEY_BYTES],
                         struct sealed_reader *reader)
{
    const struct piece ikm = {key, FUNCTION_KEY_BYTES};
    const struct piece key_info[] = {{"key", 3}, {header, sizeof(*header)}};
    const struct piece nonce_info[] = {{"nonce", 5}, {header, sizeof(*header)}};
    uint8_t id[KEY_ID_BYTES];
    uint8_t prk[DIGEST_BYTES];

    *reader = (struct sealed_reader){.left = 0};
    function_key_id(key, id);
    if (!bytes_equal_secret(id, header->function_key_id, sizeof(id)))
        return ST_SEALED_KEY;
    hkdf_extract(header->salt, sizeof(header->salt), &ikm, 1, prk);
    hkdf_expand(prk, key_info, 2, reader->key.key, sizeof(reader->key.key));
    hkdf_expand(prk, nonce_info, 2, reader->key.nonce, PREFIX_BYTES);
    bytes_wipe(prk, sizeof(prk));
    reader->left = header->bundle_bytes;
    reader->chunk_bytes = header->chunk_bytes;
    return ST_OK;
}

uint32_t sealed_next_bytes(const struct sealed_reader *reader)
{
    return reader->left < reader->chunk_bytes ? (uint32_t)reader->left : reader->chunk_bytes;
}

enum status sealed_chunk(struct sealed_reader *reader, uint8_t *chunk,
                         const uint8_t tag[AEAD_TAG_BYTES])
{
    uint32_t bytes = sealed_next_bytes(reader);
    bool last = bytes == reader->left;
    /* index and last flag, as they stand in the nonce's last five bytes */
    uint64_t position = (uint64_t)reader->index << 8 | last;

    if (bytes == 0)
        return ST_SEALED_FORGED;
    if (!aead_open(&reader->key, position, "", 0, chunk, bytes, tag)) {
        bytes_wipe(reader, sizeof(*reader));
        return ST_SEALED_FORGED;
    }
    reader->left -= bytes;
    reader->index++;
    return ST_OK;
}

enum status sealed_finish(const struct sealed_reader *reader, const struct sealed_header *header,
                          const uint8_t bundle_sha256[32])
{
    if (reader->index == 0 || reader->left != 0)
        return ST_SEALED_FORGED;
    if (memcmp(header->bundle_sha256, bundle_sha256, 32) != 0)
        return ST_SEALED_DIGEST;
    return ST_OK;
}
