/* Shared by the parts of the HTTP layer. */
#ifndef RECLAVE_HOST_HTTP_INTERNAL_H
#define RECLAVE_HOST_HTTP_INTERNAL_H

#include "host/http/http.h"
#include "host/http/uri.h"

#include <microhttpd.h>
#include <pthread.h>
#include <sys/un.h>

#define HTTP_MIN_BYTES_PER_S 16384u /* slower bodies are cut off */
#define HTTP_HEADERS_MAX     32     /* of one response */

struct http_response {
    const char *id; /* the request's */
    unsigned status;
    const char *content_type; /* NULL: none */
    void *body;               /* malloc */
    size_t bytes;
    struct http_pair headers[HTTP_HEADERS_MAX]; /* malloc'ed strings */
    unsigned header_count;
};

void response_free(struct http_response *response);

/* One TCP or Unix connection: what the watchdog looks at. */
struct peer {
    struct peer *next, **link;
    int fd;
    uint64_t deadline_ms; /* monotonic; UINT64_MAX: a handler runs */
};

/* One request on its way in. */
struct exchange {
    struct http_server *server;
    struct peer *peer;
    struct uri uri;
    enum status uri_status;
    bool started; /* headers have been looked at */
    const struct http_route *route;
    struct http_request request;
    uint8_t *body;
    size_t capacity, limit;
    unsigned refused; /* status with which it was refused early; 0: not */
    unsigned status;  /* as answered; 0: not yet */
    uint64_t began_us;
    bool counted; /* in server->running */
};

struct http_server {
    struct http_options options;
    struct MHD_Daemon *daemon;
    int listen_fd;
    int quiet_fd;                                                /* what http_drain got back; -1 */
    char unix_path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* "" for TCP */
    unsigned port;
    char *strings[3]; /* copies that `options` points to */
    char *cert, *key; /* what the daemon was started with */
    pthread_mutex_t lock;
    pthread_cond_t idle; /* running became 0, or the watchdog is to end */
    struct peer *peers;
    unsigned running;
    _Atomic bool stopping; /* written under the lock */
    bool watchdog_ends;
    pthread_t watchdog;
    bool watchdog_started;
};

uint64_t http_now_ms(void);

/* listen.c. *fd listens and is closed on exec; unix_path "" for TCP. */
MUST_CHECK enum status listen_open(const char *address, int *fd, unsigned *port,
                                   char unix_path[sizeof(((struct sockaddr_un *)0)->sun_path)],
                                   struct message *why);

/* peers.c: the watchdog cuts off who is over the deadline. */
MUST_CHECK enum status peers_start(struct http_server *server);
void peers_stop(struct http_server *server);
void peers_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                  enum MHD_ConnectionNotificationCode code);
/* transfer_s from now, and what `bytes` take at the slowest speed. */
void peer_expect(struct http_server *server, struct peer *peer, uint64_t bytes);
void peer_wait_for_handler(struct http_server *server, struct peer *peer);

/* exchange.c: MHD's callbacks for one request. */
void *exchange_open(void *context, const char *target, struct MHD_Connection *connection);
enum MHD_Result exchange_advance(void *context, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *bytes, void **exchange);
void exchange_close(void *context, struct MHD_Connection *connection, void **exchange,
                    enum MHD_RequestTerminationCode how);

#endif
