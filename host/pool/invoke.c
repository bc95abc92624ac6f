/* One call: waiting for a slot, using it, giving it back. */
#include "host/pool/internal.h"

#include "base/status.h"
#include "host/log/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ATTEMPTS         3u /* to find a worker that is alive */
#define US_PER_MS        1000u
#define ANSWER_GRACE_MS  5000u  /* what a worker may take beyond the limits it was given */
#define SERVICE_LIMIT_MS 60000u /* for a reset, and for copying and checking a bundle */

/* A call on its way. */
struct invocation {
    struct pool *pool;
    const struct pool_call *call;
    struct pool_result *result;
    struct function *function;
    struct slot *slot;
    bool sent;          /* the worker may have run it: never repeat it */
    uint64_t rewind_us; /* of the slot's rewind before this invocation; 0: none */
};

uint64_t pool_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* ---- a slot ---- */

static struct timespec deadline_after(uint64_t ms)
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

/* False: not in time. */
static bool is_woken(struct ticket *ticket, uint64_t within_ms)
{
    struct timespec until = deadline_after(within_ms);
    int result;

    do
        result = sem_clockwait(&ticket->wakeup, CLOCK_MONOTONIC, &until);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

/* Without the lock. While calls wait, the oldest one's patience ends without any other event:
 * whoever sleeps looks again. */
static bool wait_for_slot(struct pool *pool, struct ticket *ticket, uint64_t limit_ms)
{
    const uint64_t patience_ms = POOL_PATIENCE_US / US_PER_MS + 1;

    if (limit_ms > patience_ms) {
        if (is_woken(ticket, patience_ms))
            return true;
        limit_ms -= patience_ms;
        pthread_mutex_lock(&pool->lock);
        schedule(pool);
        pthread_mutex_unlock(&pool->lock);
    }
    return is_woken(ticket, limit_ms);
}

static bool is_settled(const struct ticket *ticket)
{
    return ticket->slot || ticket->refused || ticket->displaced || ticket->homeless;
}

static uint64_t queue_limit_ms(const struct pool_call *call)
{
    return call->queue_timeout_ms ? call->queue_timeout_ms : call->timeout_ms;
}

void ticket_wait(struct pool *pool, struct ticket *ticket, uint64_t limit_ms)
{
    bool settled;

    ticket->since_us = pool_now_us();
    sem_init(&ticket->wakeup, 0, 0);
    ticket->refused = pool->closing; /* those who wait were told; this one comes back */
    ticket->displaced = !ticket->refused && !queue_ticket(pool, ticket);
    if (!ticket->refused && !ticket->displaced)
        schedule(pool);
    settled = is_settled(ticket);
    pthread_mutex_unlock(&pool->lock);
    if (!settled && !wait_for_slot(pool, ticket, limit_ms)) {
        pthread_mutex_lock(&pool->lock);
        if (!is_settled(ticket))
            unqueue_ticket(pool, ticket);
        pthread_mutex_unlock(&pool->lock);
    }
    sem_destroy(&ticket->wakeup);
}

/* The only enclave that can read it, or the slot of its session. */
static void refuse_pinned(struct pool_result *result, enum status status)
{
    result->end = POOL_REFUSED;
    result->status = status;
    if (!result->why.text[0])
        message_set(&result->why, "%s", status_text(status));
}

/* Under the lock, which it gives up. Sets invocation->slot, or the result's end. */
static void get_slot(struct invocation *invocation)
{
    struct pool *pool = invocation->pool;
    struct pool_result *result = invocation->result;
    struct ticket ticket = {.function = invocation->function, .party = invocation->call->party};
    enum status status = pin_call(pool, invocation->call, &ticket.pin, &result->why);

    if (status != ST_OK) {
        pthread_mutex_unlock(&pool->lock);
        refuse_pinned(result, status);
        return;
    }
    ticket_wait(pool, &ticket, queue_limit_ms(invocation->call));
    invocation->slot = ticket.slot;
    result->queued_us = pool_now_us() - ticket.since_us;
    if (ticket.slot)
        return;
    if (ticket.homeless) {
        refuse_pinned(result, ticket.pin.slot >= 0 ? ST_CONTEXT_UNKNOWN : ST_ENVELOPE_KEY);
        return;
    }
    result->end = ticket.refused ? POOL_CLOSING : ticket.displaced ? POOL_QUEUE_FULL : POOL_NO_SLOT;
    if (ticket.displaced)
        message_set(&result->why, "too many calls are waiting (%u)", pool->queue);
    else if (ticket.refused)
        message_set(&result->why, "the service is shutting down");
    else
        message_set(&result->why, "no slot became free within %llu ms",
                    (unsigned long long)queue_limit_ms(invocation->call));
}

void slot_give_back(struct slot *slot, enum slot_fate fate)
{
    struct worker *worker = slot->worker;
    struct pool *pool = worker->pool;

    worker->leases--;
    slot->leased = NULL;
    slot->used_at = ++pool->clock;
    slot->state = slot->holds ? POOL_SLOT_WARM : POOL_SLOT_EMPTY;
    if (fate == FATE_WEDGED) {
        worker->retiring = true;
        worker_kill(worker);
    } else if (fate != FATE_GOOD) {
        worker->retiring = true; /* of one that has died, its thread soon says so */
    }
    if (worker->retiring)
        worker_retire(worker);
    if (worker->state != WORKER_UP || worker->retiring)
        pthread_cond_broadcast(&pool->changed);
}

/* Under the lock. */
static void set_holds(struct slot *slot, struct function *function)
{
    if (slot->holds) {
        slot->holds->held--;
        function_unuse(slot->worker->pool, slot->holds);
    }
    slot->holds = function;
    if (function) {
        function->held++;
        function->users++;
    }
}

static void change_holds(struct pool *pool, struct slot *slot, struct function *function)
{
    pthread_mutex_lock(&pool->lock);
    set_holds(slot, function);
    pthread_mutex_unlock(&pool->lock);
}

/* ---- talking to the worker ---- */

static const char *text_of(const json_t *head, const char *key)
{
    const char *text = json_string_value(json_object_get(head, key));

    return text ? text : "";
}

static uint64_t number_of(const json_t *head, const char *key)
{
    json_int_t number = json_integer_value(json_object_get(head, key));

    return number > 0 ? (uint64_t)number : 0;
}

static void copy_text(char *to, size_t bytes, const json_t *head, const char *key)
{
    strncpy(to, text_of(head, key), bytes - 1);
    to[bytes - 1] = 0;
}

enum slot_fate slot_ask(struct slot *slot, enum frame_type type, json_t *head, const void *body,
                        size_t bytes, uint64_t limit_ms, struct client_reply *reply,
                        struct message *why)
{
    enum status status;

    *reply = (struct client_reply){0};
    client_set_timeout(slot->client, limit_ms);
    status = client_send(slot->client, type, head, body, bytes, NULL, why);
    if (status == ST_IO)
        return FATE_GONE_UNSENT;
    if (status == ST_OK)
        status = client_receive(slot->client, reply, why);
    if (status == ST_TIMEOUT)
        return FATE_WEDGED;
    if (status == ST_NO_MEMORY || status == ST_OUT_OF_RANGE)
        return FATE_SICK; /* nothing was sent, but this is simple and does not happen */
    return status == ST_OK && reply->type == FRAME_REPLY + (uint32_t)type ? FATE_GOOD : FATE_GONE;
}

/* Forgets the slot's function. */
static enum slot_fate empty(struct pool *pool, struct slot *slot, struct message *why)
{
    struct client_reply reply;
    enum slot_fate fate = slot_ask(slot, FRAME_RESET, json_pack("{s:i}", "slot", (int)slot->index),
                                   NULL, 0, SERVICE_LIMIT_MS, &reply, why);

    if (fate == FATE_GOOD && reply.status != ST_OK) {
        message_set(why, "%.400s", text_of(reply.head, "message"));
        fate = FATE_SICK;
    }
    client_reply_free(&reply);
    if (fate == FATE_GOOD)
        change_holds(pool, slot, NULL);
    return fate;
}

/* Empties other tenants' slots, which schedule() leased together with this one. */
static enum slot_fate empty_others(struct invocation *invocation)
{
    struct pool *pool = invocation->pool;
    struct slot *others[SLOTS_MAX];
    enum slot_fate worst = FATE_GOOD;
    unsigned count;

    pthread_mutex_lock(&pool->lock);
    count = slots_to_empty(invocation->slot, invocation->function, others);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < count; i++) {
        enum slot_fate fate = empty(pool, others[i], &invocation->result->why);

        pthread_mutex_lock(&pool->lock);
        slot_give_back(others[i], fate);
        pthread_mutex_unlock(&pool->lock);
        if (fate > worst)
            worst = fate;
    }
    return worst;
}

/* Also of a sealed one: it is for another enclave, or not what its key's owner released. */
static bool refuses_bundle(enum status status)
{
    return (status >= ST_BUNDLE_MAGIC && status < ST_SGX_NO_DEVICE) ||
           (status >= ST_ENVELOPE_FORMAT && status <= ST_SEALED_STALE) ||
           status == ST_BUNDLE_UNSIGNED || status == ST_NO_FUNCTION_KEY ||
           status == ST_FUNCTION_KEY_OWNER;
}

/* What LOAD's status says of bundle and slot. */
static enum slot_fate judge_load(struct invocation *invocation, const struct client_reply *reply)
{
    struct pool_result *result = invocation->result;

    result->status = reply->status;
    if (reply->status == ST_OK)
        return FATE_GOOD;
    message_set(&result->why, "%.400s", text_of(reply->head, "message"));
    if (!result->why.text[0])
        message_set(&result->why, "%s", status_text(reply->status));
    result->end = POOL_LOAD_FAILED;
    return refuses_bundle(reply->status) || reply->status == ST_TIMEOUT ||
                   reply->status == ST_CORRUPT || reply->status == ST_NO_MEMORY
               ? FATE_GOOD
               : FATE_SICK;
}

/* Whose a sealed function is, the enclave says once it has opened it. Until then it counted as
 * nobody else's (pool_function_describe), so that whatever it is now, it is alone in its enclave.
 */
static void learn_tenant(struct invocation *invocation, const char *hex)
{
    struct function *function = invocation->function;
    uint8_t tenant[32];
    unsigned byte = 0;

    if (strlen(hex) != 2 * sizeof(tenant))
        return;
    while (byte < sizeof(tenant) && sscanf(hex + 2 * byte, "%2hhx", &tenant[byte]) == 1)
        byte++;
    if (byte < sizeof(tenant))
        return;
    pthread_mutex_lock(&invocation->pool->lock);
    memcpy(function->tenant, tenant, sizeof(tenant));
    pthread_mutex_unlock(&invocation->pool->lock);
}

static enum slot_fate load(struct invocation *invocation)
{
    const struct pool_call *call = invocation->call;
    struct pool_result *result = invocation->result;
    struct slot *slot = invocation->slot;
    uint64_t limit = call->init_timeout_ms ? call->init_timeout_ms : call->timeout_ms;
    json_t *head = json_pack("{s:i, s:I, s:I, s:I}", "slot", (int)slot->index, "memory_limit",
                             (json_int_t)call->function.memory_limit, "timeout_ms",
                             (json_int_t)limit, "log_limit", (json_int_t)call->log_limit);
    struct client_reply reply;
    enum slot_fate fate =
        slot_ask(slot, FRAME_LOAD, head, call->function.bundle, call->function.bundle_bytes,
                 limit + SERVICE_LIMIT_MS + ANSWER_GRACE_MS, &reply, &result->why);

    if (fate == FATE_GOOD)
        fate = judge_load(invocation, &reply);
    if (fate == FATE_GOOD && result->end == POOL_LOAD_FAILED) {
        result->output = reply.body; /* what the initialisation said */
        result->log_bytes = reply.body_bytes;
        reply.body = NULL;
    } else if (fate == FATE_GOOD) {
        copy_text(result->bundle_sha256, sizeof(result->bundle_sha256), reply.head,
                  "bundle_sha256");
        change_holds(invocation->pool, slot, invocation->function);
        if (call->function.sealed)
            learn_tenant(invocation, text_of(reply.head, "tenant"));
    }
    client_reply_free(&reply);
    return fate;
}

/* Makes the slot hold the call's function. */
static enum slot_fate prepare(struct invocation *invocation)
{
    struct pool_result *result = invocation->result;
    struct slot *slot = invocation->slot;
    uint64_t began = pool_now_us();
    enum slot_fate fate = FATE_GOOD;

    if (slot->holds == invocation->function)
        return FATE_GOOD;
    result->temperature = slot->holds ? POOL_SWITCH : POOL_COLD;
    fate = empty_others(invocation);
    if (fate == FATE_GOOD && slot->holds)
        fate = empty(invocation->pool, slot, &result->why);
    if (fate == FATE_GOOD)
        fate = load(invocation);
    result->load_us = pool_now_us() - began;
    return fate;
}

static enum outcome outcome_of(const json_t *head)
{
    static const char *const names[POOL_OUTCOMES] = {"none", "ok",      "function-error",
                                                     "trap", "refused", "aborted-by-host"};
    const char *name = text_of(head, "outcome");

    for (unsigned i = 0; i < POOL_OUTCOMES; i++)
        if (!strcmp(name, names[i]))
            return (enum outcome)i;
    return OUTCOME_NONE;
}

static enum slot_fate take_answer(struct invocation *invocation, struct client_reply *reply)
{
    struct pool_result *result = invocation->result;

    result->status = reply->status;
    message_set(&result->why, "%.500s", text_of(reply->head, "message"));
    if (reply->status != ST_OK) {
        if (!refuses_request(reply->status))
            return FATE_SICK;
        result->end = POOL_REFUSED;
        return FATE_GOOD;
    }
    if (!take_body(invocation->call, invocation->slot, result, reply))
        return FATE_SICK;
    result->end = POOL_DONE;
    result->outcome = outcome_of(reply->head);
    result->exit_code = (int)json_integer_value(json_object_get(reply->head, "exit_code"));
    result->log_dropped = number_of(reply->head, "log_dropped");
    copy_text(result->trap, sizeof(result->trap), reply->head, "trap");
    copy_text(result->snapshot_sha256, sizeof(result->snapshot_sha256), reply->head,
              "snapshot_sha256");
    invocation->rewind_us = number_of(reply->head, "rewind_us");
    result->answer = json_incref(reply->head);
    return FATE_GOOD;
}

static enum slot_fate run(struct invocation *invocation)
{
    const struct pool_call *call = invocation->call;
    struct pool_result *result = invocation->result;
    struct slot *slot = invocation->slot;
    uint64_t began = pool_now_us();
    struct client_reply reply;
    enum slot_fate fate =
        slot_ask(slot, request_type(call), request_head(call, slot), call->input, call->input_bytes,
                 call->timeout_ms + ANSWER_GRACE_MS, &reply, &result->why);

    invocation->sent = fate != FATE_GONE_UNSENT;
    if (fate == FATE_GOOD)
        fate = take_answer(invocation, &reply);
    client_reply_free(&reply);
    result->run_us = pool_now_us() - began;
    return fate;
}

/* ---- the call ---- */

static void forget_attempt(struct pool_result *result)
{
    uint64_t queued_us = result->queued_us;

    pool_result_free(result);
    *result = (struct pool_result){.end = POOL_WORKER_LOST, .queued_us = queued_us};
}

static enum slot_fate use_slot(struct invocation *invocation)
{
    struct pool_result *result = invocation->result;
    enum slot_fate fate;

    result->end = POOL_DONE; /* as far as nothing speaks against it */
    fate = prepare(invocation);
    if (fate == FATE_GOOD && result->end != POOL_LOAD_FAILED && !invocation->call->load_only)
        fate = run(invocation);
    if (fate != FATE_GOOD) {
        result->end = POOL_WORKER_LOST;
        log_event(LOG_LEVEL_WARNING, "call-lost", "{s:i, s:i, s:s}", "worker",
                  (int)invocation->slot->worker->index, "slot", (int)invocation->slot->index, "why",
                  result->why.text);
    }
    return fate;
}

/* Under the lock, which it gives up meanwhile. False: the slot's worker was dead already, and
 * nothing ran. */
static bool attempt(struct invocation *invocation)
{
    struct pool *pool = invocation->pool;
    enum slot_fate fate = FATE_GOOD;

    invocation->slot = NULL;
    get_slot(invocation);
    if (invocation->slot)
        fate = use_slot(invocation);
    pthread_mutex_lock(&pool->lock);
    if (!invocation->slot)
        return true;
    invocation->slot->invocations +=
        invocation->result->end == POOL_DONE && !invocation->call->load_only;
    slot_give_back(invocation->slot, fate);
    return fate < FATE_GONE || invocation->sent;
}

/* Under the lock. */
static void count(struct invocation *invocation)
{
    const struct pool_result *result = invocation->result;
    struct pool_stats *stats = &invocation->pool->stats;

    stats->ends[result->end]++;
    if (!invocation->slot)
        return;
    histogram_add(&stats->queued, result->queued_us);
    stats->temperatures[result->temperature]++;
    if (result->temperature != POOL_WARM && result->end != POOL_WORKER_LOST) {
        histogram_add(&stats->load, result->load_us);
        function_learn(&invocation->function->load_us, result->load_us);
    }
    if (result->end != POOL_DONE || invocation->call->load_only)
        return;
    stats->outcomes[result->outcome]++;
    histogram_add(&stats->run, result->run_us);
    if (invocation->rewind_us)
        histogram_add(&stats->rewind, invocation->rewind_us);
    function_learn(&invocation->function->run_us, result->run_us);
}

enum pool_end pool_invoke(struct pool *pool, const struct pool_call *call,
                          struct pool_result *result)
{
    struct invocation invocation = {.pool = pool, .call = call, .result = result};

    *result = (struct pool_result){.end = POOL_CLOSING};
    pthread_mutex_lock(&pool->lock);
    if (pool->closing) {
        message_set(&result->why, "the service is shutting down");
        pthread_mutex_unlock(&pool->lock);
        return result->end;
    }
    pool->inside++;
    invocation.function = function_use(pool, &call->function);
    if (invocation.function) {
        for (unsigned n = 1; !attempt(&invocation) && n < ATTEMPTS; n++)
            forget_attempt(result);
        count(&invocation);
        function_unuse(pool, invocation.function);
    } else {
        message_set(&result->why, "%s", status_text(ST_NO_MEMORY));
    }
    schedule(pool);
    pool->inside--;
    if (pool->closing)
        pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    return result->end;
}

void pool_result_free(struct pool_result *result)
{
    free(result->output);
    json_decref(result->answer);
    result->output = NULL;
    result->answer = NULL;
}
