#include "toolchain/image/sigstruct_key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define KEY_BITS     3072
#define KEY_EXPONENT 3

static EVP_PKEY *generate(void)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
    BIGNUM *exponent = BN_new();
    EVP_PKEY *pkey = NULL;

    if (!context || !exponent || BN_set_word(exponent, KEY_EXPONENT) != 1)
        goto out;
    if (EVP_PKEY_keygen_init(context) != 1 ||
        EVP_PKEY_CTX_set_rsa_keygen_bits(context, KEY_BITS) != 1 ||
        EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, exponent) != 1)
        goto out;
    if (EVP_PKEY_generate(context, &pkey) != 1)
        pkey = NULL;
out:
    BN_free(exponent);
    EVP_PKEY_CTX_free(context);
    return pkey;
}

static int is_sgx_key(const EVP_PKEY *pkey)
{
    BIGNUM *exponent = NULL;
    int good = EVP_PKEY_is_a(pkey, "RSA") && EVP_PKEY_get_bits(pkey) == KEY_BITS &&
               EVP_PKEY_get_bn_param(pkey, "e", &exponent) == 1 &&
               BN_is_word(exponent, KEY_EXPONENT);

    BN_free(exponent);
    return good;
}

static enum status wrap(EVP_PKEY *pkey, struct signing_key **out)
{
    struct signing_key *key = calloc(1, sizeof *key);

    if (!key) {
        EVP_PKEY_free(pkey);
        return ST_NO_MEMORY;
    }
    key->pkey = pkey;
    *out = key;
    return ST_OK;
}

/* Written whole or not at all: a half-written key would be refused for ever after. */
static enum status write_pem(int fd, EVP_PKEY *pkey)
{
    FILE *file = fdopen(fd, "w");
    int written, closed;

    if (!file) {
        close(fd);
        return ST_IO;
    }
    written = PEM_write_PrivateKey(file, pkey, NULL, NULL, 0, NULL, NULL) == 1;
    closed = fclose(file) == 0;
    return written && closed ? ST_OK : ST_IO;
}

enum status signing_key_create(const char *path)
{
    enum status status;
    EVP_PKEY *pkey;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return ST_IO;
    pkey = generate();
    if (!pkey) {
        close(fd);
        status = ST_NO_MEMORY;
    } else {
        status = write_pem(fd, pkey);
        EVP_PKEY_free(pkey);
    }
    if (status) {
        int cause = errno;
        unlink(path);
        errno = cause;
    }
    return status;
}

/* No passphrase prompt: an encrypted key is refused, a build must not wait for a terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

enum status signing_key_load(const char *path, struct signing_key **out)
{
    FILE *file = fopen(path, "re");
    EVP_PKEY *pkey;

    if (!file)
        return ST_IO;
    pkey = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
    fclose(file);
    if (!pkey)
        return ST_CORRUPT;
    if (!is_sgx_key(pkey)) {
        EVP_PKEY_free(pkey);
        return ST_CORRUPT;
    }
    return wrap(pkey, out);
}

enum status signing_key_generate(struct signing_key **out)
{
    EVP_PKEY *pkey = generate();

    return pkey ? wrap(pkey, out) : ST_NO_MEMORY;
}

void signing_key_free(struct signing_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}
