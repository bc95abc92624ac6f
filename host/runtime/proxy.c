#include "host/runtime/proxy.h"

#include "host/runtime/node.h"
#include "host/runtime/quotes.h"
#include "host/runtime/relay.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* An answer for the invoker, wherever it comes from. */
struct answer {
    unsigned status;
    json_t *body;
    const char *out, *err;
    size_t out_bytes, err_bytes;
    bool log_ends;
};

/* ---- the log ---- */

static void write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno != EINTR)
            return; /* nobody reads our log: nothing to be done about it here */
        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
        }
    }
}

static void write_stream(int fd, const char *bytes, size_t size, bool ends)
{
    write_all(fd, bytes, size);
    if (size > 0 && bytes[size - 1] != '\n')
        write_all(fd, "\n", 1);
    if (ends)
        write_all(fd, PROXY_SENTINEL "\n", sizeof(PROXY_SENTINEL));
}

static void write_log(struct proxy *proxy, const struct answer *answer)
{
    pthread_mutex_lock(&proxy->output);
    write_stream(STDOUT_FILENO, answer->out, answer->out_bytes, answer->log_ends);
    write_stream(STDERR_FILENO, answer->err, answer->err_bytes, answer->log_ends);
    pthread_mutex_unlock(&proxy->output);
}

static void finish(struct proxy *proxy, struct http_response *response, const struct answer *answer)
{
    write_log(proxy, answer);
    http_reply_json(response, answer->status, json_incref(answer->body));
}

/* ---- with a pool of its own ---- */

static void call_here(struct proxy *proxy, bool init, const struct http_request *request,
                      struct http_response *response)
{
    struct container_reply reply;
    struct message why;
    json_t *body = http_body_json(request, &why);

    if (!body) {
        http_reply_json(response, 400, json_pack("{s:s}", "error", why.text));
        return;
    }
    if (init)
        container_init(&proxy->runtime, proxy->container, body, &reply);
    else
        container_run(&proxy->runtime, proxy->container, body, &reply);
    finish(proxy, response,
           &(struct answer){reply.status, reply.body, reply.ran.out, reply.ran.err,
                            reply.ran.out_bytes, reply.ran.err_bytes, reply.log_ends});
    container_reply_free(&reply);
    json_decref(body);
}

/* ---- with a node's ---- */

static void relay_failed(struct http_response *response, enum status status, const char *why)
{
    /* 503: nothing has happened, OpenWhisk may try elsewhere */
    http_reply_json(response, status == ST_NOT_FOUND ? 503 : 502, json_pack("{s:s}", "error", why));
}

static bool is_answer(const json_t *answer)
{
    json_int_t status = json_integer_value(json_object_get(answer, "status"));

    return status >= 200 && status < 600 && json_object_get(answer, "body");
}

/* The container's own variables, which the node does not know, go along with /init's; those count
 * more. A body that is not what it should be goes unchanged: the node says what is wrong. malloc;
 * NULL: unchanged. */
static char *add_environment(const struct proxy *proxy, const struct http_request *request)
{
    struct message ignored;
    json_t *body = http_body_json(request, &ignored);
    json_t *value = json_object_get(body, "value");
    json_t *env = json_deep_copy(proxy->runtime.environment);
    char *text = NULL;

    if (json_is_object(value)) {
        if (json_is_object(json_object_get(value, "env")))
            (void)json_object_update(env, json_object_get(value, "env"));
        if (json_object_set(value, "env", env) == 0)
            text = json_dumps(body, JSON_COMPACT);
    }
    json_decref(env);
    json_decref(body);
    return text;
}

static enum status ask_node(const struct proxy *proxy, bool init,
                            const struct http_request *request, json_t **answer,
                            struct message *why)
{
    char *changed = init && json_object_size(proxy->runtime.environment) > 0
                        ? add_environment(proxy, request)
                        : NULL;
    const void *body = request->body ? (const void *)request->body : "{}";
    size_t bytes = request->body ? request->body_bytes : 2;
    enum status status =
        relay_call(proxy->node, proxy->node_id, init ? "init" : "run", changed ? changed : body,
                   changed ? strlen(changed) : bytes, answer, why);

    free(changed);
    return status;
}

static void call_node(struct proxy *proxy, bool init, const struct http_request *request,
                      struct http_response *response)
{
    json_t *answer = NULL, *out, *err;
    struct message why = {""};
    enum status status = ask_node(proxy, init, request, &answer, &why);

    if (status == ST_OK && !is_answer(answer)) {
        message_set(&why, "the node's service did not answer as it should");
        status = ST_IO;
    }
    if (status != ST_OK) {
        relay_failed(response, status, why.text);
        json_decref(answer);
        return;
    }
    out = json_object_get(answer, "stdout");
    err = json_object_get(answer, "stderr");
    finish(proxy, response,
           &(struct answer){(unsigned)json_integer_value(json_object_get(answer, "status")),
                            json_object_get(answer, "body"), json_string_value(out),
                            json_string_value(err), json_string_length(out),
                            json_string_length(err),
                            json_is_true(json_object_get(answer, "log_ends"))});
    json_decref(answer);
}

/* ---- both ---- */

static void call(struct proxy *proxy, bool init, const struct http_request *request,
                 struct http_response *response)
{
    if (proxy->node)
        call_node(proxy, init, request, response);
    else
        call_here(proxy, init, request, response);
}

static void init(const struct http_request *request, struct http_response *response, void *context)
{
    call(context, true, request, response);
}

static bool enter(struct proxy *proxy)
{
    bool may;

    pthread_mutex_lock(&proxy->busy_lock);
    may = proxy->busy == 0 || proxy->allow_concurrent;
    proxy->busy += may;
    pthread_mutex_unlock(&proxy->busy_lock);
    return may;
}

static void leave(struct proxy *proxy)
{
    pthread_mutex_lock(&proxy->busy_lock);
    proxy->busy--;
    pthread_mutex_unlock(&proxy->busy_lock);
}

static void run(const struct http_request *request, struct http_response *response, void *context)
{
    struct proxy *proxy = context;

    if (!enter(proxy)) {
        http_reply_json(response, 403,
                        json_pack("{s:s}", "error", "System not ready, status is running."));
        return;
    }
    call(proxy, false, request, response);
    leave(proxy);
}

/* With a node, its API has them. */
static void attest(const struct http_request *request, struct http_response *response,
                   void *context)
{
    struct proxy *proxy = context;

    if (proxy->node)
        http_reply_error(response, 404,
                         "The node's `reclave serve` gives quotes, this proxy has no "
                         "enclave.");
    else
        reply_quotes(request, response, &proxy->runtime);
}

const struct http_route proxy_routes[] = {
    {"POST", "/init", init, RUNTIME_INIT_BODY_MAX},
    {"POST", "/run", run, RUNTIME_RUN_BODY_MAX},
    {"GET", "/attestation", attest, 0},
    {NULL, NULL, NULL, 0},
};

static enum status make_id(char id[33])
{
    uint8_t bytes[16];

    if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
        return ST_IO;
    for (unsigned i = 0; i < sizeof(bytes); i++)
        snprintf(id + 2 * i, 3, "%02x", bytes[i]);
    return ST_OK;
}

enum status proxy_open(struct proxy *proxy, struct message *why)
{
    pthread_mutex_init(&proxy->output, NULL);
    pthread_mutex_init(&proxy->busy_lock, NULL);
    if (proxy->node) {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) == 0 && make_id(proxy->node_id) == ST_OK)
            return ST_OK;
        message_set(why, "cannot set up the client of the node's service");
        return ST_IO;
    }
    proxy->container = container_new();
    return proxy->container ? ST_OK : ST_NO_MEMORY;
}

void proxy_close(struct proxy *proxy)
{
    struct message why;
    json_t *answer = NULL;

    if (proxy->node) {
        /* the node forgets unused containers by itself, too */
        if (relay_call(proxy->node, proxy->node_id, NULL, NULL, 0, &answer, &why) == ST_OK)
            json_decref(answer);
        curl_global_cleanup();
    }
    if (proxy->container) {
        container_release(&proxy->runtime, proxy->container);
        container_free(proxy->container);
    }
    pthread_mutex_destroy(&proxy->output);
    pthread_mutex_destroy(&proxy->busy_lock);
}
