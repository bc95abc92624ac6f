#include "tests/served/recorder.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static int make_socket(const char *path, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
    return socket(AF_UNIX, SOCK_STREAM, 0);
}

static void keep(struct recorder *recorder, const uint8_t *data, size_t bytes)
{
    if (recorder->count + bytes > recorder->room) {
        recorder->room = 2 * (recorder->count + bytes);
        recorder->seen = realloc(recorder->seen, recorder->room);
        if (!recorder->seen)
            abort();
    }
    memcpy(recorder->seen + recorder->count, data, bytes);
    recorder->count += bytes;
}

/* A head is written at once and arrives at once. */
static void change(struct recorder *recorder, uint8_t *data, size_t bytes)
{
    size_t length = recorder->from ? strlen(recorder->from) : 0;
    uint8_t *at = data;

    while (length && (at = memmem(at, bytes - (size_t)(at - data), recorder->from, length))) {
        memcpy(at, recorder->to, length);
        recorder->changes++;
    }
}

/* False: one side has ended. */
static int carry(struct recorder *recorder, int from, int to, int from_worker)
{
    uint8_t data[65536];
    ssize_t got = read(from, data, sizeof(data));

    if (got <= 0)
        return 0;
    if (from_worker)
        change(recorder, data, (size_t)got);
    keep(recorder, data, (size_t)got);
    for (ssize_t sent = 0; sent < got;) {
        ssize_t n = send(to, data + sent, (size_t)(got - sent), MSG_NOSIGNAL);

        if (n <= 0)
            return 0;
        sent += n;
    }
    return 1;
}

static void *serve(void *argument)
{
    struct recorder *recorder = argument;
    struct sockaddr_un address;
    int client = accept(recorder->listener, NULL, NULL);
    int worker = make_socket(recorder->worker, &address);
    struct pollfd ends[] = {{client, POLLIN, 0}, {worker, POLLIN, 0}};
    int more = connect(worker, (struct sockaddr *)&address, sizeof(address)) == 0;

    while (more && poll(ends, 2, -1) > 0) {
        if (ends[0].revents)
            more = carry(recorder, client, worker, 0);
        if (more && ends[1].revents)
            more = carry(recorder, worker, client, 1);
    }
    close(client);
    close(worker);
    return NULL;
}

void recorder_start(struct recorder *recorder, const char *folder, const char *worker)
{
    struct sockaddr_un address;

    *recorder = (struct recorder){.worker = worker};
    snprintf(recorder->socket, sizeof(recorder->socket), "%s/between", folder);
    recorder->listener = make_socket(recorder->socket, &address);
    assert_int_equal(bind(recorder->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(recorder->listener, 1), 0);
    assert_int_equal(pthread_create(&recorder->thread, NULL, serve, recorder), 0);
}

void recorder_stop(struct recorder *recorder)
{
    assert_int_equal(pthread_join(recorder->thread, NULL), 0);
    close(recorder->listener);
    unlink(recorder->socket);
}

void recorder_free(struct recorder *recorder)
{
    free(recorder->seen);
}
