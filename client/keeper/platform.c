/* From a verified quote to a line of a platform policy. */
#include "client/keeper/fleet.h"
#include "client/keeper/statement.h"
#include "client/quote/certificates.h"
#include "client/quote/pck.h"
#include "client/quote/quote.h"

#include "abi/sgx_arch.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

void platform_policy_begin(struct platform_policy *policy, uint64_t serial, uint64_t last_epoch)
{
    memset(policy, 0, sizeof(*policy));
    memcpy(policy->magic, PLATFORM_MAGIC, sizeof(policy->magic));
    policy->version = KEEPER_VERSION;
    policy->serial = serial;
    policy->last_epoch = last_epoch;
}

bool fleet_certificate_key(X509 *certificate, uint8_t point[SIGNING_KEY_BYTES])
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    BIGNUM *x = NULL, *y = NULL;
    bool good = key && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
                EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1 &&
                BN_bn2binpad(x, point, 32) == 32 && BN_bn2binpad(y, point + 32, 32) == 32;

    BN_free(x);
    BN_free(y);
    return good;
}

/* The first quote decides, the others must agree. */
static enum status take_root(struct platform_policy *policy, const struct quote *quote, X509 *root)
{
    static const uint8_t zero[SIGNING_KEY_BYTES];
    uint8_t key[SIGNING_KEY_BYTES];

    if (!fleet_certificate_key(root, key))
        return ST_CORRUPT;
    if (memcmp(policy->root_key, zero, sizeof(zero)) == 0 && policy->level_count == 0) {
        memcpy(policy->root_key, key, sizeof(key));
        memcpy(policy->qe_mrsigner, quote->qe.mrsigner, sizeof(policy->qe_mrsigner));
        policy->qe_prod_id = quote->qe.isv_prod_id;
        return ST_OK;
    }
    return memcmp(policy->root_key, key, sizeof(key)) == 0 &&
                   memcmp(policy->qe_mrsigner, quote->qe.mrsigner, 32) == 0 &&
                   policy->qe_prod_id == quote->qe.isv_prod_id
               ? ST_OK
               : ST_KEEPER_POLICY;
}

static enum status add(struct platform_policy *policy, const struct quote *quote,
                       const struct chain *chain, bool own_root)
{
    static const uint8_t zero[SIGNING_KEY_BYTES];
    struct pck_extension platform;
    struct platform_level *level;
    struct failure failure = {0};
    enum status status = ST_OK;

    if (policy->level_count >= PLATFORM_LEVELS_MAX)
        return ST_OUT_OF_RANGE;
    if (!pck_read(chain->leaf, &platform, &failure))
        return ST_CORRUPT;
    if (own_root)
        status = take_root(policy, quote, chain->root);
    else if (memcmp(policy->root_key, zero, sizeof(zero)) != 0)
        status = ST_KEEPER_POLICY;
    if (status != ST_OK)
        return status;
    if (policy->level_count == 0 || quote->qe.isv_svn < policy->qe_svn)
        policy->qe_svn = quote->qe.isv_svn;
    level = &policy->levels[policy->level_count++];
    memcpy(level->fmspc, platform.fmspc, sizeof(level->fmspc));
    memcpy(level->components, platform.component_svns, sizeof(level->components));
    level->pce_svn = platform.pce_svn;
    return ST_OK;
}

enum status platform_policy_add(struct platform_policy *policy, const uint8_t *data, size_t bytes,
                                bool own_root)
{
    struct certificates certificates = {0};
    struct failure failure = {0};
    struct quote quote;
    struct chain chain;
    enum status status = ST_CORRUPT;

    if (!quote_parse(data, bytes, &quote, &failure) ||
        quote.certification_type != CERTIFICATION_PCK_CHAIN ||
        !certificates_read((const char *)quote.certification, quote.certification_bytes,
                           CERTIFICATES_MAX, "PCK chain", RECLAVE_STEP_PCK_CHAIN, &certificates,
                           &failure))
        return ST_CORRUPT;
    if (chain_order(&certificates, &chain) && chain.issuer)
        status = add(policy, &quote, &chain, own_root);
    certificates_free(&certificates);
    return status;
}
