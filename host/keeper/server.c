#include "host/keeper/server.h"

#include "base/status.h"
#include "host/keeper/wire.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 64
#define IDLE_SECONDS    30 /* a peer that says nothing for so long is gone */

struct server {
    struct keeper_host *keeper;
    pthread_mutex_t lock; /* of the rest */
    pthread_cond_t ended;
    int connections[CONNECTIONS_MAX]; /* -1: free */
    unsigned count;
};

struct connection {
    struct server *server;
    unsigned place;
    int fd;
};

/* ---- one request -------------------------------------------------------------------- */

static enum status send_quote(int fd, const struct keeper_quote *quote, enum status *sent)
{
    struct wire_quote head = {.identity = quote->identity,
                              .quote_bytes = (uint32_t)quote->quote_bytes};
    size_t collateral_bytes = quote->collateral ? strlen(quote->collateral) : 0;
    size_t bytes = sizeof(head) + quote->quote_bytes;
    uint8_t *front = bytes + collateral_bytes <= WIRE_BODY_MAX ? malloc(bytes) : NULL;

    if (!front)
        return ST_NO_MEMORY;
    head.collateral_bytes = (uint32_t)collateral_bytes;
    memcpy(front, &head, sizeof(head));
    memcpy(front + sizeof(head), quote->quote, quote->quote_bytes);
    *sent = wire_send(fd, WIRE_QUOTE + WIRE_REPLY, ST_OK, front, bytes, quote->collateral,
                      collateral_bytes);
    free(front);
    return ST_OK;
}

static enum status answer_quote(struct keeper_host *keeper, int fd, const uint8_t *body,
                                size_t bytes, enum status *sent, struct message *why)
{
    struct keeper_quote quote;
    enum status status;

    if (bytes != CHALLENGE_BYTES)
        return ST_BAD_LENGTH;
    status = keeper_host_quote(keeper, body, &quote, why);
    if (status == ST_OK)
        status = send_quote(fd, &quote, sent);
    keeper_quote_free(&quote);
    return status;
}

static enum status answer_challenge(struct keeper_host *keeper, int fd, const uint8_t *body,
                                    size_t bytes, enum status *sent, struct message *why)
{
    struct keeper_answer answer;
    enum status status = ST_BAD_LENGTH;

    if (bytes == ADMISSION_NONCE_BYTES)
        status = keeper_host_challenge(keeper, body, &answer, why);
    if (status == ST_OK)
        *sent = wire_send(fd, WIRE_CHALLENGE + WIRE_REPLY, ST_OK, &answer, sizeof(answer), "", 0);
    return status;
}

static enum status answer_ask(struct keeper_host *keeper, int fd, const uint8_t *body, size_t bytes,
                              enum status *sent, struct message *why)
{
    struct keeper_admission admission;
    enum status status = ST_BAD_LENGTH;

    if (bytes == 2 * ADMISSION_NONCE_BYTES)
        status = keeper_host_ask(keeper, body, body + ADMISSION_NONCE_BYTES, &admission, why);
    if (status == ST_OK)
        *sent = wire_send(fd, WIRE_ASK + WIRE_REPLY, ST_OK, &admission, sizeof(admission), "", 0);
    return status;
}

static enum status answer_command(struct keeper_host *keeper, int fd, const uint8_t *body,
                                  size_t bytes, enum status *sent, struct message *why)
{
    struct wire_command head;
    size_t request_bytes, answer_bytes;
    uint8_t *answer;
    enum status status;

    if (bytes < sizeof(head))
        return ST_BAD_LENGTH;
    memcpy(&head, body, sizeof(head));
    status = wire_command_sizes(head.command, &request_bytes, &answer_bytes);
    if (status == ST_OK && (bytes - sizeof(head) != request_bytes || head.reserved != 0))
        status = ST_BAD_LENGTH;
    if (status != ST_OK)
        return status;
    answer = malloc(answer_bytes + 1);
    if (!answer)
        return ST_NO_MEMORY;
    status = keeper_host_command(keeper, (enum keeper_command)head.command, body + sizeof(head),
                                 request_bytes, answer, answer_bytes, why);
    if (status == ST_OK)
        *sent = wire_send(fd, WIRE_COMMAND + WIRE_REPLY, ST_OK, answer, answer_bytes, "", 0);
    free(answer);
    return status;
}

static enum status answer(struct keeper_host *keeper, int fd, const struct wire_prefix *prefix,
                          const uint8_t *body, enum status *sent, struct message *why)
{
    switch (prefix->type) {
    case WIRE_QUOTE:
        return answer_quote(keeper, fd, body, prefix->body_bytes, sent, why);
    case WIRE_CHALLENGE:
        return answer_challenge(keeper, fd, body, prefix->body_bytes, sent, why);
    case WIRE_COMMAND:
        return answer_command(keeper, fd, body, prefix->body_bytes, sent, why);
    case WIRE_ASK:
        return answer_ask(keeper, fd, body, prefix->body_bytes, sent, why);
    default:
        return ST_UNKNOWN_CALL;
    }
}

/* False: the connection is over. */
static bool serve_one(struct keeper_host *keeper, int fd)
{
    struct message why = {""};
    struct wire_prefix prefix;
    uint8_t *body;
    enum status sent = ST_OK;
    enum status status = wire_receive(fd, &prefix, &body);

    if (status != ST_OK)
        return false;
    status = prefix.status == 0 ? answer(keeper, fd, &prefix, body, &sent, &why) : ST_CORRUPT;
    free(body);
    if (status != ST_OK) {
        if (!why.text[0])
            message_set(&why, "the keeper cannot do this: %s", status_text(status));
        sent = wire_send(fd, prefix.type + WIRE_REPLY, status, why.text, strlen(why.text), "", 0);
    }
    return sent == ST_OK;
}

/* ---- connections -------------------------------------------------------------------------- */

static void *serve_connection(void *argument)
{
    struct connection connection = *(struct connection *)argument;
    struct server *server = connection.server;

    free(argument);
    while (serve_one(server->keeper, connection.fd))
        ;
    pthread_mutex_lock(&server->lock);
    server->connections[connection.place] = -1;
    server->count--;
    close(connection.fd);
    pthread_cond_signal(&server->ended);
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* Under the lock. */
static bool start_connection(struct server *server, int fd)
{
    const struct timeval idle = {.tv_sec = IDLE_SECONDS};
    struct connection *connection = malloc(sizeof(*connection));
    unsigned place = 0;
    pthread_t thread;

    while (place < CONNECTIONS_MAX && server->connections[place] >= 0)
        place++;
    if (!connection || place == CONNECTIONS_MAX) {
        free(connection);
        return false;
    }
    *connection = (struct connection){server, place, fd};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof(idle)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &idle, sizeof(idle)) != 0 ||
        pthread_create(&thread, NULL, serve_connection, connection) != 0) {
        free(connection);
        return false;
    }
    pthread_detach(thread);
    server->connections[place] = fd;
    server->count++;
    return true;
}

static void accept_connection(struct server *server, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0)
        return; /* it went away again, or there are no descriptors: the next poll tells */
    pthread_mutex_lock(&server->lock);
    if (!start_connection(server, fd))
        close(fd);
    pthread_mutex_unlock(&server->lock);
}

static void end_connections(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
        if (server->connections[i] >= 0)
            shutdown(server->connections[i], SHUT_RDWR);
    while (server->count)
        pthread_cond_wait(&server->ended, &server->lock);
    pthread_mutex_unlock(&server->lock);
}

/* ---- the server ------------------------------------------------------------------------------ */

static int64_t now_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now); /* counts on while the machine sleeps */
    return now.tv_sec;
}

static enum status serve(struct server *server, const struct keeper_server_options *options,
                         int signals, struct message *why)
{
    int64_t due = now_seconds() + (int64_t)options->epoch_seconds;

    for (;;) {
        struct pollfd polled[] = {{options->listener, POLLIN, 0}, {signals, POLLIN, 0}};
        int64_t left = due - now_seconds();
        enum status status;

        if (left <= 0) {
            status = keeper_host_command(server->keeper, KEEPER_ROTATE, NULL, 0, NULL, 0, why);
            if (status != ST_OK)
                return status;
            due = now_seconds() + (int64_t)options->epoch_seconds;
            continue;
        }
        if (poll(polled, 2, (int)(left * 1000)) < 0 && errno != EINTR) {
            message_set(why, "poll: %s", strerror(errno));
            return ST_IO;
        }
        if (polled[1].revents)
            return ST_OK;
        if (polled[0].revents)
            accept_connection(server, options->listener);
    }
}

static enum status block_signals(int *fd, struct message *why)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    *fd = -1;
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) == 0)
        *fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (*fd >= 0)
        return ST_OK;
    message_set(why, "signals: %s", strerror(errno));
    return ST_IO;
}

enum status keeper_server_run(struct keeper_host *keeper,
                              const struct keeper_server_options *options, struct message *why)
{
    struct server *server = calloc(1, sizeof(*server));
    int signals;
    enum status status;

    if (!server)
        return ST_NO_MEMORY;
    server->keeper = keeper;
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->ended, NULL);
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
        server->connections[i] = -1;
    status = block_signals(&signals, why);
    /* how old the epoch of a restored state is, nobody knows */
    if (status == ST_OK)
        status = keeper_host_command(keeper, KEEPER_ROTATE, NULL, 0, NULL, 0, why);
    if (status == ST_OK) {
        if (options->ready)
            options->ready(options->ready_context);
        status = serve(server, options, signals, why);
        end_connections(server);
    }
    if (signals >= 0)
        close(signals);
    pthread_cond_destroy(&server->ended);
    pthread_mutex_destroy(&server->lock);
    free(server);
    return status;
}
