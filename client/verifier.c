#include "client/verifier.h"

#include "client/intel_root.h"
#include "client/quote/p256.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The only certificate in there, PEM (text around it is allowed) or DER; NULL: there is none. */
static X509 *read_certificate(const void *data, size_t bytes)
{
    BIO *bio = bytes <= INT32_MAX ? BIO_new_mem_buf(data, (int)bytes) : NULL;
    const uint8_t *at = data;
    X509 *certificate, *second;

    if (!bio)
        return NULL;
    certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    second = certificate ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    if (second) {
        X509_free(second);
        X509_free(certificate);
        return NULL;
    }
    if (certificate)
        return certificate;
    certificate = d2i_X509(NULL, &at, (long)bytes);
    if (certificate && at != (const uint8_t *)data + bytes) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

/* Can it be an anchor: its own issuer, with a key of the only kind that is used here? */
static bool is_root(X509 *certificate)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);

    return key && p256_is(key) && X509_self_signed(certificate, 1) == 1;
}

struct reclave_verifier *reclave_verifier_new(void)
{
    struct reclave_verifier *verifier = calloc(1, sizeof(*verifier));

    if (!verifier)
        return NULL;
    policy_default(&verifier->policy);
    verifier->anchor = read_certificate(intel_root_pem, strlen(intel_root_pem));
    if (!verifier->anchor || !is_root(verifier->anchor)) {
        reclave_verifier_free(verifier);
        return NULL;
    }
    return verifier;
}

void reclave_verifier_free(struct reclave_verifier *verifier)
{
    if (!verifier)
        return;
    X509_free(verifier->anchor);
    collateral_free(&verifier->collateral);
    free(verifier);
}

bool reclave_verifier_set_root(struct reclave_verifier *verifier, const void *certificate,
                               size_t bytes, char error[RECLAVE_ERROR_BYTES])
{
    X509 *anchor = read_certificate(certificate, bytes);

    error[0] = '\0';
    if (anchor && is_root(anchor)) {
        X509_free(verifier->anchor);
        verifier->anchor = anchor;
        return true;
    }
    snprintf(error, RECLAVE_ERROR_BYTES, "%s",
             anchor ? "the root certificate is not a self-signed one with a P-256 key"
                    : "not exactly one certificate in PEM or DER");
    X509_free(anchor);
    return false;
}

bool reclave_verifier_set_collateral(struct reclave_verifier *verifier, const void *json,
                                     size_t bytes)
{
    collateral_free(&verifier->collateral);
    memset(&verifier->collateral_failure, 0, sizeof(verifier->collateral_failure));
    verifier->has_collateral =
        collateral_read(json, bytes, &verifier->collateral, &verifier->collateral_failure);
    return verifier->collateral_failure.step != RECLAVE_STEP_INTERNAL;
}

bool reclave_verifier_set_policy(struct reclave_verifier *verifier, const void *json, size_t bytes,
                                 char error[RECLAVE_ERROR_BYTES])
{
    verifier->policy_broken = !policy_parse(json, bytes, &verifier->policy, error);
    return !verifier->policy_broken;
}

void reclave_verifier_set_time(struct reclave_verifier *verifier, int64_t seconds)
{
    verifier->has_time = true;
    verifier->time = seconds;
}

void reclave_verifier_allow_missing_crl(struct reclave_verifier *verifier, bool allow)
{
    verifier->allow_missing_crl = allow;
}

void reclave_verifier_set_challenge(struct reclave_verifier *verifier,
                                    const uint8_t challenge[RECLAVE_CHALLENGE_BYTES])
{
    verifier->has_challenge = challenge != NULL;
    if (challenge)
        memcpy(verifier->challenge, challenge, sizeof(verifier->challenge));
}

int64_t verifier_time(const struct reclave_verifier *verifier)
{
    return verifier->has_time ? verifier->time : (int64_t)time(NULL);
}
