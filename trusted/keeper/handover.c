/* From one keeper to another, of another image. Signing and epoch keys stay where they are: who
 * verified the old image must not find the new one under the same keys. */
#include "trusted/keeper/keeper.h"

#include "base/bytes.h"

#include <string.h>

_Static_assert(sizeof(struct handover_body) % 8 == 0, "no gaps in a grant");
_Static_assert(sizeof(struct handover_grant) == GRANT_BYTES(sizeof(struct handover_body)),
               "no gaps in a grant");

/* A keeper has no policy beyond its terms. */
static bool is_unused(const struct enclave_policy *policy)
{
    static const struct enclave_policy unused;

    return memcmp(policy, &unused, sizeof(unused)) == 0;
}

/* A keeper of the same owner and root, in the image that the owner names. */
static enum status check_successor(const struct keeper_state *state,
                                   const struct exchange_nonces *nonces,
                                   const struct keeper_handover *request, struct quoted *successor)
{
    const struct keeper_admission *admission = &request->admission;
    struct enclave_policy terms;
    struct peer peer = {.role = ROLE_KEEPER,
                        .platforms = &state->policy,
                        .identity = &admission->identity,
                        .policy = &terms};
    enum status status = keeper_enclave_policy(state->owner, &state->policy, &terms);

    if (status == ST_OK &&
        (!reserved_is_zero(admission->reserved) || !is_unused(&admission->policy)))
        status = ST_CORRUPT;
    if (status != ST_OK)
        return status;
    asker_challenge(nonces, peer.challenge);
    status = peer_check(&admission->quote, &peer, successor);
    if (status != ST_OK)
        return status;
    return memcmp(successor->mrenclave, request->policy.to_mrenclave, 32) == 0
               ? ST_OK
               : ST_QUOTE_MEASUREMENT;
}

/* The keeper's owner cannot give away what others own: their policies must name the image. Revoked
 * entries go along, so that they stay revoked. */
static void fill_body(const struct keeper_state *state, const struct quoted *successor,
                      struct handover_body *body)
{
    memset(body, 0, sizeof(*body));
    body->epoch = state->epoch;
    body->worker_count = state->worker_count;
    memcpy(body->workers, state->workers, sizeof(body->workers));
    for (unsigned i = 0; i < state->key_count; i++)
        if (state->keys[i].revoked || function_policy_names(&state->keys[i].policy, successor))
            body->keys[body->key_count++] = state->keys[i];
}

enum status keeper_hand_over(struct keeper *keeper, const struct keeper_self *self,
                             const struct keeper_handover *request, struct handover_grant *out)
{
    const struct keeper_state *state = &keeper->state;
    const struct keeper_admission *admission = &request->admission;
    struct exchange_nonces nonces;
    struct quoted successor;
    uint8_t quote[32];
    uint8_t transcript[32];
    enum status status = exchange_take(keeper, admission->keeper_nonce, &nonces);

    if (status == ST_OK && state->epoch > state->policy.last_epoch)
        status = ST_KEEPER_EXPIRED;
    if (status == ST_OK)
        status = handover_check(&request->policy, state->owner, self->signing->worker_id);
    if (status == ST_OK && memcmp(request->policy.from_mrenclave, self->mrenclave, 32) != 0)
        status = ST_QUOTE_MEASUREMENT;
    if (status == ST_OK)
        status = check_successor(state, &nonces, request, &successor);
    if (status != ST_OK)
        return status;
    quote_digest(&admission->quote, quote);
    exchange_transcript(&nonces, quote, admission->own_quote_sha256, transcript);
    fill_body(state, &successor, &out->body);
    return grant_seal(self, GRANT_HANDOVER, transcript, admission->identity.receiving_key, out,
                      sizeof(out->body));
}

/* ---- the successor ------------------------------------------------------------------ */

void take_over_begin(struct keeper *keeper, const struct keeper_self *self,
                     uint8_t nonce[ADMISSION_NONCE_BYTES])
{
    self->random.fill(self->random.context, keeper->asker_nonce, sizeof(keeper->asker_nonce));
    memcpy(nonce, keeper->asker_nonce, sizeof(keeper->asker_nonce));
    keeper->taking_over = 1;
}

/* The keeper that the owner names, under the same owner and root; its platform policy may be
 * another one of the owner's than ours, but what it says is judged by ours. */
static enum status check_predecessor(const struct keeper_state *state,
                                     const struct keeper_self *self,
                                     const struct exchange_nonces *nonces,
                                     const struct keeper_take_over *request)
{
    const struct keeper_answer *answer = &request->answer;
    struct enclave_policy terms;
    struct peer peer = {.role = ROLE_KEEPER,
                        .platforms = &state->policy,
                        .identity = &answer->identity,
                        .policy = &terms};
    struct quoted predecessor;
    uint8_t id[32];
    enum status status = keeper_enclave_policy(state->owner, &state->policy, &terms);

    worker_id_of(answer->identity.signing_key, id);
    if (status == ST_OK && !reserved_is_zero(answer->reserved))
        status = ST_CORRUPT;
    if (status == ST_OK)
        status = handover_check(&request->handover, state->owner, id);
    if (status == ST_OK && memcmp(answer->owner, state->owner, sizeof(answer->owner)) != 0)
        status = ST_KEEPER_SIGNATURE;
    if (status == ST_OK)
        status = platform_policy_check(&answer->policy, state->owner);
    if (status != ST_OK)
        return status;
    keeper_challenge(nonces, peer.challenge);
    status = peer_check(&answer->quote, &peer, &predecessor);
    if (status != ST_OK)
        return status;
    if (memcmp(predecessor.mrenclave, request->handover.from_mrenclave, 32) != 0 ||
        memcmp(self->mrenclave, request->handover.to_mrenclave, 32) != 0)
        return ST_QUOTE_MEASUREMENT;
    return ST_OK;
}

/* Only into a keeper that has nothing of its own to lose. */
static enum status adopt(struct keeper *keeper, const struct keeper_self *self,
                         const struct handover_body *body)
{
    struct keeper_state *state = &keeper->state;

    if (body->key_count > KEEPER_KEYS_MAX || body->worker_count > KEEPER_WORKERS_MAX)
        return ST_CORRUPT;
    if (state->key_count != 0 || state->worker_count != 0)
        return ST_KEEPER_FULL;
    memcpy(state->keys, body->keys, sizeof(state->keys));
    memcpy(state->workers, body->workers, sizeof(state->workers));
    state->key_count = body->key_count;
    state->worker_count = body->worker_count;
    if (state->epoch < body->epoch) /* numbers go on; the keys are ours */
        state->epoch = body->epoch;
    return keeper_rotate(keeper, self);
}

enum status keeper_take_over(struct keeper *keeper, const struct keeper_self *self,
                             struct keeper_take_over *request)
{
    const struct keeper_answer *answer = &request->answer;
    struct exchange_nonces nonces;
    uint8_t quote[32];
    uint8_t transcript[32];
    enum status status;

    if (!keeper->taking_over)
        return ST_KEEPER_CHALLENGE;
    keeper->taking_over = 0;
    memcpy(nonces.asker, keeper->asker_nonce, sizeof(nonces.asker));
    memcpy(nonces.keeper, answer->keeper_nonce, sizeof(nonces.keeper));
    status = check_predecessor(&keeper->state, self, &nonces, request);
    if (status != ST_OK)
        return status;
    quote_digest(&answer->quote, quote);
    exchange_transcript(&nonces, answer->own_quote_sha256, quote, transcript);
    status = grant_open(self, GRANT_HANDOVER, transcript, answer->identity.signing_key,
                        &request->grant, sizeof(request->grant.body));
    return status == ST_OK ? adopt(keeper, self, &request->grant.body) : status;
}
