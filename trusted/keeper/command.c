#include "trusted/keeper/keeper.h"

#include "base/bytes.h"

#include <string.h>

/* Which command is legal when, what it takes and gives. */
static const struct command {
    uint32_t command;
    uint32_t before; /* 1: in a keeper that is not ready, and only there */
    size_t request, reply, state;
} commands[] = {
    {KEEPER_START, 1, sizeof(struct keeper_start), 0, KEEPER_SEALED_BYTES},
    {KEEPER_RESTORE, 1, KEEPER_SEALED_BYTES, 0, 0},
    {KEEPER_STATUS, 0, 0, sizeof(struct keeper_status), 0},
    {KEEPER_CHALLENGE, 0, sizeof(struct keeper_challenge), ADMISSION_NONCE_BYTES, 0},
    {KEEPER_ADMIT, 0, sizeof(struct keeper_admission), sizeof(struct keeper_admitted), 0},
    {KEEPER_ROTATE, 0, 0, 0, KEEPER_SEALED_BYTES},
    {KEEPER_RELEASE, 0, sizeof(struct key_release), 0, KEEPER_SEALED_BYTES},
    {KEEPER_REVOKE, 0, sizeof(struct revocation), 0, KEEPER_SEALED_BYTES},
    {KEEPER_SET_POLICY, 0, sizeof(struct platform_policy), 0, KEEPER_SEALED_BYTES},
    {KEEPER_HAND_OVER, 0, sizeof(struct keeper_handover), sizeof(struct handover_grant), 0},
    {KEEPER_TAKE_OVER_BEGIN, 0, 0, ADMISSION_NONCE_BYTES, 0},
    {KEEPER_TAKE_OVER, 0, sizeof(struct keeper_take_over), 0, KEEPER_SEALED_BYTES},
};

static const struct command *find(uint64_t number)
{
    for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (commands[i].command == number)
            return &commands[i];
    return NULL;
}

enum status keeper_sizes(const struct keeper *keeper, uint64_t command, struct keeper_sizes *sizes)
{
    const struct command *entry = find(command);

    if (!entry)
        return ST_UNKNOWN_CALL;
    if (keeper->broken)
        return ST_UNSUPPORTED;
    if (entry->before && keeper->ready)
        return ST_KEEPER_READY;
    if (!entry->before && !keeper->ready)
        return ST_KEEPER_EMPTY;
    *sizes = (struct keeper_sizes){entry->request, entry->reply, entry->state};
    return ST_OK;
}

/* The signing key is the one that ENTRY_INIT has made. */
static enum status start(struct keeper *keeper, struct keeper_self *self,
                         const struct keeper_start *request)
{
    struct keeper_state *state = &keeper->state;
    enum status status = platform_policy_check(&request->policy, request->owner);

    if (status != ST_OK)
        return status;
    memset(state, 0, sizeof(*state));
    state->version = KEEPER_STATE_VERSION;
    memcpy(state->signing.secret, self->signing->secret, sizeof(state->signing.secret));
    memcpy(state->signing.public_key, self->signing->public_key, SIGNING_KEY_BYTES);
    memcpy(state->owner, request->owner, sizeof(state->owner));
    state->policy = request->policy;
    status = keeper_rotate(keeper, self);
    return status == ST_OK ? keeper_take_identity(state, self) : status;
}

/* A newer policy of the same owner under the same root: the identity stays what it was. */
static enum status set_policy(struct keeper_state *state, const struct platform_policy *policy)
{
    struct enclave_policy before, after;
    enum status status = platform_policy_check(policy, state->owner);

    if (status == ST_OK)
        status = keeper_enclave_policy(state->owner, &state->policy, &before);
    if (status == ST_OK)
        status = keeper_enclave_policy(state->owner, policy, &after);
    if (status != ST_OK)
        return status;
    if (memcmp(&before, &after, sizeof(before)) != 0)
        return ST_KEEPER_POLICY;
    if (policy->serial <= state->policy.serial)
        return ST_KEEPER_STALE;
    state->policy = *policy;
    return ST_OK;
}

static enum status act(struct keeper *keeper, struct keeper_self *self, uint64_t command,
                       union keeper_request *request, union keeper_reply *reply)
{
    switch (command) {
    case KEEPER_START:
        return start(keeper, self, &request->start);
    case KEEPER_RESTORE:
        return keeper_unseal(keeper, self, request->sealed);
    case KEEPER_STATUS:
        return keeper_describe(keeper, self, &reply->status);
    case KEEPER_CHALLENGE:
        exchange_begin(keeper, self, request->challenge.asker_nonce, reply->nonce);
        return ST_OK;
    case KEEPER_ADMIT:
        return keeper_admit(keeper, self, &request->admission, &reply->admitted);
    case KEEPER_ROTATE:
        return keeper_rotate(keeper, self);
    case KEEPER_RELEASE:
        return function_key_add(keeper, self, &request->release);
    case KEEPER_REVOKE:
        return keeper_revoke(keeper, self, &request->revocation);
    case KEEPER_SET_POLICY:
        return set_policy(&keeper->state, &request->policy);
    case KEEPER_HAND_OVER:
        return keeper_hand_over(keeper, self, &request->handover, &reply->handover);
    case KEEPER_TAKE_OVER_BEGIN:
        take_over_begin(keeper, self, reply->nonce);
        return ST_OK;
    case KEEPER_TAKE_OVER:
        return keeper_take_over(keeper, self, &request->take_over);
    default:
        return ST_UNKNOWN_CALL;
    }
}

enum status keeper_run(struct keeper *keeper, struct keeper_self *self, uint64_t command,
                       union keeper_request *request, union keeper_reply *reply)
{
    const struct command *entry = find(command);
    enum status status;

    if (!entry)
        return ST_UNKNOWN_CALL;
    status = act(keeper, self, command, request, reply);
    if (status == ST_OK && entry->state) {
        status = keeper_seal(keeper, self, reply->sealed);
        keeper->broken = status != ST_OK; /* what is in memory is not what can be restored */
    }
    if (entry->before && status != ST_OK)
        bytes_wipe(&keeper->state, sizeof(keeper->state));
    if (status == ST_OK && entry->before) /* whoever sees it, on any thread, sees the identity */
        __atomic_store_n(&keeper->ready, 1, __ATOMIC_RELEASE);
    return status;
}
