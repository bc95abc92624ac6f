#include "host/worker/client.h"

#include "host/worker/socket.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct client {
    int fd;
    uint32_t last_id;
    struct frame_reader reader;
    json_t *hello;
    uint64_t timeout_ms; /* of each answer; 0: none */
};

static enum status send_all(int fd, const uint8_t *bytes, size_t total, struct message *why)
{
    size_t sent = 0;

    while (sent < total) {
        ssize_t n = send(fd, bytes + sent, total - sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            message_set(why, "the worker is gone: %s", strerror(errno));
            return ST_IO;
        }
        sent += (size_t)n;
    }
    return ST_OK;
}

static enum status send_frame(struct client *client, enum frame_type type, const char *head,
                              const void *body, size_t body_bytes, struct message *why)
{
    size_t total = 0;
    uint8_t *bytes;
    enum status status;

    if (strlen(head) > FRAME_HEAD_MAX || body_bytes > FRAME_BUNDLE_MAX) {
        message_set(why, "the request is larger than the protocol allows");
        return ST_OUT_OF_RANGE;
    }
    bytes = frame_encode(type, client->last_id, head, strlen(head), body, body_bytes, &total);
    if (!bytes)
        return ST_NO_MEMORY;
    status = send_all(client->fd, bytes, total, why);
    free(bytes);
    return status;
}

enum status client_send(struct client *client, enum frame_type type, json_t *head, const void *body,
                        size_t body_bytes, uint32_t *id, struct message *why)
{
    json_t *object = head ? head : json_object();
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    enum status status;

    json_decref(object);
    if (!text)
        return ST_NO_MEMORY;
    client->last_id++;
    if (id)
        *id = client->last_id;
    status = send_frame(client, type, text, body, body_bytes, why);
    free(text);
    return status;
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

/* Waits until there is something to read or the answer is overdue. */
static enum status wait_readable(const struct client *client, uint64_t began_ms,
                                 struct message *why)
{
    struct pollfd polled = {client->fd, POLLIN, 0};
    uint64_t spent = now_ms() - began_ms;
    int left = INT_MAX;

    if (spent >= client->timeout_ms)
        left = 0;
    else if (client->timeout_ms - spent < INT_MAX)
        left = (int)(client->timeout_ms - spent);
    if (poll(&polled, 1, left) != 0)
        return ST_OK; /* recv tells of errors */
    message_set(why, "the worker did not answer within %llu ms",
                (unsigned long long)client->timeout_ms);
    return ST_TIMEOUT;
}

static enum status receive_frame(struct client *client, struct frame *out, struct message *why)
{
    enum frame_progress progress = FRAME_MORE;
    uint64_t began_ms = client->timeout_ms ? now_ms() : 0;

    /* Nothing is there yet; what comes comes whole, as a rule. */
    if (client->timeout_ms && client->reader.have == 0 &&
        wait_readable(client, began_ms, why) != ST_OK)
        return ST_TIMEOUT;
    while (progress == FRAME_MORE) {
        size_t space;
        void *to = frame_reader_space(&client->reader, &space);
        ssize_t n;

        n = recv(client->fd, to, space, client->timeout_ms ? MSG_DONTWAIT : 0);
        if (n < 0 && errno == EAGAIN) {
            if (wait_readable(client, began_ms, why) != ST_OK)
                return ST_TIMEOUT;
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            message_set(why, "the worker is gone: %s", n ? strerror(errno) : "end of stream");
            return ST_IO;
        }
        progress = frame_reader_advance(&client->reader, (size_t)n, why);
    }
    if (progress == FRAME_BROKEN)
        return ST_CORRUPT;
    *out = frame_reader_take(&client->reader);
    return ST_OK;
}

enum status client_receive(struct client *client, struct client_reply *reply, struct message *why)
{
    struct frame frame = {0};
    enum status status = receive_frame(client, &frame, why);
    const json_t *code;

    *reply = (struct client_reply){0};
    if (status != ST_OK)
        return status;
    reply->head = json_loadb(frame.head, frame.head_bytes, JSON_REJECT_DUPLICATES, NULL);
    code = json_object_get(reply->head, "status");
    if (!json_is_integer(code)) {
        message_set(why, "the worker's answer has no status");
        json_decref(reply->head);
        reply->head = NULL;
        frame_free(&frame);
        return ST_CORRUPT;
    }
    reply->type = frame.type;
    reply->id = frame.id;
    reply->status = (enum status)json_integer_value(code);
    reply->body = frame.body;
    reply->body_bytes = frame.body_bytes;
    frame.body = NULL;
    frame_free(&frame);
    return ST_OK;
}

void client_reply_free(struct client_reply *reply)
{
    json_decref(reply->head);
    free(reply->body);
    *reply = (struct client_reply){0};
}

enum status client_call(struct client *client, enum frame_type type, json_t *head, const void *body,
                        size_t body_bytes, struct client_reply *reply, struct message *why)
{
    enum status status = client_send(client, type, head, body, body_bytes, NULL, why);

    *reply = (struct client_reply){0};
    return status == ST_OK ? client_receive(client, reply, why) : status;
}

static enum status greet(struct client *client, struct message *why)
{
    struct client_reply reply = {0};
    enum status status = client_call(
        client, FRAME_HELLO, json_pack("{s:i}", "protocol", FRAME_PROTOCOL), NULL, 0, &reply, why);

    if (status == ST_OK && reply.status != ST_OK) {
        const char *sentence = json_string_value(json_object_get(reply.head, "message"));

        message_set(why, "%.300s", sentence ? sentence : "the worker refused HELLO");
        status = reply.status;
    }
    if (status == ST_OK)
        client->hello = json_incref(reply.head);
    client_reply_free(&reply);
    return status;
}

enum status client_adopt(int fd, struct client **out, struct message *why)
{
    struct client *client = calloc(1, sizeof(*client));
    enum status status;

    *out = NULL;
    if (!client) {
        close(fd);
        return ST_NO_MEMORY;
    }
    client->fd = fd;
    client->reader.source = FRAME_FROM_WORKER;
    status = greet(client, why);
    if (status == ST_OK)
        *out = client;
    else
        client_close(client);
    return status;
}

enum status client_open(const char *path, struct client **out, struct message *why)
{
    int fd = -1;
    enum status status = socket_connect(path, &fd, why);

    *out = NULL;
    return status == ST_OK ? client_adopt(fd, out, why) : status;
}

void client_set_timeout(struct client *client, uint64_t timeout_ms)
{
    client->timeout_ms = timeout_ms;
}

void client_close(struct client *client)
{
    if (!client)
        return;
    if (client->fd >= 0)
        close(client->fd);
    frame_reader_free(&client->reader);
    json_decref(client->hello);
    free(client);
}

const json_t *client_hello(const struct client *client)
{
    return client->hello;
}
