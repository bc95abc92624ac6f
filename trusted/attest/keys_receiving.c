#include "trusted/attest/digest.h"
#include "trusted/attest/keys.h"

#include "base/bytes.h"

#include <bearssl/bearssl_ec.h>
#include <string.h>

void receiving_key_id(const uint8_t public_key[RECEIVING_KEY_BYTES], uint8_t id[KEY_ID_BYTES])
{
    uint8_t digest[DIGEST_BYTES];

    sha256_pieces(&(struct piece){public_key, RECEIVING_KEY_BYTES}, 1, digest);
    memcpy(id, digest, KEY_ID_BYTES);
}

enum status receiving_key_from_secret(const uint8_t secret[32], struct receiving_key *key)
{
    size_t bytes;

    memcpy(key->secret, secret, sizeof(key->secret));
    bytes = br_ec_c25519_m31.mulgen(key->public_key, key->secret, sizeof(key->secret),
                                    BR_EC_curve25519);
    if (bytes != sizeof(key->public_key)) {
        bytes_wipe(key, sizeof(*key));
        return ST_KEY_REJECTED;
    }
    receiving_key_id(key->public_key, key->id);
    return ST_OK;
}

enum status receiving_key_make(const struct random_source *random, struct receiving_key *key)
{
    uint8_t secret[32];
    enum status status;

    random->fill(random->context, secret, sizeof(secret));
    status = receiving_key_from_secret(secret, key);
    bytes_wipe(secret, sizeof(secret));
    return status;
}

enum status key_agree(const uint8_t secret[32], const uint8_t peer[RECEIVING_KEY_BYTES],
                      uint8_t shared[32])
{
    static const uint8_t zero[32];
    uint32_t done;

    memcpy(shared, peer, RECEIVING_KEY_BYTES);
    /* this implementation takes the scalar as RFC 7748 has it, whatever bearssl_ec.h says of
     * others, and clamps it; the RFC's vectors pin that */
    done = br_ec_c25519_m31.mul(shared, 32, secret, 32, BR_EC_curve25519);
    if (done != 1 || bytes_equal_secret(shared, zero, sizeof(zero))) {
        bytes_wipe(shared, 32);
        return ST_KEY_REJECTED;
    }
    return ST_OK;
}
