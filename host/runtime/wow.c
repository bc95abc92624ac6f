/*
 * "Wasm on OpenWhisk": the invoker makes up an ID for each container and expects
 *   POST /{id}/init     200, empty
 *   POST /{id}/run      200 {"status", "status_code", "success", "result"}
 *   POST /{id}/destroy  200; the body is the ID, and counts more than the path's
 */
#include "host/runtime/node.h"

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

static void run(const struct http_request *request, struct http_response *response, void *context)
{
    struct node *node = context;
    struct container_reply reply;
    struct message why;
    json_t *body = http_body_json(request, &why);
    struct container *container = body ? find(request, response, node, false) : NULL;

    if (!body)
        http_reply_error(response, 400, "%s", why.text);
    if (container) {
        bool good;
        json_t *result;

        container_run(&node->runtime, container, body, &reply);
        containers_put(node->containers, &node->runtime, request->captures[0], container);
        good = reply.status == 200 && reply.ran.status == ACTION_SUCCESS;
        result = unwrap(reply.body, &good);
        if (reply.status == 200)
            http_reply_json(response, 200,
                            json_pack("{s:s, s:i, s:b, s:o}", "status",
                                      good ? "success" : "application error", "status_code", !good,
                                      "success", good, "result", result));
        else
            http_reply_json(response, reply.status, result);
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
