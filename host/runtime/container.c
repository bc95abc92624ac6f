#include "host/runtime/container.h"

#include "host/http/http.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEFAULT_TIMEOUT_MS 60000u
#define TIMEOUT_MIN_MS     100u /* OpenWhisk's limits of an action's time */
#define TIMEOUT_MAX_MS     300000u
#define NAME_BYTES         257u

enum state {
    STATE_NEW,
    STATE_INITIALISING,
    STATE_READY,
};

struct container {
    pthread_mutex_t lock;
    enum state state;
    const struct stored *code;
    char name[NAME_BYTES];
    json_t *env; /* of /init */
};

struct container *container_new(void)
{
    struct container *container = calloc(1, sizeof(*container));

    if (container)
        pthread_mutex_init(&container->lock, NULL);
    return container;
}

void container_release(const struct runtime *runtime, struct container *container)
{
    store_release(runtime->store, container->code);
    container->code = NULL;
}

void container_free(struct container *container)
{
    json_decref(container->env);
    pthread_mutex_destroy(&container->lock);
    free(container);
}

static void refuse(struct container_reply *reply, unsigned status, const char *sentence)
{
    reply->status = status;
    reply->body = json_pack("{s:s}", "error", sentence);
    if (!reply->body)
        reply->body = json_pack("{s:s}", "error", "The request could not be processed.");
}

void container_reply_free(struct container_reply *reply)
{
    json_decref(reply->body);
    action_result_free(&reply->ran);
    *reply = (struct container_reply){0};
}

/* ---- /init ---- */

static bool begin_init(struct container *container)
{
    bool may;

    pthread_mutex_lock(&container->lock);
    may = container->state == STATE_NEW;
    if (may)
        container->state = STATE_INITIALISING;
    pthread_mutex_unlock(&container->lock);
    return may;
}

static void end_init(struct container *container, const struct stored *code, json_t *env,
                     const char *name)
{
    pthread_mutex_lock(&container->lock);
    container->state = code ? STATE_READY : STATE_NEW;
    container->code = code;
    if (code) {
        container->env = env;
        snprintf(container->name, sizeof(container->name), "%s", name);
    }
    pthread_mutex_unlock(&container->lock);
}

/* No slot is no fault of the action: OpenWhisk tries another place after a 503. */
static bool is_overloaded(enum pool_end end)
{
    return end == POOL_QUEUE_FULL || end == POOL_NO_SLOT || end == POOL_CLOSING;
}

static const struct stored *get_code(const struct runtime *runtime, const json_t *value,
                                     struct container_reply *reply)
{
    const json_t *text = json_object_get(value, "code");
    struct message why = {""};
    struct code code = {0};
    const struct stored *stored = NULL;
    enum status status = code_decode(json_string_value(text), json_string_length(text),
                                     http_json_text(value, "main"), &code, &why);

    if (status != ST_OK) {
        refuse(reply, status == ST_OUT_OF_RANGE ? 413 : 400, why.text);
        return NULL;
    }
    status = store_add(runtime->store, &code, &stored, &why);
    code_free(&code);
    if (status == ST_OK)
        return stored;
    reply->ran.err = strdup(why.text);
    reply->ran.err_bytes = reply->ran.err ? strlen(why.text) : 0;
    reply->log_ends = true;
    if (status == ST_BUSY)
        refuse(reply, 503, why.text);
    else
        refuse(reply, 502,
               "The action failed to generate or locate a binary. See logs for details.");
    return NULL;
}

/* Loads it, so that what is wrong with it is found now. */
static bool load(const struct runtime *runtime, const struct stored *code, const char *name,
                 struct container_reply *reply)
{
    struct action_call call = {
        .code = code,
        .name = name,
        .limits = {DEFAULT_TIMEOUT_MS, runtime->memory_bytes, runtime->log_bytes},
        .queue_timeout_ms = runtime->queue_timeout_ms};

    action_load(runtime->pool, &call, &reply->ran);
    if (reply->ran.status == ACTION_SUCCESS) {
        reply->status = 200;
        reply->body = json_pack("{s:b}", "ok", 1);
        return true;
    }
    reply->status = is_overloaded(reply->ran.end) ? 503 : 502;
    reply->log_ends = reply->status == 502;
    reply->body = json_incref(reply->ran.result);
    return false;
}

static json_t *text_env(const json_t *value)
{
    json_t *env = json_object_get(value, "env");

    return json_is_object(env) ? json_incref(env) : json_object();
}

static void init(const struct runtime *runtime, struct container *container, const json_t *value,
                 struct container_reply *reply)
{
    const char *name = http_json_text(value, "name");
    const struct stored *code = get_code(runtime, value, reply);
    json_t *env = text_env(value);

    if (code && load(runtime, code, name ? name : "action", reply)) {
        end_init(container, code, env, name ? name : "action");
        return;
    }
    store_release(runtime->store, code);
    json_decref(env);
    end_init(container, NULL, NULL, NULL);
}

void container_init(const struct runtime *runtime, struct container *container, const json_t *body,
                    struct container_reply *reply)
{
    static const char again[] = "Cannot initialize the action more than once.";
    const json_t *value = json_object_get(body, "value");

    *reply = (struct container_reply){0};
    if (json_string_length(json_object_get(value, "code")) == 0) {
        refuse(reply, 403, "Missing main/no code to execute.");
        return;
    }
    if (!begin_init(container)) {
        refuse(reply, 403, again);
        reply->ran.out = strdup(again);
        reply->ran.out_bytes = reply->ran.out ? sizeof(again) - 1 : 0;
        return;
    }
    init(runtime, container, value, reply);
}

/* ---- /run ---- */

/* "deadline" is a string of epoch milliseconds. The host's clock may have jumped while this process
 * was frozen, so it only ever means "so much from now", within an action's limits. */
static uint64_t time_left_ms(const json_t *body)
{
    const char *text = http_json_text(body, "deadline");
    struct timespec now;
    uint64_t deadline, now_ms;

    if (!text || !isdigit((unsigned char)text[0]))
        return DEFAULT_TIMEOUT_MS;
    clock_gettime(CLOCK_REALTIME, &now);
    now_ms = (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
    deadline = strtoull(text, NULL, 10);
    if (deadline < now_ms + TIMEOUT_MIN_MS)
        return TIMEOUT_MIN_MS;
    return deadline - now_ms > TIMEOUT_MAX_MS ? TIMEOUT_MAX_MS : deadline - now_ms;
}

/* Every string beside "value" is the variable __OW_ and its name in upper case. */
static void add_context(json_t *env, const json_t *body)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)body, key, value)
    {
        char name[128];
        int length;

        if (!strcmp(key, "value") || !json_is_string(value))
            continue;
        length = snprintf(name, sizeof(name), "__OW_%s", key);
        if (length < 0 || (size_t)length >= sizeof(name))
            continue;
        for (char *c = name; *c; c++)
            *c = (char)toupper((unsigned char)*c);
        (void)json_object_set(env, name, value);
    }
}

static json_t *environment(const struct runtime *runtime, const struct container *container,
                           const json_t *body)
{
    json_t *env = json_object();

    if (runtime->environment)
        (void)json_object_update(env, (json_t *)(uintptr_t)runtime->environment);
    (void)json_object_update(env, container->env);
    add_context(env, body);
    return env;
}

/* {} for null or nothing; NULL: neither object nor array. */
static json_t *parameters(const json_t *body)
{
    json_t *value = json_object_get(body, "value");

    if (!value || json_is_null(value))
        return json_object();
    return json_is_object(value) || json_is_array(value) ? json_incref(value) : NULL;
}

static unsigned http_status(const struct action_result *ran)
{
    if (is_overloaded(ran->end))
        return 503;
    return ran->status == ACTION_SUCCESS || ran->status == ACTION_APPLICATION_ERROR ? 200 : 502;
}

/* `call` has the parameters. */
static void run(const struct runtime *runtime, const struct container *container,
                const json_t *body, struct action_call *call, struct container_reply *reply)
{
    json_t *env = environment(runtime, container, body);

    call->code = container->code;
    call->name = container->name;
    call->env = env;
    call->limits =
        (struct action_limits){time_left_ms(body), runtime->memory_bytes, runtime->log_bytes};
    call->queue_timeout_ms = runtime->queue_timeout_ms;
    action_run(runtime->pool, call, &reply->ran);
    json_decref(env);
    reply->status = http_status(&reply->ran);
    reply->body = json_incref(reply->ran.result);
    reply->log_ends = reply->status != 503;
}

static bool is_ready(struct container *container, struct container_reply *reply)
{
    bool ready;

    *reply = (struct container_reply){0};
    pthread_mutex_lock(&container->lock);
    ready = container->state == STATE_READY; /* for good: what it set does not change any more */
    pthread_mutex_unlock(&container->lock);
    if (!ready)
        refuse(reply, 403, "System not initialized.");
    return ready;
}

void container_run(const struct runtime *runtime, struct container *container, const json_t *body,
                   struct container_reply *reply)
{
    json_t *params = parameters(body);
    struct action_call call = {.params = params};

    if (is_ready(container, reply) && params)
        run(runtime, container, body, &call, reply);
    else if (!reply->status)
        refuse(reply, 403, "The parameters must be a dictionary or an array.");
    json_decref(params);
}

void container_run_text(const struct runtime *runtime, struct container *container,
                        const json_t *body, struct plain params, struct container_reply *reply)
{
    struct action_call call = {.text = params, .want_text = true};

    if (is_ready(container, reply))
        run(runtime, container, body, &call, reply);
}
