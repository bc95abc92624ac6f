/*
 * OpenWhisk's REST API on one machine: what `wsk` and the client libraries speak. docs/http-api.md
 * says what of it there is, endpoint by endpoint.
 */
#ifndef RECLAVE_HOST_API_API_H
#define RECLAVE_HOST_API_API_H

#include "host/api/runner.h"
#include "host/http/http.h"
#include "host/store/database.h"

struct api;

struct api_options {
    struct database *database;   /* borrowed until api_close */
    const struct runner *runner; /* the same */
    uint64_t memory_mib;         /* default of an action */
    uint64_t log_mib;            /* default and maximum */
    uint64_t rate;       /* invocations a minute of a namespace, where it has no own limit */
    uint64_t concurrent; /* invocations at a time, the same */
    uint64_t keep_ms;    /* age of activations; 0: for ever */
    uint64_t keep_count; /* activations of a namespace; 0: any */
};

/* Takes up what was promised before: activations that had not begun are run, those that had are
 * recorded as interrupted. */
MUST_CHECK enum status api_open(const struct api_options *options, struct api **out,
                                struct message *why);
/* Begins nothing any more; what was promised and has not begun stays for the next start. */
void api_drain(struct api *api);
/* Waits for all invocations that run. NULL is fine. */
void api_close(struct api *api);
/* Limits that SIGHUP may change. */
void api_set_limits(struct api *api, uint64_t rate, uint64_t concurrent);

/* For struct http_options: context is the api. */
extern const struct http_route *const api_tables[];
extern const struct http_pair api_headers[]; /* cross-origin, on every response */
#define API_BODY_LIMIT (2u << 20)            /* for all but actions, which set their own */

#endif
