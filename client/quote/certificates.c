#include "client/quote/certificates.h"

#include "client/quote/pem.h"

#include <stdlib.h>
#include <string.h>

/* The certificate, provided that these bytes are its only encoding. NULL otherwise. */
static X509 *decode(const uint8_t *der, size_t bytes)
{
    const uint8_t *at = der;
    X509 *certificate = d2i_X509(NULL, &at, (long)bytes);
    uint8_t *again = NULL;
    int again_bytes = certificate ? i2d_X509(certificate, &again) : -1;

    if (at != der + bytes || again_bytes < 0 || (size_t)again_bytes != bytes ||
        memcmp(again, der, bytes) != 0) {
        X509_free(certificate);
        certificate = NULL;
    }
    OPENSSL_free(again);
    return certificate;
}

bool certificates_read(const char *pem, size_t bytes, size_t expected, const char *what,
                       enum reclave_step step, struct certificates *certificates,
                       struct failure *failure)
{
    struct pem_text text = {pem, bytes};
    enum status status;
    uint8_t *der;
    size_t der_bytes;

    memset(certificates, 0, sizeof(*certificates));
    while ((status = pem_next(&text, "CERTIFICATE", &der, &der_bytes)) == ST_OK) {
        X509 *certificate = decode(der, der_bytes);

        free(der);
        if (certificate && certificates->count < expected) {
            certificates->items[certificates->count++] = certificate;
            continue;
        }
        X509_free(certificate);
        certificates_free(certificates);
        if (!certificate)
            return reject_at(failure, step, "%s: a certificate is malformed", what);
        return reject_at(failure, step, "%s: more than %zu certificates", what, expected);
    }
    if (status == ST_NOT_FOUND && certificates->count == expected)
        return true;
    certificates_free(certificates);
    return reject_at(failure, step, "%s: not %zu certificates in PEM%s", what, expected,
                     status == ST_NO_MEMORY ? " (out of memory)" : "");
}

void certificates_free(struct certificates *certificates)
{
    for (size_t i = 0; i < certificates->count; i++)
        X509_free(certificates->items[i]);
    memset(certificates, 0, sizeof(*certificates));
}

static bool is_issuer_of(X509 *issuer, X509 *certificate)
{
    return X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(certificate)) == 0;
}

static bool find_root(const struct certificates *certificates, X509 **root)
{
    *root = NULL;
    for (size_t i = 0; i < certificates->count; i++) {
        if (!is_issuer_of(certificates->items[i], certificates->items[i]))
            continue;
        if (*root)
            return false;
        *root = certificates->items[i];
    }
    return *root != NULL;
}

/* The one other certificate that `issuer` issued. */
static bool find_issued(const struct certificates *certificates, X509 *issuer, X509 **issued)
{
    *issued = NULL;
    for (size_t i = 0; i < certificates->count; i++) {
        X509 *item = certificates->items[i];

        if (item == issuer || !is_issuer_of(issuer, item))
            continue;
        if (*issued)
            return false;
        *issued = item;
    }
    return *issued != NULL;
}

bool chain_order(const struct certificates *certificates, struct chain *chain)
{
    memset(chain, 0, sizeof(*chain));
    if (!find_root(certificates, &chain->root))
        return false;
    if (certificates->count == 2)
        return find_issued(certificates, chain->root, &chain->leaf);
    return certificates->count == 3 && find_issued(certificates, chain->root, &chain->issuer) &&
           find_issued(certificates, chain->issuer, &chain->leaf);
}
