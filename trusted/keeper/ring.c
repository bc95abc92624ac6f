#include "trusted/keeper/ring.h"

#include "base/bytes.h"
#include "base/lock.h"

#include <string.h>

_Static_assert(sizeof(struct worker_grant) == GRANT_BYTES(sizeof(struct worker_grant_body)),
               "no gaps");

void ring_begin(struct key_ring *ring, const struct random_source *random,
                uint8_t nonce[ADMISSION_NONCE_BYTES])
{
    random->fill(random->context, ring->nonce, sizeof(ring->nonce));
    memcpy(nonce, ring->nonce, sizeof(ring->nonce));
    ring->waiting = 1;
}

/* Is the other end the keeper that this worker's policy names, now? The name is the digest of its
 * signing key, so a root of the host's own, which the owner's key in the answer could sign for, has
 * nothing to gain: the caller compares the name with the keeper that it verified itself. */
static enum status check_keeper(const struct exchange_nonces *nonces,
                                const struct keeper_self *self, const uint8_t keeper_id[32],
                                const struct keeper_answer *answer)
{
    struct peer peer = {
        .role = ROLE_KEEPER, .platforms = &answer->policy, .identity = &answer->identity};
    struct enclave_policy terms;
    struct quoted keeper;
    uint8_t id[32];
    enum status status;

    if (!reserved_is_zero(answer->reserved))
        return ST_CORRUPT;
    worker_id_of(answer->identity.signing_key, id);
    if (memcmp(id, keeper_id, sizeof(id)) != 0)
        return ST_KEEPER_OTHER;
    status = platform_policy_check(&answer->policy, answer->owner);
    if (status == ST_OK)
        status = keeper_enclave_policy(answer->owner, &answer->policy, &terms);
    if (status != ST_OK)
        return status;
    peer.policy = &terms;
    keeper_challenge(nonces, peer.challenge);
    status = peer_check(&answer->quote, &peer, &keeper);
    if (status == ST_OK &&
        !platform_names_image(&answer->policy, self->mrenclave, keeper.mrenclave))
        status = ST_QUOTE_MEASUREMENT;
    return status;
}

/* Made by a keeper, so its form is right; counts are checked all the same. */
static enum status adopt(struct key_ring *ring, const struct worker_grant_body *body)
{
    struct receiving_key epochs[2];
    enum status status;

    memset(epochs, 0, sizeof(epochs));
    if (body->key_count > KEEPER_KEYS_MAX || body->has_previous > 1)
        return ST_CORRUPT;
    if (body->epoch < ring->epoch || body->counter < ring->counter)
        return ST_KEEPER_STALE;
    status = receiving_key_from_secret(body->current, &epochs[0]);
    if (status == ST_OK && body->has_previous)
        status = receiving_key_from_secret(body->previous, &epochs[1]);
    if (status == ST_OK) {
        lock_take(&ring->lock);
        ring->epoch = body->epoch;
        ring->counter = body->counter;
        ring->epoch_keys = 1 + body->has_previous;
        ring->key_count = body->key_count;
        memcpy(ring->epochs, epochs, sizeof(epochs));
        memcpy(ring->keys, body->keys, sizeof(ring->keys));
        lock_release(&ring->lock);
    }
    bytes_wipe(epochs, sizeof(epochs));
    return status;
}

enum status ring_install(struct key_ring *ring, const struct keeper_self *self,
                         const uint8_t keeper_id[32], struct worker_granted *granted)
{
    const struct keeper_answer *answer = &granted->answer;
    struct exchange_nonces nonces;
    uint8_t keeper_quote[32];
    uint8_t transcript[32];
    enum status status;

    if (!ring->waiting)
        return ST_KEEPER_CHALLENGE;
    ring->waiting = 0;
    memcpy(nonces.asker, ring->nonce, sizeof(nonces.asker));
    memcpy(nonces.keeper, answer->keeper_nonce, sizeof(nonces.keeper));
    status = check_keeper(&nonces, self, keeper_id, answer);
    if (status != ST_OK)
        return status;
    quote_digest(&answer->quote, keeper_quote);
    exchange_transcript(&nonces, answer->own_quote_sha256, keeper_quote, transcript);
    status = grant_open(self, GRANT_WORKER, transcript, answer->identity.signing_key,
                        &granted->grant, sizeof(granted->grant.body));
    return status == ST_OK ? adopt(ring, &granted->grant.body) : status;
}

bool ring_receiving_key(struct key_ring *ring, const uint8_t id[KEY_ID_BYTES],
                        struct receiving_key *out)
{
    bool found = false;

    lock_take(&ring->lock);
    for (unsigned i = 0; i < ring->epoch_keys && !found; i++) {
        found = memcmp(ring->epochs[i].id, id, KEY_ID_BYTES) == 0;
        if (found)
            *out = ring->epochs[i];
    }
    lock_release(&ring->lock);
    return found;
}

bool ring_function_key(struct key_ring *ring, const uint8_t id[KEY_ID_BYTES],
                       struct granted_key *out)
{
    bool found = false;

    lock_take(&ring->lock);
    for (unsigned i = 0; i < ring->key_count && !found; i++) {
        found = memcmp(ring->keys[i].id, id, KEY_ID_BYTES) == 0;
        if (found)
            *out = ring->keys[i];
    }
    lock_release(&ring->lock);
    return found;
}
