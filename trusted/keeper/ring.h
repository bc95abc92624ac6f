/*
 * What a worker has from its keeper: the receiving keys of two epochs and function keys. Outside of
 * every snapshot, never rewound; a grant replaces all that the one before it brought.
 *
 * ring_begin and ring_install have one user at a time, the caller sees to it; the look-ups may be
 * made by any slot meanwhile.
 */
#ifndef RECLAVE_TRUSTED_KEEPER_RING_H
#define RECLAVE_TRUSTED_KEEPER_RING_H

#include "trusted/keeper/channel.h"

struct key_ring {
    uint8_t nonce[ADMISSION_NONCE_BYTES]; /* of the exchange under way */
    uint32_t waiting;                     /* 1: nonce is good for one grant */
    uint32_t lock;                        /* of everything below */
    uint32_t epoch_keys;                  /* 0, 1 or 2: current, then previous */
    uint32_t key_count;
    uint64_t epoch;
    uint64_t counter; /* of the keeper's state, the newest seen */
    struct receiving_key epochs[2];
    struct granted_key keys[KEEPER_KEYS_MAX];
};

/* A new exchange; one under way ends. */
void ring_begin(struct key_ring *ring, const struct random_source *random,
                uint8_t nonce[ADMISSION_NONCE_BYTES]);

/*
 * Takes the keeper's grant if the keeper is the one named in this worker's policy, its quote
 * answers this exchange, and nothing is older than what the worker has seen. keeper_id: of the
 * worker's policy. The grant is decrypted in place; whatever comes of it, the caller wipes it.
 */
MUST_CHECK enum status ring_install(struct key_ring *ring, const struct keeper_self *self,
                                    const uint8_t keeper_id[32], struct worker_granted *granted);

/* false: no such key. The caller wipes *out. */
MUST_CHECK bool ring_receiving_key(struct key_ring *ring, const uint8_t id[KEY_ID_BYTES],
                                   struct receiving_key *out);
MUST_CHECK bool ring_function_key(struct key_ring *ring, const uint8_t id[KEY_ID_BYTES],
                                  struct granted_key *out);

#endif
