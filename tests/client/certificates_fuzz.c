/* The first byte chooses: a PEM chain, one certificate in DER, or a CRL. Whatever is understood is
 * walked as the verifier walks it. */
#include "client/quote/certificates.h"
#include "client/quote/chain.h"
#include "client/quote/crl.h"
#include "client/quote/pck.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void read_extension(X509 *certificate)
{
    struct pck_extension extension;
    struct failure failure = {.step = RECLAVE_STEP_NONE};

    if (!pck_read(certificate, &extension, &failure) && failure.step != RECLAVE_STEP_PCK_EXTENSION)
        abort();
}

static void verify(const struct chain *chain)
{
    static const struct chain_steps steps = {RECLAVE_STEP_PCK_CHAIN, RECLAVE_STEP_TRUSTED_ROOT,
                                             RECLAVE_STEP_PCK_VALIDITY};
    const struct trust trust = {.anchor = chain->root, .time = 1700000000};
    struct failure failure = {.step = RECLAVE_STEP_NONE};

    if (!chain_verify(chain, &trust, "chain", &steps, &failure) && !failure.reason[0])
        abort();
}

static void take_chain(const char *text, size_t bytes)
{
    struct certificates certificates;
    struct failure failure;
    struct chain chain;

    if (!certificates_read(text, bytes, CERTIFICATES_MAX, "chain", RECLAVE_STEP_PCK_CHAIN,
                           &certificates, &failure))
        return;
    for (size_t i = 0; i < certificates.count; i++)
        read_extension(certificates.items[i]);
    if (chain_order(&certificates, &chain))
        verify(&chain);
    certificates_free(&certificates);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const uint8_t *at = data + 1;
    X509 *certificate;

    if (bytes == 0)
        return 0;
    if (data[0] == 'P')
        take_chain((const char *)data + 1, bytes - 1);
    if (data[0] == 'C')
        X509_CRL_free(crl_read((const char *)data + 1, bytes - 1));
    if (data[0] == 'D') {
        certificate = d2i_X509(NULL, &at, (long)(bytes - 1));
        if (certificate)
            read_extension(certificate);
        X509_free(certificate);
    }
    ERR_clear_error();
    return 0;
}
