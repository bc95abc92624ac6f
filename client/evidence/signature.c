#include "client/evidence/signature.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <string.h>

static EVP_PKEY *public_key_of(const uint8_t key[SIGNING_KEY_BYTES])
{
    uint8_t point[1 + SIGNING_KEY_BYTES] = {POINT_CONVERSION_UNCOMPRESSED};
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char[]){"P-256"}, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
        OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *result = NULL;

    memcpy(point + 1, key, SIGNING_KEY_BYTES);
    if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &result, EVP_PKEY_PUBLIC_KEY, params) != 1)
        result = NULL;
    EVP_PKEY_CTX_free(context);
    return result;
}

/* r || s as OpenSSL wants it, in DER; its length, 0 on failure. Freed with OPENSSL_free. */
static int to_der(const uint8_t signature[SIGNATURE_BYTES], uint8_t **der)
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, 32, NULL);
    BIGNUM *s = BN_bin2bn(signature + 32, 32, NULL);
    int bytes = 0;

    *der = NULL;
    if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL; /* pair's now */
        bytes = i2d_ECDSA_SIG(pair, der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return bytes > 0 ? bytes : 0;
}

bool es256_verify(const uint8_t key[SIGNING_KEY_BYTES], const uint8_t *data, size_t bytes,
                  const uint8_t signature[SIGNATURE_BYTES])
{
    EVP_PKEY *public_key = public_key_of(key);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t *der = NULL;
    int der_bytes = to_der(signature, &der);
    bool good = public_key && context && der_bytes > 0 &&
                EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, public_key) == 1 &&
                EVP_DigestVerify(context, der, (size_t)der_bytes, data, bytes) == 1;

    OPENSSL_free(der);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(public_key);
    return good;
}
