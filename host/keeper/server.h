/* Serves a keeper on a socket, and begins a new epoch in time. */
#ifndef RECLAVE_HOST_KEEPER_SERVER_H
#define RECLAVE_HOST_KEEPER_SERVER_H

#include "host/keeper/keeper.h"

#define EPOCH_SECONDS_MAX     3600u
#define EPOCH_SECONDS_DEFAULT 3000u

struct keeper_server_options {
    int listener;           /* listening, not blocking; the caller's */
    uint64_t epoch_seconds; /* 1 .. EPOCH_SECONDS_MAX */
    void (*ready)(void *context);
    void *ready_context;
};

/* Until SIGTERM or SIGINT, which it blocks: call it before other threads exist. ST_IO: a state or
 * an epoch could not be written; stop. */
MUST_CHECK enum status keeper_server_run(struct keeper_host *keeper,
                                         const struct keeper_server_options *options,
                                         struct message *why);

#endif
