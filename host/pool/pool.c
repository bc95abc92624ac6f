#include "host/pool/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEFAULT_QUEUE_LIMIT 256u

static void init_pool(struct pool *pool)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pool->last = &pool->first;
}

static void free_pool(struct pool *pool)
{
    functions_free(pool);
    for (unsigned i = 0; i < pool->options.workers; i++)
        if (pool->workers[i].pool)
            pthread_mutex_destroy(&pool->workers[i].control_lock);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

enum status pool_open(const struct pool_options *options, struct pool **out, struct message *why)
{
    struct pool *pool;
    enum status status;

    *out = NULL;
    if (options->workers < 1 || options->workers > POOL_WORKERS_MAX) {
        message_set(why, "the number of workers must be 1 to %u", POOL_WORKERS_MAX);
        return ST_INVALID_ARGUMENT;
    }
    pool = calloc(1, sizeof(*pool));
    if (!pool)
        return ST_NO_MEMORY;
    pool->options = *options;
    init_pool(pool);
    pool_set_queue_limit(pool, options->queue_limit);
    status = workers_start(pool, why);
    if (status != ST_OK) {
        pool_close(pool, 0);
        return status;
    }
    *out = pool;
    return ST_OK;
}

void pool_set_queue_limit(struct pool *pool, unsigned queue_limit)
{
    pthread_mutex_lock(&pool->lock);
    pool->options.queue_limit = queue_limit ? queue_limit : DEFAULT_QUEUE_LIMIT;
    pthread_mutex_unlock(&pool->lock);
}

static struct timespec after(uint64_t ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(ms / 1000);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    return until;
}

static unsigned workers_up(const struct pool *pool)
{
    unsigned up = 0;

    for (unsigned i = 0; i < pool->options.workers; i++)
        up += pool->workers[i].state == WORKER_UP;
    return up;
}

enum status pool_wait_ready(struct pool *pool, uint64_t timeout_ms, struct message *why)
{
    struct timespec until = after(timeout_ms);
    enum status status = ST_OK;

    pthread_mutex_lock(&pool->lock);
    while (status == ST_OK && workers_up(pool) == 0) {
        if (pool->start_failure.text[0]) {
            *why = pool->start_failure;
            status = ST_IO;
        } else if (pthread_cond_timedwait(&pool->changed, &pool->lock, &until) == ETIMEDOUT) {
            message_set(why, "no worker was ready within %llu ms", (unsigned long long)timeout_ms);
            status = ST_TIMEOUT;
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return status;
}

/* Under the lock. */
static void refuse_waiting(struct pool *pool)
{
    while (pool->first) {
        struct ticket *ticket = pool->first;

        unqueue_ticket(pool, ticket);
        ticket->refused = true;
        sem_post(&ticket->wakeup);
    }
}

static void wait_until_empty(struct pool *pool, const struct timespec *until)
{
    while (pool->inside > 0) {
        if (!until)
            pthread_cond_wait(&pool->changed, &pool->lock);
        else if (pthread_cond_timedwait(&pool->changed, &pool->lock, until) == ETIMEDOUT)
            return;
    }
}

void pool_stop(struct pool *pool, unsigned grace_ms)
{
    struct timespec until = after(grace_ms);
    bool stopped;

    pthread_mutex_lock(&pool->lock);
    stopped = pool->closing;
    pool->closing = true;
    refuse_waiting(pool);
    pthread_cond_broadcast(&pool->changed);
    wait_until_empty(pool, &until);
    pthread_mutex_unlock(&pool->lock);
    if (stopped)
        return;
    workers_stop(pool);
    pthread_mutex_lock(&pool->lock);
    wait_until_empty(pool, NULL); /* their workers are gone: they end at once */
    pthread_mutex_unlock(&pool->lock);
}

void pool_close(struct pool *pool, unsigned grace_ms)
{
    if (!pool)
        return;
    pool_stop(pool, grace_ms);
    free_pool(pool);
}
