/* Keys from labels. */
#include "tests/client/forge/forge.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void forge_abort(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s does not hold\n", file, line, what);
    abort();
}

static void point_of(const BIGNUM *scalar, uint8_t octets[65])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = EC_POINT_new(group);

    FORGE_CHECK(EC_POINT_mul(group, point, scalar, NULL, NULL, NULL) == 1);
    FORGE_CHECK(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, octets, 65, NULL) ==
                65);
    EC_POINT_free(point);
    EC_GROUP_free(group);
}

static EVP_PKEY *derive(const char *label)
{
    uint8_t digest[SHA256_DIGEST_LENGTH], octets[65];
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters;
    BIGNUM *scalar;

    SHA256((const uint8_t *)label, strlen(label), digest);
    digest[0] = 0x7f; /* below the order of the group */
    scalar = BN_bin2bn(digest, sizeof(digest), NULL);
    point_of(scalar, octets);
    FORGE_CHECK(
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1);
    FORGE_CHECK(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1);
    FORGE_CHECK(OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, octets,
                                                 sizeof(octets)) == 1);
    parameters = OSSL_PARAM_BLD_to_param(builder);
    FORGE_CHECK(EVP_PKEY_fromdata_init(context) == 1);
    FORGE_CHECK(EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) == 1);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    BN_free(scalar);
    return key;
}

/* Derived once, since hundreds of signatures are made with the same few keys. */
#define KEYS_MAX 16
static struct {
    const char *label;
    EVP_PKEY *key;
} keys[KEYS_MAX];

static void free_keys(void)
{
    for (size_t i = 0; i < KEYS_MAX; i++)
        EVP_PKEY_free(keys[i].key);
}

EVP_PKEY *forge_key(const char *label)
{
    size_t i = 0;

    while (i < KEYS_MAX && keys[i].key && strcmp(keys[i].label, label) != 0)
        i++;
    FORGE_CHECK(i < KEYS_MAX);
    if (!keys[0].key)
        atexit(free_keys);
    if (!keys[i].key) {
        keys[i].label = label;
        keys[i].key = derive(label);
    }
    FORGE_CHECK(EVP_PKEY_up_ref(keys[i].key) == 1);
    return keys[i].key;
}

void forge_point(const char *label, uint8_t point[64])
{
    EVP_PKEY *key = forge_key(label);
    uint8_t octets[65];
    size_t bytes;

    FORGE_CHECK(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, octets,
                                                sizeof(octets), &bytes) == 1 &&
                bytes == sizeof(octets));
    memcpy(point, octets + 1, 64);
    EVP_PKEY_free(key);
}

void forge_sign(const char *label, const void *data, size_t bytes, uint8_t signature[64])
{
    EVP_PKEY *key = forge_key(label);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t der[80];
    const uint8_t *at = der;
    size_t der_bytes = sizeof(der);
    ECDSA_SIG *parts;

    FORGE_CHECK(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1);
    FORGE_CHECK(EVP_DigestSign(context, der, &der_bytes, data, bytes) == 1);
    parts = d2i_ECDSA_SIG(NULL, &at, (long)der_bytes);
    FORGE_CHECK(parts != NULL);
    FORGE_CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(parts), signature, 32) == 32);
    FORGE_CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(parts), signature + 32, 32) == 32);
    ECDSA_SIG_free(parts);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
}
