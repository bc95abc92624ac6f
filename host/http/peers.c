/* Connections and their deadlines. libmicrohttpd ends idle ones; a peer that sends or reads a byte
 * now and then is ended here. */
#include "host/http/internal.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define MS_PER_S 1000u

uint64_t http_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * MS_PER_S + (uint64_t)now.tv_nsec / 1000000u;
}

static void set_deadline(struct http_server *server, struct peer *peer, uint64_t deadline_ms)
{
    if (!peer)
        return;
    pthread_mutex_lock(&server->lock);
    peer->deadline_ms = deadline_ms;
    pthread_mutex_unlock(&server->lock);
}

void peer_expect(struct http_server *server, struct peer *peer, uint64_t bytes)
{
    set_deadline(server, peer,
                 http_now_ms() + server->options.transfer_s * UINT64_C(1000) +
                     bytes * MS_PER_S / HTTP_MIN_BYTES_PER_S);
}

void peer_wait_for_handler(struct http_server *server, struct peer *peer)
{
    set_deadline(server, peer, UINT64_MAX);
}

static struct peer *peer_open(struct http_server *server, int fd)
{
    struct peer *peer = calloc(1, sizeof(*peer));

    if (!peer)
        return NULL;
    peer->fd = fd;
    pthread_mutex_lock(&server->lock);
    peer->next = server->peers;
    peer->link = &server->peers;
    if (peer->next)
        peer->next->link = &peer->next;
    server->peers = peer;
    pthread_mutex_unlock(&server->lock);
    peer_expect(server, peer, 0);
    return peer;
}

static void peer_close(struct http_server *server, struct peer *peer)
{
    pthread_mutex_lock(&server->lock);
    *peer->link = peer->next;
    if (peer->next)
        peer->next->link = peer->link;
    pthread_mutex_unlock(&server->lock);
    free(peer);
}

void peers_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                  enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = context;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

        /* Without memory for it the peer has libmicrohttpd's idle limit only. */
        *socket_context = info ? peer_open(server, info->connect_fd) : NULL;
    } else if (*socket_context) {
        peer_close(server, *socket_context);
        *socket_context = NULL;
    }
}

static void cut_off_late(struct http_server *server)
{
    uint64_t now = http_now_ms();

    for (struct peer *peer = server->peers; peer; peer = peer->next)
        if (peer->deadline_ms < now)
            (void)shutdown(peer->fd, SHUT_RDWR); /* its own thread notices and closes */
}

static void *watch(void *argument)
{
    struct http_server *server = argument;
    struct timespec until;

    pthread_mutex_lock(&server->lock);
    while (!server->watchdog_ends) {
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 500000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_nsec -= 1000000000;
            until.tv_sec++;
        }
        (void)pthread_cond_timedwait(&server->idle, &server->lock, &until);
        cut_off_late(server);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

enum status peers_start(struct http_server *server)
{
    if (pthread_create(&server->watchdog, NULL, watch, server) != 0)
        return ST_NO_MEMORY;
    server->watchdog_started = true;
    return ST_OK;
}

void peers_stop(struct http_server *server)
{
    if (!server->watchdog_started)
        return;
    pthread_mutex_lock(&server->lock);
    server->watchdog_ends = true;
    pthread_cond_broadcast(&server->idle);
    pthread_mutex_unlock(&server->lock);
    pthread_join(server->watchdog, NULL);
    server->watchdog_started = false;
}
