#include "trusted/attest/digest.h"
#include "trusted/attest/keys.h"

#include "base/bytes.h"

#include <bearssl/bearssl_ec.h>
#include <bearssl/bearssl_rand.h>
#include <string.h>

static br_ec_private_key private_key_of(const struct signing_key *key)
{
    return (br_ec_private_key){.curve = BR_EC_secp256r1,
                               .x = (unsigned char *)(uintptr_t)key->secret,
                               .xlen = sizeof(key->secret)};
}

/* BearSSL draws the scalar evenly from 1 .. order - 1, from a generator seeded with ours. */
static bool draw_secret(const struct random_source *random, uint8_t secret[32])
{
    uint8_t seed[48];
    br_hmac_drbg_context generator;
    br_ec_private_key drawn;
    size_t bytes;

    random->fill(random->context, seed, sizeof(seed));
    br_hmac_drbg_init(&generator, &br_sha256_vtable, seed, sizeof(seed));
    bytes = br_ec_keygen(&generator.vtable, &br_ec_p256_m31, &drawn, secret, BR_EC_secp256r1);
    bytes_wipe(seed, sizeof(seed));
    bytes_wipe(&generator, sizeof(generator));
    return bytes == 32;
}

enum status signing_key_make(const struct random_source *random, struct signing_key *key)
{
    uint8_t point[1 + SIGNING_KEY_BYTES]; /* uncompressed, SEC 1 2.3.3 */
    br_ec_private_key drawn = private_key_of(key);

    if (!draw_secret(random, key->secret) ||
        br_ec_compute_pub(&br_ec_p256_m31, NULL, point, &drawn) != sizeof(point)) {
        bytes_wipe(key, sizeof(*key));
        return ST_KEY_REJECTED;
    }
    memcpy(key->public_key, point + 1, sizeof(key->public_key));
    sha256_pieces(&(struct piece){key->public_key, sizeof(key->public_key)}, 1, key->worker_id);
    return ST_OK;
}

enum status signing_key_sign(const struct signing_key *key, const uint8_t digest[32],
                             uint8_t signature[SIGNATURE_BYTES])
{
    const br_ec_private_key secret = private_key_of(key);
    size_t bytes =
        br_ecdsa_i31_sign_raw(&br_ec_p256_m31, &br_sha256_vtable, digest, &secret, signature);

    return bytes == SIGNATURE_BYTES ? ST_OK : ST_KEY_REJECTED;
}
