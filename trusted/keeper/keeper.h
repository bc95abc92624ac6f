/*
 * The keeper itself. keeper_run is the one way in: it knows which command is legal when, and seals
 * the new state of those that change it. One user at a time.
 *
 * command.c is the table, state.c what is sealed, epoch.c the fleet's keys, functions.c the
 * owners', admission.c the workers, handover.c another keeper.
 */
#ifndef RECLAVE_TRUSTED_KEEPER_KEEPER_H
#define RECLAVE_TRUSTED_KEEPER_KEEPER_H

#include "trusted/keeper/channel.h"

/* Secret; outside of every snapshot. */
struct keeper {
    uint32_t ready;       /* 1: state and self's identity are the keeper's own */
    uint32_t broken;      /* 1: its last state could not be sealed; nothing works any more */
    uint32_t taking_over; /* 1: asker_nonce is good for one grant */
    uint32_t next_pending;
    uint8_t asker_nonce[ADMISSION_NONCE_BYTES];
    struct {
        uint32_t used;
        struct exchange_nonces nonces;
    } pending[KEEPER_PENDING_MAX];
    struct keeper_state state;
};

/* Requests and answers, copied in and out by the caller. */
union keeper_request {
    struct keeper_start start;
    uint8_t sealed[KEEPER_SEALED_BYTES];
    struct keeper_challenge challenge;
    struct keeper_admission admission;
    struct key_release release;
    struct revocation revocation;
    struct platform_policy policy;
    struct keeper_handover handover;
    struct keeper_take_over take_over;
};

union keeper_reply {
    uint8_t sealed[KEEPER_SEALED_BYTES];
    struct keeper_status status;
    uint8_t nonce[ADMISSION_NONCE_BYTES];
    struct keeper_admitted admitted;
    struct handover_grant handover;
};

struct keeper_sizes {
    size_t request, reply, state; /* bytes; reply and state exclude one another */
};

/* Before anything is copied: ST_UNKNOWN_CALL, ST_KEEPER_EMPTY, ST_KEEPER_READY; the sizes that the
 * command needs. */
MUST_CHECK enum status keeper_sizes(const struct keeper *keeper, uint64_t command,
                                    struct keeper_sizes *sizes);
/* keeper_sizes was ST_OK. On failure the reply is not to be given away, and nothing has changed,
 * except that nonces are spent. The caller wipes request and reply. */
MUST_CHECK enum status keeper_run(struct keeper *keeper, struct keeper_self *self, uint64_t command,
                                  union keeper_request *request, union keeper_reply *reply);

/* ---- state.c -------------------------------------------------------------------------- */

/* Owner and policy have been checked: self takes the identity of this keeper. */
MUST_CHECK enum status keeper_take_identity(const struct keeper_state *state,
                                            struct keeper_self *self);
/* Counts on and seals. */
MUST_CHECK enum status keeper_seal(struct keeper *keeper, const struct keeper_self *self,
                                   uint8_t sealed[KEEPER_SEALED_BYTES]);
/* `sealed` becomes the state that it holds. ST_SEALED_*, ST_CORRUPT, ST_UNSUPPORTED. */
MUST_CHECK enum status keeper_unseal(struct keeper *keeper, struct keeper_self *self,
                                     uint8_t sealed[KEEPER_SEALED_BYTES]);

/* ---- epoch.c ---------------------------------------------------------------------------- */

/* The next epoch; the current one becomes the previous, the one before that is gone. */
MUST_CHECK enum status keeper_rotate(struct keeper *keeper, const struct keeper_self *self);
MUST_CHECK enum status keeper_describe(const struct keeper *keeper, const struct keeper_self *self,
                                       struct keeper_status *out);
MUST_CHECK enum status certify_worker(const struct keeper *keeper, const struct keeper_self *self,
                                      const struct attested_identity *worker,
                                      const uint8_t mrenclave[32], uint8_t out[CERTIFICATE_MAX],
                                      uint64_t *bytes);

/* ---- functions.c ------------------------------------------------------------------------- */

MUST_CHECK enum status function_key_add(struct keeper *keeper, const struct keeper_self *self,
                                        const struct key_release *release);
/* ... or of a worker, after which a new epoch begins. */
MUST_CHECK enum status keeper_revoke(struct keeper *keeper, const struct keeper_self *self,
                                     const struct revocation *revocation);

/* ---- admission.c, handover.c ----------------------------------------------------------------- */

void exchange_begin(struct keeper *keeper, const struct keeper_self *self,
                    const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                    uint8_t keeper_nonce[ADMISSION_NONCE_BYTES]);
/* Of the exchange that the keeper began with this nonce, which is spent; ST_KEEPER_CHALLENGE. */
MUST_CHECK enum status exchange_take(struct keeper *keeper,
                                     const uint8_t keeper_nonce[ADMISSION_NONCE_BYTES],
                                     struct exchange_nonces *nonces);
MUST_CHECK enum status keeper_admit(struct keeper *keeper, const struct keeper_self *self,
                                    const struct keeper_admission *request,
                                    struct keeper_admitted *out);
MUST_CHECK enum status keeper_hand_over(struct keeper *keeper, const struct keeper_self *self,
                                        const struct keeper_handover *request,
                                        struct handover_grant *out);
void take_over_begin(struct keeper *keeper, const struct keeper_self *self,
                     uint8_t nonce[ADMISSION_NONCE_BYTES]);
MUST_CHECK enum status keeper_take_over(struct keeper *keeper, const struct keeper_self *self,
                                        struct keeper_take_over *request);

#endif
