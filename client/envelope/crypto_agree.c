#include "client/envelope/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

/* EVP_PKEY_derive refuses an all-zero secret itself (RFC 7748, 6.1). */
enum status caller_agree(const uint8_t secret[32], const uint8_t peer[32], uint8_t shared[32])
{
    EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
    EVP_PKEY *other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, 32);
    EVP_PKEY_CTX *context = own ? EVP_PKEY_CTX_new(own, NULL) : NULL;
    enum status status = ST_UNSUPPORTED;
    size_t bytes = 32;

    if (context && other && EVP_PKEY_derive_init(context) == 1 &&
        EVP_PKEY_derive_set_peer(context, other) == 1)
        status =
            EVP_PKEY_derive(context, shared, &bytes) == 1 && bytes == 32 ? ST_OK : ST_KEY_REJECTED;
    if (status != ST_OK)
        OPENSSL_cleanse(shared, 32);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(other);
    EVP_PKEY_free(own);
    return status;
}

enum status caller_public_key(const uint8_t secret[32], uint8_t public_key[32])
{
    EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
    size_t bytes = 32;
    int good = own ? EVP_PKEY_get_raw_public_key(own, public_key, &bytes) : 0;

    EVP_PKEY_free(own);
    return good == 1 && bytes == 32 ? ST_OK : ST_UNSUPPORTED;
}
