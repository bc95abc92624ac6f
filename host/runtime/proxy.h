/*
 * OpenWhisk's action-proxy protocol: POST /init once, then POST /run, one action per process. The
 * log of each activation goes to stdout and stderr, followed by a sentinel line on each.
 *
 * Behind it either a pool of its own or a node's (node.h).
 */
#ifndef RECLAVE_HOST_RUNTIME_PROXY_H
#define RECLAVE_HOST_RUNTIME_PROXY_H

#include "host/http/http.h"
#include "host/runtime/container.h"

#define PROXY_SENTINEL "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX"

/* Context of the handlers. Zero, then set what is there; proxy_open fills the rest. */
struct proxy {
    struct runtime runtime; /* with a pool; else all NULL */
    const char *node;       /* path of a node's socket; else NULL */
    bool allow_concurrent;  /* several /run at a time; else 403 */
    struct container *container;
    char node_id[33];
    pthread_mutex_t output; /* one activation's log at a time */
    pthread_mutex_t busy_lock;
    unsigned busy;
};

extern const struct http_route proxy_routes[];

MUST_CHECK enum status proxy_open(struct proxy *proxy, struct message *why);
/* After http_stop. */
void proxy_close(struct proxy *proxy);

#endif
