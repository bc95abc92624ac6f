/*
 * One request: target and headers, then the body in pieces, then the handler, then the answer.
 * All in the connection's thread, in this order: exchange_open, exchange_advance as often as
 * libmicrohttpd likes, exchange_close.
 */
#include "host/http/internal.h"
#include "host/http/route.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

#define FIRST_CAPACITY 4096u

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* ---- identity ---- */

static void random_id(char id[HTTP_ID_BYTES])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    uint8_t bytes[32];

    if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
        memset(bytes, 0, sizeof(bytes)); /* an ID is for logs only */
    for (size_t i = 0; i < sizeof(bytes); i++)
        id[i] = letters[bytes[i] % (sizeof(letters) - 1)];
    id[sizeof(bytes)] = 0;
}

static bool good_id(const char *text)
{
    size_t length = 0;

    for (; text[length]; length++)
        if (length == HTTP_ID_BYTES - 1 || !isprint((unsigned char)text[length]))
            return false;
    return length > 0;
}

static void take_id(struct exchange *exchange)
{
    const char *given = http_header(&exchange->request, "X-Request-ID");

    if (given && good_id(given))
        strcpy(exchange->request.id, given);
    else
        random_id(exchange->request.id);
}

/* ---- answering ---- */

/* What a handler sets itself is not set twice. */
static bool has_header(const struct http_response *response, const char *name)
{
    for (unsigned i = 0; i < response->header_count; i++)
        if (response->headers[i].name && strcasecmp(response->headers[i].name, name) == 0)
            return true;
    return false;
}

static enum MHD_Result add_headers(struct MHD_Response *reply, const struct exchange *exchange,
                                   const struct http_response *response)
{
    const struct http_pair *common = exchange->server->options.headers;

    if (response->content_type &&
        MHD_add_response_header(reply, "Content-Type", response->content_type) != MHD_YES)
        return MHD_NO;
    if (MHD_add_response_header(reply, "X-Request-ID", exchange->request.id) != MHD_YES)
        return MHD_NO;
    for (; common && common->name; common++)
        if (!has_header(response, common->name))
            (void)MHD_add_response_header(reply, common->name, common->value);
    for (unsigned i = 0; i < response->header_count; i++)
        if (response->headers[i].name && response->headers[i].value)
            (void)MHD_add_response_header(reply, response->headers[i].name,
                                          response->headers[i].value);
    return MHD_YES;
}

/* The body is given to libmicrohttpd. */
static enum MHD_Result send_response(struct exchange *exchange, struct MHD_Connection *connection,
                                     struct http_response *response)
{
    enum MHD_Result result = MHD_NO;
    struct MHD_Response *reply =
        response->body
            ? MHD_create_response_from_buffer(response->bytes, response->body,
                                              MHD_RESPMEM_MUST_FREE)
            : MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);

    if (!reply) {
        response_free(response);
        return MHD_NO;
    }
    response->body = NULL;
    exchange->status = response->status;
    peer_expect(exchange->server, exchange->peer, response->bytes);
    if (add_headers(reply, exchange, response) == MHD_YES) {
        if (exchange->refused || exchange->server->stopping)
            (void)MHD_add_response_header(reply, "Connection", "close");
        result = MHD_queue_response(connection, response->status, reply);
    }
    MHD_destroy_response(reply);
    response_free(response);
    return result;
}

static enum MHD_Result refuse(struct exchange *exchange, struct MHD_Connection *connection,
                              unsigned status, const char *sentence, const char *allow)
{
    struct http_response response = {.id = exchange->request.id, .status = 500};

    exchange->refused = status;
    if (allow)
        http_reply_header(&response, "Allow", allow);
    http_reply_error(&response, status, "%s", sentence);
    return send_response(exchange, connection, &response);
}

static bool enter_handler(struct http_server *server, struct exchange *exchange)
{
    bool may;

    pthread_mutex_lock(&server->lock);
    may = !server->stopping;
    server->running += may;
    exchange->counted = may;
    pthread_mutex_unlock(&server->lock);
    return may;
}

static enum MHD_Result handle(struct exchange *exchange, struct MHD_Connection *connection)
{
    struct http_server *server = exchange->server;
    struct http_response response = {.id = exchange->request.id, .status = 500};

    if (!enter_handler(server, exchange))
        return refuse(exchange, connection, 503, "The server is shutting down.", NULL);
    peer_wait_for_handler(server, exchange->peer);
    exchange->request.body = exchange->body;
    exchange->route->handle(&exchange->request, &response, server->options.context);
    return send_response(exchange, connection, &response);
}

/* ---- receiving ---- */

void *exchange_open(void *context, const char *target, struct MHD_Connection *connection)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    const union MHD_ConnectionInfo *info;

    if (!exchange)
        return NULL;
    exchange->server = context;
    exchange->began_us = now_us();
    exchange->request.connection = connection;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    exchange->peer = info ? info->socket_context : NULL;
    exchange->uri_status = uri_parse(target, &exchange->uri);
    return exchange;
}

static void fill_request(struct exchange *exchange, const char *method)
{
    struct http_request *request = &exchange->request;

    request->method = method;
    request->path = exchange->uri.path;
    request->query = exchange->uri.query;
    request->trailing_slash = exchange->uri.trailing_slash;
    request->parameter_count = exchange->uri.parameter_count;
    memcpy(request->parameters, exchange->uri.parameters, sizeof(request->parameters));
}

/* Content-Length; 0 without one; false: not a number. */
static bool announced_bytes(const struct exchange *exchange, uint64_t *bytes)
{
    const char *text = http_header(&exchange->request, "Content-Length");
    char *end;

    *bytes = 0;
    if (!text)
        return true;
    errno = 0;
    *bytes = strtoull(text, &end, 10);
    return isdigit((unsigned char)text[0]) && !*end && errno == 0;
}

static enum MHD_Result refuse_size(struct exchange *exchange, struct MHD_Connection *connection)
{
    char sentence[128];

    snprintf(sentence, sizeof(sentence), "Request larger than allowed: more than %zu bytes.",
             exchange->limit);
    return refuse(exchange, connection, 413, sentence, NULL);
}

/* With the headers: is it worth receiving the body? */
static enum MHD_Result start(struct exchange *exchange, struct MHD_Connection *connection,
                             const char *method)
{
    char allow[ROUTE_ALLOW_BYTES];
    uint64_t bytes;
    enum route_match match;

    exchange->started = true;
    take_id(exchange);
    if (exchange->uri_status != ST_OK)
        return refuse(exchange, connection, exchange->uri_status == ST_OUT_OF_RANGE ? 414 : 400,
                      "The request's path or query is malformed.", NULL);
    fill_request(exchange, method);
    match = route_find(exchange->server->options.routes, method, &exchange->uri, &exchange->route,
                       &exchange->request, allow);
    if (match == ROUTE_NO_PATH)
        return refuse(exchange, connection, 404, "The requested resource does not exist.", NULL);
    if (match == ROUTE_NO_METHOD)
        return refuse(exchange, connection, 405, "HTTP method not allowed.", allow);
    exchange->limit = exchange->route->body_limit ? exchange->route->body_limit
                                                  : exchange->server->options.body_limit;
    if (!announced_bytes(exchange, &bytes))
        return refuse(exchange, connection, 400, "Content-Length is malformed.", NULL);
    if (bytes > exchange->limit)
        return refuse_size(exchange, connection);
    peer_expect(exchange->server, exchange->peer, bytes);
    return MHD_YES;
}

/* One more byte than it has always fits: the NUL. */
static bool make_room(struct exchange *exchange, size_t wanted)
{
    size_t capacity = exchange->capacity ? exchange->capacity : FIRST_CAPACITY;
    uint8_t *grown;

    while (capacity <= wanted)
        capacity *= 2; /* wanted is at most the limit and one piece: no overflow */
    if (capacity == exchange->capacity)
        return true;
    grown = realloc(exchange->body, capacity);
    if (!grown)
        return false;
    exchange->body = grown;
    exchange->capacity = capacity;
    return true;
}

static enum MHD_Result receive(struct exchange *exchange, const char *data, size_t bytes)
{
    size_t have = exchange->request.body_bytes;

    if (exchange->refused)
        return MHD_YES; /* dropped; the refusal follows */
    if (bytes > exchange->limit - have) {
        exchange->refused = 413;
        return MHD_YES;
    }
    if (!make_room(exchange, have + bytes))
        return MHD_NO;
    memcpy(exchange->body + have, data, bytes);
    exchange->request.body_bytes = have + bytes;
    exchange->body[have + bytes] = 0;
    return MHD_YES;
}

enum MHD_Result exchange_advance(void *context, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *bytes, void **con_cls)
{
    struct exchange *exchange = *con_cls;
    enum MHD_Result result;

    (void)context;
    (void)url;
    (void)version;
    if (!exchange)
        return MHD_NO; /* no memory when it began */
    if (!exchange->started)
        return start(exchange, connection, method);
    if (*bytes > 0) {
        result = receive(exchange, data, *bytes);
        *bytes = 0;
        return result;
    }
    if (exchange->refused)
        return refuse_size(exchange, connection);
    return handle(exchange, connection);
}

/* Also when the peer is gone: the answer's transfer is over, one way or the other. */
void exchange_close(void *context, struct MHD_Connection *connection, void **con_cls,
                    enum MHD_RequestTerminationCode how)
{
    struct exchange *exchange = *con_cls;
    struct http_server *server = context;

    (void)connection;
    (void)how;
    if (!exchange)
        return;
    *con_cls = NULL;
    peer_expect(server, exchange->peer, 0);
    if (server->options.done && exchange->status)
        server->options.done(server->options.context, &exchange->request, exchange->status,
                             now_us() - exchange->began_us);
    pthread_mutex_lock(&server->lock);
    server->running -= exchange->counted;
    if (server->running == 0 && server->stopping) /* else the watchdog would wake each time */
        pthread_cond_broadcast(&server->idle);
    pthread_mutex_unlock(&server->lock);
    uri_free(&exchange->uri);
    free(exchange->body);
    free(exchange);
}
