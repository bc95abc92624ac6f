/* What the server is, its namespaces, and what it leaves out. */
#include "host/api/internal.h"

static json_t *runtimes(void)
{
    return json_pack("{s:[{s:s, s:s, s:b, s:b, s:b, s:b}]}", "wasm", "kind", "wasm:1", "image",
                     "reclave", "deprecated", 0, "default", 1, "attached", 0, "requireMain", 0);
}

/* GET /: as OpenWhisk's controller. */
static void describe_host(const struct http_request *request, struct http_response *response,
                          void *context)
{
    struct api *api = context;

    (void)request;
    http_reply_json(response, 200,
                    json_pack("{s:s, s:{s:s}, s:[s], s:o, s:o}", "description",
                              "OpenWhisk API of Reclave", "support", "github", "docs/http-api.md",
                              "api_paths", "/api/v1", "limits", limits_description(api), "runtimes",
                              runtimes()));
}

static void describe_api(const struct http_request *request, struct http_response *response,
                         void *context)
{
    (void)request;
    (void)context;
    http_reply_json(response, 200,
                    json_pack("{s:s, s:s, s:s, s:s, s:s, s:{}}", "description", "OpenWhisk API",
                              "api_version", "1.0.0", "api_version_path", "v1", "build", "reclave",
                              "buildno", "0.1.0", "swagger_paths"));
}

static void ping(const struct http_request *request, struct http_response *response, void *context)
{
    (void)request;
    (void)context;
    http_reply_text(response, 200, "pong");
}

static void list_namespaces(const struct http_request *request, struct http_response *response,
                            void *context)
{
    struct call call;

    if (call_authenticate(&call, context, request, response))
        http_reply_json(response, 200, json_pack("[s]", call.user.name));
    call_end(&call);
}

static void get_limits(const struct http_request *request, struct http_response *response,
                       void *context)
{
    struct call call;

    if (call_begin_own(&call, context, request, response)) {
        json_int_t rate = (json_int_t)user_rate(call.api, &call.user);

        http_reply_json(
            response, 200,
            json_pack("{s:I, s:I, s:I, s:[s], s:b}", "invocationsPerMinute", rate,
                      "concurrentInvocations", (json_int_t)user_concurrent(call.api, &call.user),
                      "firesPerMinute", rate, "allowedKinds", "wasm:1", "storeActivations", 1));
    }
    call_end(&call);
}

/* All that a namespace has, in one answer, as the first versions of the API had it. */
static void refuse_left_out(const struct http_request *request, struct http_response *response,
                            void *context)
{
    struct call call;

    if (call_authenticate(&call, context, request, response))
        http_reply_error(response, 404,
                         "This endpoint is not served here; docs/http-api.md lists what is.");
    call_end(&call);
}

static void options(const struct http_request *request, struct http_response *response,
                    void *context)
{
    (void)request;
    (void)context;
    http_reply_empty(response, 200);
}

const struct http_route description_routes[] = {
    {"GET", "/", describe_host, 0},
    {"GET", "/ping", ping, 0},
    {"GET", "/api/v1", describe_api, 0},
    {NULL, NULL, NULL, 0},
};

const struct http_route namespace_routes[] = {
    {"GET", "/api/v1/namespaces", list_namespaces, 0},
    {"GET", "/api/v1/namespaces/{}/limits", get_limits, 0},
    {"PUT", "/api/v1/namespaces/{}/limits", refuse_left_out, 0},
    {"GET", "/api/v1/namespaces/{}", refuse_left_out, 0},
    {"*", "/api/v1/namespaces/{}/apis/{...}", refuse_left_out, 0},
    {"*", "/api/v1/api-docs/{...}", refuse_left_out, 0},
    {NULL, NULL, NULL, 0},
};

/* Last: what nothing else has taken. */
const struct http_route other_routes[] = {
    {"OPTIONS", "/{...}", options, 0},
    {NULL, NULL, NULL, 0},
};
