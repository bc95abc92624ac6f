#include "trusted/attest/digest.h"
#include "trusted/attest/keys.h"

#include "base/bytes.h"

#include <bearssl/bearssl_ec.h>
#include <string.h>

/* BearSSL takes the scalar big-endian, and clamps it. */
static void reversed(const uint8_t secret[32], uint8_t scalar[32])
{
    for (unsigned i = 0; i < 32; i++)
        scalar[i] = secret[31 - i];
}

void receiving_key_id(const uint8_t public_key[RECEIVING_KEY_BYTES], uint8_t id[KEY_ID_BYTES])
{
    uint8_t digest[DIGEST_BYTES];

    sha256_pieces(&(struct piece){public_key, RECEIVING_KEY_BYTES}, 1, digest);
    memcpy(id, digest, KEY_ID_BYTES);
}

enum status receiving_key_from_secret(const uint8_t secret[32], struct receiving_key *key)
{
    uint8_t scalar[32];
    size_t bytes;

    memcpy(key->secret, secret, sizeof(key->secret));
    reversed(key->secret, scalar);
    bytes = br_ec_c25519_m31.mulgen(key->public_key, scalar, sizeof(scalar), BR_EC_curve25519);
    bytes_wipe(scalar, sizeof(scalar));
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
    uint8_t scalar[32];
    uint32_t done;

    reversed(secret, scalar);
    memcpy(shared, peer, RECEIVING_KEY_BYTES);
    done = br_ec_c25519_m31.mul(shared, 32, scalar, sizeof(scalar), BR_EC_curve25519);
    bytes_wipe(scalar, sizeof(scalar));
    if (done != 1 || bytes_equal_secret(shared, zero, sizeof(zero))) {
        bytes_wipe(shared, 32);
        return ST_KEY_REJECTED;
    }
    return ST_OK;
}
