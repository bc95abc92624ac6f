#include "host/api/api.h"

#include "host/api/internal.h"

#include <stdlib.h>

/* OpenWhisk's. */
const struct http_pair api_headers[] = {
    {"Access-Control-Allow-Origin", "*"},
    {"Access-Control-Allow-Headers",
     "Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent"},
    {"Access-Control-Allow-Methods", "GET, DELETE, POST, PUT, HEAD"},
    {NULL, NULL},
};

const struct http_route *const api_tables[] = {
    web_routes,     description_routes, namespace_routes, action_routes, activation_routes,
    package_routes, trigger_routes,     rule_routes,      attest_routes, other_routes,
    NULL,
};

enum status api_open(const struct api_options *options, struct api **out, struct message *why)
{
    struct api *api = calloc(1, sizeof(*api));
    enum status status = ST_NO_MEMORY;

    *out = NULL;
    if (!api)
        return ST_NO_MEMORY;
    api->options = *options;
    api->throttle = throttle_open();
    api->jobs = jobs_open(api);
    if (api->throttle && api->jobs)
        status = jobs_recover(api, why);
    if (status == ST_OK) {
        api->keeper = keeper_open(api);
        status = api->keeper ? ST_OK : ST_NO_MEMORY;
    }
    if (status == ST_OK)
        *out = api;
    else
        api_close(api);
    return status;
}

void api_drain(struct api *api)
{
    if (api)
        jobs_drain(api->jobs);
}

void api_close(struct api *api)
{
    if (!api)
        return;
    keeper_close(api->keeper);
    jobs_close(api->jobs);
    throttle_close(api->throttle);
    free(api);
}

void api_set_limits(struct api *api, uint64_t rate, uint64_t concurrent)
{
    __atomic_store_n(&api->options.rate, rate, __ATOMIC_RELAXED);
    __atomic_store_n(&api->options.concurrent, concurrent, __ATOMIC_RELAXED);
}
