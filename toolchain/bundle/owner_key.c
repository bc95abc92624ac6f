#include "toolchain/bundle/owner_key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COORDINATE_BYTES   32
#define POINT_BYTES        (1 + 2 * COORDINATE_BYTES)
#define POINT_UNCOMPRESSED 4
#define DER_MAX            80                              /* a P-256 signature takes at most 72 */
#define DOMAIN_BYTES       sizeof(BUNDLE_SIGNATURE_DOMAIN) /* with its NUL */
#define VERSION_MAX        64
#define MESSAGE_MAX        (DOMAIN_BYTES + 2 * SHA256_BYTES + VERSION_MAX)

/* ---- key files ----------------------------------------------------------------- */

static enum status load(const char *path, EVP_PKEY **key, const struct complaint *complaint)
{
    FILE *file = fopen(path, "re");
    char group[32] = "";

    if (!file)
        return complain_errno(complaint, "open the key", path);
    *key = PEM_read_PrivateKey(file, NULL, NULL, (void *)"");
    fclose(file);
    if (!*key)
        return complain(complaint, ST_CORRUPT,
                        "%s is not a private key in unencrypted PEM: make one with "
                        "`reclave key new FILE`",
                        path);
    if (EVP_PKEY_get_base_id(*key) != EVP_PKEY_EC ||
        EVP_PKEY_get_group_name(*key, group, sizeof(group), NULL) != 1 ||
        strcmp(group, "prime256v1") != 0) {
        EVP_PKEY_free(*key);
        return complain(complaint, ST_UNSUPPORTED,
                        "%s is not an ECDSA P-256 key: make one with `reclave key new FILE`", path);
    }
    return ST_OK;
}

enum status owner_key_create(const char *path, const struct complaint *complaint)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    enum status status = ST_OK;
    FILE *file;
    int fd;

    if (!key)
        return complain(complaint, ST_NO_MEMORY, "cannot generate a key");
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        status = errno == EEXIST
                     ? complain(complaint, ST_IO, "%s exists; keys are never overwritten", path)
                     : complain_errno(complaint, "create", path);
        goto free_key;
    }
    file = fdopen(fd, "w");
    if (!file) {
        status = complain_errno(complaint, "write", path);
        close(fd);
        goto remove_file;
    }
    if (PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) != 1)
        status = complain(complaint, ST_IO, "cannot write %s", path);
    if (fclose(file) != 0 && status == ST_OK)
        status = complain_errno(complaint, "write", path);
remove_file:
    if (status != ST_OK)
        unlink(path);
free_key:
    EVP_PKEY_free(key);
    return status;
}

/* ---- conversions ------------------------------------------------------------------ */

static bool public_point(EVP_PKEY *key, uint8_t point[2 * COORDINATE_BYTES])
{
    BIGNUM *x = NULL, *y = NULL;
    bool done = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
                EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1 &&
                BN_bn2binpad(x, point, COORDINATE_BYTES) == COORDINATE_BYTES &&
                BN_bn2binpad(y, point + COORDINATE_BYTES, COORDINATE_BYTES) == COORDINATE_BYTES;

    BN_free(x);
    BN_free(y);
    return done;
}

static EVP_PKEY *key_of_point(const uint8_t point[2 * COORDINATE_BYTES])
{
    uint8_t encoded[POINT_BYTES] = {POINT_UNCOMPRESSED};
    char group[] = "prime256v1";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded, sizeof(encoded)),
        OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;

    memcpy(encoded + 1, point, 2 * COORDINATE_BYTES);
    if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

static bool raw_of_der(const uint8_t *der, size_t bytes, uint8_t raw[2 * COORDINATE_BYTES])
{
    ECDSA_SIG *parsed = d2i_ECDSA_SIG(NULL, &der, (long)bytes);
    bool done = parsed &&
                BN_bn2binpad(ECDSA_SIG_get0_r(parsed), raw, COORDINATE_BYTES) == COORDINATE_BYTES &&
                BN_bn2binpad(ECDSA_SIG_get0_s(parsed), raw + COORDINATE_BYTES, COORDINATE_BYTES) ==
                    COORDINATE_BYTES;

    ECDSA_SIG_free(parsed);
    return done;
}

/* Bytes written to der, 0 on failure. */
static size_t der_of_raw(const uint8_t raw[2 * COORDINATE_BYTES], uint8_t der[DER_MAX])
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, COORDINATE_BYTES, NULL);
    BIGNUM *s = BN_bin2bn(raw + COORDINATE_BYTES, COORDINATE_BYTES, NULL);
    uint8_t *end = der;
    int bytes = 0;

    if (signature && r && s && ECDSA_SIG_set0(signature, r, s) == 1) {
        bytes = i2d_ECDSA_SIG(signature, &end);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(signature);
    return bytes > 0 ? (size_t)bytes : 0;
}

static size_t signed_message(const struct signed_content *content, uint8_t message[MESSAGE_MAX])
{
    size_t version_bytes = strnlen(content->version, VERSION_MAX);
    uint8_t *at = message;

    memcpy(at, BUNDLE_SIGNATURE_DOMAIN, DOMAIN_BYTES);
    at += DOMAIN_BYTES;
    memcpy(at, content->bundle_sha256, SHA256_BYTES);
    at += SHA256_BYTES;
    memcpy(at, content->wasm_sha256, SHA256_BYTES);
    at += SHA256_BYTES;
    memcpy(at, content->version, version_bytes);
    return (size_t)(at - message) + version_bytes;
}

/* ---- the three operations ---------------------------------------------------------- */

enum status owner_key_tenant(const char *path, uint8_t tenant[SHA256_BYTES],
                             const struct complaint *complaint)
{
    uint8_t point[2 * COORDINATE_BYTES];
    EVP_PKEY *key;
    enum status status = load(path, &key, complaint);

    if (status != ST_OK)
        return status;
    if (public_point(key, point))
        sha256(point, sizeof(point), tenant);
    else
        status = complain(complaint, ST_CORRUPT, "%s has no public key", path);
    EVP_PKEY_free(key);
    return status;
}

enum status owner_key_sign(const char *path, const struct signed_content *content,
                           struct bundle_signature *signature, const struct complaint *complaint)
{
    uint8_t message[MESSAGE_MAX], der[DER_MAX];
    size_t der_bytes = sizeof(der);
    EVP_MD_CTX *context;
    EVP_PKEY *key;
    enum status status = load(path, &key, complaint);

    if (status != ST_OK)
        return status;
    context = EVP_MD_CTX_new();
    memcpy(signature->magic, BUNDLE_SIGNATURE_MAGIC, sizeof(signature->magic));
    if (!context || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(context, der, &der_bytes, message, signed_message(content, message)) != 1 ||
        !raw_of_der(der, der_bytes, signature->signature) ||
        !public_point(key, signature->public_key))
        status = complain(complaint, ST_CORRUPT, "cannot sign with %s", path);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return status;
}

enum status owner_key_sign_message(const char *path, const void *message, size_t bytes,
                                   uint8_t public_key[OWNER_KEY_BYTES],
                                   uint8_t signature[OWNER_KEY_BYTES],
                                   const struct complaint *complaint)
{
    uint8_t der[DER_MAX];
    size_t der_bytes = sizeof(der);
    EVP_MD_CTX *context;
    EVP_PKEY *key;
    enum status status = load(path, &key, complaint);

    if (status != ST_OK)
        return status;
    context = EVP_MD_CTX_new();
    if (!context || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(context, der, &der_bytes, message, bytes) != 1 ||
        !raw_of_der(der, der_bytes, signature) || !public_point(key, public_key))
        status = complain(complaint, ST_CORRUPT, "cannot sign with %s", path);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return status;
}

enum status owner_key_public(const char *path, uint8_t public_key[OWNER_KEY_BYTES],
                             const struct complaint *complaint)
{
    EVP_PKEY *key;
    enum status status = load(path, &key, complaint);

    if (status != ST_OK)
        return status;
    if (!public_point(key, public_key))
        status = complain(complaint, ST_CORRUPT, "%s has no public key", path);
    EVP_PKEY_free(key);
    return status;
}

bool owner_signature_valid(const struct bundle_signature *signature,
                           const struct signed_content *content)
{
    uint8_t message[MESSAGE_MAX], der[DER_MAX];
    size_t der_bytes = der_of_raw(signature->signature, der);
    EVP_PKEY *key = key_of_point(signature->public_key);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool valid =
        memcmp(signature->magic, BUNDLE_SIGNATURE_MAGIC, sizeof(signature->magic)) == 0 &&
        der_bytes && key && context &&
        EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestVerify(context, der, der_bytes, message, signed_message(content, message)) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return valid;
}
