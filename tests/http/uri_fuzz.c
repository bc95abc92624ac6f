/* Any request target: what is accepted keeps the promises of host/http/uri.h, and routing holds. */
#include "host/http/route.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static const struct http_route table[] = {
    {"GET", "/a/{}/b", NULL, 0},
    {"*", "/{}/{...}", NULL, 0},
    {NULL, NULL, NULL, 0},
};
static const struct http_route *const tables[] = {table, NULL};

static void route(const struct uri *uri)
{
    struct http_request request = {0};
    const struct http_route *found = NULL;
    char allow[ROUTE_ALLOW_BYTES];

    if (route_find(tables, "GET", uri, &found, &request, allow) == ROUTE_FOUND)
        require(found && request.capture_count <= uri->segment_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *target = malloc(size + 1);
    struct uri uri;

    memcpy(target, data, size);
    target[size] = 0;
    if (uri_parse(target, &uri) == ST_OK) {
        require(uri.segment_count <= HTTP_SEGMENTS_MAX && uri.parameter_count <= HTTP_QUERY_MAX);
        require(strlen(uri.path) + strlen(uri.query) <= strlen(target));
        for (unsigned i = 0; i < uri.segment_count; i++)
            require(strlen(uri.segments[i]) <= strlen(target));
        route(&uri);
        uri_free(&uri);
    }
    free(target);
    return 0;
}
