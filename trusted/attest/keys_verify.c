#include "trusted/attest/digest.h"
#include "trusted/attest/keys.h"

#include <bearssl/bearssl_ec.h>
#include <string.h>

bool signature_is_valid(const uint8_t public_key[SIGNING_KEY_BYTES], const uint8_t digest[32],
                        const uint8_t signature[SIGNATURE_BYTES])
{
    uint8_t point[1 + SIGNING_KEY_BYTES] = {4}; /* uncompressed, SEC 1 2.3.3 */
    const br_ec_public_key key = {.curve = BR_EC_secp256r1, .q = point, .qlen = sizeof(point)};

    memcpy(point + 1, public_key, SIGNING_KEY_BYTES);
    return br_ecdsa_i31_vrfy_raw(&br_ec_p256_m31, digest, 32, &key, signature, SIGNATURE_BYTES) ==
           1;
}

void worker_id_of(const uint8_t public_key[SIGNING_KEY_BYTES], uint8_t id[32])
{
    sha256_pieces(&(struct piece){public_key, SIGNING_KEY_BYTES}, 1, id);
}
