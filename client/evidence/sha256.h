/* SHA-256 from OpenSSL over pieces, for the files of this folder. */
#ifndef RECLAVE_CLIENT_EVIDENCE_SHA256_H
#define RECLAVE_CLIENT_EVIDENCE_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sha256_piece {
    const void *data;
    size_t bytes;
};

/* false: OpenSSL cannot; digest is zeroes. */
bool sha256_of(const struct sha256_piece *pieces, size_t count, uint8_t digest[32]);

#endif
