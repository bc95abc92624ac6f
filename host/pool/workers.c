/* One thread per worker: starts the process, waits for its end, starts the next one. */
#include "host/pool/internal.h"

#include "host/log/log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SOCKETS            (SLOTS_MAX + 1) /* one per possible slot, one for STATS */
#define STABLE_MS          10000u /* a worker that lived so long did not die of its start */
#define BACKOFF_FIRST_MS   100u
#define BACKOFF_MAX_MS     10000u
#define CONTROL_TIMEOUT_MS 2000u

static uint64_t now_ms(void)
{
    return pool_now_us() / 1000;
}

void worker_kill(struct worker *worker)
{
    if (worker->pid > 0)
        (void)kill(worker->pid, SIGKILL);
}

void worker_retire(struct worker *worker)
{
    worker->retiring = true;
    if (worker->leases == 0)
        worker_kill(worker);
}

/* ---- coming up ---- */

/* Which requests are for this enclave. False: the worker does not say. */
static bool read_key_id(struct worker *worker, const json_t *hello)
{
    const char *hex = json_string_value(json_object_get(hello, "key_id"));

    if (!hex || strlen(hex) != 2 * KEY_ID_BYTES)
        return false;
    for (unsigned i = 0; i < KEY_ID_BYTES; i++)
        if (sscanf(hex + 2 * i, "%2hhx", &worker->key_id[i]) != 1)
            return false;
    return true;
}

/* The first client tells how many slots there are; sockets beyond those are closed. */
static enum status open_clients(struct worker *worker, const int sockets[SOCKETS],
                                struct message *why)
{
    struct client *control = NULL;
    enum status status = client_adopt(sockets[0], &control, why);
    json_int_t slots = 0;
    unsigned next = 1;

    if (status == ST_OK) {
        client_set_timeout(control, CONTROL_TIMEOUT_MS);
        slots = json_integer_value(json_object_get(client_hello(control), "slots"));
    }
    pthread_mutex_lock(&worker->control_lock);
    worker->control = control;
    pthread_mutex_unlock(&worker->control_lock);
    if (status == ST_OK &&
        (slots < 1 || slots > SLOTS_MAX || !read_key_id(worker, client_hello(control)))) {
        message_set(why, "the worker does not say what it has");
        status = ST_CORRUPT;
    }
    worker->slot_count = 0;
    while (status == ST_OK && worker->slot_count < (unsigned)slots) {
        struct slot *slot = &worker->slots[worker->slot_count];

        *slot = (struct slot){.worker = worker, .index = worker->slot_count};
        status = client_adopt(sockets[next++], &slot->client, why);
        worker->slot_count += status == ST_OK;
    }
    while (next < SOCKETS)
        close(sockets[next++]);
    return status;
}

static void close_clients(struct worker *worker)
{
    pthread_mutex_lock(&worker->control_lock);
    client_close(worker->control);
    worker->control = NULL;
    pthread_mutex_unlock(&worker->control_lock);
    for (unsigned i = 0; i < worker->slot_count; i++)
        client_close(worker->slots[i].client);
    worker->slot_count = 0;
}

static void set_up(struct worker *worker)
{
    struct pool *pool = worker->pool;

    pthread_mutex_lock(&pool->lock);
    worker->state = WORKER_UP;
    worker->up_since_ms = now_ms();
    for (unsigned i = 0; i < worker->slot_count; i++)
        worker->slots[i].state = POOL_SLOT_EMPTY;
    schedule(pool);
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    log_event(LOG_LEVEL_INFO, "worker-up", "{s:i, s:i, s:i}", "worker", (int)worker->index, "pid",
              (int)worker->pid, "slots", (int)worker->slot_count);
}

static enum status bring_up(struct worker *worker, struct message *why)
{
    struct pool *pool = worker->pool;
    int sockets[SOCKETS];
    pid_t pid = 0;
    enum status status = spawn_worker(&pool->options, SOCKETS, &pid, sockets, why);

    if (status != ST_OK)
        return status;
    pthread_mutex_lock(&pool->lock);
    worker->pid = pid;
    worker->state = WORKER_STARTING;
    worker->retiring = false;
    worker->starts++;
    if (pool->closing)
        worker_kill(worker);
    pthread_mutex_unlock(&pool->lock);
    status = open_clients(worker, sockets, why);
    if (status == ST_OK)
        set_up(worker);
    else if (status == ST_IO)
        message_set(why, "a worker ended while it started; what it said about that is above");
    return status;
}

/* ---- going down ---- */

/* Nobody is leased a slot of it any more; those who have one notice the closed socket. */
static void set_down(struct worker *worker)
{
    struct pool *pool = worker->pool;

    pthread_mutex_lock(&pool->lock);
    worker->state = WORKER_DOWN;
    pool->stats.restarts += !pool->closing;
    schedule(pool); /* for those who wait for this enclave */
    while (worker->leases > 0)
        pthread_cond_wait(&pool->changed, &pool->lock);
    for (unsigned i = 0; i < worker->slot_count; i++) {
        struct slot *slot = &worker->slots[i];

        slot->state = POOL_SLOT_ABSENT;
        if (slot->holds) {
            slot->holds->held--;
            function_unuse(pool, slot->holds);
            slot->holds = NULL;
        }
    }
    (void)waitpid(worker->pid, NULL, 0);
    worker->pid = 0;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    close_clients(worker);
}

static void log_end(const struct worker *worker, const siginfo_t *info, const char *why)
{
    bool closing;

    pthread_mutex_lock(&worker->pool->lock);
    closing = worker->pool->closing;
    pthread_mutex_unlock(&worker->pool->lock);
    log_event(closing ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, closing ? "worker-ended" : "worker-lost",
              "{s:i, s:i, s:s, s:i, s:s}", "worker", (int)worker->index, "pid", (int)worker->pid,
              "how", info->si_code == CLD_EXITED ? "exit" : "signal", "code", info->si_status,
              "why", why);
}

static bool is_closing(struct pool *pool)
{
    bool closing;

    pthread_mutex_lock(&pool->lock);
    closing = pool->closing;
    pthread_mutex_unlock(&pool->lock);
    return closing;
}

/* Waits, but not longer than until the pool closes. */
static void back_off(struct pool *pool, unsigned ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&pool->lock);
    while (!pool->closing &&
           pthread_cond_timedwait(&pool->changed, &pool->lock, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&pool->lock);
}

static void report_failure(struct worker *worker, const struct message *why)
{
    struct pool *pool = worker->pool;

    pthread_mutex_lock(&pool->lock);
    pool->start_failure = *why;
    worker_kill(worker); /* it may be half-way up */
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}

/* One life of a process. True: it was up, and for long enough. */
static bool live_once(struct worker *worker)
{
    struct message why = {""};
    siginfo_t info = {0};
    bool stable;

    worker->up_since_ms = 0;
    if (bring_up(worker, &why) != ST_OK)
        report_failure(worker, &why);
    if (worker->pid == 0) {
        log_event(LOG_LEVEL_ERROR, "worker-start-failed", "{s:i, s:s}", "worker",
                  (int)worker->index, "why", why.text);
        return false;
    }
    while (waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
        ;
    log_end(worker, &info, why.text);
    stable = worker->up_since_ms && now_ms() - worker->up_since_ms > STABLE_MS;
    set_down(worker);
    return stable;
}

static void *live(void *argument)
{
    struct worker *worker = argument;
    unsigned wait_ms = 0;

    while (!is_closing(worker->pool)) {
        bool came_up;

        if (wait_ms)
            back_off(worker->pool, wait_ms);
        if (is_closing(worker->pool))
            break;
        if (live_once(worker))
            wait_ms = 0;
        else
            wait_ms = wait_ms ? wait_ms * 2 : BACKOFF_FIRST_MS;
        came_up = worker->up_since_ms != 0;
        if (came_up && wait_ms > BACKOFF_FIRST_MS)
            wait_ms = BACKOFF_FIRST_MS; /* it can start: what killed it was something else */
        if (wait_ms > BACKOFF_MAX_MS)
            wait_ms = BACKOFF_MAX_MS;
    }
    return NULL;
}

enum status workers_start(struct pool *pool, struct message *why)
{
    for (unsigned i = 0; i < pool->options.workers; i++) {
        struct worker *worker = &pool->workers[i];

        worker->pool = pool;
        worker->index = i;
        pthread_mutex_init(&worker->control_lock, NULL);
        if (pthread_create(&worker->thread, NULL, live, worker) != 0) {
            message_set(why, "no thread for worker %u", i);
            return ST_NO_MEMORY;
        }
        worker->started = true;
    }
    return ST_OK;
}

void workers_stop(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    for (unsigned i = 0; i < pool->options.workers; i++)
        worker_kill(&pool->workers[i]);
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->options.workers; i++)
        if (pool->workers[i].started)
            pthread_join(pool->workers[i].thread, NULL);
}
