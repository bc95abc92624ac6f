#include "trusted/keeper/keeper.h"

#include "base/bytes.h"

#include <string.h>

_Static_assert(sizeof(struct worker_grant_body) % 8 == 0, "no gaps in a grant");

/* ---- exchanges --------------------------------------------------------------------- */

void exchange_begin(struct keeper *keeper, const struct keeper_self *self,
                    const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                    uint8_t keeper_nonce[ADMISSION_NONCE_BYTES])
{
    struct exchange_nonces *nonces = &keeper->pending[keeper->next_pending].nonces;

    memcpy(nonces->asker, asker_nonce, sizeof(nonces->asker));
    self->random.fill(self->random.context, nonces->keeper, sizeof(nonces->keeper));
    memcpy(keeper_nonce, nonces->keeper, sizeof(nonces->keeper));
    keeper->pending[keeper->next_pending].used = 1;
    keeper->next_pending = (keeper->next_pending + 1) % KEEPER_PENDING_MAX;
}

enum status exchange_take(struct keeper *keeper, const uint8_t keeper_nonce[ADMISSION_NONCE_BYTES],
                          struct exchange_nonces *nonces)
{
    for (unsigned i = 0; i < KEEPER_PENDING_MAX; i++) {
        if (!keeper->pending[i].used ||
            memcmp(keeper->pending[i].nonces.keeper, keeper_nonce, ADMISSION_NONCE_BYTES) != 0)
            continue;
        *nonces = keeper->pending[i].nonces;
        bytes_wipe(&keeper->pending[i], sizeof(keeper->pending[i]));
        return ST_OK;
    }
    return ST_KEEPER_CHALLENGE;
}

/* ---- workers ------------------------------------------------------------------------- */

static bool is_revoked(const struct keeper_state *state, const struct attested_identity *worker)
{
    uint8_t id[32];

    worker_id_of(worker->signing_key, id);
    for (unsigned i = 0; i < state->worker_count; i++)
        if (memcmp(state->workers[i], id, sizeof(id)) == 0)
            return true;
    return false;
}

/* A worker under a policy that names this keeper, in an image of this fleet. */
static enum status check_worker(const struct keeper_state *state, const struct keeper_self *self,
                                const struct exchange_nonces *nonces,
                                const struct keeper_admission *request, struct quoted *worker)
{
    struct peer peer = {.role = ROLE_WORKER,
                        .platforms = &state->policy,
                        .identity = &request->identity,
                        .policy = &request->policy};
    enum status status;

    if (!reserved_is_zero(request->reserved))
        return ST_CORRUPT;
    asker_challenge(nonces, peer.challenge);
    status = peer_check(&request->quote, &peer, worker);
    if (status != ST_OK)
        return status;
    if (request->policy.version != POLICY_VERSION || request->policy.role != ROLE_WORKER ||
        memcmp(request->policy.keeper, self->signing->worker_id, 32) != 0)
        return ST_KEEPER_OTHER;
    if (!platform_names_image(&state->policy, self->mrenclave, worker->mrenclave))
        return ST_QUOTE_MEASUREMENT;
    return is_revoked(state, &request->identity) ? ST_KEEPER_REVOKED : ST_OK;
}

static void fill_body(const struct keeper_state *state, const struct quoted *worker,
                      const struct enclave_policy *policy, struct worker_grant_body *body)
{
    memset(body, 0, sizeof(*body));
    body->epoch = state->epoch;
    body->counter = state->counter;
    memcpy(body->current, state->current, sizeof(body->current));
    if (state->has_previous)
        memcpy(body->previous, state->previous, sizeof(body->previous));
    body->has_previous = state->has_previous;
    for (unsigned i = 0; i < state->key_count; i++) {
        const struct keeper_key *entry = &state->keys[i];
        struct granted_key *granted = &body->keys[body->key_count];

        if (entry->revoked || !function_policy_names(&entry->policy, worker) ||
            !function_policy_suits(&entry->policy, policy))
            continue;
        memcpy(granted->id, entry->id, sizeof(granted->id));
        memcpy(granted->key, entry->key, sizeof(granted->key));
        memcpy(granted->tenant, entry->tenant, sizeof(granted->tenant));
        body->key_count++;
    }
}

enum status keeper_admit(struct keeper *keeper, const struct keeper_self *self,
                         const struct keeper_admission *request, struct keeper_admitted *out)
{
    const struct keeper_state *state = &keeper->state;
    struct exchange_nonces nonces;
    struct quoted worker;
    uint8_t worker_quote[32];
    uint8_t transcript[32];
    enum status status = exchange_take(keeper, request->keeper_nonce, &nonces);

    if (status == ST_OK && state->epoch > state->policy.last_epoch)
        status = ST_KEEPER_EXPIRED;
    if (status == ST_OK)
        status = check_worker(state, self, &nonces, request, &worker);
    if (status != ST_OK)
        return status;
    memset(out, 0, sizeof(*out));
    status = certify_worker(keeper, self, &request->identity, worker.mrenclave, out->certificate,
                            &out->certificate_bytes);
    if (status != ST_OK)
        return status;
    quote_digest(&request->quote, worker_quote);
    exchange_transcript(&nonces, worker_quote, request->own_quote_sha256, transcript);
    fill_body(state, &worker, &request->policy, &out->grant.body);
    return grant_seal(self, GRANT_WORKER, transcript, request->identity.receiving_key, &out->grant,
                      sizeof(out->grant.body));
}
