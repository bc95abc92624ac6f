#include "client/quote/crl.h"

#include "client/hex.h"
#include "client/quote/pem.h"

#include <stdlib.h>

static X509_CRL *decode(const uint8_t *der, size_t bytes)
{
    const uint8_t *at = der;
    X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)bytes);

    if (crl && at == der + bytes)
        return crl;
    X509_CRL_free(crl);
    return NULL;
}

static X509_CRL *read_pem(const char *text, size_t bytes)
{
    struct pem_text pem = {text, bytes};
    uint8_t *der, *second;
    size_t der_bytes, second_bytes;
    X509_CRL *crl = NULL;
    enum status end;

    if (pem_next(&pem, "X509 CRL", &der, &der_bytes) != ST_OK)
        return NULL;
    end = pem_next(&pem, "X509 CRL", &second, &second_bytes);
    if (end == ST_NOT_FOUND)
        crl = decode(der, der_bytes);
    else if (end == ST_OK)
        free(second);
    free(der);
    return crl;
}

static X509_CRL *read_hex(const char *text, size_t bytes)
{
    uint8_t *der = malloc(bytes / 2 + 1);
    X509_CRL *crl = NULL;

    if (der && hex_decode(text, bytes, der, bytes / 2))
        crl = decode(der, bytes / 2);
    free(der);
    return crl;
}

X509_CRL *crl_read(const char *text, size_t bytes)
{
    return bytes && text[0] == '-' ? read_pem(text, bytes) : read_hex(text, bytes);
}
