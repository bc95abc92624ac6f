/* The worker: one process, one enclave, a socket (docs/worker.md). */
#ifndef RECLAVE_HOST_WORKER_SERVER_H
#define RECLAVE_HOST_WORKER_SERVER_H

#include "abi/status.h"
#include "host/loader/message.h"
#include "host/worker/engine.h"

struct server_options {
    struct engine_options engine;
    const char *socket_path; /* NULL: only the clients below */
    /* Sockets with a client at their other end, from first_client on; the worker owns them. Without
     * a socket_path it ends when the last of these clients is gone. */
    int first_client;
    unsigned client_count;
    /* Called once the enclave, all threads and all descriptors are there, before the first request
     * is read; false ends the worker. May be NULL. */
    bool (*ready)(void *context);
    void *ready_context;
};

/* Opens the enclave, listens and serves until SHUTDOWN, SIGTERM or SIGINT; then ends what
 * runs, removes the socket and returns ST_OK. Call it before other threads exist: it blocks
 * SIGTERM and SIGINT. */
MUST_CHECK enum status server_run(const struct server_options *options, struct message *why);

#endif
