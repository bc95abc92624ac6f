/* Which handler a method and a path lead to. */
#ifndef RECLAVE_HOST_HTTP_ROUTE_H
#define RECLAVE_HOST_HTTP_ROUTE_H

#include "host/http/uri.h"

enum route_match {
    ROUTE_FOUND,
    ROUTE_NO_PATH,   /* 404 */
    ROUTE_NO_METHOD, /* 405: the path exists; `allow` lists its methods */
};

#define ROUTE_ALLOW_BYTES 64

/* Captures are written to request. Tables are tried in order, the first match wins. */
enum route_match route_find(const struct http_route *const *tables, const char *method,
                            const struct uri *uri, const struct http_route **found,
                            struct http_request *request, char allow[ROUTE_ALLOW_BYTES]);

#endif
