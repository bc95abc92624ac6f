#include "client/envelope/crypto.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

static void message_nonce(const struct caller_aead *key, uint64_t sequence,
                          uint8_t nonce[AEAD_NONCE_BYTES])
{
    memcpy(nonce, key->nonce, AEAD_NONCE_BYTES);
    for (unsigned i = 0; i < 8; i++)
        nonce[AEAD_NONCE_BYTES - 1 - i] ^= (uint8_t)(sequence >> (8 * i));
}

/* A context that has seen the associated data and then turned `from` into `to`; NULL on failure. */
static EVP_CIPHER_CTX *run(const struct caller_aead *key, uint64_t sequence, int encrypt,
                           const void *aad, size_t aad_bytes, const uint8_t *from, size_t bytes,
                           uint8_t *to)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t nonce[AEAD_NONCE_BYTES];
    int done;

    message_nonce(key, sequence, nonce);
    if (!context)
        return NULL;
    if (EVP_CipherInit_ex2(context, EVP_aes_128_gcm(), key->key, nonce, encrypt, NULL) == 1 &&
        (aad_bytes == 0 || EVP_CipherUpdate(context, NULL, &done, aad, (int)aad_bytes) == 1) &&
        (bytes == 0 || EVP_CipherUpdate(context, to, &done, from, (int)bytes) == 1))
        return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

enum status caller_aead_seal(const struct caller_aead *key, uint64_t sequence, const void *aad,
                             size_t aad_bytes, const uint8_t *from, size_t bytes, uint8_t *to,
                             uint8_t tag[AEAD_TAG_BYTES])
{
    EVP_CIPHER_CTX *context;
    uint8_t nothing[AEAD_TAG_BYTES];
    int done;
    int good;

    if (bytes > INT_MAX || aad_bytes > INT_MAX)
        return ST_OUT_OF_RANGE;
    context = run(key, sequence, 1, aad, aad_bytes, from, bytes, to);
    good = context && EVP_CipherFinal_ex(context, nothing, &done) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_BYTES, tag) == 1;
    EVP_CIPHER_CTX_free(context);
    return good ? ST_OK : ST_UNSUPPORTED;
}

enum status caller_aead_open(const struct caller_aead *key, uint64_t sequence, const void *aad,
                             size_t aad_bytes, const uint8_t *from, size_t bytes,
                             const uint8_t tag[AEAD_TAG_BYTES], uint8_t *to)
{
    EVP_CIPHER_CTX *context;
    uint8_t expected[AEAD_TAG_BYTES];
    uint8_t nothing[AEAD_TAG_BYTES];
    enum status status = ST_UNSUPPORTED;
    int done;

    if (bytes > INT_MAX || aad_bytes > INT_MAX)
        return ST_OUT_OF_RANGE;
    memcpy(expected, tag, sizeof(expected));
    context = run(key, sequence, 0, aad, aad_bytes, from, bytes, to);
    if (context &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_BYTES, expected) == 1)
        status = EVP_CipherFinal_ex(context, nothing, &done) == 1 ? ST_OK : ST_ENVELOPE_FORGED;
    EVP_CIPHER_CTX_free(context);
    if (status != ST_OK)
        OPENSSL_cleanse(to, bytes);
    return status;
}
