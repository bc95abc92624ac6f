#include "host/runtime/node.h"

#include "host/action/text.h"
#include "host/runtime/quotes.h"

typedef void container_call(const struct runtime *runtime, struct container *container,
                            const json_t *body, struct container_reply *reply);

static json_t *envelope(const struct container_reply *reply)
{
    return json_pack("{s:i, s:O, s:o, s:o, s:b}", "status", (int)reply->status, "body", reply->body,
                     "stdout", text_json(reply->ran.out, reply->ran.out_bytes), "stderr",
                     text_json(reply->ran.err, reply->ran.err_bytes), "log_ends", reply->log_ends);
}

static void call(const struct http_request *request, struct http_response *response,
                 const struct node *node, container_call *make)
{
    const char *id = request->captures[0];
    struct container_reply reply;
    struct message why;
    json_t *body = http_body_json(request, &why);
    struct container *container;

    if (!body) {
        http_reply_error(response, 400, "%s", why.text);
        return;
    }
    container = containers_get(node->containers, &node->runtime, id, true);
    if (container) {
        make(&node->runtime, container, body, &reply);
        containers_put(node->containers, &node->runtime, id, container);
        http_reply_json(response, 200, envelope(&reply));
        container_reply_free(&reply);
    } else {
        http_reply_error(response, 503, "There are too many containers.");
    }
    json_decref(body);
}

static void init(const struct http_request *request, struct http_response *response, void *context)
{
    call(request, response, context, container_init);
}

static void run(const struct http_request *request, struct http_response *response, void *context)
{
    call(request, response, context, container_run);
}

static void destroy(const struct http_request *request, struct http_response *response,
                    void *context)
{
    struct node *node = context;

    if (containers_remove(node->containers, &node->runtime, request->captures[0]))
        http_reply_json(response, 200, json_object());
    else
        http_reply_error(response, 404, "There is no such container.");
}

static void attest(const struct http_request *request, struct http_response *response,
                   void *context)
{
    const struct node *node = context;

    reply_quotes(request, response, &node->runtime);
}

const struct http_route node_routes[] = {
    {"POST", "/containers/{}/init", init, RUNTIME_INIT_BODY_MAX},
    {"POST", "/containers/{}/run", run, RUNTIME_RUN_BODY_MAX},
    {"DELETE", "/containers/{}", destroy, 0},
    {"GET", "/attestation", attest, 0},
    {NULL, NULL, NULL, 0},
};
