/* A worker gets its keys: the host carries the messages of abi/keeper.h, "admission". */
#ifndef RECLAVE_HOST_KEEPER_ADMISSION_H
#define RECLAVE_HOST_KEEPER_ADMISSION_H

#include "abi/keeper.h"
#include "host/loader/loader.h"
#include "sgx/quoting/quote.h"

/* A keeper, here or behind a socket (host/keeper/client.h). */
struct keeper_peer {
    void *context;
    /* As keeper_host_challenge. */
    enum status (*challenge)(void *context, const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                             struct keeper_answer *out, struct message *why);
    /* Any command, as keeper_host_command. */
    enum status (*command)(void *context, enum keeper_command command, const void *request,
                           size_t request_bytes, void *answer, size_t answer_bytes,
                           struct message *why);
};

struct keeper_host;
struct keeper_peer keeper_peer_here(struct keeper_host *keeper);

/* The keeper's word for a worker, for those who check its evidence. */
struct worker_certificate {
    uint8_t bytes[CERTIFICATE_MAX];
    size_t count;
};

/* What a keeper has granted: to be taken by the enclave that asked. */
struct admission {
    struct worker_certificate certificate;
    struct worker_granted *granted; /* encrypted; a loader buffer */
};

/*
 * One exchange for the worker in whose enclave `slot` is. The slot may be in any state but must not
 * be in use. policy: what the enclave was initialised with (engine or enclave_policy_of()). Ends
 * with admission_free in either case.
 */
MUST_CHECK enum status admission_ask(const struct keeper_peer *peer, struct quoting *quoting,
                                     struct slot *slot, const struct enclave_policy *policy,
                                     struct admission *out, struct message *why);
/* Afterwards the enclave holds the keys of the current epoch. A new epoch, or a change of the
 * function keys, needs another exchange. */
MUST_CHECK enum status admission_take(struct slot *slot, const struct admission *admission,
                                      struct message *why);
void admission_free(struct admission *admission);

/* Both, one behind the other; *certificate is empty after a failure. */
MUST_CHECK enum status admission_run(const struct keeper_peer *peer, struct quoting *quoting,
                                     struct slot *slot, const struct enclave_policy *policy,
                                     struct worker_certificate *certificate, struct message *why);

/* The policy that an enclave with these terms has. */
struct enclave_policy enclave_policy_of(const struct enclave_terms *terms);

#endif
