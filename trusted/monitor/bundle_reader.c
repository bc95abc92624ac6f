#include "trusted/monitor/bundle_reader.h"

#include "base/bytes.h"

#include <string.h>

static void fetch(struct bundle_reader *reader, void *to, uint64_t bytes)
{
    border_copy_in(to, reader->next, bytes);
    reader->next += bytes;
}

/* ---- sealed ------------------------------------------------------------------ */

static bool is_wrapped(const struct wrapped_key *wrapped)
{
    static const struct wrapped_key nothing;

    return memcmp(wrapped, &nothing, sizeof(nothing)) != 0;
}

/* From the bundle itself: wrapped for this enclave or for the epoch. */
static enum status unwrap(const struct wrapped_key *wrapped, uint8_t key[FUNCTION_KEY_BYTES])
{
    struct receiving_key recipient;
    enum status status;

    receiving_key_for(wrapped->recipient, &recipient);
    status = function_key_unwrap(wrapped, &recipient, key);
    bytes_wipe(&recipient, sizeof(recipient));
    return status;
}

/* From the keeper, who has it from the owner, for the owner's bundles. */
static enum status granted(struct bundle_reader *reader, uint8_t key[FUNCTION_KEY_BYTES])
{
    struct granted_key found;

    if (!ring_function_key(&enclave.ring, reader->header.function_key_id, &found))
        return ST_NO_FUNCTION_KEY;
    memcpy(key, found.key, sizeof(found.key));
    memcpy(reader->key_owner, found.tenant, sizeof(reader->key_owner));
    reader->key_has_owner = true;
    bytes_wipe(&found, sizeof(found));
    return ST_OK;
}

/* Where chunks are decrypted: no layer runs now, and the region is zero again when it is over. */
static enum status stage(struct bundle_reader *reader, struct slot *slot)
{
    uint64_t bytes = (uint64_t)reader->header.chunk_bytes + AEAD_TAG_BYTES;
    enum status status =
        commit_region(slot, REGION_STDIN, round_up(bytes, PAGE_BYTES) / PAGE_BYTES);

    reader->chunk = status == ST_OK ? region_start(slot, REGION_STDIN) : NULL;
    return status == ST_NO_MEMORY ? ST_BUNDLE_MEMORY : status;
}

static enum status open_sealed(struct bundle_reader *reader, struct slot *slot, uint64_t file_bytes)
{
    uint8_t key[FUNCTION_KEY_BYTES] = {0};
    struct wrapped_key wrapped;
    enum status status;

    if (file_bytes < sizeof(reader->header) + sizeof(wrapped))
        return ST_SEALED_FORMAT;
    memcpy(&reader->header, reader->front, sizeof(reader->front));
    fetch(reader, (uint8_t *)&reader->header + sizeof(reader->front),
          sizeof(reader->header) - sizeof(reader->front));
    fetch(reader, &wrapped, sizeof(wrapped));
    status = sealed_header_check(&reader->header, file_bytes);
    if (status == ST_OK)
        status = is_wrapped(&wrapped) ? unwrap(&wrapped, key) : granted(reader, key);
    if (status == ST_OK)
        status = sealed_start(&reader->header, key, &reader->sealed);
    bytes_wipe(key, sizeof(key));
    if (status != ST_OK)
        return status;
    reader->is_sealed = true;
    reader->bundle_bytes = reader->header.bundle_bytes;
    return stage(reader, slot);
}

static enum status next_chunk(struct bundle_reader *reader)
{
    uint32_t bytes = sealed_next_bytes(&reader->sealed);
    uint64_t end = reader->next + bytes + AEAD_TAG_BYTES;

    if (!bytes)
        return ST_SEALED_FORMAT;
    /* Chunks are a multiple of 8 bytes long but for the last, behind which only its tag follows. */
    border_copy_in(reader->chunk, reader->next, bytes + AEAD_TAG_BYTES);
    reader->next = end;
    reader->chunk_bytes = bytes;
    reader->chunk_used = 0;
    return sealed_chunk(&reader->sealed, reader->chunk, reader->chunk + bytes);
}

static enum status take_sealed(struct bundle_reader *reader, uint8_t *to, uint64_t bytes)
{
    while (bytes) {
        uint64_t piece = reader->chunk_bytes - reader->chunk_used;
        enum status status;

        if (!piece) {
            status = next_chunk(reader);
            if (status != ST_OK)
                return status;
            continue;
        }
        piece = piece < bytes ? piece : bytes;
        memcpy(to, reader->chunk + reader->chunk_used, piece);
        reader->chunk_used += (uint32_t)piece;
        to += piece;
        bytes -= piece;
    }
    return ST_OK;
}

/* ---- either --------------------------------------------------------------------- */

enum status bundle_reader_open(struct bundle_reader *reader, struct slot *slot,
                               const struct entry_load *request)
{
    memset(reader, 0, sizeof(*reader));
    br_sha256_init(&reader->hash);
    if (request->bundle_bytes < sizeof(reader->front))
        return ST_BUNDLE_MAGIC;
    if (!border_outside(request->bundle, request->bundle_bytes))
        return ST_BAD_POINTER;
    reader->next = request->bundle;
    reader->bundle_bytes = request->bundle_bytes;
    fetch(reader, reader->front, sizeof(reader->front));
    if (memcmp(reader->front, SEALED_MAGIC, sizeof(reader->front)) == 0)
        return open_sealed(reader, slot, request->bundle_bytes);
    reader->front_left = sizeof(reader->front);
    return ST_OK;
}

/* The caller takes what check_sizes() has found to fit the bundle. */
static void take_plain(struct bundle_reader *reader, uint8_t *to, uint64_t bytes)
{
    uint64_t from_front = reader->front_left < bytes ? reader->front_left : bytes;

    memcpy(to, reader->front + sizeof(reader->front) - reader->front_left, from_front);
    reader->front_left -= (uint32_t)from_front;
    fetch(reader, to + from_front, bytes - from_front);
}

enum status bundle_take(struct bundle_reader *reader, void *to, uint64_t bytes)
{
    if (reader->is_sealed)
        return take_sealed(reader, to, bytes);
    take_plain(reader, to, bytes);
    return ST_OK;
}

enum status bundle_take_hashed(struct bundle_reader *reader, void *to, uint64_t bytes)
{
    enum status status = bundle_take(reader, to, bytes);

    if (status == ST_OK)
        br_sha256_update(&reader->hash, to, bytes);
    return status;
}

enum status bundle_reader_finish(const struct bundle_reader *reader,
                                 const uint8_t bundle_sha256[32], const uint8_t tenant[32])
{
    if (!reader->is_sealed)
        return ST_OK;
    if (reader->key_has_owner && memcmp(reader->key_owner, tenant, sizeof(reader->key_owner)) != 0)
        return ST_FUNCTION_KEY_OWNER;
    return sealed_finish(&reader->sealed, &reader->header, bundle_sha256);
}

void bundle_reader_close(struct bundle_reader *reader)
{
    if (reader->chunk)
        memset(reader->chunk, 0, (uint64_t)reader->header.chunk_bytes + AEAD_TAG_BYTES);
    bytes_wipe(reader, sizeof(*reader));
}
