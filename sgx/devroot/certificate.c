/* X.509 version 3 in the shape of Intel's certificates (PCK profile, 3). */
#include "sgx/devroot/internal.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#define NOT_BEFORE   "20240101000000Z"
#define NOT_AFTER    "20491231235959Z"
#define ORGANISATION "Reclave Development, vouches for nothing"
#define SERIAL_BYTES 20

/* Phrases of Intel's names are kept: some verifiers look for them. */
static const struct {
    const char *name, *constraints, *usage;
} profiles[ROLE_COUNT] = {
    [ROLE_ROOT] = {"Reclave Development SGX Root CA", "critical,CA:TRUE,pathlen:1",
                   "critical,keyCertSign,cRLSign"},
    [ROLE_PLATFORM_CA] = {"Reclave Development SGX PCK Platform CA", "critical,CA:TRUE,pathlen:0",
                          "critical,keyCertSign,cRLSign"},
    [ROLE_SIGNER] = {"Reclave Development SGX TCB Signing", "critical,CA:FALSE",
                     "critical,digitalSignature,nonRepudiation"},
    [ROLE_PCK] = {"Reclave Development SGX PCK Certificate", "critical,CA:FALSE",
                  "critical,digitalSignature,nonRepudiation"},
};

static bool set_name(X509 *certificate, const char *name)
{
    X509_NAME *subject = X509_get_subject_name(certificate);

    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const uint8_t *)name, -1, -1,
                                      0) == 1 &&
           X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, (const uint8_t *)ORGANISATION,
                                      -1, -1, 0) == 1;
}

static bool set_serial(X509 *certificate)
{
    uint8_t bytes[SERIAL_BYTES];
    BIGNUM *number;
    bool ok;

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return false;
    bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40); /* positive, always of this length */
    number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return ok;
}

static bool add_by_nid(X509 *certificate, X509V3_CTX *context, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
    bool ok = extension && X509_add_ext(certificate, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    return ok;
}

static bool add_extensions(X509 *certificate, X509 *issuer, enum devroot_role role)
{
    X509V3_CTX context;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    return add_by_nid(certificate, &context, NID_subject_key_identifier, "hash") &&
           add_by_nid(certificate, &context, NID_authority_key_identifier, "keyid:always") &&
           /* no such host: the list is in the collateral */
           add_by_nid(certificate, &context, NID_crl_distribution_points,
                      "URI:https://reclave.invalid/development.crl") &&
           add_by_nid(certificate, &context, NID_key_usage, profiles[role].usage) &&
           add_by_nid(certificate, &context, NID_basic_constraints, profiles[role].constraints);
}

static bool add_sgx_extension(X509 *certificate, const uint8_t *value, size_t bytes)
{
    ASN1_OBJECT *oid = OBJ_txt2obj(SGX_EXTENSION_OID, 1);
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension = NULL;
    bool ok = oid && octets && ASN1_OCTET_STRING_set(octets, value, (int)bytes) == 1;

    if (ok)
        extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, octets);
    ok = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(octets);
    ASN1_OBJECT_free(oid);
    return ok;
}

X509 *certificate_issue(enum devroot_role role, EVP_PKEY *subject, X509 *issuer,
                        EVP_PKEY *issuer_key, const uint8_t *extension, size_t extension_bytes)
{
    X509 *c = X509_new();
    X509 *by = issuer ? issuer : c; /* the root issues itself */
    bool ok = c && X509_set_version(c, X509_VERSION_3) == 1 && set_serial(c) &&
              set_name(c, profiles[role].name) &&
              X509_set_issuer_name(c, X509_get_subject_name(by)) == 1 &&
              ASN1_TIME_set_string_X509(X509_getm_notBefore(c), NOT_BEFORE) == 1 &&
              ASN1_TIME_set_string_X509(X509_getm_notAfter(c), NOT_AFTER) == 1 &&
              X509_set_pubkey(c, subject) == 1 && add_extensions(c, by, role) &&
              (!extension || add_sgx_extension(c, extension, extension_bytes)) &&
              X509_sign(c, issuer_key, EVP_sha256()) > 0;

    if (ok)
        return c;
    X509_free(c);
    return NULL;
}
