/* Certificates with the fields that Intel's have. */
#include "tests/client/forge/forge.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define YEAR ((int64_t)365 * FORGE_DAY)

struct profile {
    const char *name, *key;
    X509 *issuer; /* NULL: self-signed */
    const char *signing_key;
    long serial;
    struct forge_window window;
    bool ca;
    const char *constraints;
};

static X509_NAME *name_of(const char *common)
{
    X509_NAME *name = X509_NAME_new();

    FORGE_CHECK(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)common, -1,
                                           -1, 0) == 1);
    FORGE_CHECK(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const uint8_t *)"Nobody", -1,
                                           -1, 0) == 1);
    return name;
}

static void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    FORGE_CHECK(extension && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static X509 *unsigned_certificate(const struct profile *profile)
{
    X509 *certificate = X509_new(), *issuer = profile->issuer ? profile->issuer : certificate;
    X509_NAME *subject = name_of(profile->name);
    EVP_PKEY *key = forge_key(profile->key);

    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), profile->serial);
    FORGE_CHECK(X509_set_subject_name(certificate, subject) == 1);
    FORGE_CHECK(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1);
    FORGE_CHECK(ASN1_TIME_set(X509_getm_notBefore(certificate), profile->window.from) != NULL);
    FORGE_CHECK(ASN1_TIME_set(X509_getm_notAfter(certificate), profile->window.until) != NULL);
    FORGE_CHECK(X509_set_pubkey(certificate, key) == 1);
    extend(certificate, issuer, NID_subject_key_identifier, "hash");
    extend(certificate, issuer, NID_authority_key_identifier, "keyid:always");
    extend(certificate, issuer, NID_key_usage,
           profile->ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    extend(certificate, issuer, NID_basic_constraints,
           profile->constraints ? profile->constraints
           : profile->ca        ? "critical,CA:TRUE"
                                : "critical,CA:FALSE");
    EVP_PKEY_free(key);
    X509_NAME_free(subject);
    return certificate;
}

static X509 *sign(X509 *certificate, const char *label)
{
    EVP_PKEY *key = forge_key(label);

    FORGE_CHECK(X509_sign(certificate, key, EVP_sha256()) > 0);
    EVP_PKEY_free(key);
    return certificate;
}

static X509 *make(const struct profile *profile)
{
    return sign(unsigned_certificate(profile), profile->signing_key);
}

X509 *forge_root(const struct recipe *recipe)
{
    return make(&(struct profile){.name = "A root of tests",
                                  .key = recipe->root,
                                  .signing_key = recipe->root,
                                  .serial = SERIAL_ROOT,
                                  .window = {FORGE_NOW - 5 * YEAR, FORGE_NOW + 25 * YEAR},
                                  .ca = true});
}

X509 *forge_issuer(const struct recipe *recipe)
{
    X509 *root = forge_root(recipe);
    X509 *issuer = make(&(struct profile){.name = "A platform CA of tests",
                                          .key = LABEL_ISSUER,
                                          .issuer = root,
                                          .signing_key = recipe->root,
                                          .serial = SERIAL_ISSUER,
                                          .window = recipe->issuer_window,
                                          .ca = !recipe->issuer_is_no_ca});

    X509_free(root);
    return issuer;
}

X509 *forge_signer(const struct recipe *recipe)
{
    X509 *root = forge_root(recipe);
    X509 *signer = make(&(struct profile){.name = "A TCB signer of tests",
                                          .key = LABEL_SIGNER,
                                          .issuer = root,
                                          .signing_key = recipe->root,
                                          .serial = SERIAL_SIGNER,
                                          .window = recipe->signer_window,
                                          .ca = recipe->signer_is_ca});

    X509_free(root);
    return signer;
}

static void add_sgx_extension(X509 *certificate, const struct recipe *recipe)
{
    struct forge_bytes der = forge_sgx_extension(recipe);
    ASN1_OCTET_STRING *content = ASN1_OCTET_STRING_new();
    ASN1_OBJECT *oid = OBJ_txt2obj("1.2.840.113741.1.13.1", 1);
    X509_EXTENSION *extension;

    FORGE_CHECK(ASN1_OCTET_STRING_set(content, der.data, (int)der.count) == 1);
    extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, content);
    FORGE_CHECK(extension && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
    ASN1_OBJECT_free(oid);
    ASN1_OCTET_STRING_free(content);
    free(der.data);
}

X509 *forge_leaf(const struct recipe *recipe)
{
    X509 *issuer = recipe->leaf_under_root ? forge_root(recipe) : forge_issuer(recipe);
    X509 *leaf = unsigned_certificate(&(struct profile){.name = "A PCK certificate of tests",
                                                        .key = LABEL_LEAF,
                                                        .issuer = issuer,
                                                        .serial = SERIAL_LEAF,
                                                        .window = recipe->leaf_window,
                                                        .ca = recipe->leaf_is_ca});

    if (!recipe->no_sgx_extension)
        add_sgx_extension(leaf, recipe);
    X509_free(issuer);
    return sign(leaf, recipe->pck_signer);
}

char *forge_pem(X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data, *copy;
    long bytes;

    FORGE_CHECK(PEM_write_bio_X509(bio, certificate) == 1);
    bytes = BIO_get_mem_data(bio, &data);
    copy = strndup(data, (size_t)bytes);
    BIO_free(bio);
    return copy;
}
