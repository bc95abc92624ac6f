/* A man in the middle: carries everything between a client and a worker's socket, keeps it, and
 * changes what the worker says if it is told to. */
#ifndef RECLAVE_TESTS_SERVED_RECORDER_H
#define RECLAVE_TESTS_SERVED_RECORDER_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct recorder {
    char socket[96]; /* where it listens */
    const char *worker;
    pthread_t thread;
    int listener;
    uint8_t *seen; /* both directions; valid after recorder_stop */
    size_t count, room;
    /* In what the worker says: each `from` becomes `to`, of the same length; NULL: nothing. Set
     * after recorder_start, before anything connects. */
    const char *from, *to;
    unsigned changes; /* valid after recorder_stop */
};

/* Serves one connection. */
void recorder_start(struct recorder *recorder, const char *folder, const char *worker);
/* The connection has ended. */
void recorder_stop(struct recorder *recorder);
void recorder_free(struct recorder *recorder);

#endif
