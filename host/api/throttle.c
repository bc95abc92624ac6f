/* Rate and concurrency of each namespace, in memory. A minute begins with the first call after the
 * last one, on a clock that nobody can set: a wall clock that jumps neither opens nor closes it. */
#include "host/api/internal.h"

#include <pthread.h>
#include <stdlib.h>

#define BUCKETS   1024u
#define MINUTE_MS 60000

struct meter {
    struct meter *next;
    int64_t namespace_id;
    int64_t minute_ms; /* when it began: steady_now_ms */
    uint64_t calls;    /* in that minute */
    uint64_t in_flight;
};

struct throttle {
    pthread_mutex_t lock;
    struct meter *buckets[BUCKETS];
};

struct throttle *throttle_open(void)
{
    struct throttle *throttle = calloc(1, sizeof(*throttle));

    if (throttle)
        pthread_mutex_init(&throttle->lock, NULL);
    return throttle;
}

void throttle_close(struct throttle *throttle)
{
    if (!throttle)
        return;
    for (unsigned i = 0; i < BUCKETS; i++) {
        while (throttle->buckets[i]) {
            struct meter *meter = throttle->buckets[i];

            throttle->buckets[i] = meter->next;
            free(meter);
        }
    }
    pthread_mutex_destroy(&throttle->lock);
    free(throttle);
}

/* Under the lock; NULL: no memory. */
static struct meter *find(struct throttle *throttle, int64_t namespace_id)
{
    struct meter **bucket = &throttle->buckets[(uint64_t)namespace_id % BUCKETS], *meter = *bucket;

    while (meter && meter->namespace_id != namespace_id)
        meter = meter->next;
    if (!meter && (meter = calloc(1, sizeof(*meter)))) {
        meter->namespace_id = namespace_id;
        meter->next = *bucket;
        *bucket = meter;
    }
    return meter;
}

uint64_t user_rate(const struct api *api, const struct user *user)
{
    return user->rate >= 0 ? (uint64_t)user->rate
                           : __atomic_load_n(&api->options.rate, __ATOMIC_RELAXED);
}

uint64_t user_concurrent(const struct api *api, const struct user *user)
{
    return user->concurrent >= 0 ? (uint64_t)user->concurrent
                                 : __atomic_load_n(&api->options.concurrent, __ATOMIC_RELAXED);
}

bool throttle_rate(struct api *api, const struct user *user, unsigned calls, struct refusal *no)
{
    struct throttle *throttle = api->throttle;
    uint64_t allowed = user_rate(api, user), count = 0;
    int64_t now_ms = steady_now_ms();
    struct meter *meter;

    pthread_mutex_lock(&throttle->lock);
    meter = find(throttle, user->id);
    if (meter && (meter->calls == 0 || now_ms - meter->minute_ms >= MINUTE_MS)) {
        meter->minute_ms = now_ms;
        meter->calls = 0;
    }
    count = meter ? meter->calls + calls : UINT64_MAX;
    if (count <= allowed)
        meter->calls = count;
    pthread_mutex_unlock(&throttle->lock);
    if (count <= allowed)
        return true;
    return deny(no, 429, "Too many requests in the last minute (count: %llu, allowed: %llu).",
                (unsigned long long)count, (unsigned long long)allowed);
}

bool throttle_enter(struct api *api, const struct user *user, struct refusal *no)
{
    struct throttle *throttle = api->throttle;
    uint64_t allowed = user_concurrent(api, user), count;
    struct meter *meter;

    pthread_mutex_lock(&throttle->lock);
    meter = find(throttle, user->id);
    count = meter ? meter->in_flight + 1 : UINT64_MAX;
    if (count <= allowed)
        meter->in_flight = count;
    pthread_mutex_unlock(&throttle->lock);
    if (count <= allowed)
        return true;
    return deny(no, 429, "Too many concurrent requests in flight (count: %llu, allowed: %llu).",
                (unsigned long long)count, (unsigned long long)allowed);
}

void throttle_count(struct api *api, int64_t namespace_id)
{
    struct meter *meter;

    pthread_mutex_lock(&api->throttle->lock);
    meter = find(api->throttle, namespace_id);
    if (meter)
        meter->in_flight++;
    pthread_mutex_unlock(&api->throttle->lock);
}

void throttle_leave(struct api *api, int64_t namespace_id)
{
    struct meter *meter;

    pthread_mutex_lock(&api->throttle->lock);
    meter = find(api->throttle, namespace_id);
    if (meter && meter->in_flight > 0)
        meter->in_flight--;
    pthread_mutex_unlock(&api->throttle->lock);
}
