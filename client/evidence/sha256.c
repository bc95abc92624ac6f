#include "client/evidence/sha256.h"

#include <openssl/evp.h>
#include <string.h>

bool sha256_of(const struct sha256_piece *pieces, size_t count, uint8_t digest[32])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

    for (size_t i = 0; good && i < count; i++)
        good = EVP_DigestUpdate(context, pieces[i].data, pieces[i].bytes) == 1;
    good = good && EVP_DigestFinal_ex(context, digest, NULL) == 1;
    if (!good)
        memset(digest, 0, 32);
    EVP_MD_CTX_free(context);
    return good;
}
