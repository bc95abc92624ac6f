#include "sgx/devroot/internal.h"

#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#define DER_SIGNATURE_MAX 80 /* of P-256 */

static bool der_to_pair(const uint8_t *der, size_t bytes, uint8_t pair[64])
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)bytes);
    bool ok = signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), pair, 32) == 32 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(signature), pair + 32, 32) == 32;

    ECDSA_SIG_free(signature);
    return ok;
}

bool sign_pair(EVP_PKEY *key, const void *message, size_t bytes, uint8_t signature[64])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t der[DER_SIGNATURE_MAX];
    size_t der_bytes = sizeof(der);
    bool ok = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestSign(context, der, &der_bytes, message, bytes) == 1 &&
              der_to_pair(der, der_bytes, signature);

    EVP_MD_CTX_free(context);
    return ok;
}

char *pem_chain(X509 *const *certificates, size_t count)
{
    BIO *memory = BIO_new(BIO_s_mem());
    bool ok = memory != NULL;
    char *text = NULL, *data;
    long bytes;

    for (size_t i = 0; ok && i < count; i++)
        ok = PEM_write_bio_X509(memory, certificates[i]) == 1;
    if (ok) {
        bytes = BIO_get_mem_data(memory, &data);
        text = bytes > 0 ? strndup(data, (size_t)bytes) : NULL;
    }
    BIO_free(memory);
    return text;
}

char *devroot_hex(const void *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = bytes;
    char *text = malloc(2 * count + 1);

    if (!text)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        text[2 * i] = digits[from[i] >> 4];
        text[2 * i + 1] = digits[from[i] & 15];
    }
    text[2 * count] = '\0';
    return text;
}
