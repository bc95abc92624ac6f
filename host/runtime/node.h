/*
 * The pool of a node, for action proxies on the same node: HTTP on a Unix socket.
 *
 *   POST /containers/{id}/init     the body of /init
 *   POST /containers/{id}/run      the body of /run
 *   DELETE /containers/{id}
 *   GET /attestation?challenge=HEX  quotes of the enclaves, as the API's (docs/http-api.md)
 *
 * init and run answer 200 and
 *   {"status": HTTP status for the invoker, "body": ..., "stdout": "...", "stderr": "...",
 * "log_ends": bool}
 */
#ifndef RECLAVE_HOST_RUNTIME_NODE_H
#define RECLAVE_HOST_RUNTIME_NODE_H

#include "host/http/http.h"
#include "host/runtime/container.h"

#define RUNTIME_INIT_BODY_MAX (70u << 20) /* 48 MiB of code in base64, and what surrounds it */
#define RUNTIME_RUN_BODY_MAX  (8u << 20)  /* 1 MiB of parameters, however escaped */

/* Context of the handlers below. */
struct node {
    struct runtime runtime;
    struct containers *containers;
};

extern const struct http_route node_routes[];

/* The executor protocol of "Wasm on OpenWhisk", /{id}/init, run and destroy (docs/serving.md). Same
 * context. */
extern const struct http_route wow_routes[];

#endif
