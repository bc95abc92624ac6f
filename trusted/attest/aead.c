#include "trusted/attest/aead.h"

#include "base/bytes.h"

#include <bearssl/bearssl_aead.h>
#include <bearssl/bearssl_block.h>
#include <bearssl/bearssl_hash.h>
#include <string.h>

struct gcm {
    br_aes_x86ni_ctr_keys aes;
    br_gcm_context gcm;
};

static void message_nonce(const struct aead_key *key, uint64_t sequence,
                          uint8_t nonce[AEAD_NONCE_BYTES])
{
    memcpy(nonce, key->nonce, AEAD_NONCE_BYTES);
    for (unsigned i = 0; i < 8; i++)
        nonce[AEAD_NONCE_BYTES - 1 - i] ^= (uint8_t)(sequence >> (8 * i));
}

/* The implementations are named here because BearSSL's selectors execute CPUID. */
static void gcm_start(struct gcm *state, const struct aead_key *key, uint64_t sequence,
                      const void *aad, size_t aad_bytes)
{
    uint8_t nonce[AEAD_NONCE_BYTES];

    message_nonce(key, sequence, nonce);
    br_aes_x86ni_ctr_init(&state->aes, key->key, sizeof(key->key));
    br_gcm_init(&state->gcm, &state->aes.vtable, &br_ghash_pclmul);
    br_gcm_reset(&state->gcm, nonce, sizeof(nonce));
    br_gcm_aad_inject(&state->gcm, aad, aad_bytes);
    br_gcm_flip(&state->gcm);
}

size_t aead_parts_bytes(const struct aead_part *parts, size_t count)
{
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++)
        bytes += parts[i].bytes;
    return bytes;
}

void aead_parts_wipe(const struct aead_part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes_wipe(parts[i].data, parts[i].bytes);
}

void aead_seal_parts(const struct aead_key *key, uint64_t sequence, const void *aad,
                     size_t aad_bytes, const struct aead_part *parts, size_t count,
                     uint8_t tag[AEAD_TAG_BYTES])
{
    struct gcm state;

    gcm_start(&state, key, sequence, aad, aad_bytes);
    for (size_t i = 0; i < count; i++)
        br_gcm_run(&state.gcm, 1, parts[i].data, parts[i].bytes);
    br_gcm_get_tag(&state.gcm, tag);
    bytes_wipe(&state, sizeof(state));
}

void aead_seal(const struct aead_key *key, uint64_t sequence, const void *aad, size_t aad_bytes,
               uint8_t *data, size_t bytes, uint8_t tag[AEAD_TAG_BYTES])
{
    aead_seal_parts(key, sequence, aad, aad_bytes, &(struct aead_part){data, bytes}, 1, tag);
}

bool aead_open(const struct aead_key *key, uint64_t sequence, const void *aad, size_t aad_bytes,
               uint8_t *data, size_t bytes, const uint8_t tag[AEAD_TAG_BYTES])
{
    struct gcm state;
    bool authentic;

    gcm_start(&state, key, sequence, aad, aad_bytes);
    br_gcm_run(&state.gcm, 0, data, bytes);
    authentic = br_gcm_check_tag(&state.gcm, tag) == 1;
    bytes_wipe(&state, sizeof(state));
    if (!authentic)
        bytes_wipe(data, bytes);
    return authentic;
}
