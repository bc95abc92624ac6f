/* A keeper behind a socket. One thread at a time. */
#ifndef RECLAVE_HOST_KEEPER_CLIENT_H
#define RECLAVE_HOST_KEEPER_CLIENT_H

#include "host/keeper/admission.h"
#include "host/keeper/keeper.h"

/* fd: a connected socket (host/worker/socket.h), the client's from now on. */
struct keeper_client {
    int fd;
};
void keeper_client_close(struct keeper_client *client);

/* For admission_run; borrowed from the client. */
struct keeper_peer keeper_client_peer(struct keeper_client *client);

/* As keeper_host_quote. */
MUST_CHECK enum status keeper_client_quote(struct keeper_client *client,
                                           const uint8_t challenge[CHALLENGE_BYTES],
                                           struct keeper_quote *out, struct message *why);
/* As keeper_host_ask. */
MUST_CHECK enum status keeper_client_ask(struct keeper_client *client,
                                         const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                                         const uint8_t keeper_nonce[ADMISSION_NONCE_BYTES],
                                         struct keeper_admission *out, struct message *why);
MUST_CHECK enum status keeper_client_command(struct keeper_client *client,
                                             enum keeper_command command, const void *request,
                                             size_t request_bytes, void *answer,
                                             size_t answer_bytes, struct message *why);

/* One keeper takes over from another under a policy that their owner has signed. */
MUST_CHECK enum status keeper_client_handover(struct keeper_client *from, struct keeper_client *to,
                                              const struct handover_policy *policy,
                                              struct message *why);

#endif
