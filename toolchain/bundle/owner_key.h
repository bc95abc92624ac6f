/*
 * The owner's signing key: ECDSA P-256 in a PEM file (PKCS #8, unencrypted, mode
 * 0600). A tenant is the SHA-256 of the public key as in struct bundle_signature.
 */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_OWNER_KEY_H
#define RECLAVE_TOOLCHAIN_BUNDLE_OWNER_KEY_H

#include "abi/bundle.h"
#include "toolchain/bundle/complaint.h"
#include "toolchain/bundle/digest.h"

#include <stdbool.h>

/* What a bundle's signature covers. Borrowed pointers. */
struct signed_content {
    const uint8_t *bundle_sha256, *wasm_sha256;
    const char *version; /* FIELD_VERSION's bytes, as a C string */
};

/* Makes a new key file; refuses when `path` exists. */
MUST_CHECK enum status owner_key_create(const char *path, const struct complaint *complaint);

/* The tenant of the key in `path`. */
MUST_CHECK enum status owner_key_tenant(const char *path, uint8_t tenant[SHA256_BYTES],
                                        const struct complaint *complaint);

MUST_CHECK enum status owner_key_sign(const char *path, const struct signed_content *content,
                                      struct bundle_signature *signature,
                                      const struct complaint *complaint);

/* Signs any message; both results are pairs of 32 bytes (x || y, r || s), big-endian. The caller
 * separates purposes by what it puts in front of the message. */
#define OWNER_KEY_BYTES 64
MUST_CHECK enum status owner_key_sign_message(const char *path, const void *message, size_t bytes,
                                              uint8_t public_key[OWNER_KEY_BYTES],
                                              uint8_t signature[OWNER_KEY_BYTES],
                                              const struct complaint *complaint);
MUST_CHECK enum status owner_key_public(const char *path, uint8_t public_key[OWNER_KEY_BYTES],
                                        const struct complaint *complaint);

/* False also for a point that is not on the curve or a wrong magic. */
MUST_CHECK bool owner_signature_valid(const struct bundle_signature *signature,
                                      const struct signed_content *content);

#endif
