/* Connections: accepting, reading requests, answering the short ones. */
#include "host/worker/server_internal.h"

#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_PARTS 3u /* prefix, head, body */

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
        *connection =
            (struct connection){.fd = fd, .used = true, .reader = {.source = FRAME_FROM_CLIENT}};
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
        server->connections[i] =
            (struct connection){.fd = fd, .used = true, .reader = {.source = FRAME_FROM_CLIENT}};
    }
    return ST_OK;
}

/* Under the lock. The entry is free again once no job refers to it. */
void connection_drop(struct server *server, struct connection *connection)
{
    if (connection->fd >= 0) {
        slots_cancel(server, connection, true, 0);
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

/* Reads once. True: that filled what there was room for, so the frame's next part may be there. */
static bool read_part(struct server *server, struct connection *connection)
{
    struct message why = {""};
    size_t space;
    void *to = frame_reader_space(&connection->reader, &space);
    ssize_t n = recv(connection->fd, to, space, MSG_DONTWAIT);
    enum frame_progress progress = FRAME_MORE;
    struct slot_queue *to_wake;

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return false;
    pthread_mutex_lock(&server->lock);
    if (n > 0)
        progress = frame_reader_advance(&connection->reader, (size_t)n, &why);
    else
        connection_drop(server, connection);
    if (progress == FRAME_COMPLETE)
        take_frame(server, connection);
    else if (progress == FRAME_BROKEN)
        refuse_stream(server, connection, why.text);
    to_wake = server->to_wake;
    server->to_wake = NULL;
    pthread_mutex_unlock(&server->lock);
    if (to_wake)
        pthread_cond_signal(&to_wake->wakeup);
    return n > 0 && (size_t)n == space && progress == FRAME_MORE;
}

/* One frame at most, then it is others' turn. */
void connection_read(struct server *server, struct connection *connection)
{
    for (unsigned part = 0; part < FRAME_PARTS && read_part(server, connection); part++)
        ;
}
