#include "trusted/keeper/keeper.h"

#include "base/bytes.h"
#include "base/cbor.h"
#include "abi/evidence.h"
#include "trusted/attest/cose.h"

#include <string.h>

enum status keeper_rotate(struct keeper *keeper, const struct keeper_self *self)
{
    struct keeper_state *state = &keeper->state;
    struct receiving_key fresh;
    enum status status;

    if (state->epoch == UINT64_MAX)
        return ST_OUT_OF_RANGE;
    status = receiving_key_make(&self->random, &fresh);
    if (status == ST_OK) {
        memcpy(state->previous, state->current, sizeof(state->previous));
        memcpy(state->current, fresh.secret, sizeof(state->current));
        state->has_previous = state->epoch != 0;
        state->epoch++;
        if (state->epoch_began < self->time) /* the host's clock must not make an epoch older */
            state->epoch_began = self->time;
    }
    bytes_wipe(&fresh, sizeof(fresh));
    return status;
}

/* ---- certificates ------------------------------------------------------------------ */

static void put_bytes(struct cbor_writer *out, int64_t label, const void *value, size_t bytes)
{
    cbor_integer(out, label);
    cbor_bytes(out, value, bytes);
}

/* What both kinds say first: profile, epoch, counter. Labels in the order of abi/keeper.h are in
 * deterministic order. */
static void begin(struct cbor_writer *out, uint64_t entries, const char *profile,
                  const struct keeper_state *state)
{
    cbor_head(out, CBOR_MAP, entries);
    cbor_integer(out, CLAIM_PROFILE);
    cbor_text(out, profile);
    cbor_integer(out, CLAIM_EPOCH);
    cbor_head(out, CBOR_UNSIGNED, state->epoch);
    cbor_integer(out, CLAIM_STATE_COUNTER);
    cbor_head(out, CBOR_UNSIGNED, state->counter);
}

/* Last in both kinds. */
static void put_began(struct cbor_writer *out, const struct keeper_state *state)
{
    cbor_integer(out, CLAIM_EPOCH_BEGAN);
    cbor_head(out, CBOR_UNSIGNED, state->epoch_began);
}

static void put_policy(struct cbor_writer *out, const struct keeper_state *state)
{
    uint8_t digest[32];

    platform_policy_digest(&state->policy, digest);
    put_bytes(out, CLAIM_PLATFORM_POLICY, digest, sizeof(digest));
}

static enum status sign(const struct keeper_self *self, const struct cbor_writer *payload,
                        uint8_t out[CERTIFICATE_MAX], uint64_t *bytes)
{
    size_t payload_bytes;
    size_t signed_bytes = 0;
    enum status status = cbor_size(payload, &payload_bytes);

    if (status == ST_OK)
        status = cose_sign1(self->signing, payload->buffer, payload_bytes, out, CERTIFICATE_MAX,
                            &signed_bytes);
    *bytes = signed_bytes;
    return status;
}

static enum status certify_epoch(const struct keeper *keeper, const struct keeper_self *self,
                                 uint8_t out[CERTIFICATE_MAX], uint64_t *bytes)
{
    uint8_t buffer[COSE_PAYLOAD_MAX];
    struct cbor_writer payload;
    struct receiving_key current;
    enum status status = receiving_key_from_secret(keeper->state.current, &current);

    if (status != ST_OK)
        return status;
    cbor_start(&payload, buffer, sizeof(buffer));
    begin(&payload, 6, CERTIFICATE_EPOCH_PROFILE, &keeper->state);
    put_bytes(&payload, CLAIM_RECEIVING_KEY, current.public_key, sizeof(current.public_key));
    put_policy(&payload, &keeper->state);
    put_began(&payload, &keeper->state);
    bytes_wipe(&current, sizeof(current));
    return sign(self, &payload, out, bytes);
}

enum status certify_worker(const struct keeper *keeper, const struct keeper_self *self,
                           const struct attested_identity *worker, const uint8_t mrenclave[32],
                           uint8_t out[CERTIFICATE_MAX], uint64_t *bytes)
{
    uint8_t buffer[COSE_PAYLOAD_MAX];
    struct cbor_writer payload;

    cbor_start(&payload, buffer, sizeof(buffer));
    begin(&payload, 7, CERTIFICATE_WORKER_PROFILE, &keeper->state);
    put_policy(&payload, &keeper->state);
    put_bytes(&payload, CLAIM_MRENCLAVE, mrenclave, 32);
    put_bytes(&payload, CLAIM_IDENTITY, worker, sizeof(*worker));
    put_began(&payload, &keeper->state);
    return sign(self, &payload, out, bytes);
}

enum status keeper_describe(const struct keeper *keeper, const struct keeper_self *self,
                            struct keeper_status *out)
{
    memset(out, 0, sizeof(*out));
    out->epoch = keeper->state.epoch;
    out->counter = keeper->state.counter;
    out->key_count = keeper->state.key_count;
    memcpy(out->owner, keeper->state.owner, sizeof(out->owner));
    out->policy = keeper->state.policy;
    return certify_epoch(keeper, self, out->certificate, &out->certificate_bytes);
}
