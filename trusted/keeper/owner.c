#include "trusted/keeper/owner.h"

#include "trusted/attest/digest.h"
#include "trusted/attest/report_data.h"

#include <stddef.h>
#include <string.h>

#define SIGNED_BYTES(type) offsetof(struct type, signature)

static bool all_zero(const void *bytes, size_t count)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < count; i++)
        if (at[i] != 0)
            return false;
    return true;
}

bool owner_signed(const uint8_t owner[SIGNING_KEY_BYTES], const char *domain, size_t domain_bytes,
                  const void *statement, size_t signed_bytes,
                  const uint8_t signature[SIGNATURE_BYTES])
{
    const struct piece pieces[] = {{domain, domain_bytes}, {statement, signed_bytes}};
    uint8_t digest[DIGEST_BYTES];

    sha256_pieces(pieces, 2, digest);
    return signature_is_valid(owner, digest, signature);
}

/* ---- platforms ------------------------------------------------------------------- */

/* Nothing may hide behind the counts, which are in range. */
static bool unused_is_zero(const struct platform_policy *policy)
{
    return all_zero(policy->levels + policy->level_count,
                    (PLATFORM_LEVELS_MAX - policy->level_count) * sizeof(policy->levels[0])) &&
           all_zero(policy->revoked + policy->revoked_count,
                    (PLATFORM_REVOKED_MAX - policy->revoked_count) * sizeof(policy->revoked[0])) &&
           all_zero(policy->images + policy->image_count,
                    (PLATFORM_IMAGES_MAX - policy->image_count) * sizeof(policy->images[0]));
}

enum status platform_policy_check(const struct platform_policy *policy,
                                  const uint8_t owner[SIGNING_KEY_BYTES])
{
    struct platform_root root;

    if (memcmp(policy->magic, PLATFORM_MAGIC, sizeof(policy->magic)) != 0 ||
        policy->version != KEEPER_VERSION)
        return ST_KEEPER_POLICY;
    if (policy->level_count == 0 || policy->level_count > PLATFORM_LEVELS_MAX ||
        policy->revoked_count > PLATFORM_REVOKED_MAX || policy->image_count > PLATFORM_IMAGES_MAX ||
        policy->serial == 0 || !unused_is_zero(policy))
        return ST_KEEPER_POLICY;
    if (platform_root_of(policy, &root) != ST_OK)
        return ST_KEEPER_POLICY;
    if (!owner_signed(owner, PLATFORM_DOMAIN, sizeof(PLATFORM_DOMAIN), policy,
                      SIGNED_BYTES(platform_policy), policy->signature))
        return ST_KEEPER_SIGNATURE;
    return ST_OK;
}

void platform_policy_digest(const struct platform_policy *policy, uint8_t digest[32])
{
    sha256_pieces(&(struct piece){policy, sizeof(*policy)}, 1, digest);
}

bool platform_names_image(const struct platform_policy *policy, const uint8_t own[32],
                          const uint8_t mrenclave[32])
{
    if (memcmp(own, mrenclave, 32) == 0)
        return true;
    for (unsigned i = 0; i < policy->image_count; i++)
        if (memcmp(policy->images[i], mrenclave, 32) == 0)
            return true;
    return false;
}

enum status keeper_enclave_policy(const uint8_t owner[SIGNING_KEY_BYTES],
                                  const struct platform_policy *policy, struct enclave_policy *out)
{
    struct platform_root root;
    const struct piece pieces[] = {{KEEPER_TERMS_DOMAIN, sizeof(KEEPER_TERMS_DOMAIN)},
                                   {owner, SIGNING_KEY_BYTES},
                                   {root.key, sizeof(root.key)},
                                   {root.qe_mrsigner, sizeof(root.qe_mrsigner)},
                                   {&root.qe_prod_id, sizeof(root.qe_prod_id)}};
    enum status status = platform_root_of(policy, &root);

    if (status != ST_OK)
        return status;
    memset(out, 0, sizeof(*out));
    out->version = POLICY_VERSION;
    out->role = ROLE_KEEPER;
    out->tenancy = TENANCY_SEQUENTIAL;
    sha256_pieces(pieces, 5, out->keeper);
    return ST_OK;
}

/* ---- function keys ----------------------------------------------------------------- */

enum status function_policy_check(const struct function_policy *policy)
{
    bool signer = !all_zero(policy->mrsigner, sizeof(policy->mrsigner));

    if (policy->measured_count > RELEASE_MEASURED_MAX || policy->serial == 0 ||
        (policy->flags & ~(FUNCTION_NEEDS_SEQUENTIAL | FUNCTION_NEEDS_ENCRYPTED)) ||
        !all_zero(policy->reserved, sizeof(policy->reserved)) ||
        !all_zero(policy->measured + policy->measured_count,
                  (RELEASE_MEASURED_MAX - policy->measured_count) * sizeof(policy->measured[0])))
        return ST_KEEPER_POLICY;
    if (!signer && (policy->measured_count == 0 || policy->isv_prod_id || policy->isv_svn))
        return ST_KEEPER_POLICY; /* nobody could have the key */
    return ST_OK;
}

bool function_policy_names(const struct function_policy *policy, const struct quoted *enclave)
{
    for (unsigned i = 0; i < policy->measured_count; i++)
        if (memcmp(policy->measured[i], enclave->mrenclave, sizeof(enclave->mrenclave)) == 0)
            return true;
    return !all_zero(policy->mrsigner, sizeof(policy->mrsigner)) &&
           memcmp(policy->mrsigner, enclave->mrsigner, sizeof(enclave->mrsigner)) == 0 &&
           policy->isv_prod_id == enclave->isv_prod_id && enclave->isv_svn >= policy->isv_svn;
}

bool function_policy_suits(const struct function_policy *policy,
                           const struct enclave_policy *worker)
{
    if ((policy->flags & FUNCTION_NEEDS_SEQUENTIAL) && worker->tenancy != TENANCY_SEQUENTIAL)
        return false;
    return !(policy->flags & FUNCTION_NEEDS_ENCRYPTED) || (worker->flags & POLICY_ENCRYPTED_ONLY);
}

enum status release_check(const struct key_release *release, const uint8_t keeper_id[32])
{
    enum status status;

    if (memcmp(release->magic, RELEASE_MAGIC, sizeof(release->magic)) != 0 ||
        release->version != KEEPER_VERSION || release->reserved != 0)
        return ST_CORRUPT;
    if (memcmp(release->keeper, keeper_id, sizeof(release->keeper)) != 0)
        return ST_KEEPER_OTHER;
    status = function_policy_check(&release->policy);
    if (status != ST_OK)
        return status;
    return owner_signed(release->owner, RELEASE_DOMAIN, sizeof(RELEASE_DOMAIN), release,
                        SIGNED_BYTES(key_release), release->signature)
               ? ST_OK
               : ST_KEEPER_SIGNATURE;
}

/* ---- revocations and handovers -------------------------------------------------------- */

enum status revocation_check(const struct revocation *revocation, const uint8_t keeper_id[32])
{
    bool function = revocation->kind == REVOKE_FUNCTION_KEY;

    if (memcmp(revocation->magic, REVOKE_MAGIC, sizeof(revocation->magic)) != 0 ||
        revocation->version != KEEPER_VERSION || (!function && revocation->kind != REVOKE_WORKER) ||
        (function &&
         !all_zero(revocation->subject + KEY_ID_BYTES, sizeof(revocation->subject) - KEY_ID_BYTES)))
        return ST_CORRUPT;
    if (memcmp(revocation->keeper, keeper_id, sizeof(revocation->keeper)) != 0)
        return ST_KEEPER_OTHER;
    return owner_signed(revocation->signer, REVOKE_DOMAIN, sizeof(REVOKE_DOMAIN), revocation,
                        SIGNED_BYTES(revocation), revocation->signature)
               ? ST_OK
               : ST_KEEPER_SIGNATURE;
}

enum status handover_check(const struct handover_policy *policy,
                           const uint8_t owner[SIGNING_KEY_BYTES], const uint8_t from_keeper[32])
{
    if (memcmp(policy->magic, HANDOVER_MAGIC, sizeof(policy->magic)) != 0 ||
        policy->version != KEEPER_VERSION || policy->reserved != 0)
        return ST_CORRUPT;
    if (memcmp(policy->from_keeper, from_keeper, sizeof(policy->from_keeper)) != 0)
        return ST_KEEPER_OTHER;
    return owner_signed(owner, HANDOVER_DOMAIN, sizeof(HANDOVER_DOMAIN), policy,
                        SIGNED_BYTES(handover_policy), policy->signature)
               ? ST_OK
               : ST_KEEPER_SIGNATURE;
}
