#include "trusted/keeper/keeper.h"

#include "base/bytes.h"
#include "trusted/attest/sealed.h"

#include <string.h>

static struct keeper_key *find(struct keeper_state *state, const uint8_t id[KEY_ID_BYTES])
{
    for (unsigned i = 0; i < state->key_count; i++)
        if (memcmp(state->keys[i].id, id, KEY_ID_BYTES) == 0)
            return &state->keys[i];
    return NULL;
}

/* Whoever released a key first owns it; the policy may only get newer, and a revocation is for
 * good.
 */
static enum status may_replace(const struct keeper_key *entry, const struct key_release *release,
                               const uint8_t tenant[32])
{
    if (memcmp(entry->tenant, tenant, sizeof(entry->tenant)) != 0)
        return ST_KEEPER_SIGNATURE;
    if (entry->revoked)
        return ST_KEEPER_REVOKED;
    return release->policy.serial > entry->policy.serial ? ST_OK : ST_KEEPER_STALE;
}

static enum status place_for(struct keeper_state *state, const struct key_release *release,
                             const uint8_t tenant[32], struct keeper_key **entry)
{
    *entry = find(state, release->wrapped.function_key_id);
    if (*entry)
        return may_replace(*entry, release, tenant);
    if (state->key_count == KEEPER_KEYS_MAX)
        return ST_KEEPER_FULL;
    *entry = &state->keys[state->key_count];
    return ST_OK;
}

enum status function_key_add(struct keeper *keeper, const struct keeper_self *self,
                             const struct key_release *release)
{
    struct keeper_state *state = &keeper->state;
    struct keeper_key *entry = NULL;
    uint8_t key[FUNCTION_KEY_BYTES] = {0};
    uint8_t tenant[32];
    enum status status = release_check(release, self->signing->worker_id);

    worker_id_of(release->owner, tenant); /* a tenant is named in the same way */
    if (status == ST_OK)
        status = place_for(state, release, tenant, &entry);
    if (status == ST_OK)
        status = function_key_unwrap(&release->wrapped, self->receiving, key);
    if (status == ST_OK) {
        if (entry == &state->keys[state->key_count])
            state->key_count++;
        memset(entry, 0, sizeof(*entry));
        memcpy(entry->id, release->wrapped.function_key_id, sizeof(entry->id));
        memcpy(entry->key, key, sizeof(entry->key));
        memcpy(entry->tenant, tenant, sizeof(entry->tenant));
        entry->policy = release->policy;
    }
    bytes_wipe(key, sizeof(key));
    return status;
}

static enum status revoke_function(struct keeper_state *state, const struct revocation *revocation)
{
    struct keeper_key *entry = find(state, revocation->subject);
    uint8_t tenant[32];

    if (!entry)
        return ST_NOT_FOUND;
    worker_id_of(revocation->signer, tenant);
    if (memcmp(entry->tenant, tenant, sizeof(tenant)) != 0)
        return ST_KEEPER_SIGNATURE;
    bytes_wipe(entry->key, sizeof(entry->key));
    entry->revoked = 1;
    return ST_OK;
}

static enum status revoke_worker(struct keeper *keeper, const struct keeper_self *self,
                                 const struct revocation *revocation)
{
    struct keeper_state *state = &keeper->state;
    enum status status;

    if (memcmp(revocation->signer, state->owner, sizeof(state->owner)) != 0)
        return ST_KEEPER_SIGNATURE;
    for (unsigned i = 0; i < state->worker_count; i++)
        if (memcmp(state->workers[i], revocation->subject, 32) == 0)
            return ST_KEEPER_STALE;
    if (state->worker_count == KEEPER_WORKERS_MAX)
        return ST_KEEPER_FULL;
    status = keeper_rotate(keeper, self); /* what the worker has now is of no use from here on */
    if (status == ST_OK)
        memcpy(state->workers[state->worker_count++], revocation->subject, 32);
    return status;
}

enum status keeper_revoke(struct keeper *keeper, const struct keeper_self *self,
                          const struct revocation *revocation)
{
    enum status status = revocation_check(revocation, self->signing->worker_id);

    if (status != ST_OK)
        return status;
    return revocation->kind == REVOKE_WORKER ? revoke_worker(keeper, self, revocation)
                                             : revoke_function(&keeper->state, revocation);
}
