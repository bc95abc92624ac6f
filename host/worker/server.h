/* The worker: one process, one enclave, a socket (docs/worker.md). */
#ifndef RECLAVE_HOST_WORKER_SERVER_H
#define RECLAVE_HOST_WORKER_SERVER_H

#include "abi/status.h"
#include "host/loader/message.h"
#include "host/worker/engine.h"

struct server_options {
    struct engine_options engine;
    const char *socket_path;
    void (*ready)(void *context); /* called once it listens; may be NULL */
    void *ready_context;
};

/* Opens the enclave, listens and serves until SHUTDOWN, SIGTERM or SIGINT; then ends what
 * runs, removes the socket and returns ST_OK. Call it before other threads exist: it blocks
 * SIGTERM and SIGINT. */
MUST_CHECK enum status server_run(const struct server_options *options, struct message *why);

#endif
