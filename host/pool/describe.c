/* Numbers for /metrics, a picture for `reclave top`. */
#include "host/pool/internal.h"

#include <stdio.h>
#include <string.h>

static void count_slots(const struct worker *worker, struct pool_stats *out)
{
    for (unsigned i = 0; worker->state == WORKER_UP && i < worker->slot_count; i++) {
        out->slots++;
        out->slots_empty += worker->slots[i].state == POOL_SLOT_EMPTY;
        out->slots_warm += worker->slots[i].state == POOL_SLOT_WARM;
        out->slots_busy += worker->slots[i].state == POOL_SLOT_BUSY;
    }
}

void pool_stats(struct pool *pool, struct pool_stats *out)
{
    pthread_mutex_lock(&pool->lock);
    *out = pool->stats;
    out->workers = pool->options.workers;
    out->queue = pool->queue;
    out->queue_limit = pool->options.queue_limit;
    for (unsigned i = 0; i < pool->options.workers; i++) {
        out->workers_up += pool->workers[i].state == WORKER_UP;
        count_slots(&pool->workers[i], out);
    }
    pthread_mutex_unlock(&pool->lock);
}

/* Under the lock. */
static json_t *slot_json(const struct slot *slot)
{
    static const char *const names[] = {"absent", "empty", "warm", "busy"};
    char id[65] = "";

    for (unsigned i = 0; slot->holds && i < 32; i++)
        snprintf(id + 2 * i, 3, "%02x", slot->holds->id[i]);
    return json_pack("{s:s, s:s, s:I}", "state", names[slot->state], "function", id, "invocations",
                     (json_int_t)slot->invocations);
}

static json_t *worker_json(struct pool *pool, struct worker *worker)
{
    static const char *const names[] = {"down", "starting", "up"};
    json_t *slots = json_array();
    json_t *json;

    pthread_mutex_lock(&pool->lock);
    for (unsigned i = 0; worker->state == WORKER_UP && i < worker->slot_count; i++)
        (void)json_array_append_new(slots, slot_json(&worker->slots[i]));
    json = json_pack("{s:i, s:s, s:i, s:I, s:o}", "worker", (int)worker->index, "state",
                     names[worker->state], "pid", (int)worker->pid, "starts",
                     (json_int_t)worker->starts, "slots", slots);
    pthread_mutex_unlock(&pool->lock);
    return json;
}

/* What the enclave itself says; nothing if it does not answer soon. */
static void add_enclave(struct worker *worker, json_t *json)
{
    static const char *const keys[] = {"backend", "pages", "mrenclave", "enclave_pages"};
    struct client_reply reply = {0};
    struct message why;

    pthread_mutex_lock(&worker->control_lock);
    if (worker->control &&
        client_call(worker->control, FRAME_STATS, NULL, NULL, 0, &reply, &why) == ST_OK)
        for (unsigned i = 0; i < sizeof(keys) / sizeof(*keys); i++)
            (void)json_object_set(json, keys[i], json_object_get(reply.head, keys[i]));
    client_reply_free(&reply);
    pthread_mutex_unlock(&worker->control_lock);
}

json_t *pool_describe(struct pool *pool)
{
    json_t *workers = json_array();

    for (unsigned i = 0; i < pool->options.workers; i++) {
        json_t *json = worker_json(pool, &pool->workers[i]);

        add_enclave(&pool->workers[i], json);
        (void)json_array_append_new(workers, json);
    }
    return workers;
}
