/* Where an encrypted call can run. What is read here of a message is what every carrier can read;
 * if a host lies about it, the enclave refuses the message. */
#include "host/pool/internal.h"

#include "abi/envelope.h"

#include <stdio.h>
#include <string.h>

static bool is_up(const struct worker *worker)
{
    return worker->state == WORKER_UP && !worker->retiring;
}

/* NULL: no worker of this pool; it may be a keeper's, which any of them may have. */
static struct worker *find_key(struct pool *pool, const uint8_t key_id[KEY_ID_BYTES])
{
    for (unsigned i = 0; i < pool->options.workers; i++) {
        struct worker *worker = &pool->workers[i];

        if (is_up(worker) && memcmp(worker->key_id, key_id, KEY_ID_BYTES) == 0)
            return worker;
    }
    return NULL;
}

bool pool_can_read(struct pool *pool, const struct pool_function *function)
{
    static const uint8_t nobody[KEY_ID_BYTES];
    bool can;

    if (!function->sealed || memcmp(function->recipient, nobody, KEY_ID_BYTES) == 0)
        return true;
    pthread_mutex_lock(&pool->lock);
    can = find_key(pool, function->recipient) != NULL;
    pthread_mutex_unlock(&pool->lock);
    return can;
}

static void pin_to(struct pin *pin, struct worker *worker)
{
    pin->worker = worker;
    pin->life = worker ? worker->starts : 0;
}

/* "WORKER.SLOT.LIFE", as session_name wrote it. */
static enum status pin_session(struct pool *pool, const char *name, struct pin *out,
                               struct message *why)
{
    unsigned index, slot;
    unsigned long long life;
    int end = 0;

    if (!name) {
        message_set(why, "a request of a session needs what its opening said of its place "
                         "(docs/envelope.md)");
        return ST_CONTEXT_UNKNOWN;
    }
    if (sscanf(name, "%3u.%3u.%19llu%n", &index, &slot, &life, &end) != 3 || name[end] ||
        index >= pool->options.workers || slot >= SLOTS_MAX)
        return ST_CONTEXT_UNKNOWN;
    *out = (struct pin){&pool->workers[index], (int)slot, life};
    return ST_OK;
}

static enum status pin_message(struct pool *pool, const struct pool_call *call, struct pin *out,
                               struct message *why)
{
    struct envelope_request header;

    if (call->input_bytes < sizeof(header.prefix))
        return ST_ENVELOPE_FORMAT;
    memcpy(&header.prefix, call->input, sizeof(header.prefix));
    if (memcmp(header.prefix.magic, ENVELOPE_MAGIC, sizeof(header.prefix.magic)) != 0)
        return ST_ENVELOPE_FORMAT;
    if (header.prefix.kind == ENVELOPE_SESSION_REQUEST)
        return pin_session(pool, call->session, out, why);
    if ((header.prefix.kind != ENVELOPE_REQUEST && header.prefix.kind != ENVELOPE_SESSION_OPEN) ||
        call->input_bytes < sizeof(header))
        return ST_ENVELOPE_FORMAT;
    memcpy(&header, call->input, sizeof(header));
    pin_to(out, find_key(pool, header.key_id));
    return ST_OK;
}

enum status pin_call(struct pool *pool, const struct pool_call *call, struct pin *out,
                     struct message *why)
{
    static const uint8_t nobody[KEY_ID_BYTES];
    const struct pool_function *function = &call->function;
    struct worker *reader = NULL;
    enum status status = ST_OK;

    *out = (struct pin){.slot = -1};
    if (call->sealed && !call->load_only)
        status = pin_message(pool, call, out, why);
    if (status != ST_OK)
        return status;
    if (function->sealed && memcmp(function->recipient, nobody, KEY_ID_BYTES) != 0)
        reader = find_key(pool, function->recipient);
    if (!reader || reader == out->worker)
        return pin_holds(out, NULL) ? ST_OK : ST_CONTEXT_UNKNOWN;
    if (!out->worker) {
        pin_to(out, reader);
        return ST_OK;
    }
    message_set(why, "the request is encrypted to another enclave than the one that can read the "
                     "function");
    return ST_ENVELOPE_KEY;
}

bool pin_holds(const struct pin *pin, const struct function *function)
{
    const struct worker *worker = pin->worker;
    const struct slot *slot;

    if (!worker)
        return true;
    if (!is_up(worker) || worker->starts != pin->life)
        return false;
    if (pin->slot < 0)
        return true;
    slot = &worker->slots[pin->slot];
    /* A busy slot may be about to hold another function: then it is looked at again. */
    return (unsigned)pin->slot < worker->slot_count &&
           (!function || slot->state == POOL_SLOT_BUSY || slot->holds == function);
}

bool pin_allows(const struct pin *pin, const struct slot *slot)
{
    return !pin->worker ||
           (slot->worker == pin->worker && (pin->slot < 0 || slot->index == (unsigned)pin->slot));
}
