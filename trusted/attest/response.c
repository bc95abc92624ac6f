#include "trusted/attest/digest.h"
#include "trusted/attest/envelope.h"

#include "base/bytes.h"

#include <string.h>

void response_keys(const uint8_t enc[HPKE_ENC_BYTES], const uint8_t secret[16],
                   const uint8_t response_nonce[RESPONSE_NONCE_BYTES], struct aead_key *key)
{
    uint8_t salt[HPKE_ENC_BYTES + RESPONSE_NONCE_BYTES];
    uint8_t prk[DIGEST_BYTES];

    memcpy(salt, enc, HPKE_ENC_BYTES);
    memcpy(salt + HPKE_ENC_BYTES, response_nonce, RESPONSE_NONCE_BYTES);
    hkdf_extract(salt, sizeof(salt), &(struct piece){secret, 16}, 1, prk);
    hkdf_expand_text(prk, "key", key->key, sizeof(key->key));
    hkdf_expand_text(prk, "nonce", key->nonce, sizeof(key->nonce));
    bytes_wipe(prk, sizeof(prk));
}

enum status response_seal(struct reply_key *reply, const struct random_source *random,
                          struct envelope_response *header, const struct aead_part *parts,
                          size_t count, uint8_t tag[AEAD_TAG_BYTES])
{
    struct aead_key key;

    if (!reply->usable) {
        aead_parts_wipe(parts, count);
        return ST_RESPONSE_SPENT;
    }
    /* the host may have this request executed twice: the nonce makes the keys of the two answers
     * differ */
    random->fill(random->context, header->response_nonce, sizeof(header->response_nonce));
    envelope_prefix_fill(&header->prefix, ENVELOPE_RESPONSE,
                         aead_parts_bytes(parts, count) + AEAD_TAG_BYTES);
    response_keys(reply->enc, reply->secret, header->response_nonce, &key);
    aead_seal_parts(&key, 0, header, sizeof(*header), parts, count, tag);
    bytes_wipe(&key, sizeof(key));
    bytes_wipe(reply, sizeof(*reply));
    return ST_OK;
}
