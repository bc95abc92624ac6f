/* Connections: accepting, reading requests, answering the short ones. */
#include "host/worker/server_internal.h"

#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_PARTS 3u /* prefix, head, body */

static struct connection opened(int fd)
{
    return (struct connection){
        .fd = fd, .used = true, .watched = NOT_WATCHED, .reader = {.source = FRAME_FROM_CLIENT}};
}

static struct connection *free_entry(struct server *server)
{
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
        if (!server->connections[i].used)
            return &server->connections[i];
    return NULL;
}

void connections_accept(struct server *server)
{
    struct connection *connection;
    int fd = accept4(server->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return; /* gone again, or out of descriptors: the next poll tells */
    pthread_mutex_lock(&server->lock);
    connection = free_entry(server);
    if (connection)
        *connection = opened(fd);
    pthread_mutex_unlock(&server->lock);
    if (!connection)
        close(fd); /* too many peers */
}

/* The clients that were there before the worker. */
enum status connections_adopt(struct server *server, struct message *why)
{
    const struct server_options *options = server->options;

    if (options->client_count > CONNECTIONS_MAX) {
        message_set(why, "a worker has at most %d clients", CONNECTIONS_MAX);
        return ST_OUT_OF_RANGE;
    }
    for (unsigned i = 0; i < options->client_count; i++) {
        int fd = options->first_client + (int)i;

        if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
            message_set(why, "descriptor %d is no client: %s", fd, strerror(errno));
            return ST_INVALID_ARGUMENT;
        }
        server->connections[i] = opened(fd);
    }
    return ST_OK;
}

/* Under the lock. The entry is free again once no job refers to it. */
void connection_drop(struct server *server, struct connection *connection)
{
    if (connection->fd >= 0) {
        slots_cancel(server, connection, true, 0);
        if (connection->reads)
            connection->reads->reads = NULL;
        connection->reads = NULL;
        (void)epoll_ctl(server->poll_fd, EPOLL_CTL_DEL, connection->fd, NULL);
        close(connection->fd);
        connection->fd = -1;
        frame_reader_free(&connection->reader);
        answers_drop(connection);
    }
    if (connection->jobs == 0)
        connection->used = false;
}

static void answer(struct server *server, struct connection *connection,
                   const struct request *request, enum status status, const char *sentence,
                   json_t *head)
{
    answer_queue(server, connection, FRAME_REPLY + request->type, request->id, status, sentence,
                 head, NULL, 0);
}

static void hello(struct server *server, struct connection *connection,
                  const struct request *request)
{
    uint8_t key_id[KEY_ID_BYTES];
    json_t *facts, *head;

    if (request->protocol != FRAME_PROTOCOL) {
        answer(server, connection, request, ST_UNSUPPORTED, "protocol: this worker speaks 1",
               json_object());
        connection->closing = true;
        return;
    }
    connection->greeted = true;
    facts = engine_stats(server->engine, 0);
    head = json_pack("{s:i, s:O, s:O, s:O, s:O}", "protocol", FRAME_PROTOCOL, "backend",
                     json_object_get(facts, "backend"), "mrenclave",
                     json_object_get(facts, "mrenclave"), "pages", json_object_get(facts, "pages"),
                     "slots", json_object_get(facts, "slots"));
    if (head && engine_key_id(server->engine, key_id))
        (void)json_object_set_new(head, "key_id", hex_json(key_id, KEY_ID_BYTES));
    json_decref(facts);
    answer(server, connection, request, ST_OK, "", head);
}

static void abort_target(struct server *server, struct connection *connection,
                         const struct request *request)
{
    bool found = slots_cancel(server, connection, false, request->target);

    answer(server, connection, request, found ? ST_OK : ST_NOT_FOUND,
           found ? "" : "target: no such request is waiting or running", json_object());
}

static void dispatch(struct server *server, struct connection *connection, struct request *request)
{
    if (!connection->greeted && request->type != FRAME_HELLO) {
        answer(server, connection, request, ST_CORRUPT, "the first request must be HELLO",
               json_object());
        connection->closing = true;
        request_free(request);
        return;
    }
    switch (request->type) {
    case FRAME_HELLO:
        hello(server, connection, request);
        break;
    case FRAME_ABORT:
        abort_target(server, connection, request);
        break;
    case FRAME_STATS:
        answer(server, connection, request, ST_OK, "", engine_stats(server->engine, request->slot));
        break;
    case FRAME_SHUTDOWN:
        answer(server, connection, request, ST_OK, "", json_object());
        server->stopping = true;
        break;
    default: /* the slot's thread takes it over */
        if (slots_queue(server, connection, request) != ST_OK)
            answer(server, connection, request, ST_NO_MEMORY, status_text(ST_NO_MEMORY),
                   json_object());
        return;
    }
    request_free(request);
}

/* Frames are delimited, so a bad head spoils only its own request. */
static void take_frame(struct server *server, struct connection *connection)
{
    struct frame frame = frame_reader_take(&connection->reader);
    uint32_t type = frame.type, id = frame.id;
    struct message why = {""};
    struct request request;
    enum status status = request_decode(&frame, engine_slots(server->engine), &request, &why);

    if (status == ST_OK)
        dispatch(server, connection, &request);
    else
        answer_queue(server, connection, FRAME_REPLY + type, id, status, why.text, json_object(),
                     NULL, 0);
}

/* After a bad prefix nobody knows where the next frame starts. */
static void refuse_stream(struct server *server, struct connection *connection, const char *why)
{
    answer_queue(server, connection, FRAME_ERROR, connection->reader.frame.id, ST_CORRUPT, why,
                 json_object(), NULL, 0);
    connection->closing = true;
}

/* ---- who reads ---- */

void connection_watch(struct server *server, struct connection *connection)
{
    bool busy = connection->jobs >= PIPELINE_MAX || connection->unsent > UNSENT_MAX;
    uint32_t wanted =
        (connection->closing || busy ? 0 : EPOLLIN) | (connection->first ? EPOLLOUT : 0);
    struct epoll_event event = {.data = {.u32 = (uint32_t)(connection - server->connections)}};
    int change = connection->watched == NOT_WATCHED ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

    if (connection->reads)
        wanted = EPOLLONESHOT; /* not for a hang-up either, which it always tells of, after one */
    if (wanted == connection->watched)
        return;
    event.events = wanted;
    if (epoll_ctl(server->poll_fd, change, connection->fd, &event) == 0)
        connection->watched = wanted;
    else
        connection_drop(server, connection); /* no memory: nobody would hear it */
}

/* Has anybody but the thread that reads it to do with it? */
static bool concerns_others(const struct connection *connection)
{
    return connection->jobs > 0 || connection->closing || connection->first ||
           connection->being_read;
}

void connection_take(struct slot_queue *queue, struct connection *connection)
{
    if (queue->reads || connection->reads || connection->fd < 0 || concerns_others(connection))
        return;
    queue->reads = connection;
    connection->reads = queue;
    connection_watch(queue->server, connection);
}

void connection_give_back(struct slot_queue *queue)
{
    struct connection *connection = queue->reads;

    if (!connection)
        return;
    queue->reads = NULL;
    connection->reads = NULL;
    connection_watch(queue->server, connection);
}

/* Under the lock, after something was read by a slot's thread: does the connection stay with it? */
static void reconsider_reader(struct server *server, struct connection *connection)
{
    bool others = connection->closing || connection->first || server->stopping;

    if (concerns_others(connection))
        connection_give_back(connection->reads);
    if (others)
        server_wake(server);
}

/* ---- reading ---- */

enum part {
    READ_NOTHING, /* there was none */
    READ_SOME,
    READ_FULL, /* what there was room for, so the frame's next part may be there */
};

static enum part read_part(struct server *server, struct connection *connection)
{
    struct message why = {""};
    size_t space;
    void *to = frame_reader_space(&connection->reader, &space);
    ssize_t n = recv(connection->fd, to, space, MSG_DONTWAIT);
    enum frame_progress progress = FRAME_MORE;
    struct slot_queue *to_wake;

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return READ_NOTHING;
    pthread_mutex_lock(&server->lock);
    if (n > 0) {
        progress = frame_reader_advance(&connection->reader, (size_t)n, &why);
    } else {
        if (connection->reads)
            server_wake(server); /* it may have been the last one */
        connection_drop(server, connection);
    }
    if (progress == FRAME_COMPLETE)
        take_frame(server, connection);
    else if (progress == FRAME_BROKEN)
        refuse_stream(server, connection, why.text);
    if (connection->reads)
        reconsider_reader(server, connection);
    to_wake = server->to_wake;
    server->to_wake = NULL;
    pthread_mutex_unlock(&server->lock);
    if (to_wake)
        pthread_cond_signal(&to_wake->wakeup);
    return n > 0 && (size_t)n == space && progress == FRAME_MORE ? READ_FULL : READ_SOME;
}

/* Only one thread may be at it. */
static bool begin_reading(struct server *server, struct connection *connection)
{
    bool mine;

    pthread_mutex_lock(&server->lock);
    mine = connection->fd >= 0 && !connection->reads;
    connection->being_read = mine;
    pthread_mutex_unlock(&server->lock);
    return mine;
}

static void end_reading(struct server *server, struct connection *connection)
{
    pthread_mutex_lock(&server->lock);
    connection->being_read = false;
    pthread_mutex_unlock(&server->lock);
}

/* One frame at most, then it is others' turn. */
void connection_read(struct server *server, struct connection *connection)
{
    if (!begin_reading(server, connection))
        return;
    for (unsigned part = 0; part < FRAME_PARTS && read_part(server, connection) == READ_FULL;
         part++)
        ;
    end_reading(server, connection);
}

void connection_read_own(struct slot_queue *queue, struct connection *connection)
{
    struct pollfd polled[] = {{connection->fd, POLLIN, 0}, {queue->wake_fd, POLLIN, 0}};
    eventfd_t ignored;

    if (read_part(queue->server, connection) == READ_NOTHING && poll(polled, 2, -1) > 0 &&
        polled[1].revents)
        (void)eventfd_read(queue->wake_fd, &ignored);
}
