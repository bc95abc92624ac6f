#include "sgx/devroot/internal.h"

#include <openssl/x509v3.h>
#include <time.h>

static bool set_times(X509_CRL *crl, int64_t now)
{
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)now);
    ASN1_TIME *to = ASN1_TIME_set(NULL, (time_t)(now + DEVROOT_WINDOW_SECONDS));
    bool ok = from && to && X509_CRL_set1_lastUpdate(crl, from) == 1 &&
              X509_CRL_set1_nextUpdate(crl, to) == 1;

    ASN1_TIME_free(to);
    ASN1_TIME_free(from);
    return ok;
}

/* CRL number and authority key identifier (RFC 5280, 5.2.1 and 5.2.3). */
static bool add_extensions(X509_CRL *crl, X509 *ca)
{
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    X509_EXTENSION *authority = NULL;
    X509V3_CTX context;
    bool ok = number && ASN1_INTEGER_set(number, 1) == 1 &&
              X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1;

    X509V3_set_ctx(&context, ca, NULL, NULL, crl, 0);
    if (ok)
        authority =
            X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
    ok = authority && X509_CRL_add_ext(crl, authority, -1) == 1;
    X509_EXTENSION_free(authority);
    ASN1_INTEGER_free(number);
    return ok;
}

char *crl_issue(X509 *ca, EVP_PKEY *key, int64_t now)
{
    X509_CRL *crl = X509_CRL_new();
    uint8_t *der = NULL;
    char *text = NULL;
    int bytes = -1;

    if (crl && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
        X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca)) == 1 && set_times(crl, now) &&
        add_extensions(crl, ca) && X509_CRL_sign(crl, key, EVP_sha256()) > 0)
        bytes = i2d_X509_CRL(crl, &der);
    if (bytes > 0)
        text = devroot_hex(der, (size_t)bytes);
    OPENSSL_free(der);
    X509_CRL_free(crl);
    return text;
}
