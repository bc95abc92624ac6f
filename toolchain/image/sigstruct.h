/*
 * SIGSTRUCT (SDM 3D 37.14): fill, sign and verify. RSA-3072 with exponent 3,
 * PKCS #1 v1.5 over SHA-256; numbers are little-endian in the struct. Signing
 * is deterministic: the same parameters and key give the same bytes.
 */
#ifndef RECLAVE_TOOLCHAIN_IMAGE_SIGSTRUCT_H
#define RECLAVE_TOOLCHAIN_IMAGE_SIGSTRUCT_H

#include "abi/sgx_arch.h"
#include "abi/status.h"

#include <stdint.h>

struct signing_key;

/* A new RSA-3072 key in a PEM file of mode 0600. ST_IO with errno (EEXIST: never overwrites). */
MUST_CHECK enum status signing_key_create(const char *path);

/* ST_IO: cannot be read (errno). ST_CORRUPT: no PEM private key, or not RSA-3072 with exponent 3.
 * The caller frees *out with signing_key_free. */
MUST_CHECK enum status signing_key_load(const char *path, struct signing_key **out);

/* A fresh key that lives in memory only, for tests. */
MUST_CHECK enum status signing_key_generate(struct signing_key **out);

void signing_key_free(struct signing_key *key); /* NULL is allowed */

/* What EINIT will hold the enclave against. */
struct sigstruct_claims {
    uint8_t mrenclave[32];
    uint64_t attributes; /* SECS.ATTRIBUTES.FLAGS before EINIT sets INIT */
    uint64_t attributes_mask;
    uint64_t xfrm;
    uint64_t xfrm_mask;
    uint32_t miscselect;
    uint32_t miscselect_mask;
    uint16_t prod_id;
    uint16_t svn;
    uint32_t date; /* BCD: 0x20240131 is 31 January 2024 */
};

/* Reclave's claims for an image: DEBUG pinned to 0, XFRM to exactly x87 + SSE + AVX, MISCSELECT to
 * EXINFO, every other attribute but INIT to what it is. */
void sigstruct_claims_default(struct sigstruct_claims *claims, const uint8_t mrenclave[32]);

/* BCD date, UTC, of seconds since 1970. ST_OUT_OF_RANGE outside the years 1970 to 9999. */
MUST_CHECK enum status sigstruct_date(int64_t seconds, uint32_t *date);

MUST_CHECK enum status sigstruct_sign(const struct sigstruct_claims *claims,
                                      const struct signing_key *key, struct sgx_sigstruct *out);

enum sigstruct_defect {
    SIGSTRUCT_GOOD = 0,
    SIGSTRUCT_BAD_CONSTANT,  /* HEADER, HEADER2, VENDOR, EXPONENT or a reserved field */
    SIGSTRUCT_BAD_NUMBER,    /* the modulus is not of 3072 bits, the signature not below it */
    SIGSTRUCT_BAD_SIGNATURE, /* not the key's signature of the signed fields */
    SIGSTRUCT_BAD_Q1,        /* not floor(S^2 / N) */
    SIGSTRUCT_BAD_Q2,        /* not floor(S * (S^2 mod N) / N) */
    SIGSTRUCT_NOT_CHECKED,   /* out of memory */
};

/* Everything EINIT checks without looking at the enclave. */
MUST_CHECK enum sigstruct_defect sigstruct_verify(const struct sgx_sigstruct *sigstruct);
const char *sigstruct_defect_text(enum sigstruct_defect defect);

/* MRSIGNER: SHA-256 of the modulus as it lies in the struct. */
MUST_CHECK enum status sigstruct_mrsigner(const struct sgx_sigstruct *sigstruct,
                                          uint8_t mrsigner[32]);

#endif
