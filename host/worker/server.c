/* The worker's main thread: setting up, polling, ending. */
#include "host/worker/server_internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define FAREWELL_MS 1000 /* how long peers get to read their last answers */

#define EVENTS_MAX 32

/* What an event is about: a connection's index, or */
enum {
    EVENT_LISTENER = CONNECTIONS_MAX,
    EVENT_WAKE,
    EVENT_SIGNAL,
};

static bool watch(const struct server *server, int fd, uint32_t about)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = about}};

    return epoll_ctl(server->poll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static enum status open_descriptors(struct server *server, struct message *why)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before any thread: all inherit it */
    server->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    server->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (server->signal_fd >= 0 && server->wake_fd >= 0 && server->poll_fd >= 0 &&
        watch(server, server->wake_fd, EVENT_WAKE) &&
        watch(server, server->signal_fd, EVENT_SIGNAL))
        return ST_OK;
    message_set(why, "signalfd, eventfd or epoll: %s", strerror(errno));
    return ST_IO;
}

static void close_descriptors(struct server *server)
{
    if (server->signal_fd >= 0)
        close(server->signal_fd);
    if (server->wake_fd >= 0)
        close(server->wake_fd);
    if (server->poll_fd >= 0)
        close(server->poll_fd);
}

/* Under the lock: drops it when it is done. */
static void look_at(struct server *server, struct connection *connection)
{
    bool done = connection->closing && !connection->first && connection->jobs == 0;

    if (connection->fd < 0 || done)
        connection_drop(server, connection); /* its last job may be done */
    else
        connection_watch(server, connection);
}

static void prepare(struct server *server)
{
    bool anybody = false;

    pthread_mutex_lock(&server->lock);
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = &server->connections[i];

        if (connection->used)
            look_at(server, connection);
        anybody = anybody || connection->used; /* it may just have gone */
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

static void hang_up(struct server *server, struct connection *connection)
{
    pthread_mutex_lock(&server->lock);
    if (!connection->reads) /* else the thread that reads it will see */
        connection_drop(server, connection);
    pthread_mutex_unlock(&server->lock);
}

static void handle_connection(struct server *server, struct connection *connection, uint32_t events)
{
    if (events & EPOLLOUT)
        send_answers(server, connection);
    if (events & EPOLLIN)
        connection_read(server, connection);
    else if (events & (EPOLLHUP | EPOLLERR))
        hang_up(server, connection);
}

static bool is_stopping(struct server *server)
{
    bool stopping;

    pthread_mutex_lock(&server->lock);
    stopping = server->stopping;
    pthread_mutex_unlock(&server->lock);
    return stopping;
}

static void stop(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    server->stopping = true;
    pthread_mutex_unlock(&server->lock);
}

static void handle(struct server *server, const struct epoll_event *event)
{
    eventfd_t ignored;

    switch (event->data.u32) {
    case EVENT_WAKE:
        (void)eventfd_read(server->wake_fd, &ignored);
        return;
    case EVENT_SIGNAL:
        stop(server);
        return;
    case EVENT_LISTENER:
        return; /* last: what is told of a connection must not meet another one in its place */
    default:
        handle_connection(server, &server->connections[event->data.u32], event->events);
    }
}

static void handle_all(struct server *server, const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++)
        handle(server, &events[i]);
    for (int i = 0; i < count; i++)
        if (events[i].data.u32 == EVENT_LISTENER)
            connections_accept(server);
}

static enum status serve(struct server *server, struct message *why)
{
    struct epoll_event events[EVENTS_MAX];

    while (!is_stopping(server)) {
        int count;

        prepare(server);
        if (is_stopping(server))
            break;
        count = epoll_wait(server->poll_fd, events, EVENTS_MAX, -1);
        if (count < 0 && errno != EINTR) {
            message_set(why, "epoll_wait: %s", strerror(errno));
            return ST_IO;
        }
        handle_all(server, events, count);
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
    stop(server);
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
    server->poll_fd = -1;
    status = open_descriptors(server, why);
    if (status != ST_OK)
        goto close_descriptors;
    server->listener.fd = -1;
    if (options->socket_path)
        status = listener_open(options->socket_path, &server->listener, why);
    if (status == ST_OK && options->socket_path &&
        !watch(server, server->listener.fd, EVENT_LISTENER)) {
        message_set(why, "epoll: %s", strerror(errno));
        status = ST_IO;
    }
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
