/* Asking the workers' enclaves who they are. */
#include "host/pool/internal.h"

#include <openssl/evp.h>
#include <stdlib.h>

#define QUOTE_LIMIT_MS  60000u /* on the emulator the first one builds the quoting enclave */
#define QUOTE_BYTES_MAX (1u << 20)

/* The next part of the body; NULL: the answer contradicts itself. */
static json_t *take_part(const struct client_reply *reply, const char *key, size_t *at)
{
    json_int_t bytes = json_integer_value(json_object_get(reply->head, key));
    char *text;
    json_t *json = NULL;

    if (bytes < 0 || bytes > QUOTE_BYTES_MAX || (uint64_t)bytes > reply->body_bytes - *at)
        return NULL;
    text = malloc((size_t)bytes / 3 * 4 + 5);
    if (text) {
        EVP_EncodeBlock((unsigned char *)text, reply->body + *at, (int)bytes);
        text[((size_t)bytes + 2) / 3 * 4] = 0;
        json = json_string(text);
    }
    free(text);
    *at += (size_t)bytes;
    return json;
}

/* NULL: it gave none. */
static json_t *describe_quote(const struct worker *worker, const struct client_reply *reply)
{
    static const char *const parts[][2] = {{"quote", "quote_bytes"},
                                           {"identity", "identity_bytes"},
                                           {"collateral", "collateral_bytes"},
                                           {"root", "root_bytes"}};
    json_t *json = json_pack("{s:i, s:O*}", "worker", (int)worker->index, "vouched_by",
                             json_object_get(reply->head, "vouched_by"));
    size_t at = 0;
    bool good = reply->status == ST_OK;

    for (unsigned i = 0; i < 4 && good; i++)
        good = json_object_set_new(json, parts[i][0], take_part(reply, parts[i][1], &at)) == 0;
    if (good)
        return json;
    json_decref(json);
    return NULL;
}

/* A slot of the worker, as it is; NULL: none in time. */
static struct slot *lease_any(struct pool *pool, struct worker *worker, uint64_t timeout_ms)
{
    struct function nothing = {.next = NULL};
    struct ticket ticket = {.function = &nothing, .errand = true, .pin = {worker, -1, 0}};

    pthread_mutex_lock(&pool->lock);
    ticket.pin.life = worker->starts;
    if (!pool->closing && pool->queue < pool->options.queue_limit) {
        pool->inside++;
        ticket_wait(pool, &ticket, timeout_ms);
        pthread_mutex_lock(&pool->lock);
        if (!ticket.slot && --pool->inside == 0)
            pthread_cond_broadcast(&pool->changed);
    }
    pthread_mutex_unlock(&pool->lock);
    return ticket.slot;
}

static void give_back(struct pool *pool, struct slot *slot, enum slot_fate fate)
{
    pthread_mutex_lock(&pool->lock);
    slot_give_back(slot, fate);
    schedule(pool);
    pool->inside--;
    if (pool->closing)
        pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}

static json_t *ask_quote(struct pool *pool, struct worker *worker, const char *challenge,
                         uint64_t timeout_ms)
{
    struct slot *slot = lease_any(pool, worker, timeout_ms);
    struct client_reply reply;
    struct message why = {""};
    json_t *json = NULL;
    enum slot_fate fate;

    if (!slot)
        return NULL;
    fate = slot_ask(slot, FRAME_QUOTE,
                    json_pack("{s:i, s:s*}", "slot", (int)slot->index, "challenge", challenge),
                    NULL, 0, QUOTE_LIMIT_MS, &reply, &why);
    if (fate == FATE_GOOD)
        json = describe_quote(worker, &reply);
    client_reply_free(&reply);
    give_back(pool, slot, fate);
    return json;
}

json_t *pool_quotes(struct pool *pool, int worker, const char *challenge, uint64_t timeout_ms)
{
    uint64_t until_us = pool_now_us() + timeout_ms * 1000;
    json_t *list = json_array();

    for (unsigned i = 0; i < pool->options.workers && list; i++) {
        uint64_t now_us = pool_now_us();
        json_t *json;

        if (worker != POOL_EVERY_WORKER && (unsigned)worker != i)
            continue;
        json = ask_quote(pool, &pool->workers[i], challenge,
                         now_us < until_us ? (until_us - now_us) / 1000 + 1 : 1);
        if (json)
            (void)json_array_append_new(list, json);
    }
    return list;
}
