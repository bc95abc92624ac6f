/* The worker's main thread: setting up, polling, ending. */
#include "host/worker/server_internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define FAREWELL_MS 1000 /* how long peers get to read their last answers */

enum {
    POLL_LISTENER,
    POLL_WAKE,
    POLL_SIGNAL,
    POLL_CONNECTIONS,
    POLL_COUNT = POLL_CONNECTIONS + CONNECTIONS_MAX
};

static enum status open_descriptors(struct server *server, struct message *why)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before any thread: all inherit it */
    server->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (server->signal_fd >= 0 && server->wake_fd >= 0)
        return ST_OK;
    message_set(why, "signalfd or eventfd: %s", strerror(errno));
    return ST_IO;
}

static void close_descriptors(struct server *server)
{
    if (server->signal_fd >= 0)
        close(server->signal_fd);
    if (server->wake_fd >= 0)
        close(server->wake_fd);
}

/* Under the lock: what this connection waits for; drops it when it is done. */
static short wanted_events(struct server *server, struct connection *connection)
{
    bool busy = connection->jobs >= PIPELINE_MAX || connection->unsent > UNSENT_MAX;

    if (connection->closing && !connection->first && connection->jobs == 0)
        connection_drop(server, connection);
    if (connection->fd < 0)
        return 0;
    return (short)((connection->closing || busy ? 0 : POLLIN) | (connection->first ? POLLOUT : 0));
}

static void prepare(struct server *server, struct pollfd polled[POLL_COUNT])
{
    bool anybody = false;

    polled[POLL_LISTENER] = (struct pollfd){server->listener.fd, POLLIN, 0};
    polled[POLL_WAKE] = (struct pollfd){server->wake_fd, POLLIN, 0};
    polled[POLL_SIGNAL] = (struct pollfd){server->signal_fd, POLLIN, 0};
    pthread_mutex_lock(&server->lock);
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = &server->connections[i];
        short events = 0;

        if (connection->used && connection->fd < 0)
            connection_drop(server, connection); /* its last job may be done */
        if (connection->used)
            events = wanted_events(server, connection);
        anybody = anybody || connection->used;
        polled[POLL_CONNECTIONS + i] =
            (struct pollfd){connection->used ? connection->fd : -1, events, 0};
    }
    if (!server->options->socket_path && !anybody)
        server->stopping = true; /* nobody can come any more */
    pthread_mutex_unlock(&server->lock);
}

static void send_answers(struct server *server, struct connection *connection)
{
    pthread_mutex_lock(&server->lock);
    if (connection->fd >= 0 && !answers_send(connection))
        connection_drop(server, connection);
    pthread_mutex_unlock(&server->lock);
}

static void handle_connection(struct server *server, struct connection *connection, short events)
{
    if (events & POLLOUT)
        send_answers(server, connection);
    if (events & (POLLIN | POLLHUP | POLLERR) && connection->fd >= 0) {
        if (events & POLLIN) {
            connection_read(server, connection);
            return;
        }
        pthread_mutex_lock(&server->lock);
        connection_drop(server, connection);
        pthread_mutex_unlock(&server->lock);
    }
}

static bool is_stopping(struct server *server)
{
    bool stopping;

    pthread_mutex_lock(&server->lock);
    stopping = server->stopping;
    pthread_mutex_unlock(&server->lock);
    return stopping;
}

static void handle(struct server *server, const struct pollfd polled[POLL_COUNT])
{
    eventfd_t ignored;

    if (polled[POLL_WAKE].revents)
        (void)eventfd_read(server->wake_fd, &ignored);
    if (polled[POLL_SIGNAL].revents) {
        pthread_mutex_lock(&server->lock);
        server->stopping = true;
        pthread_mutex_unlock(&server->lock);
        return;
    }
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
        if (polled[POLL_CONNECTIONS + i].revents)
            handle_connection(server, &server->connections[i],
                              polled[POLL_CONNECTIONS + i].revents);
    if (polled[POLL_LISTENER].revents)
        connections_accept(server);
}

static enum status serve(struct server *server, struct message *why)
{
    struct pollfd polled[POLL_COUNT];

    while (!is_stopping(server)) {
        prepare(server, polled);
        if (is_stopping(server))
            break;
        if (poll(polled, POLL_COUNT, -1) < 0) {
            if (errno == EINTR)
                continue;
            message_set(why, "poll: %s", strerror(errno));
            return ST_IO;
        }
        handle(server, polled);
    }
    return ST_OK;
}

/* The slot threads have ended: what is queued now is all that there will be. */
static void say_farewell(struct server *server)
{
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = &server->connections[i];
        struct pollfd polled = {connection->fd, POLLOUT, 0};

        if (!connection->used)
            continue;
        while (connection->fd >= 0 && connection->first && answers_send(connection) &&
               connection->first && poll(&polled, 1, FAREWELL_MS) > 0)
            ;
        pthread_mutex_lock(&server->lock);
        connection_drop(server, connection);
        pthread_mutex_unlock(&server->lock);
    }
}

static enum status run(struct server *server, struct message *why)
{
    enum status status = slots_start(server, why);

    if (status == ST_OK && server->options->ready &&
        !server->options->ready(server->options->ready_context)) {
        message_set(why, "the worker could not get ready");
        status = ST_IO;
    }
    if (status == ST_OK)
        status = serve(server, why);
    pthread_mutex_lock(&server->lock);
    server->stopping = true;
    pthread_mutex_unlock(&server->lock);
    slots_stop(server);
    say_farewell(server);
    return status;
}

enum status server_run(const struct server_options *options, struct message *why)
{
    struct server *server = calloc(1, sizeof(*server));
    enum status status;

    if (!server)
        return ST_NO_MEMORY;
    server->options = options;
    pthread_mutex_init(&server->lock, NULL);
    status = open_descriptors(server, why);
    if (status != ST_OK)
        goto close_descriptors;
    server->listener.fd = -1;
    if (options->socket_path)
        status = listener_open(options->socket_path, &server->listener, why);
    if (status == ST_OK)
        status = connections_adopt(server, why);
    if (status != ST_OK)
        goto close_listener;
    status = engine_open(&options->engine, &server->engine, why);
    if (status != ST_OK)
        goto close_listener;
    status = run(server, why);
    engine_close(server->engine);
close_listener:
    if (options->socket_path && server->listener.fd >= 0)
        listener_close(&server->listener);
close_descriptors:
    close_descriptors(server);
    pthread_mutex_destroy(&server->lock);
    free(server);
    return status;
}
