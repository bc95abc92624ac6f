/* `reclave serve`: a pool, a store, and the servers in front of them. */
#ifndef RECLAVE_HOST_DAEMON_DAEMON_H
#define RECLAVE_HOST_DAEMON_DAEMON_H

#include "host/action/store.h"
#include "host/api/api.h"
#include "host/daemon/settings.h"
#include "host/http/http.h"
#include "host/pool/pool.h"
#include "host/runtime/node.h"

/* Names, defaults and help of all settings. */
extern const struct setting daemon_settings[];

struct daemon_options {
    struct settings *settings;         /* loaded */
    const char *config;                /* its file, or NULL; for SIGHUP */
    const char *program;               /* `reclave` itself */
    const char *const *worker_command; /* see pool.h */
};

/* What the servers work with. */
struct service {
    struct api *api;
    struct pool *pool;
    struct store *store;
    struct settings *settings;
    struct node node;
    bool serving, stopping; /* readiness */
};

/* Serves until SIGTERM or SIGINT; SIGHUP reads the settings again. Call it before other threads
 * exist. Returns ST_OK after a graceful end. */
MUST_CHECK enum status daemon_run(const struct daemon_options *options, struct message *why);

/* admin.c */
extern const struct http_route admin_routes[];

#endif
