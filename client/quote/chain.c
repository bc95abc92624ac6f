#include "client/quote/chain.h"

#include <openssl/x509_vfy.h>

/* OpenSSL's level 3: 128 bits, which is what P-256 and SHA-256 give. */
#define SECURITY_LEVEL 3

/* Same name, same key, and really signed with it. */
static bool is_anchor(X509 *root, X509 *anchor)
{
    EVP_PKEY *key = X509_get0_pubkey(anchor);

    if (X509_cmp(root, anchor) == 0)
        return true;
    return key && X509_NAME_cmp(X509_get_subject_name(root), X509_get_subject_name(anchor)) == 0 &&
           X509_get0_pubkey(root) && EVP_PKEY_eq(X509_get0_pubkey(root), key) == 1 &&
           X509_verify(root, key) == 1;
}

/* The leaf of a chain of three is covered by the PCK CRL, everything else by the root's. */
static bool crl_is_missing(const struct chain *chain, const struct trust *trust, int depth)
{
    return depth == 0 && chain->issuer ? !trust->pck_crl : !trust->root_crl;
}

struct verification {
    const struct chain *chain;
    const struct trust *trust;
};

/* Forgives one thing: a missing CRL where the caller said so and none was given. */
static int decide(int good, X509_STORE_CTX *context)
{
    const struct verification *verification = X509_STORE_CTX_get_app_data(context);

    if (good)
        return 1;
    return X509_STORE_CTX_get_error(context) == X509_V_ERR_UNABLE_TO_GET_CRL &&
           verification->trust->allow_missing_crl &&
           crl_is_missing(verification->chain, verification->trust,
                          X509_STORE_CTX_get_error_depth(context));
}

static enum reclave_step step_of(int error, const struct chain_steps *steps)
{
    switch (error) {
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
        return steps->validity;
    case X509_V_ERR_CERT_REVOKED:
        return RECLAVE_STEP_REVOKED;
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
        return RECLAVE_STEP_CRL_VALIDITY;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
        return RECLAVE_STEP_CRL;
    case X509_V_ERR_OUT_OF_MEM:
        return RECLAVE_STEP_INTERNAL;
    default:
        return steps->chain;
    }
}

static bool is_about_crl(enum reclave_step step)
{
    return step == RECLAVE_STEP_CRL || step == RECLAVE_STEP_CRL_VALIDITY;
}

static const char *name_at(const struct chain *chain, int depth)
{
    if (depth == 0)
        return "leaf";
    return depth == 1 && chain->issuer ? "intermediate" : "root";
}

static bool report(const struct chain *chain, const struct trust *trust, const char *what,
                   const struct chain_steps *steps, X509_STORE_CTX *context,
                   struct failure *failure)
{
    int error = X509_STORE_CTX_get_error(context);
    int depth = X509_STORE_CTX_get_error_depth(context);
    enum reclave_step step = step_of(error, steps);

    if (error == X509_V_ERR_UNABLE_TO_GET_CRL && crl_is_missing(chain, trust, depth))
        return reject_at(failure, RECLAVE_STEP_CRL,
                         "the CRL for the %s certificate of the %s is missing from the collateral",
                         name_at(chain, depth), what);
    if (error == X509_V_ERR_UNABLE_TO_GET_CRL)
        return reject_at(failure, RECLAVE_STEP_CRL,
                         "the CRL for the %s certificate of the %s is another issuer's",
                         name_at(chain, depth), what);
    return reject_at(failure, step, "the %s%s certificate of the %s: %s",
                     is_about_crl(step) ? "CRL for the " : "", name_at(chain, depth), what,
                     X509_verify_cert_error_string(error));
}

static bool add_crls(STACK_OF(X509_CRL) * crls, const struct trust *trust)
{
    return (!trust->root_crl || sk_X509_CRL_push(crls, trust->root_crl) > 0) &&
           (!trust->pck_crl || sk_X509_CRL_push(crls, trust->pck_crl) > 0);
}

bool chain_verify(const struct chain *chain, const struct trust *trust, const char *what,
                  const struct chain_steps *steps, struct failure *failure)
{
    const struct verification verification = {chain, trust};
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *untrusted = sk_X509_new_null();
    STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
    bool good = false;

    if (!is_anchor(chain->root, trust->anchor)) {
        good = reject_at(failure, steps->root, "the %s does not end in the trusted root", what);
        goto out;
    }
    if (!store || !context || !untrusted || !crls || !add_crls(crls, trust) ||
        X509_STORE_add_cert(store, chain->root) != 1 ||
        (chain->issuer && sk_X509_push(untrusted, chain->issuer) <= 0) ||
        X509_STORE_CTX_init(context, store, chain->leaf, untrusted) != 1) {
        good = reject_at(failure, RECLAVE_STEP_INTERNAL, "out of memory");
        goto out;
    }
    X509_STORE_CTX_set_time(context, 0, (time_t)trust->time);
    X509_STORE_CTX_set_depth(context, chain->issuer ? 1 : 0);
    X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context), SECURITY_LEVEL);
    if (trust->check_crls) {
        X509_STORE_CTX_set0_crls(context, crls);
        X509_STORE_CTX_set_flags(context, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    }
    X509_STORE_CTX_set_app_data(context, (void *)&verification);
    X509_STORE_CTX_set_verify_cb(context, decide);
    good = X509_verify_cert(context) == 1 || report(chain, trust, what, steps, context, failure);
out:
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    sk_X509_free(untrusted);
    sk_X509_CRL_free(crls);
    return good;
}
