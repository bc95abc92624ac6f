#include "tests/quoting/chain.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <string.h>

STACK_OF(X509) * chain_read(const char *pem, size_t bytes)
{
    BIO *memory = BIO_new_mem_buf(pem, (int)bytes);
    STACK_OF(X509) *chain = sk_X509_new_null();
    X509 *certificate;

    while ((certificate = PEM_read_bio_X509(memory, NULL, NULL, NULL)))
        sk_X509_push(chain, certificate);
    BIO_free(memory);
    return chain;
}

bool chain_verifies(STACK_OF(X509) * chain, X509 *root, STACK_OF(X509_CRL) * crls, time_t when)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool ok = store && context && X509_STORE_add_cert(store, root) == 1 &&
              X509_STORE_CTX_init(context, store, sk_X509_value(chain, 0), chain) == 1;

    if (ok) {
        X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(context);

        X509_VERIFY_PARAM_set_time(parameters, when);
        X509_VERIFY_PARAM_set_flags(
            parameters, X509_V_FLAG_X509_STRICT |
                            (crls ? X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL : 0));
        X509_STORE_CTX_set0_crls(context, crls);
        ok = X509_verify_cert(context) == 1;
    }
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return ok;
}

X509_CRL *crl_read(const char *hex)
{
    long bytes = 0;
    uint8_t *der = OPENSSL_hexstr2buf(hex, &bytes);
    const uint8_t *at = der;
    X509_CRL *crl = der ? d2i_X509_CRL(NULL, &at, bytes) : NULL;

    if (crl && at != der + bytes) { /* something behind it */
        X509_CRL_free(crl);
        crl = NULL;
    }
    OPENSSL_free(der);
    return crl;
}

bool pair_verifies(EVP_PKEY *key, const void *message, size_t bytes, const uint8_t signature[64])
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t *der = NULL;
    int der_bytes;
    bool ok;

    ECDSA_SIG_set0(pair, BN_bin2bn(signature, 32, NULL), BN_bin2bn(signature + 32, 32, NULL));
    der_bytes = i2d_ECDSA_SIG(pair, &der);
    ok = der_bytes > 0 && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
         EVP_DigestVerify(context, der, (size_t)der_bytes, message, bytes) == 1;
    OPENSSL_free(der);
    EVP_MD_CTX_free(context);
    ECDSA_SIG_free(pair);
    return ok;
}

EVP_PKEY *key_from_point(const uint8_t point[64])
{
    uint8_t encoded[65] = {4};
    char group[] = "prime256v1";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded, sizeof(encoded)),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;

    memcpy(encoded + 1, point, 64);
    if (EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}
