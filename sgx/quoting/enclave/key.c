#include "base/bytes.h"
#include "base/enclu.h"
#include "sgx/quoting/enclave/qe.h"

#include <bearssl/bearssl_ec.h>
#include <bearssl/bearssl_hash.h>
#include <bearssl/bearssl_rand.h>
#include <string.h>

#define P256_SCALAR_BYTES 32
#define P256_POINT_BYTES  65 /* SEC 1, 2.3.3: 4, x, y */

static uint8_t scalar[P256_SCALAR_BYTES];
static uint8_t point[P256_POINT_BYTES];

/* The seal key of this MRENCLAVE at the current security versions. */
static bool seed(struct enclu_key *key)
{
    static const uint8_t nothing[64];
    static const uint8_t key_id[32] = "reclave attestation key v1";
    struct sgx_keyrequest request = {.keyname = KEYNAME_SEAL,
                                     .keypolicy = KEYPOLICY_MRENCLAVE,
                                     .attributes_mask = UINT64_MAX,
                                     .xfrm_mask = UINT64_MAX,
                                     .miscmask = UINT32_MAX};
    struct sgx_report self;

    report_self(nothing, &self);
    request.isvsvn = self.isvsvn;
    memcpy(request.cpusvn, self.cpusvn, sizeof(request.cpusvn));
    memcpy(request.keyid, key_id, sizeof(request.keyid));
    return enclu_egetkey(&request, key) == 0;
}

bool key_create(void)
{
    br_hmac_drbg_context random;
    br_ec_private_key key;
    struct enclu_key root;
    bool ok = seed(&root);

    if (!ok)
        return false;
    br_hmac_drbg_init(&random, &br_sha256_vtable, root.bytes, sizeof(root.bytes));
    ok = br_ec_keygen(&random.vtable, &br_ec_p256_m31, &key, scalar, BR_EC_secp256r1) ==
             sizeof(scalar) &&
         br_ec_compute_pub(&br_ec_p256_m31, NULL, point, &key) == sizeof(point);
    bytes_wipe(&random, sizeof(random));
    bytes_wipe(&root, sizeof(root));
    if (!ok)
        bytes_wipe(scalar, sizeof(scalar));
    return ok;
}

const uint8_t *key_public(void)
{
    return point + 1;
}

bool key_sign(const void *message, size_t bytes, uint8_t signature[64])
{
    const br_ec_private_key key = {.curve = BR_EC_secp256r1, .x = scalar, .xlen = sizeof(scalar)};
    br_sha256_context hash;
    uint8_t digest[32];

    br_sha256_init(&hash);
    br_sha256_update(&hash, message, bytes);
    br_sha256_out(&hash, digest);
    /* RFC 6979: no random number is needed, the same report gets the same signature */
    return br_ecdsa_i31_sign_raw(&br_ec_p256_m31, &br_sha256_vtable, digest, &key, signature) == 64;
}
