/*
 * A load generator for one HTTP server on this machine.
 *
 *   load PORT BODY-FILE CLIENTS SECONDS RATE PATH...
 *
 * RATE 0 is a closed loop: each client asks again when it has its answer. Any other is an open one:
 * requests are due at even distances whatever the server does, the next free client takes the
 * oldest that is due, and a latency counts from when the request was due. So a server that stalls
 * is charged for all that should have been asked meanwhile (no coordinated omission). Paths are
 * taken in turns.
 *
 * Prints requests per second, p50, p90 and p99 in ms. An answer other than 200, or one that does
 * not come within 60 s, ends it with status 1.
 */
#include "bench/common/fail.h"
#include "host/daemon/slice.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX    1024u
#define ANSWER_MAX     (1u << 16)
#define ANSWER_LIMIT_S 60u
#define NS_PER_S       1000000000ull

struct client {
    int fd;
    bool busy;
    uint64_t due_ns;
    size_t have;
    char answer[ANSWER_MAX];
};

struct load {
    struct client *clients;
    unsigned client_count;
    char **requests; /* head and body, one per path */
    unsigned request_count;
    uint64_t interval_ns; /* 0: closed loop */
    uint64_t begin_ns, end_ns;
    uint64_t asked, answered;
    double *latencies_ms;
    size_t capacity;
    int poll;
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ---- one client ---- */

static int connect_to(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        bench_fail("cannot connect to port %u: %s", port, strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

static void ask(struct load *load, struct client *client, uint64_t due_ns)
{
    const char *request = load->requests[load->asked++ % load->request_count];
    size_t left = strlen(request);

    client->busy = true;
    client->due_ns = due_ns;
    client->have = 0;
    while (left > 0) {
        ssize_t n = send(client->fd, request, left, MSG_NOSIGNAL);

        if (n < 0)
            bench_fail("the server hung up: %s", strerror(errno));
        request += n;
        left -= (size_t)n;
    }
}

/* Head and as many bytes of body as Content-Length says. */
static bool complete(const struct client *client)
{
    const char *body = strstr(client->answer, "\r\n\r\n");
    const char *length = strcasestr(client->answer, "\r\nContent-Length:");

    if (!body)
        return false;
    if (strncmp(client->answer, "HTTP/1.1 200", 12) != 0 || !length || length > body)
        bench_fail("not 200: %.300s", client->answer);
    return client->have >= (size_t)(body + 4 - client->answer) + strtoul(length + 17, NULL, 10);
}

static void note(struct load *load, double ms)
{
    if (load->answered == load->capacity) {
        load->capacity = load->capacity ? 2 * load->capacity : 1u << 16;
        load->latencies_ms = realloc(load->latencies_ms, load->capacity * sizeof(double));
        if (!load->latencies_ms)
            bench_fail("out of memory");
    }
    load->latencies_ms[load->answered++] = ms;
}

static void hear(struct load *load, struct client *client)
{
    ssize_t n = recv(client->fd, client->answer + client->have, ANSWER_MAX - 1 - client->have, 0);

    if (n <= 0)
        bench_fail("the server hung up");
    client->have += (size_t)n;
    client->answer[client->have] = 0;
    if (!complete(client))
        return;
    note(load, (double)(now_ns() - client->due_ns) / 1e6);
    client->busy = false;
}

/* ---- all of them ---- */

/* At least one request is asked, however slow this machine is. */
static bool is_over(const struct load *load)
{
    return load->asked > 0 && now_ns() >= load->end_ns;
}

/* Gives free clients what is due; returns when the next request is (UINT64_MAX: when one is free).
 */
static uint64_t ask_what_is_due(struct load *load)
{
    uint64_t now = now_ns();

    for (unsigned i = 0; i < load->client_count; i++) {
        struct client *client = &load->clients[i];
        uint64_t due = load->interval_ns ? load->begin_ns + load->asked * load->interval_ns : now;

        if (client->busy)
            continue;
        if (due > now || is_over(load))
            return due;
        ask(load, client, due);
    }
    return UINT64_MAX;
}

static unsigned busy_count(const struct load *load)
{
    unsigned count = 0;

    for (unsigned i = 0; i < load->client_count; i++)
        count += load->clients[i].busy;
    return count;
}

static void wait_until(struct load *load, uint64_t wake_ns)
{
    uint64_t now = now_ns();
    uint64_t ns = wake_ns == UINT64_MAX ? ANSWER_LIMIT_S * NS_PER_S
                  : wake_ns > now       ? wake_ns - now
                                        : 0;
    struct timespec timeout = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};
    struct epoll_event events[64];
    int count = epoll_pwait2(load->poll, events, 64, &timeout, NULL);

    if (count < 0 && errno != EINTR)
        bench_fail("epoll: %s", strerror(errno));
    if (count == 0 && wake_ns == UINT64_MAX)
        bench_fail("no answer within %u s", ANSWER_LIMIT_S);
    for (int i = 0; i < count; i++)
        hear(load, &load->clients[events[i].data.u32]);
}

static void run(struct load *load, double seconds)
{
    load->begin_ns = now_ns();
    load->end_ns = load->begin_ns + (uint64_t)(seconds * 1e9);
    while (!is_over(load) || busy_count(load) > 0) {
        uint64_t next = ask_what_is_due(load);

        if (is_over(load))
            next = busy_count(load) > 0 ? UINT64_MAX : 0; /* the rest of the answers */
        wait_until(load, next);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void report(struct load *load)
{
    double seconds = (double)(now_ns() - load->begin_ns) / 1e9;
    size_t count = load->answered;

    if (count == 0)
        bench_fail("nothing was answered");
    qsort(load->latencies_ms, count, sizeof(double), compare);
    printf("%.3f %.4f %.4f %.4f\n", (double)count / seconds, load->latencies_ms[count / 2],
           load->latencies_ms[count * 9 / 10], load->latencies_ms[count * 99 / 100]);
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, ANSWER_MAX);

    if (!file || !text || fread(text, 1, ANSWER_MAX - 1, file) == 0)
        bench_fail("cannot read %s", path);
    fclose(file);
    return text;
}

int main(int argc, char **argv)
{
    static struct load load;
    unsigned port;
    double rate;
    char *body;

    if (argc < 7)
        bench_fail("usage: load PORT BODY-FILE CLIENTS SECONDS RATE PATH...");
    port = (unsigned)atoi(argv[1]);
    body = read_file(argv[2]);
    load.client_count = (unsigned)atoi(argv[3]);
    rate = atof(argv[5]);
    load.interval_ns = rate > 0 ? (uint64_t)(1e9 / rate) : 0;
    load.request_count = (unsigned)argc - 6;
    load.requests = calloc(load.request_count, sizeof(*load.requests));
    load.clients = calloc(load.client_count, sizeof(*load.clients));
    load.poll = epoll_create1(0);
    if (load.client_count < 1 || load.client_count > CLIENTS_MAX || !load.requests ||
        !load.clients || load.poll < 0)
        bench_fail("1 to %u clients", CLIENTS_MAX);
    for (unsigned i = 0; i < load.request_count; i++)
        if (asprintf(&load.requests[i],
                     "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                     "Content-Length: %zu\r\n\r\n%s",
                     argv[6 + i], strlen(body), body) < 0)
            bench_fail("out of memory");
    for (unsigned i = 0; i < load.client_count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = i}};

        load.clients[i].fd = connect_to(port);
        if (epoll_ctl(load.poll, EPOLL_CTL_ADD, load.clients[i].fd, &event) != 0)
            bench_fail("epoll: %s", strerror(errno));
    }
    slice_shorten(); /* what this program waits for a CPU is not the server's latency */
    run(&load, atof(argv[4]));
    report(&load);
    return 0;
}
