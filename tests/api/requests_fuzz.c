/*
 * Requests to the API, from a tenant and from strangers: "METHOD TARGET\n", then the body. In any
 * case there is an answer in OpenWhisk's format, and never 500.
 */
#include "tests/api/in_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct in_process all;

static void prepare(const char *target, const char *body)
{
    struct in_request request = {.method = "PUT",
                                 .target = target,
                                 .authorization = all.authorization,
                                 .body = body,
                                 .body_bytes = strlen(body)};
    struct in_reply reply;

    in_process_call(&all, &request, &reply);
    if (reply.status != 200)
        abort();
    free(reply.body);
}

static void close_all(void)
{
    in_process_close(&all);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    in_process_open(&all);
    prepare("/api/v1/namespaces/_/packages/p", "{\"publish\":true}");
    prepare("/api/v1/namespaces/_/actions/p/a",
            "{\"exec\":{\"kind\":\"wasm:1\",\"code\":\"AGFz\"},\"annotations\":[{\"key\":"
            "\"web-export\",\"value\":true}]}");
    prepare("/api/v1/namespaces/_/triggers/t", "{}");
    prepare("/api/v1/namespaces/_/rules/r", "{\"trigger\":\"/_/t\",\"action\":\"/_/p/a\"}");
    atexit(close_all);
    return 0;
}

/* Is it {"error", "code"}? What a web action answers is its own affair. */
static void check(const char *target, const struct in_reply *reply)
{
    json_t *body;

    if (reply->status < 400 || strstr(target, "/web/"))
        return;
    body = json_loads(reply->body, 0, NULL);
    if (!body || (!json_object_get(body, "error") && !json_object_get(body, "response")) ||
        reply->status == 500) {
        fprintf(stderr, "%u for %s: %s\n", reply->status, target, reply->body);
        abort();
    }
    json_decref(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, '\n', size);
    size_t line = end ? (size_t)(end - data) : size;
    char first[1024], *target;
    struct in_request request = {0};
    struct in_reply reply;

    if (line >= sizeof(first) || size > 100000)
        return 0;
    memcpy(first, data, line);
    first[line] = 0;
    target = strchr(first, ' ');
    if (!target || strlen(first) != line)
        return 0;
    *target++ = 0;
    request.method = first;
    request.target = target;
    request.authorization = all.authorization;
    request.content_type = size % 3 == 0   ? "application/json"
                           : size % 3 == 1 ? "application/x-www-form-urlencoded"
                                           : NULL;
    request.body = end ? end + 1 : NULL;
    request.body_bytes = end ? size - line - 1 : 0;
    in_process_call(&all, &request, &reply);
    check(target, &reply);
    free(reply.body);
    return 0;
}
