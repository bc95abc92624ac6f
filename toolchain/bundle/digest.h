/* SHA-256 on the developer's side (OpenSSL). */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_DIGEST_H
#define RECLAVE_TOOLCHAIN_BUNDLE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32

void sha256(const void *data, size_t bytes, uint8_t digest[SHA256_BYTES]);

#endif
