/*
 * What OpenWhisk takes for a container: initialised once with an action, then run. Here it is a
 * reference to a function in the pool, so it costs a few hundred bytes.
 *
 * /init and /run of the action-proxy protocol, without the HTTP around them.
 */
#ifndef RECLAVE_HOST_RUNTIME_CONTAINER_H
#define RECLAVE_HOST_RUNTIME_CONTAINER_H

#include "host/action/action.h"

#include <pthread.h>

/* What all containers share. */
struct runtime {
    struct pool *pool;
    struct store *store;
    uint64_t memory_bytes; /* for actions: their limit is not part of the protocol. 0: none */
    uint64_t log_bytes;
    uint64_t queue_timeout_ms; /* until 503; 0: the action's time limit */
    const json_t *environment; /* {"__OW_API_HOST": ...}: of the whole process; or NULL */
};

struct container;

/* NULL: no memory. */
struct container *container_new(void);
/* Not while a call is inside. */
void container_free(struct container *container);

/* What a call answers. */
struct container_reply {
    unsigned status;          /* HTTP */
    json_t *body;             /* NULL: it is ran.text */
    struct action_result ran; /* log and times; all zero if nothing ran */
    bool log_ends;            /* an activation is over: sentinels follow the log */
};

/* `body` is the request's. Always followed by container_reply_free. Any thread: of several calls of
 * init one wins. */
void container_init(const struct runtime *runtime, struct container *container, const json_t *body,
                    struct container_reply *reply);
void container_run(const struct runtime *runtime, struct container *container, const json_t *body,
                   struct container_reply *reply);
/* The same for a request whose "value" is text, and `body` the rest of it. */
void container_run_text(const struct runtime *runtime, struct container *container,
                        const json_t *body, struct plain params, struct container_reply *reply);
void container_reply_free(struct container_reply *reply);

/* ---- containers by name -------------------------------------------------- */

#define CONTAINERS_MAX 4096u /* beyond: the one unused for the longest time is forgotten */

struct containers;

struct containers *containers_new(void);
void containers_free(struct containers *containers, const struct runtime *runtime);
/* `create`: makes it if there is none. NULL: none, or no memory. Then containers_put. */
struct container *containers_get(struct containers *containers, const struct runtime *runtime,
                                 const char *id, bool create);
void containers_put(struct containers *containers, const struct runtime *runtime, const char *id,
                    struct container *container);
/* False: there was none. One that is in use goes when it no longer is. */
bool containers_remove(struct containers *containers, const struct runtime *runtime,
                       const char *id);
/* Releases what the container holds in the store. */
void container_release(const struct runtime *runtime, struct container *container);

#endif
