/* Certificates of any bytes, and a whole quote: as an enclave reads them from its host. */
#include "trusted/attest/certificate.h"
#include "trusted/attest/quote_check.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void as_certificate(const uint8_t *data, size_t bytes)
{
    struct certificate certificate;
    struct pck_platform platform;
    uint8_t *copy = malloc(bytes ? bytes : 1); /* so that a read beyond it shows */

    memcpy(copy, data, bytes);
    if (certificate_read(copy, bytes, &certificate)) {
        (void)!pck_platform_read(&certificate, &platform);
        (void)!certificate_is_signed_by(&certificate, certificate.public_key);
    } else {
        certificate.sgx = (struct der){copy, bytes}; /* any bytes as the extension */
        (void)!pck_platform_read(&certificate, &platform);
    }
    free(copy);
}

static void as_quote(const uint8_t *data, size_t bytes)
{
    static struct platform_policy policy;
    struct quote_copy quote;
    struct quoted quoted;

    if (bytes < sizeof(quote))
        return;
    memcpy(&quote, data, sizeof(quote));
    (void)!quote_check(&quote, &policy, &quoted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    as_certificate(data, bytes);
    as_quote(data, bytes);
    return 0;
}
