#include "toolchain/bundle/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

void sha256(const void *data, size_t bytes, uint8_t digest[SHA256_BYTES])
{
    if (EVP_Digest(data, bytes, digest, NULL, EVP_sha256(), NULL) != 1)
        abort(); /* OpenSSL without SHA-256, or out of memory for one context */
}
