#include "client/keeper/statement.h"

#include "client/envelope/sealed.h"
#include "client/evidence/sha256.h"
#include "client/evidence/signature.h"

#include <string.h>

static const struct shape {
    const char *domain;
    size_t domain_bytes; /* with its NUL */
    size_t signature_at; /* and all before it is signed */
} shapes[] = {
#define SHAPE(domain, type) domain, sizeof(domain), offsetof(struct type, signature)
    [STATEMENT_PLATFORM] = {SHAPE(PLATFORM_DOMAIN, platform_policy)},
    [STATEMENT_RELEASE] = {SHAPE(RELEASE_DOMAIN, key_release)},
    [STATEMENT_REVOCATION] = {SHAPE(REVOKE_DOMAIN, revocation)},
    [STATEMENT_HANDOVER] = {SHAPE(HANDOVER_DOMAIN, handover_policy)},
#undef SHAPE
};

size_t statement_message(enum statement_kind kind, const void *statement, uint8_t *message)
{
    const struct shape *shape = &shapes[kind];

    memcpy(message, shape->domain, shape->domain_bytes);
    memcpy(message + shape->domain_bytes, statement, shape->signature_at);
    return shape->domain_bytes + shape->signature_at;
}

uint8_t *statement_signature(enum statement_kind kind, void *statement)
{
    return (uint8_t *)statement + shapes[kind].signature_at;
}

enum status platform_policy_is_owners(const struct platform_policy *policy,
                                      const uint8_t owner[SIGNING_KEY_BYTES])
{
    uint8_t message[STATEMENT_MESSAGE_MAX];
    size_t bytes = statement_message(STATEMENT_PLATFORM, policy, message);

    if (memcmp(policy->magic, PLATFORM_MAGIC, sizeof(policy->magic)) != 0 ||
        policy->version != KEEPER_VERSION || policy->image_count > PLATFORM_IMAGES_MAX ||
        policy->level_count > PLATFORM_LEVELS_MAX || policy->revoked_count > PLATFORM_REVOKED_MAX)
        return ST_KEEPER_POLICY;
    return es256_verify(owner, message, bytes, policy->signature) ? ST_OK : ST_KEEPER_SIGNATURE;
}

enum status key_release_make(const uint8_t key[FUNCTION_KEY_BYTES],
                             const uint8_t owner[SIGNING_KEY_BYTES],
                             const struct function_policy *policy,
                             const struct attested_identity *keeper, struct key_release *out)
{
    const struct sha256_piece piece = {keeper->signing_key, SIGNING_KEY_BYTES};

    memset(out, 0, sizeof(*out));
    memcpy(out->magic, RELEASE_MAGIC, sizeof(out->magic));
    out->version = KEEPER_VERSION;
    memcpy(out->owner, owner, sizeof(out->owner));
    out->policy = *policy;
    if (!sha256_of(&piece, 1, out->keeper))
        return ST_UNSUPPORTED;
    return caller_function_key_wrap(key, keeper->receiving_key, &out->wrapped);
}

enum status revocation_make(enum revocation_kind kind, const uint8_t *subject, size_t subject_bytes,
                            const uint8_t signer[SIGNING_KEY_BYTES], const uint8_t keeper_id[32],
                            struct revocation *out)
{
    memset(out, 0, sizeof(*out));
    if (subject_bytes != (kind == REVOKE_WORKER ? 32 : KEY_ID_BYTES))
        return ST_INVALID_ARGUMENT;
    memcpy(out->magic, REVOKE_MAGIC, sizeof(out->magic));
    out->version = KEEPER_VERSION;
    out->kind = kind;
    memcpy(out->keeper, keeper_id, sizeof(out->keeper));
    memcpy(out->subject, subject, subject_bytes);
    memcpy(out->signer, signer, sizeof(out->signer));
    return ST_OK;
}

void handover_policy_make(const uint8_t from_keeper[32], const uint8_t from_mrenclave[32],
                          const uint8_t to_mrenclave[32], struct handover_policy *out)
{
    memset(out, 0, sizeof(*out));
    memcpy(out->magic, HANDOVER_MAGIC, sizeof(out->magic));
    out->version = KEEPER_VERSION;
    memcpy(out->from_keeper, from_keeper, sizeof(out->from_keeper));
    memcpy(out->from_mrenclave, from_mrenclave, sizeof(out->from_mrenclave));
    memcpy(out->to_mrenclave, to_mrenclave, sizeof(out->to_mrenclave));
}
