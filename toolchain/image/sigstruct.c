#include "toolchain/image/sigstruct.h"

#include "toolchain/image/sigstruct_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#define RSA_BYTES 384

/* The signed part: two ranges of the struct (37.14, column "Signed"). */
#define SIGNED_1_END offsetof(struct sgx_sigstruct, modulus)
#define SIGNED_2     offsetof(struct sgx_sigstruct, miscselect)
#define SIGNED_2_END offsetof(struct sgx_sigstruct, reserved4)

_Static_assert(SIGNED_1_END == 128 && SIGNED_2 == 900 && SIGNED_2_END == 1028, "signed ranges");

static const uint8_t header_constant[16] = {6, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0};
static const uint8_t header2_constant[16] = {1, 1, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 1, 0, 0, 0};

void sigstruct_claims_default(struct sigstruct_claims *claims, const uint8_t mrenclave[32])
{
    memset(claims, 0, sizeof *claims);
    memcpy(claims->mrenclave, mrenclave, sizeof claims->mrenclave);
    claims->attributes = ATTR_MODE64BIT;
    claims->attributes_mask = ~(uint64_t)ATTR_INIT;
    claims->xfrm = XFRM_LEGACY | XFRM_AVX;
    claims->xfrm_mask = ~(uint64_t)0;
    claims->miscselect = MISC_EXINFO;
    claims->miscselect_mask = ~(uint32_t)0;
}

static uint32_t bcd(unsigned value)
{
    return (value / 10 % 10) << 4 | value % 10;
}

enum status sigstruct_date(int64_t seconds, uint32_t *date)
{
    time_t when = seconds;
    struct tm utc;
    unsigned year;

    if (seconds < 0 || !gmtime_r(&when, &utc) || utc.tm_year > 9999 - 1900)
        return ST_OUT_OF_RANGE;
    year = (unsigned)utc.tm_year + 1900;
    *date = bcd(year / 100) << 24 | bcd(year % 100) << 16 | bcd((unsigned)utc.tm_mon + 1) << 8 |
            bcd((unsigned)utc.tm_mday);
    return ST_OK;
}

static enum status digest_signed_fields(const struct sgx_sigstruct *sigstruct, uint8_t digest[32])
{
    const uint8_t *bytes = (const uint8_t *)sigstruct;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    int good = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
               EVP_DigestUpdate(hash, bytes, SIGNED_1_END) == 1 &&
               EVP_DigestUpdate(hash, bytes + SIGNED_2, SIGNED_2_END - SIGNED_2) == 1 &&
               EVP_DigestFinal_ex(hash, digest, NULL) == 1;

    EVP_MD_CTX_free(hash);
    return good ? ST_OK : ST_NO_MEMORY;
}

/* The two quotients that let EINIT verify without dividing; all temporaries belong to bn. */
static int quotients(BIGNUM *q1, BIGNUM *q2, const BIGNUM *s, const BIGNUM *n, BN_CTX *bn)
{
    BIGNUM *product = BN_CTX_get(bn);
    BIGNUM *rest = BN_CTX_get(bn);

    return rest && BN_sqr(product, s, bn) == 1 && BN_div(q1, rest, product, n, bn) == 1 &&
           BN_mul(product, rest, s, bn) == 1 && BN_div(q2, NULL, product, n, bn) == 1;
}

static enum status rsa_sign(const struct signing_key *key, const uint8_t digest[32],
                            uint8_t signature_be[RSA_BYTES])
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->pkey, NULL);
    size_t bytes = RSA_BYTES;
    int good = context && EVP_PKEY_sign_init(context) == 1 &&
               EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
               EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
               EVP_PKEY_sign(context, signature_be, &bytes, digest, 32) == 1 && bytes == RSA_BYTES;

    EVP_PKEY_CTX_free(context);
    return good ? ST_OK : ST_NO_MEMORY;
}

static enum status fill_numbers(struct sgx_sigstruct *out, const struct signing_key *key,
                                const uint8_t signature_be[RSA_BYTES])
{
    BN_CTX *bn = BN_CTX_new();
    BIGNUM *n = NULL;
    BIGNUM *s, *q1, *q2;
    int good = 0;

    if (!bn)
        return ST_NO_MEMORY;
    BN_CTX_start(bn);
    s = BN_CTX_get(bn);
    q1 = BN_CTX_get(bn);
    q2 = BN_CTX_get(bn);
    if (q2 && EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
        BN_bin2bn(signature_be, RSA_BYTES, s) && quotients(q1, q2, s, n, bn))
        good = BN_bn2lebinpad(n, out->modulus, RSA_BYTES) == RSA_BYTES &&
               BN_bn2lebinpad(s, out->signature, RSA_BYTES) == RSA_BYTES &&
               BN_bn2lebinpad(q1, out->q1, RSA_BYTES) == RSA_BYTES &&
               BN_bn2lebinpad(q2, out->q2, RSA_BYTES) == RSA_BYTES;
    BN_free(n);
    BN_CTX_end(bn);
    BN_CTX_free(bn);
    return good ? ST_OK : ST_NO_MEMORY;
}

enum status sigstruct_sign(const struct sigstruct_claims *claims, const struct signing_key *key,
                           struct sgx_sigstruct *out)
{
    uint8_t digest[32], signature_be[RSA_BYTES];
    enum status status;

    memset(out, 0, sizeof *out);
    memcpy(out->header, header_constant, sizeof out->header);
    memcpy(out->header2, header2_constant, sizeof out->header2);
    out->date = claims->date;
    out->exponent = 3;
    out->miscselect = claims->miscselect;
    out->miscmask = claims->miscselect_mask;
    out->attributes = claims->attributes;
    out->attributes_mask = claims->attributes_mask;
    out->xfrm = claims->xfrm;
    out->xfrm_mask = claims->xfrm_mask;
    memcpy(out->enclavehash, claims->mrenclave, sizeof out->enclavehash);
    out->isvprodid = claims->prod_id;
    out->isvsvn = claims->svn;

    status = digest_signed_fields(out, digest);
    if (!status)
        status = rsa_sign(key, digest, signature_be);
    if (!status)
        status = fill_numbers(out, key, signature_be);
    return status;
}

static int all_zero(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i])
            return 0;
    return 1;
}

static int constants_hold(const struct sgx_sigstruct *s)
{
    return !memcmp(s->header, header_constant, sizeof s->header) &&
           !memcmp(s->header2, header2_constant, sizeof s->header2) &&
           (s->vendor == 0 || s->vendor == 0x8086) && s->exponent == 3 &&
           all_zero(s->reserved1, sizeof s->reserved1) &&
           all_zero(s->reserved2, sizeof s->reserved2) &&
           all_zero(s->reserved3, sizeof s->reserved3) &&
           all_zero(s->reserved4, sizeof s->reserved4);
}

/* EMSA-PKCS1-v1_5 of the digest (RFC 8017, 9.2), big-endian. */
static void encode_digest(const uint8_t digest[32], uint8_t encoded[RSA_BYTES])
{
    static const uint8_t sha256_prefix[19] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
                                              0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                              0x01, 0x05, 0x00, 0x04, 0x20};

    memset(encoded, 0xff, RSA_BYTES);
    encoded[0] = 0;
    encoded[1] = 1;
    encoded[RSA_BYTES - 32 - sizeof sha256_prefix - 1] = 0;
    memcpy(encoded + RSA_BYTES - 32 - sizeof sha256_prefix, sha256_prefix, sizeof sha256_prefix);
    memcpy(encoded + RSA_BYTES - 32, digest, 32);
}

static enum sigstruct_defect check_numbers(const struct sgx_sigstruct *sigstruct,
                                           const uint8_t expected[RSA_BYTES], BN_CTX *bn)
{
    BIGNUM *n = BN_CTX_get(bn), *s = BN_CTX_get(bn), *message = BN_CTX_get(bn);
    BIGNUM *q1 = BN_CTX_get(bn), *q2 = BN_CTX_get(bn), *x = BN_CTX_get(bn);

    if (!x || !BN_lebin2bn(sigstruct->modulus, RSA_BYTES, n) ||
        !BN_lebin2bn(sigstruct->signature, RSA_BYTES, s) ||
        !BN_bin2bn(expected, RSA_BYTES, message))
        return SIGSTRUCT_NOT_CHECKED;
    if (BN_num_bits(n) != 8 * RSA_BYTES || !BN_is_odd(n) || BN_cmp(s, n) >= 0)
        return SIGSTRUCT_BAD_NUMBER;
    if (BN_mod_sqr(x, s, n, bn) != 1 || BN_mod_mul(x, x, s, n, bn) != 1)
        return SIGSTRUCT_NOT_CHECKED;
    if (BN_cmp(x, message) != 0)
        return SIGSTRUCT_BAD_SIGNATURE;
    if (!quotients(q1, q2, s, n, bn) || !BN_lebin2bn(sigstruct->q1, RSA_BYTES, x))
        return SIGSTRUCT_NOT_CHECKED;
    if (BN_cmp(x, q1) != 0)
        return SIGSTRUCT_BAD_Q1;
    if (!BN_lebin2bn(sigstruct->q2, RSA_BYTES, x))
        return SIGSTRUCT_NOT_CHECKED;
    return BN_cmp(x, q2) != 0 ? SIGSTRUCT_BAD_Q2 : SIGSTRUCT_GOOD;
}

enum sigstruct_defect sigstruct_verify(const struct sgx_sigstruct *sigstruct)
{
    uint8_t digest[32], expected[RSA_BYTES];
    enum sigstruct_defect defect;
    BN_CTX *bn;

    if (!constants_hold(sigstruct))
        return SIGSTRUCT_BAD_CONSTANT;
    if (digest_signed_fields(sigstruct, digest))
        return SIGSTRUCT_NOT_CHECKED;
    encode_digest(digest, expected);
    bn = BN_CTX_new();
    if (!bn)
        return SIGSTRUCT_NOT_CHECKED;
    BN_CTX_start(bn);
    defect = check_numbers(sigstruct, expected, bn);
    BN_CTX_end(bn);
    BN_CTX_free(bn);
    return defect;
}

const char *sigstruct_defect_text(enum sigstruct_defect defect)
{
    switch (defect) {
    case SIGSTRUCT_GOOD:
        return "good";
    case SIGSTRUCT_BAD_CONSTANT:
        return "a constant or reserved field has another value";
    case SIGSTRUCT_BAD_NUMBER:
        return "modulus or signature is out of range";
    case SIGSTRUCT_BAD_SIGNATURE:
        return "the signature does not match the signed fields";
    case SIGSTRUCT_BAD_Q1:
        return "Q1 is wrong";
    case SIGSTRUCT_BAD_Q2:
        return "Q2 is wrong";
    case SIGSTRUCT_NOT_CHECKED:
        break;
    }
    return "could not be checked: out of memory";
}

enum status sigstruct_mrsigner(const struct sgx_sigstruct *sigstruct, uint8_t mrsigner[32])
{
    return EVP_Digest(sigstruct->modulus, RSA_BYTES, mrsigner, NULL, EVP_sha256(), NULL) == 1
               ? ST_OK
               : ST_NO_MEMORY;
}
