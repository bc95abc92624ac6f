#include "client/envelope/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

enum status caller_random(void *to, size_t bytes)
{
    return RAND_priv_bytes_ex(NULL, to, bytes, 0) == 1 ? ST_OK : ST_UNSUPPORTED;
}

enum status caller_sha256(const struct caller_piece *pieces, size_t count,
                          uint8_t digest[CALLER_DIGEST_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int good;

    if (!context)
        return ST_NO_MEMORY;
    good = EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    for (size_t i = 0; good == 1 && i < count; i++)
        good = EVP_DigestUpdate(context, pieces[i].data, pieces[i].bytes);
    good = good == 1 ? EVP_DigestFinal_ex(context, digest, NULL) : 0;
    EVP_MD_CTX_free(context);
    return good == 1 ? ST_OK : ST_UNSUPPORTED;
}

enum status caller_hmac(const void *key, size_t key_bytes, const struct caller_piece *pieces,
                        size_t count, uint8_t mac[CALLER_DIGEST_BYTES])
{
    static const uint8_t empty_key[1];
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", (char[]){"SHA256"}, 0),
                           OSSL_PARAM_construct_end()};
    EVP_MAC *method = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = method ? EVP_MAC_CTX_new(method) : NULL;
    size_t written = 0;
    int good = 0;

    if (context)
        good = EVP_MAC_init(context, key_bytes ? key : empty_key, key_bytes, params);
    for (size_t i = 0; good == 1 && i < count; i++)
        good = EVP_MAC_update(context, pieces[i].data, pieces[i].bytes);
    if (good == 1)
        good = EVP_MAC_final(context, mac, &written, CALLER_DIGEST_BYTES);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(method);
    return good == 1 && written == CALLER_DIGEST_BYTES ? ST_OK : ST_UNSUPPORTED;
}

enum status caller_expand(const uint8_t prk[CALLER_DIGEST_BYTES], const struct caller_piece *info,
                          size_t count, uint8_t *out, size_t bytes)
{
    static const uint8_t first_block = 1; /* RFC 5869, 2.3 */
    struct caller_piece pieces[8];
    uint8_t block[CALLER_DIGEST_BYTES];
    enum status status;

    if (bytes > sizeof(block) || count >= sizeof(pieces) / sizeof(pieces[0]))
        return ST_OUT_OF_RANGE;
    memcpy(pieces, info, count * sizeof(pieces[0]));
    pieces[count] = (struct caller_piece){&first_block, 1};
    status = caller_hmac(prk, CALLER_DIGEST_BYTES, pieces, count + 1, block);
    if (status == ST_OK)
        memcpy(out, block, bytes);
    OPENSSL_cleanse(block, sizeof(block));
    return status;
}
