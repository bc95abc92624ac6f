#include "trusted/attest/digest.h"
#include "trusted/attest/sealed.h"

#include "base/bytes.h"

#include <string.h>

void state_header_fill(struct state_header *header, uint32_t purpose, uint64_t counter,
                       uint64_t state_bytes, const struct random_source *random)
{
    memset(header, 0, sizeof(*header));
    memcpy(header->magic, STATE_MAGIC, sizeof(header->magic));
    header->version = SEALED_VERSION;
    header->purpose = purpose;
    header->counter = counter;
    header->state_bytes = state_bytes;
    random->fill(random->context, header->key_id, sizeof(header->key_id));
}

static void state_key(const struct state_header *header, const uint8_t seal_key[16],
                      struct aead_key *key)
{
    uint8_t prk[DIGEST_BYTES];

    hkdf_extract(header->key_id, sizeof(header->key_id), &(struct piece){seal_key, 16}, 1, prk);
    hkdf_expand_text(prk, "state key", key->key, sizeof(key->key));
    hkdf_expand_text(prk, "state nonce", key->nonce, sizeof(key->nonce));
    bytes_wipe(prk, sizeof(prk));
}

void state_seal(const struct state_header *header, const uint8_t seal_key[16], uint8_t *state)
{
    struct aead_key key;

    state_key(header, seal_key, &key);
    aead_seal(&key, 0, header, sizeof(*header), state, header->state_bytes,
              state + header->state_bytes);
    bytes_wipe(&key, sizeof(key));
}

enum status state_header_check(const struct state_header *header, uint32_t purpose,
                               uint64_t oldest_counter, size_t sealed_bytes)
{
    static const uint8_t zero[sizeof(header->reserved)];

    if (memcmp(header->magic, STATE_MAGIC, sizeof(header->magic)) != 0)
        return ST_SEALED_FORMAT;
    if (header->version != SEALED_VERSION)
        return ST_SEALED_VERSION;
    if (memcmp(header->reserved, zero, sizeof(zero)) != 0 || header->purpose != purpose)
        return ST_SEALED_FORMAT;
    if (sealed_bytes < AEAD_TAG_BYTES || header->state_bytes != sealed_bytes - AEAD_TAG_BYTES)
        return ST_SEALED_FORMAT;
    if (header->counter < oldest_counter)
        return ST_SEALED_STALE;
    return ST_OK;
}

enum status state_open(const struct state_header *header, const uint8_t seal_key[16],
                       uint8_t *state)
{
    struct aead_key key;
    bool authentic;

    state_key(header, seal_key, &key);
    authentic = aead_open(&key, 0, header, sizeof(*header), state, header->state_bytes,
                          state + header->state_bytes);
    bytes_wipe(&key, sizeof(key));
    return authentic ? ST_OK : ST_SEALED_FORGED;
}
