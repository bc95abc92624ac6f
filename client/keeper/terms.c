#include "client/evidence/evidence.h"
#include "client/evidence/sha256.h"
#include "client/keeper/fleet.h"
#include "client/keeper/internal.h"
#include "client/keeper/statement.h"

#include <string.h>

/* As the enclave has them built in (trusted/attest/quote_check.c). */
static const uint8_t intel_root_key[SIGNING_KEY_BYTES] = {
    0x0b, 0xa9, 0xc4, 0xc0, 0xc0, 0xc8, 0x61, 0x93, 0xa3, 0xfe, 0x23, 0xd6, 0xb0, 0x2c, 0xda, 0x10,
    0xa8, 0xbb, 0xd4, 0xe8, 0x8e, 0x48, 0xb4, 0x45, 0x85, 0x61, 0xa3, 0x6e, 0x70, 0x55, 0x25, 0xf5,
    0x67, 0x91, 0x8e, 0x2e, 0xdc, 0x88, 0xe4, 0x0d, 0x86, 0x0b, 0xd0, 0xcc, 0x4e, 0xe2, 0x6a, 0xac,
    0xc9, 0x88, 0xe5, 0x05, 0xa9, 0x53, 0x55, 0x8c, 0x45, 0x3f, 0x6b, 0x09, 0x04, 0xae, 0x73, 0x94};
static const uint8_t intel_qe_mrsigner[32] = {
    0x8c, 0x4f, 0x57, 0x75, 0xd7, 0x96, 0x50, 0x3e, 0x96, 0x13, 0x7f, 0x77, 0xc6, 0x8a, 0x82, 0x9a,
    0x00, 0x56, 0xac, 0x8d, 0xed, 0x70, 0x14, 0x0b, 0x08, 0x1b, 0x09, 0x44, 0x90, 0xc5, 0x7b, 0xff};
static const uint16_t intel_qe_prod_id = 1;

static bool is_intels(const struct platform_policy *policy)
{
    static const uint8_t zero[SIGNING_KEY_BYTES];

    return memcmp(policy->root_key, zero, sizeof(zero)) == 0;
}

void fleet_root_key(const struct platform_policy *policy, uint8_t key[SIGNING_KEY_BYTES])
{
    memcpy(key, is_intels(policy) ? intel_root_key : policy->root_key, SIGNING_KEY_BYTES);
}

enum status fleet_keeper_policy(const uint8_t owner[SIGNING_KEY_BYTES],
                                const struct platform_policy *policy, uint8_t policy_sha256[32])
{
    bool intel = is_intels(policy);
    const struct sha256_piece pieces[] = {
        {KEEPER_TERMS_DOMAIN, sizeof(KEEPER_TERMS_DOMAIN)},
        {owner, SIGNING_KEY_BYTES},
        {intel ? intel_root_key : policy->root_key, SIGNING_KEY_BYTES},
        {intel ? intel_qe_mrsigner : policy->qe_mrsigner, sizeof(intel_qe_mrsigner)},
        {intel ? &intel_qe_prod_id : &policy->qe_prod_id, sizeof(intel_qe_prod_id)}};
    struct enclave_policy terms = {
        .version = POLICY_VERSION, .role = ROLE_KEEPER, .tenancy = TENANCY_SEQUENTIAL};

    if (!sha256_of(pieces, 5, terms.keeper))
        return ST_UNSUPPORTED;
    return policy_sha256_of(&terms, policy_sha256);
}

enum status fleet_keeper_id(const struct attested_identity *identity, uint8_t id[32])
{
    const struct sha256_piece key = {identity->signing_key, SIGNING_KEY_BYTES};

    return sha256_of(&key, 1, id) ? ST_OK : ST_UNSUPPORTED;
}

enum status fleet_worker_policy(const struct fleet_keeper *keeper, uint32_t tenancy, uint32_t flags,
                                uint8_t policy_sha256[32])
{
    struct enclave_policy policy = {
        .version = POLICY_VERSION, .role = ROLE_WORKER, .tenancy = tenancy, .flags = flags};

    enum status status = fleet_keeper_id(&keeper->identity, policy.keeper);

    return status == ST_OK ? policy_sha256_of(&policy, policy_sha256) : status;
}

static bool is_accepted(const struct fleet_images *accepted, const uint8_t mrenclave[32])
{
    for (size_t i = 0; i < accepted->count; i++)
        if (memcmp(accepted->mrenclaves[i], mrenclave, 32) == 0)
            return true;
    return false;
}

bool fleet_has_image(const struct fleet_keeper *keeper, const uint8_t mrenclave[32])
{
    const struct fleet_images named = {keeper->policy.images, keeper->policy.image_count};

    return memcmp(keeper->mrenclave, mrenclave, 32) == 0 || is_accepted(&named, mrenclave);
}

enum status fleet_keeper_check(const struct fleet_keeper *keeper,
                               const struct fleet_images *accepted)
{
    uint8_t expected[32];
    enum status status;

    if (keeper->identity.role != ROLE_KEEPER)
        return ST_WRONG_ROLE;
    status = platform_policy_is_owners(&keeper->policy, keeper->owner);
    if (status == ST_OK)
        status = fleet_keeper_policy(keeper->owner, &keeper->policy, expected);
    if (status != ST_OK)
        return status;
    if (memcmp(keeper->identity.policy_sha256, expected, sizeof(expected)) != 0)
        return ST_QUOTE_IDENTITY;
    if (!is_accepted(accepted, keeper->mrenclave))
        return ST_QUOTE_MEASUREMENT;
    for (uint32_t i = 0; i < keeper->policy.image_count; i++)
        if (!is_accepted(accepted, keeper->policy.images[i]))
            return ST_QUOTE_MEASUREMENT;
    return ST_OK;
}
