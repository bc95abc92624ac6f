/*
 * /api/v1/web/{namespace}/{package or default}/{action}[.http|.json|.html|.svg|.text][/...]:
 * actions that anybody may call who knows their address, as far as their annotations say so.
 */
#include "host/api/internal.h"
#include "host/api/web_reply.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WAIT_MS     60000
#define NOT_ALLOWED "Request defines parameters that are not allowed (e.g., reserved properties)."

struct web {
    struct call call; /* own, if somebody authenticated himself */
    bool authenticated;
    struct user owner; /* of the namespace in the path */
    struct full_name name;
    struct resolved action;
    const json_t *annotations;
    enum web_type type;
    const char *const *rest; /* of the path */
    unsigned rest_count;
};

/* ---- which action ---- */

static bool find_action(struct web *web)
{
    struct call *call = &web->call;
    struct session *session = begin_read(call);
    struct refusal ignored = {0};
    bool good;

    if (!session)
        return false;
    good = user_find(session, web->name.space, &web->owner) == ST_OK &&
           resolve_action(session, &web->owner, &web->name, &web->action, &ignored);
    if (session_end(session, ST_OK, NULL) != ST_OK)
        good = false;
    web->annotations = json_object_get(web->action.action.summary, "annotations");
    if (good && pair_true(web->annotations, "web-export"))
        return true;
    return deny(&call->no, 404, "%s", not_found);
}

static bool read_path(struct web *web)
{
    const struct http_request *request = web->call.request;
    char name[USER_NAME_MAX + 8];

    if (request->capture_count < 3 || strlen(request->captures[2]) >= sizeof(name) ||
        !is_entity_name(request->captures[0]) || !is_entity_name(request->captures[1]))
        return deny(&web->call.no, 404, "%s", not_found);
    snprintf(name, sizeof(name), "%s", request->captures[2]);
    web->type = web_type_of(name);
    if (!is_entity_name(name))
        return deny(&web->call.no, 404, "%s", not_found);
    snprintf(web->name.space, sizeof(web->name.space), "%s", request->captures[0]);
    if (strcmp(request->captures[1], "default") != 0)
        snprintf(web->name.package, sizeof(web->name.package), "%s", request->captures[1]);
    snprintf(web->name.name, sizeof(web->name.name), "%.*s", USER_NAME_MAX, name);
    web->rest = request->captures + 3;
    web->rest_count = request->capture_count - 3;
    return true;
}

/* ---- who may ---- */

static bool same_secret(const char *got, const json_t *wanted)
{
    char number[32];
    const char *text = json_string_value(wanted);

    if (json_is_integer(wanted)) {
        snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(wanted));
        text = number;
    }
    return got && text && strlen(got) == strlen(text) &&
           CRYPTO_memcmp(got, text, strlen(text)) == 0;
}

/* Annotation require-whisk-auth: a secret of X-Require-Whisk-Auth, or true for a key. */
static bool check_access(struct web *web)
{
    const json_t *wanted = pair_value(web->annotations, "require-whisk-auth");
    const char *secret = http_header(web->call.request, "X-Require-Whisk-Auth");

    if (!wanted || json_is_null(wanted) || json_is_false(wanted))
        return true;
    if (json_is_true(wanted) ? web->authenticated : same_secret(secret, wanted))
        return true;
    return deny(&web->call.no, 401, "The supplied authentication is invalid.");
}

/* A key is welcome but not needed; a wrong one is like none. */
static bool identify(struct web *web)
{
    struct call *call = &web->call;
    struct credentials credentials;
    struct session *session;
    bool good = true;

    if (!parse_authorization(http_header(call->request, "Authorization"), &credentials))
        return true;
    session = begin_read(call);
    if (session) {
        web->authenticated = user_authenticate(session, &credentials, &call->user) == ST_OK;
        good = finish(session, true, &call->no);
    }
    credentials_wipe(&credentials);
    return good && session;
}

/* ---- arguments ---- */

static json_t *query_object(const struct http_request *request)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < request->parameter_count; i++)
        (void)json_object_set_new(object, request->parameters[i].name,
                                  json_string(request->parameters[i].value));
    return object;
}

static int hex_digit(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? tolower(c) - 'a' + 10
                                        : -1;
}

/* One field of a form. NULL: a broken escape, NUL, or not UTF-8. */
static json_t *form_text(const char *text, size_t length)
{
    char *out = malloc(length + 1);
    size_t used = 0;
    json_t *json;

    for (size_t i = 0; out && i < length; i++) {
        char c = text[i] == '+' ? ' ' : text[i];

        if (c == '%') {
            if (i + 2 >= length || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) {
                free(out);
                return NULL;
            }
            c = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        }
        out[used++] = c;
    }
    json = out ? json_stringn(out, used) : NULL;
    free(out);
    return json;
}

static json_t *form_object(const char *text, size_t bytes)
{
    json_t *object = json_object();

    while (bytes > 0) {
        const char *end = memchr(text, '&', bytes);
        size_t length = end ? (size_t)(end - text) : bytes;
        const char *equals = memchr(text, '=', length);
        size_t key_length = equals ? (size_t)(equals - text) : length;
        json_t *key = form_text(text, key_length);
        json_t *value = equals ? form_text(equals + 1, length - key_length - 1) : json_string("");
        const char *name = json_string_value(key);

        if (!name || strlen(name) != json_string_length(key) || !value) {
            json_decref(key);
            json_decref(value);
            json_decref(object);
            return NULL;
        }
        if (length > 0)
            (void)json_object_set(object, name, value);
        json_decref(key);
        json_decref(value);
        bytes -= length + (end ? 1 : 0);
        text += length + (end ? 1 : 0);
    }
    return object;
}

static json_t *body_text(const struct http_request *request, bool as_base64)
{
    json_t *text =
        as_base64 ? NULL : json_stringn((const char *)request->body, request->body_bytes);

    return text ? text : web_base64(request->body, request->body_bytes);
}

static bool has_type(const char *content_type, const char *type)
{
    size_t length = strcspn(content_type, "; \t");

    return strlen(type) == length && strncasecmp(content_type, type, length) == 0;
}

/* Adds what the body says. */
static bool take_body(struct web *web, json_t *args)
{
    const struct http_request *request = web->call.request;
    const char *type = http_header(request, "Content-Type");
    struct message why = {""};
    json_t *body;

    if (request->body_bytes == 0)
        return true;
    if (type && has_type(type, "application/json")) {
        body = http_body_json(request, &why);
        if (!body)
            return deny(&web->call.no, 400, "%s", why.text);
    } else if (type && has_type(type, "application/x-www-form-urlencoded")) {
        body = form_object((const char *)request->body, request->body_bytes);
        if (!body)
            return deny_malformed(&web->call.no, "the form is malformed");
    } else {
        body = body_text(request, type && !web_is_text(type));
    }
    if (json_is_object(body)) {
        (void)json_object_update(args, body);
        json_decref(body);
        return true;
    }
    return json_object_set_new(args, "__ow_body", body) == 0;
}

/* Names of ours, and those of the action that are final, are not the caller's to set. */
static bool check_args(struct web *web, const json_t *args)
{
    bool final = pair_true(web->annotations, "final");
    json_t *fixed = final ? pairs_object(web->action.parameters, false) : json_object();
    const char *key;
    json_t *value;
    bool good = true;

    json_object_foreach((json_t *)(uintptr_t)args, key, value)
    {
        if (strncmp(key, "__ow_", 5) == 0 && strcmp(key, "__ow_body") != 0)
            good = false;
        if (json_object_get(fixed, key))
            good = false;
    }
    json_decref(fixed);
    return good ? true : deny(&web->call.no, 400, NOT_ALLOWED);
}

static void add_context(struct web *web, json_t *args)
{
    const struct http_request *request = web->call.request;
    char method[32], path[2048] = "";
    size_t used = 0;
    json_t *headers = http_headers(request);

    for (used = 0; request->method[used] && used < sizeof(method) - 1; used++)
        method[used] = (char)tolower((unsigned char)request->method[used]);
    method[used] = 0;
    used = 0;
    for (unsigned i = 0; i < web->rest_count && used < sizeof(path); i++)
        used += (size_t)snprintf(path + used, sizeof(path) - used, "/%s", web->rest[i]);
    if (web->authenticated) /* the key is not the function's to see */
        (void)json_object_del(headers, "authorization");
    (void)json_object_set_new(args, "__ow_method", json_string(method));
    (void)json_object_set_new(args, "__ow_headers", headers);
    (void)json_object_set_new(args, "__ow_path", json_string(path));
    if (web->authenticated)
        (void)json_object_set_new(args, "__ow_user", json_string(web->call.user.name));
}

/* NULL: no. */
static json_t *make_args(struct web *web)
{
    const struct http_request *request = web->call.request;
    json_t *args;

    if (pair_true(web->annotations, "raw-http")) {
        const char *type = http_header(request, "Content-Type");
        bool as_base64 = type && (!web_is_text(type) || has_type(type, "application/json"));

        args = json_pack("{s:s, s:o}", "__ow_query", request->query, "__ow_body",
                         request->body_bytes ? body_text(request, as_base64) : json_string(""));
    } else {
        args = query_object(request);
        if (json_object_get(args, "__ow_body") || !take_body(web, args) || !check_args(web, args)) {
            if (!web->call.no.status)
                deny(&web->call.no, 400, NOT_ALLOWED);
            json_decref(args);
            return NULL;
        }
    }
    add_context(web, args);
    return args;
}

/* ---- running ---- */

static void reply(struct web *web, const struct job_result *result)
{
    struct http_response *response = web->call.response;
    const json_t *value = json_object_get(json_object_get(result->record, "response"), "result");

    if (!result->done) {
        http_reply_error(response, 202, "Response not yet ready.");
        return;
    }
    http_reply_header(response, "x-openwhisk-activation-id", result->id);
    if (result->trouble.text[0])
        http_reply_error(response, 500, "The action ran, but its activation is lost: %s.",
                         result->trouble.text);
    else if (result->status == RUN_SUCCESS)
        web_reply(response, web->type, value, web->type == WEB_HTTP ? NULL : web->rest,
                  web->type == WEB_HTTP ? 0 : web->rest_count);
    else if (result->status == RUN_APPLICATION_ERROR && web->type == WEB_HTTP)
        web_reply(response, WEB_HTTP, json_object_get(value, "error"), NULL, 0);
    else if (result->status == RUN_APPLICATION_ERROR)
        web_reply(response, web->type == WEB_TEXT ? WEB_TEXT : WEB_JSON, value,
                  (const char *const[]){"error"}, 1);
    else
        http_reply_error(response, 400, "There was an error processing your request.");
}

static bool run(struct web *web)
{
    struct call *call = &web->call;
    json_t *args = make_args(web);
    struct job_result result = {0};
    struct invocation invocation = {.who = &web->owner,
                                    .name = &web->name,
                                    .action = &web->action,
                                    .payload = args,
                                    .transaction = call->request->id};

    if (!args)
        return false;
    if (!fits(args, 2 * PAYLOAD_MAX, "The parameters are", &call->no) ||
        !throttle_rate(call->api, &web->owner, 1, &call->no)) {
        json_decref(args);
        return false;
    }
    if (!jobs_run(call->api, &invocation, WAIT_MS, &result, &call->no))
        return false;
    if (result.refused)
        deny(&call->no, result.refused, "There was an error processing your request.");
    else
        reply(web, &result);
    json_decref(result.record);
    return result.refused == 0;
}

static void web_action(const struct http_request *request, struct http_response *response,
                       void *context)
{
    struct web web = {.call = {.api = context, .request = request, .response = response}};
    bool good = read_path(&web) && identify(&web) && find_action(&web);

    if (good && strcmp(request->method, "OPTIONS") == 0 &&
        !pair_true(web.annotations, "web-custom-options")) {
        http_reply_header(response, "Access-Control-Allow-Methods",
                          "OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH");
        http_reply_empty(response, 200);
    } else if (!good || !check_access(&web) || !run(&web)) {
        call_refuse(&web.call);
    }
    resolved_free(&web.action);
    call_end(&web.call);
}

const struct http_route web_routes[] = {
    {"*", "/api/v1/web/{}/{}/{}/{...}", web_action, PAYLOAD_MAX},
    {NULL, NULL, NULL, 0},
};
