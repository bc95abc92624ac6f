/*
 * "Wasm on OpenWhisk": the invoker makes up an ID for each container and expects
 *   POST /{id}/init     200, empty
 *   POST /{id}/run      200 {"status", "status_code", "success", "result"}
 *   POST /{id}/destroy  200; the body is the ID, and counts more than the path's
 */
#include "host/runtime/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct container *find(const struct http_request *request, struct http_response *response,
                              const struct node *node, bool create)
{
    struct container *container =
        containers_get(node->containers, &node->runtime, request->captures[0], create);

    if (!container)
        http_reply_error(response, create ? 503 : 404, "There is no container %.64s.",
                         request->captures[0]);
    return container;
}

static void init(const struct http_request *request, struct http_response *response, void *context)
{
    struct node *node = context;
    struct container_reply reply;
    struct message why;
    json_t *body = http_body_json(request, &why);
    struct container *container;

    if (!body) {
        http_reply_error(response, 400, "%s", why.text);
        return;
    }
    container = find(request, response, node, true);
    if (container) {
        container_init(&node->runtime, container, body, &reply);
        containers_put(node->containers, &node->runtime, request->captures[0], container);
        if (reply.status == 200)
            http_reply_empty(response, 200);
        else
            http_reply_json(response, reply.status, json_incref(reply.body));
        container_reply_free(&reply);
    }
    json_decref(body);
}

/* A function of the executor answers {"Ok": result} or {"Err": error}; any other one its result. */
static json_t *unwrap(json_t *result, bool *good)
{
    json_t *ok = json_object_get(result, "Ok"), *err = json_object_get(result, "Err");

    if (json_object_size(result) == 1 && (ok || err)) {
        *good = ok != NULL;
        return ok ? json_incref(ok) : json_pack("{s:O}", "error", err);
    }
    return json_incref(result);
}

/* The body as JSON; parameters that can stay text are left out of it. NULL: why. */
static json_t *read_body(const struct http_request *request, struct plain *params,
                         struct message *why)
{
    static const char *const names[] = {"value", NULL};
    const char *text = (const char *)request->body, *behind;
    struct http_request rest = *request;
    json_t *body;
    char *cut;
    int bytes;

    if (!plain_json(text, request->body_bytes, names, params) || !params->text ||
        (params->text[0] != '{' && params->text[0] != '[')) {
        params->text = NULL;
        return http_body_json(request, why);
    }
    behind = params->text + params->bytes;
    bytes = asprintf(&cut, "%.*snull%.*s", (int)(params->text - text), text,
                     (int)(text + request->body_bytes - behind), behind);
    if (bytes < 0) {
        message_set(why, "out of memory");
        return NULL;
    }
    rest.body = (uint8_t *)cut;
    rest.body_bytes = (size_t)bytes;
    body = http_body_json(&rest, why);
    free(cut);
    return body;
}

static json_t *wrap(json_t *result, bool good)
{
    return json_pack("{s:s, s:i, s:b, s:o}", "status", good ? "success" : "application error",
                     "status_code", !good, "success", good, "result", result);
}

/* A result that is text, unless it has to be unwrapped. */
static bool answer_text(struct http_response *response, const char *text)
{
    static const char *const names[] = {"Ok", "Err", NULL};
    struct plain found[2];
    char *body;
    int bytes;

    if (!text || !plain_json(text, strlen(text), names, found) || found[0].text || found[1].text)
        return false;
    bytes = asprintf(&body,
                     "{\"status\":\"success\",\"status_code\":0,\"success\":true,"
                     "\"result\":%s}",
                     text);
    if (bytes < 0)
        return false;
    http_reply_bytes(response, 200, "application/json", body, (size_t)bytes);
    return true;
}

static void answer(struct http_response *response, const struct container_reply *reply)
{
    bool good = reply->status == 200 && reply->ran.status == ACTION_SUCCESS;
    json_t *tree, *result;

    if (answer_text(response, reply->ran.text))
        return;
    tree = reply->ran.text ? json_loads(reply->ran.text, 0, NULL) : json_incref(reply->body);
    result = unwrap(tree, &good);
    http_reply_json(response, reply->status, reply->status == 200 ? wrap(result, good) : result);
    json_decref(tree);
}

static void run(const struct http_request *request, struct http_response *response, void *context)
{
    struct node *node = context;
    struct container_reply reply;
    struct message why;
    struct plain params;
    json_t *body = read_body(request, &params, &why);
    struct container *container = body ? find(request, response, node, false) : NULL;

    if (!body)
        http_reply_error(response, 400, "%s", why.text);
    if (container) {
        if (params.text)
            container_run_text(&node->runtime, container, body, params, &reply);
        else
            container_run(&node->runtime, container, body, &reply);
        containers_put(node->containers, &node->runtime, request->captures[0], container);
        answer(response, &reply);
        container_reply_free(&reply);
    }
    json_decref(body);
}

static void destroy(const struct http_request *request, struct http_response *response,
                    void *context)
{
    struct node *node = context;
    const char *id = request->body_bytes ? (const char *)request->body : request->captures[0];

    if (!containers_remove(node->containers, &node->runtime, id))
        (void)containers_remove(node->containers, &node->runtime, request->captures[0]);
    http_reply_empty(response, 200); /* also for one that is not there */
}

const struct http_route wow_routes[] = {
    {"POST", "/{}/init", init, RUNTIME_INIT_BODY_MAX},
    {"POST", "/{}/run", run, RUNTIME_RUN_BODY_MAX},
    {"POST", "/{}/destroy", destroy, 0},
    {NULL, NULL, NULL, 0},
};
