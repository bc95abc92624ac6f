/* Shared by the files of sgx/devroot. Functions returning a pointer give NULL on failure, which is
 * out of memory or OpenSSL's. */
#ifndef RECLAVE_SGX_DEVROOT_INTERNAL_H
#define RECLAVE_SGX_DEVROOT_INTERNAL_H

#include "sgx/devroot/devroot.h"

#include <openssl/x509.h>
#include <stdbool.h>

enum devroot_role { ROLE_ROOT, ROLE_PLATFORM_CA, ROLE_SIGNER, ROLE_PCK, ROLE_COUNT };

struct devroot {
    EVP_PKEY *keys[ROLE_COUNT];
    X509 *certificates[ROLE_COUNT];
    struct devroot_platform platform;
    char *root_pem, *pck_chain, *signer_chain, *platform_chain;
};

/* certificate.c. extension: Intel's SGX extension, DER, for the PCK, or NULL. */
X509 *certificate_issue(enum devroot_role role, EVP_PKEY *subject, X509 *issuer,
                        EVP_PKEY *issuer_key, const uint8_t *extension, size_t extension_bytes);

/* extension.c: the SGX extension's value (PCK profile, 3.5). Returns its size; 0: no room. */
size_t sgx_extension(const struct devroot_platform *platform, const uint8_t ppid[16],
                     const uint8_t instance[16], uint8_t *out, size_t room);
#define SGX_EXTENSION_OID "1.2.840.113741.1.13.1"
#define SGX_EXTENSION_MAX 1024

/* crl.c: an empty list of this CA, DER in hexadecimal; the caller frees it. */
char *crl_issue(X509 *ca, EVP_PKEY *key, int64_t now);

/* sign.c: ECDSA with SHA-256 as the pair (r, s). */
bool sign_pair(EVP_PKEY *key, const void *message, size_t bytes, uint8_t signature[64]);
/* Certificates as PEM, one after the other; the caller frees it. */
char *pem_chain(X509 *const *certificates, size_t count);
/* Lower-case hexadecimal; the caller frees it. */
char *devroot_hex(const void *bytes, size_t count);

/* make.c: new keys and certificates. store.c: the file that holds them. */
MUST_CHECK enum status devroot_make(const struct devroot_platform *platform, struct devroot *out,
                                    struct sgx_problem *p);
MUST_CHECK enum status devroot_check(const struct devroot *root, const char *path,
                                     struct sgx_problem *p);
void devroot_release(struct devroot *root);

#endif
