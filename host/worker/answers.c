/* Answers: built as frames, queued per connection, sent as the peer reads. */
#include "host/worker/server_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* When even the answer finds no memory. */
static const char no_memory_head[] = "{\"status\":3,\"message\":\"out of memory\"}";

json_t *hex_json(const uint8_t *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * HEX_JSON_MAX];

    count = count < HEX_JSON_MAX ? count : HEX_JSON_MAX;
    for (size_t i = 0; i < count; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return json_stringn_nocheck(text, 2 * count);
}

static char *render(json_t *head, enum status status, const char *sentence)
{
    char *text = NULL;

    if (head && json_object_set_new(head, "status", json_integer(status)) == 0 &&
        (!sentence[0] || json_object_set_new(head, "message", json_string(sentence)) == 0))
        text = json_dumps(head, JSON_COMPACT);
    json_decref(head);
    return text;
}

void server_wake(struct server *server)
{
    (void)eventfd_write(server->wake_fd, 1); /* fails only when it is readable anyway */
}

static void append(struct server *server, struct connection *connection, struct answer *answer)
{
    if (connection->last)
        connection->last->next = answer;
    else
        connection->first = answer;
    connection->last = answer;
    connection->unsent += answer->total;
    /* Usually the socket takes all of it, and the polling thread need not wake. */
    if (!answers_send(connection) || connection->first)
        server_wake(server);
}

void answer_queue(struct server *server, struct connection *connection, uint32_t type, uint32_t id,
                  enum status status, const char *sentence, json_t *head, const void *body,
                  size_t body_bytes)
{
    char *text = render(head, status, sentence);
    struct answer *answer = calloc(1, sizeof(*answer));

    if (connection->fd >= 0 && answer) {
        if (text)
            answer->bytes =
                frame_encode(type, id, text, strlen(text), body, body_bytes, &answer->total);
        if (!answer->bytes)
            answer->bytes = frame_encode(type, id, no_memory_head, sizeof(no_memory_head) - 1, NULL,
                                         0, &answer->total);
    }
    free(text);
    if (answer && answer->bytes) {
        append(server, connection, answer);
        return;
    }
    free(answer);
    connection->closing = true; /* an answer is lost: the peer must not wait for it */
}

static void drop_first(struct connection *connection)
{
    struct answer *answer = connection->first;

    connection->first = answer->next;
    if (!connection->first)
        connection->last = NULL;
    free(answer->bytes);
    free(answer);
}

bool answers_send(struct connection *connection)
{
    while (connection->first) {
        struct answer *answer = connection->first;
        ssize_t n = send(connection->fd, answer->bytes + answer->sent, answer->total - answer->sent,
                         MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        answer->sent += (size_t)n;
        connection->unsent -= (uint64_t)n;
        if (answer->sent == answer->total)
            drop_first(connection);
    }
    return true;
}

void answers_drop(struct connection *connection)
{
    while (connection->first)
        drop_first(connection);
    connection->unsent = 0;
}
