#include "trusted/keeper/keeper.h"

#include "base/bytes.h"
#include "trusted/attest/report.h"
#include "trusted/attest/report_data.h"
#include "trusted/attest/sealed.h"

#include <string.h>

enum status keeper_take_identity(const struct keeper_state *state, struct keeper_self *self)
{
    struct enclave_policy terms;
    uint8_t policy_sha256[32];
    uint8_t boot_id[BOOT_ID_BYTES];
    enum status status = keeper_enclave_policy(state->owner, &state->policy, &terms);

    if (status != ST_OK)
        return status;
    memcpy(self->signing->secret, state->signing.secret, sizeof(self->signing->secret));
    memcpy(self->signing->public_key, state->signing.public_key, SIGNING_KEY_BYTES);
    worker_id_of(state->signing.public_key, self->signing->worker_id);
    policy_digest(&terms, policy_sha256);
    memcpy(boot_id, self->identity->boot_id, sizeof(boot_id));
    identity_fill(self->identity, ROLE_KEEPER, self->signing, self->receiving, boot_id,
                  policy_sha256);
    return ST_OK;
}

static enum status key_for(const struct state_header *header, uint8_t key[16])
{
    struct sealing_id id = {.isv_svn = header->isvsvn};

    memcpy(id.key_id, header->key_id, sizeof(id.key_id));
    memcpy(id.cpu_svn, header->cpusvn, sizeof(id.cpu_svn));
    return sealing_key(&id, key);
}

enum status keeper_seal(struct keeper *keeper, const struct keeper_self *self,
                        uint8_t sealed[KEEPER_SEALED_BYTES])
{
    struct state_header header;
    struct sealing_id id;
    uint8_t key[16];
    enum status status;

    if (keeper->state.counter == UINT64_MAX)
        return ST_OUT_OF_RANGE;
    keeper->state.counter++;
    state_header_fill(&header, STATE_PURPOSE_KEEPER, keeper->state.counter, sizeof(keeper->state),
                      &self->random);
    sealing_id_now(header.key_id, &id);
    memcpy(header.cpusvn, id.cpu_svn, sizeof(header.cpusvn));
    header.isvsvn = id.isv_svn;
    status = key_for(&header, key);
    if (status == ST_OK) {
        memcpy(sealed, &header, sizeof(header));
        memcpy(sealed + sizeof(header), &keeper->state, sizeof(keeper->state));
        state_seal(&header, key, sealed + sizeof(header));
    }
    bytes_wipe(key, sizeof(key));
    return status;
}

/* This very image wrote it, so nothing else can be wrong. */
static bool is_sound(const struct keeper_state *state, const struct state_header *header)
{
    return state->version == KEEPER_STATE_VERSION && state->counter == header->counter &&
           state->has_previous <= 1 && state->key_count <= KEEPER_KEYS_MAX &&
           state->worker_count <= KEEPER_WORKERS_MAX &&
           platform_policy_check(&state->policy, state->owner) == ST_OK;
}

enum status keeper_unseal(struct keeper *keeper, struct keeper_self *self,
                          uint8_t sealed[KEEPER_SEALED_BYTES])
{
    struct state_header header;
    uint8_t key[16];
    uint8_t *state = sealed + sizeof(header);
    enum status status;

    memcpy(&header, sealed, sizeof(header));
    status = state_header_check(&header, STATE_PURPOSE_KEEPER, 0,
                                sizeof(keeper->state) + AEAD_TAG_BYTES);
    if (status == ST_OK)
        status = key_for(&header, key);
    if (status != ST_OK)
        return status;
    status = state_open(&header, key, state);
    bytes_wipe(key, sizeof(key));
    if (status != ST_OK)
        return status;
    memcpy(&keeper->state, state, sizeof(keeper->state));
    status =
        is_sound(&keeper->state, &header) ? keeper_take_identity(&keeper->state, self) : ST_CORRUPT;
    if (status != ST_OK)
        bytes_wipe(&keeper->state, sizeof(keeper->state));
    return status;
}
