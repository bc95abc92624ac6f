/*
 * SIGSTRUCT's signature, as EINIT checks it: RSA-3072 with exponent 3,
 * PKCS #1 v1.5 over SHA-256 of the header and the body, with the quotients
 * Q1 = floor(s^2 / m) and Q2 = floor(s (s^2 - Q1 m) / m) supplied.
 */
#include "sgx/emu/emu.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <stddef.h>
#include <string.h>

#define RSA_BYTES 384

bool emu_sigstruct_header_legal(const struct sgx_sigstruct *s)
{
    static const uint8_t header[16] = {6, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0};
    static const uint8_t header2[16] = {1, 1, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 1, 0, 0, 0};

    return memcmp(s->header, header, sizeof(header)) == 0 &&
           memcmp(s->header2, header2, sizeof(header2)) == 0 &&
           emu_all_zero(s->reserved1, sizeof(s->reserved1)) &&
           emu_all_zero(s->reserved2, sizeof(s->reserved2)) &&
           emu_all_zero(s->reserved3, sizeof(s->reserved3)) &&
           emu_all_zero(s->reserved4, sizeof(s->reserved4)) &&
           /* Key Separation and Sharing is not supported: its fields must be absent. */
           emu_all_zero(s->isvfamilyid, sizeof(s->isvfamilyid)) &&
           emu_all_zero(s->isvextprodid, sizeof(s->isvextprodid)) && s->exponent == 3;
}

/* SHA-256 over bytes 0-127 (header) and 900-1027 (miscselect .. isvsvn). */
static bool signed_digest(const struct sgx_sigstruct *s, uint8_t digest[32])
{
    const size_t body = offsetof(struct sgx_sigstruct, miscselect);
    const size_t body_bytes = offsetof(struct sgx_sigstruct, reserved4) - body;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool ok = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
              EVP_DigestUpdate(hash, s, offsetof(struct sgx_sigstruct, modulus)) == 1 &&
              EVP_DigestUpdate(hash, (const uint8_t *)s + body, body_bytes) == 1 &&
              EVP_DigestFinal_ex(hash, digest, NULL) == 1;

    EVP_MD_CTX_free(hash);
    return ok;
}

/* The number that signature^3 mod m must be. */
static BIGNUM *padded_digest(const struct sgx_sigstruct *s)
{
    static const uint8_t der[19] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                    0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    uint8_t block[RSA_BYTES];

    memset(block, 0xff, sizeof(block));
    block[0] = 0;
    block[1] = 1;
    block[RSA_BYTES - 32 - sizeof(der) - 1] = 0;
    memcpy(block + RSA_BYTES - 32 - sizeof(der), der, sizeof(der));
    if (!signed_digest(s, block + RSA_BYTES - 32))
        return NULL;
    return BN_bin2bn(block, sizeof(block), NULL);
}

/* remainder = a * b - quotient * m; true if it lies in [0, m). */
static bool reduce(BIGNUM *remainder, const BIGNUM *a, const BIGNUM *b, const BIGNUM *quotient,
                   const BIGNUM *m, BN_CTX *scratch)
{
    BIGNUM *multiple = BN_new();
    bool ok = multiple && BN_mul(remainder, a, b, scratch) == 1 &&
              BN_mul(multiple, quotient, m, scratch) == 1 &&
              BN_sub(remainder, remainder, multiple) == 1 && !BN_is_negative(remainder) &&
              BN_cmp(remainder, m) < 0;

    BN_free(multiple);
    return ok;
}

bool emu_sigstruct_verify(const struct sgx_sigstruct *s)
{
    BN_CTX *scratch = BN_CTX_new();
    BIGNUM *m = BN_lebin2bn(s->modulus, RSA_BYTES, NULL);
    BIGNUM *sig = BN_lebin2bn(s->signature, RSA_BYTES, NULL);
    BIGNUM *q1 = BN_lebin2bn(s->q1, RSA_BYTES, NULL);
    BIGNUM *q2 = BN_lebin2bn(s->q2, RSA_BYTES, NULL);
    BIGNUM *expected = padded_digest(s);
    BIGNUM *square = BN_new(), *cube = BN_new();
    bool ok = scratch && m && sig && q1 && q2 && expected && square && cube && BN_cmp(sig, m) < 0 &&
              reduce(square, sig, sig, q1, m, scratch) &&
              reduce(cube, sig, square, q2, m, scratch) && BN_cmp(cube, expected) == 0;

    BN_free(cube);
    BN_free(square);
    BN_free(expected);
    BN_free(q2);
    BN_free(q1);
    BN_free(sig);
    BN_free(m);
    BN_CTX_free(scratch);
    return ok;
}
