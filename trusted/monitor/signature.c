#include "base/bytes.h"
#include "trusted/monitor/monitor.h"

#include <bearssl/bearssl_ec.h>
#include <bearssl/bearssl_hash.h>
#include <string.h>

static const char domain[] = BUNDLE_SIGNATURE_DOMAIN; /* hashed with its NUL */
_Static_assert(sizeof(domain) == 28, "abi/bundle.h says so");

static void signed_digest(const struct function *function, uint8_t digest[32])
{
    const uint8_t *version = NULL;
    uint16_t version_bytes = 0;
    br_sha256_context hash;

    br_sha256_init(&hash);
    br_sha256_update(&hash, domain, sizeof(domain));
    br_sha256_update(&hash, function->bundle_sha256, 32);
    br_sha256_update(&hash, function->wasm_sha256, 32);
    if (manifest_version(function->manifest, function->manifest_bytes, &version, &version_bytes))
        br_sha256_update(&hash, version, version_bytes);
    br_sha256_out(&hash, digest);
}

static void sha256(const void *data, size_t bytes, uint8_t digest[32])
{
    br_sha256_context hash;

    br_sha256_init(&hash);
    br_sha256_update(&hash, data, bytes);
    br_sha256_out(&hash, digest);
}

enum status signature_check(const struct bundle_signature *signature,
                            const struct function *function, uint8_t tenant[32])
{
    uint8_t point[65] = {4}; /* uncompressed, SEC 1 2.3.3 */
    br_ec_public_key key = {.curve = BR_EC_secp256r1, .q = point, .qlen = sizeof(point)};
    uint8_t digest[32];

    if (memcmp(signature->magic, BUNDLE_SIGNATURE_MAGIC, sizeof(signature->magic)) != 0)
        return ST_BUNDLE_SIGNATURE;
    memcpy(point + 1, signature->public_key, sizeof(signature->public_key));
    signed_digest(function, digest);
    if (br_ecdsa_i31_vrfy_raw(&br_ec_p256_m31, digest, sizeof(digest), &key, signature->signature,
                              sizeof(signature->signature)) != 1)
        return ST_BUNDLE_SIGNATURE;
    sha256(signature->public_key, sizeof(signature->public_key), tenant);
    return ST_OK;
}
