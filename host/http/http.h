/*
 * A small HTTP/1.1 server over libmicrohttpd: routes as a table, one blocking
 * handler call per request, whole bodies.
 *
 *   static const struct http_route routes[] = {
 *       {"GET", "/api/v1/namespaces/{}/actions/{}", get_action, 0},
 *       {"*", "/api/v1/web/{}/{...}", web_action, 0},
 *   };
 *
 * Each connection has a thread, and a handler runs in it: it may block. Handlers of different
 * connections run at the same time. A request reaches its handler only when all of it is there, so
 * slow clients cost a thread and a few KiB each, at most `connections` of them, and are cut off at
 * their deadline.
 *
 * Every response has Content-Length, X-Request-ID and the server's common headers. What this layer
 * itself refuses (400, 404, 405, 413, 431, 503) is answered as OpenWhisk does:
 *   {"error": "what is wrong", "code": "the request's ID"}
 */
#ifndef RECLAVE_HOST_HTTP_HTTP_H
#define RECLAVE_HOST_HTTP_HTTP_H

#include "abi/status.h"
#include "host/loader/message.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- requests ------------------------------------------------------------ */

#define HTTP_SEGMENTS_MAX 32  /* of a path */
#define HTTP_QUERY_MAX    32  /* parameters */
#define HTTP_ID_BYTES     129 /* X-Request-ID and its NUL */

struct http_pair {
    const char *name, *value;
};

/* Valid during the handler's call. Strings are NUL-terminated, decoded UTF-8. */
struct http_request {
    const char *method; /* upper case */
    const char *path;   /* as sent, without the query; for messages */
    const char *query;  /* as sent, "" if none: for __ow_query */
    char id[HTTP_ID_BYTES];
    /* What the pattern's {} and {...} matched, in order. {...} has one capture for each segment. */
    const char *captures[HTTP_SEGMENTS_MAX];
    unsigned capture_count;
    bool trailing_slash; /* "/a/": matches the pattern "/a" as well */
    struct http_pair parameters[HTTP_QUERY_MAX];
    unsigned parameter_count;
    const uint8_t *body; /* NULL: none. One NUL follows body_bytes, not counted */
    size_t body_bytes;
    void *connection; /* this layer's */
};

/* A query parameter; NULL: absent; "" if it has no value. The first of several. */
const char *http_parameter(const struct http_request *request, const char *name);
/* The same as true or false: "true" or "" is true, anything else false. */
bool http_parameter_true(const struct http_request *request, const char *name);
/* A header, any case; NULL: absent. */
const char *http_header(const struct http_request *request, const char *name);
/* All headers, for web actions; names in lower case. New reference; NULL: no memory. */
json_t *http_headers(const struct http_request *request);
/* The body as JSON of any type; of equal keys the last one counts, as OpenWhisk has it; an empty
 * body is
 * `{}`. Strings may contain \u0000: take those that name something with http_json_text. NULL: why
 * says what is wrong ("The request content was malformed:\n..." as OpenWhisk puts it). */
json_t *http_body_json(const struct http_request *request, struct message *why);
/* object[key] if it is a string without NUL; else NULL. */
const char *http_json_text(const json_t *object, const char *key);

/* ---- responses ----------------------------------------------------------- */

/* Made by the layer; a handler calls one http_reply_* once. Without one: 500. */
struct http_response;

/* `json` is taken over; NULL (no memory): 500. */
void http_reply_json(struct http_response *response, unsigned status, json_t *json);
void http_reply_text(struct http_response *response, unsigned status, const char *text);
/* `body` is malloc'ed and taken over. */
void http_reply_bytes(struct http_response *response, unsigned status, const char *content_type,
                      void *body, size_t bytes);
void http_reply_empty(struct http_response *response, unsigned status);
/* {"error": ..., "code": request ID} */
void http_reply_error(struct http_response *response, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds a header; a value with control characters is dropped (no header injection). */
void http_reply_header(struct http_response *response, const char *name, const char *value);

/* ---- routes -------------------------------------------------------------- */

typedef void http_handler(const struct http_request *request, struct http_response *response,
                          void *context);

struct http_route {
    const char *method; /* "GET" (answers HEAD too), ...; "*": any */
    /* Segments are literal, {} (one, not empty) or, last, {...} (any number, may be none). */
    const char *pattern;
    http_handler *handle;
    size_t body_limit; /* bytes; 0: the server's */
};

/* ---- the server ---------------------------------------------------------- */

struct http_options {
    /* "127.0.0.1:3233", "[::1]:3233", "0.0.0.0:0" (any port), or "unix:/path" (mode 0600; a dead
     * socket there is replaced). Names are not resolved. */
    const char *listen;
    const char *tls_cert, *tls_key; /* PEM files; NULL: plain HTTP */
    /* Tables, tried in order; each ended by a route without method. The three strings above
     * are copied, all pointers below are borrowed until http_stop has returned. */
    const struct http_route *const *routes; /* NULL-terminated */
    void *context;                          /* for all handlers */
    const struct http_pair *headers;        /* for every response, ended by a NULL name; or NULL */
    size_t body_limit;                      /* bytes; 0: 1 MiB */
    unsigned header_limit;                  /* bytes of all headers; 0: 32 KiB */
    unsigned connections;                   /* at a time; 0: 512 */
    unsigned idle_s;                        /* a connection without traffic; 0: 30 */
    /* A whole request must arrive, and a response be read, within this time plus what its body
     * takes at 16 KiB/s. 0: 60 */
    unsigned transfer_s;
    /* After each response, from the connection's thread; may be NULL. status as sent. */
    void (*done)(void *context, const struct http_request *request, unsigned status,
                 uint64_t microseconds);
};

struct http_server;

MUST_CHECK enum status http_start(const struct http_options *options, struct http_server **out,
                                  struct message *why);
/* The port it listens on; 0: a Unix socket. */
unsigned http_port(const struct http_server *server);
/* Reads certificate and key again; connections that there are go on with the old ones. On failure
 * the old ones stay. ST_OK and no work without TLS. */
MUST_CHECK enum status http_reload_tls(struct http_server *server, struct message *why);
/* The first half of http_stop: accepts no more, answers 503 to further requests, waits at most
 * grace_ms for those that run. */
void http_drain(struct http_server *server, unsigned grace_ms);
/* Accepts no more, answers 503 to further requests, waits at most grace_ms for those that run, then
 * closes all connections once their handlers have returned. */
void http_stop(struct http_server *server, unsigned grace_ms);

#endif
