#include "client/quote/p256.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <string.h>

#define COORDINATE_BYTES 32
#define POINT_BYTES      64
#define UNCOMPRESSED     0x04 /* SEC 1, 2.3.3 */

EVP_PKEY *p256_public_key(const uint8_t point[POINT_BYTES])
{
    uint8_t octets[1 + POINT_BYTES] = {UNCOMPRESSED};
    char group[] = SN_X9_62_prime256v1;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, octets, sizeof(octets)),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;

    memcpy(octets + 1, point, POINT_BYTES);
    if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

bool p256_is(const EVP_PKEY *key)
{
    char group[32];
    size_t length;

    return EVP_PKEY_is_a(key, "EC") &&
           EVP_PKEY_get_group_name(key, group, sizeof(group), &length) == 1 &&
           OBJ_sn2nid(group) == NID_X9_62_prime256v1;
}

/* DER as OpenSSL wants it; NULL when out of memory. Free with OPENSSL_free. */
static uint8_t *signature_der(const uint8_t raw[2 * COORDINATE_BYTES], int *bytes)
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, COORDINATE_BYTES, NULL);
    BIGNUM *s = BN_bin2bn(raw + COORDINATE_BYTES, COORDINATE_BYTES, NULL);
    uint8_t *der = NULL;

    if (!signature || !r || !s || ECDSA_SIG_set0(signature, r, s) != 1) {
        BN_free(r);
        BN_free(s);
    } else {
        *bytes = i2d_ECDSA_SIG(signature, &der);
        if (*bytes <= 0)
            der = NULL;
    }
    ECDSA_SIG_free(signature);
    return der;
}

bool p256_verify(EVP_PKEY *key, const uint8_t signature[64], const void *data, size_t bytes)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int der_bytes = 0;
    uint8_t *der = signature_der(signature, &der_bytes);
    bool good = context && der && p256_is(key) &&
                EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestVerify(context, der, (size_t)der_bytes, data, bytes) == 1;

    OPENSSL_free(der);
    EVP_MD_CTX_free(context);
    return good;
}
