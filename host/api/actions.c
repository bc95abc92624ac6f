/* /namespaces/{ns}/actions: all but invoking. */
#include "host/api/internal.h"
#include "host/api/invoke.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KIND       "wasm:1"
#define KINDS_TEXT "'wasm:1', 'wasm:default', 'sequence'"

/* ---- PUT: exec ---- */

/* What an upload brings. */
struct upload {
    json_t *exec;             /* as stored, without code; NULL: the request has none */
    const json_t *components; /* of a sequence */
    const char *code;         /* borrowed of the body */
    size_t code_bytes;
    char digest[65];
};

static bool digest_code(const char *entry, const char *code, size_t bytes, char hex[65])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t digest[32];
    bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(context, entry, strlen(entry) + 1) == 1 &&
                EVP_DigestUpdate(context, code, bytes) == 1 &&
                EVP_DigestFinal_ex(context, digest, NULL) == 1;

    EVP_MD_CTX_free(context);
    for (unsigned i = 0; i < 32 && good; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    return good;
}

static bool is_our_kind(const char *kind)
{
    return strcasecmp(kind, KIND) == 0 || strcasecmp(kind, "wasm:default") == 0;
}

static bool read_code(const json_t *exec, struct upload *upload, struct refusal *no)
{
    const char *entry = http_json_text(exec, "main");
    const json_t *code = json_object_get(exec, "code");
    const json_t *main = json_object_get(exec, "main");

    if (main && !json_is_null(main) && (!entry || strlen(entry) > 256))
        return deny_malformed(no, "exec: main must be a string of at most 256 characters");
    upload->code = http_json_text(exec, "code");
    upload->code_bytes = json_string_length(code);
    if (!upload->code || upload->code_bytes == 0)
        return deny_malformed(no, code && json_is_string(code) && json_string_length(code) > 0
                                      ? "the code contains NUL: put the file into a zip, or "
                                        "upload base64 text"
                                      : "exec: 'code' must be a string with the function: "
                                        "base64 of a zip, a module or a bundle");
    upload->exec = json_pack("{s:s, s:b, s:s*}", "kind", KIND, "binary", 1, "main", entry);
    return digest_code(entry ? entry : "", upload->code, upload->code_bytes, upload->digest) &&
                   upload->exec
               ? true
               : deny(no, 500, "out of memory");
}

static bool read_exec(const json_t *body, struct upload *upload, struct refusal *no)
{
    const json_t *exec = json_object_get(body, "exec");
    const char *kind = http_json_text(exec, "kind");

    *upload = (struct upload){0};
    if (!exec || json_is_null(exec))
        return true;
    if (!json_is_object(exec))
        return deny_malformed(no, "exec must be an object");
    if (!kind)
        return deny_malformed(no, "'kind' must be a string defined in 'exec'");
    if (strcasecmp(kind, "sequence") == 0) {
        upload->components = json_object_get(exec, "components");
        upload->exec = json_pack("{s:s, s:b}", "kind", "sequence", "binary", 0);
        return upload->exec ? true : deny(no, 500, "out of memory");
    }
    if (strcasecmp(kind, "blackbox") == 0)
        return deny(no, 400,
                    "Container images (kind 'blackbox') are not supported by this platform. Valid "
                    "values are: " KINDS_TEXT ".");
    if (!is_our_kind(kind))
        return deny(no, 400,
                    "The specified runtime '%.100s' is not supported by this platform. Valid "
                    "values are: " KINDS_TEXT ".",
                    kind);
    return read_code(exec, upload, no);
}

/* Seconds, if it is to be compiled: no session is open meanwhile. */
static bool admit(const struct api *api, const struct upload *upload, struct refusal *no)
{
    const struct runner *runner = api->options.runner;
    struct message why = {""};
    enum status status;

    if (!upload->code)
        return true;
    status = runner->admit(runner->context, upload->code, upload->code_bytes,
                           json_string_value(json_object_get(upload->exec, "main")), upload->digest,
                           &why);
    switch (status) {
    case ST_OK:
        return true;
    case ST_BUSY:
        return deny(no, 503, "%s", why.text);
    case ST_OUT_OF_RANGE:
        return deny(no, 413, "%s", why.text);
    case ST_IO:
    case ST_NO_MEMORY:
        return deny_status(no, status, &why);
    default:
        return deny_malformed(no, "%s", why.text);
    }
}

/* ---- PUT ---- */

static json_t *action_record(const char *space, const struct entity *entity)
{
    json_t *record = entity_record(space, entity);

    if (entity->code) {
        json_t *exec = json_copy(json_object_get(record, "exec"));

        (void)json_object_set_new(exec, "code", json_stringn(entity->code, entity->code_bytes));
        (void)json_object_set_new(record, "exec", exec);
    }
    return record;
}

json_t *action_row(const char *space, const struct entity *entity)
{
    json_t *row = entity_record(space, entity);
    json_t *exec = json_object_get(row, "exec");

    (void)json_object_set_new(row, "exec",
                              json_pack("{s:O}", "binary", json_object_get(exec, "binary")));
    return row;
}

static bool check_package(struct session *session, const struct call *call, const char *package,
                          struct refusal *no)
{
    struct entity found = {0};
    bool good;

    if (!package[0])
        return true;
    good = get_entity(session, &call->user, ENTITY_PACKAGE, "", package, false, &found, no);
    if (good && is_binding(&found))
        good = deny(no, 400, "Operation not permitted on package binding.");
    entity_free(&found);
    return good;
}

/* exec of before or of the upload, and the annotations that every action has. */
static bool put_exec(struct session *session, struct call *call, const struct entity *old,
                     struct upload *upload, json_t *summary)
{
    json_t *exec = upload->exec ? upload->exec : json_object_get(old->summary, "exec");
    json_t *annotations = json_object_get(summary, "annotations");
    const json_t *function = json_object_get(old->summary, "_function");
    struct full_name self;

    if (!exec)
        return deny(&call->no, 400, "exec undefined");
    if (upload->exec && !upload->code) {
        json_t *names;

        snprintf(self.space, sizeof(self.space), "%s", call->user.name);
        snprintf(self.package, sizeof(self.package), "%s", old->package);
        snprintf(self.name, sizeof(self.name), "%s", old->name);
        names = check_components(session, &call->user, &self, upload->components, &call->no);
        if (!names || json_object_set_new(exec, "components", names) != 0)
            return false;
    }
    (void)json_object_set(summary, "exec", exec);
    if (upload->code)
        (void)json_object_set_new(summary, "_function", json_string(upload->digest));
    else if (!upload->exec && function)
        (void)json_object_set(summary, "_function", (json_t *)(uintptr_t)function);
    if (old->id == 0 && !pair_value(annotations, "provide-api-key"))
        (void)set_pair(annotations, "provide-api-key", json_false());
    return set_pair(annotations, "exec", json_incref(json_object_get(exec, "kind"))) &&
           fits(annotations, PAYLOAD_MAX, "annotations", &call->no);
}

/* The old entity becomes the new one. */
static bool update(struct session *session, struct call *call, const json_t *body,
                   struct upload *upload, struct entity *entity)
{
    json_t *summary = json_object();
    json_t *parameters = put_parameters(body, entity->parameters, &call->no);
    json_t *limits = parameters ? put_limits(call->api, body,
                                             json_object_get(entity->summary, "limits"), &call->no)
                                : NULL;
    bool good = limits && put_common(body, entity->summary, summary, &call->no) &&
                put_exec(session, call, entity, upload, summary);

    if (!good) {
        json_decref(summary);
        json_decref(parameters);
        json_decref(limits);
        return false;
    }
    (void)json_object_set_new(summary, "limits", limits);
    json_decref(entity->summary);
    json_decref(entity->parameters);
    entity->summary = summary;
    entity->parameters = parameters;
    if (upload->exec) {
        entity->code = upload->code ? strdup(upload->code) : strdup("");
        entity->code_bytes = upload->code_bytes;
    }
    return true;
}

static bool store(struct call *call, const char *package, const char *name, const json_t *body,
                  struct upload *upload, struct entity *entity)
{
    bool overwrite = http_parameter_true(call->request, "overwrite");
    struct session *session = begin_write(call);
    bool good;

    if (!session)
        return false;
    good = check_package(session, call, package, &call->no) &&
           get_for_put(session, &call->user, ENTITY_ACTION, package, name, overwrite, entity,
                       &call->no) &&
           update(session, call, body, upload, entity);
    if (good)
        return finish_status(session, put_entity(session, &call->user, entity), &call->no);
    return finish(session, false, &call->no);
}

/* Before it is compiled: is there any use? */
static bool may_put(struct call *call, const char *package, const char *name, bool has_exec)
{
    struct session *session = begin_read(call);
    struct entity old = {0};
    bool good;

    if (!session)
        return false;
    good = check_package(session, call, package, &call->no) &&
           get_for_put(session, &call->user, ENTITY_ACTION, package, name,
                       http_parameter_true(call->request, "overwrite"), &old, &call->no);
    if (good && old.id == 0 && !has_exec)
        good = deny(&call->no, 400, "exec undefined");
    entity_free(&old);
    return finish(session, good, &call->no);
}

static void put_action(const struct http_request *request, struct http_response *response,
                       void *context)
{
    struct call call;
    const char *package, *name;
    struct upload upload = {0};
    struct entity entity = {0};
    json_t *body = NULL;

    if (!call_begin_own(&call, context, request, response)) {
        call_end(&call);
        return;
    }
    if (path_name(&call, &package, &name, &call.no) && (body = call_body(&call)) &&
        read_exec(body, &upload, &call.no) && may_put(&call, package, name, upload.exec != NULL) &&
        admit(call.api, &upload, &call.no) && store(&call, package, name, body, &upload, &entity)) {
        if (entity.code && !entity.code[0]) {
            free(entity.code);
            entity.code = NULL;
        }
        http_reply_json(response, 200, action_record(call.user.name, &entity));
    } else {
        call_refuse(&call);
    }
    entity_free(&entity);
    json_decref(upload.exec);
    json_decref(body);
    call_end(&call);
}

/* ---- GET, DELETE ---- */

/* Of an action in a package, the parameters are those that it is invoked with. */
static bool read_action(struct call *call, const char *package, const char *name, bool with_code,
                        struct resolved *out)
{
    struct full_name full;
    struct session *session = begin_read(call);
    struct message why = {""};
    enum status status = ST_OK;
    bool good;

    if (!session)
        return false;
    snprintf(full.space, sizeof(full.space), "%s", call->own ? call->user.name : call->space.name);
    snprintf(full.package, sizeof(full.package), "%s", package);
    snprintf(full.name, sizeof(full.name), "%s", name);
    good = call->space.id >= 0 ? resolve_action(session, &call->user, &full, out, &call->no)
                               : deny(&call->no, 403, "%s", not_authorized);
    if (good && with_code) {
        struct entity_key key = {out->owner.id, out->action.package, out->action.name};
        struct entity whole;

        status = entity_get(session, &key, true, &whole);
        entity_free(&out->action);
        out->action = whole;
        good = status == ST_OK || deny_status(&call->no, status, &why);
    }
    if (good && out->action.code && !out->action.code[0]) {
        free(out->action.code);
        out->action.code = NULL;
    }
    return finish(session, good, &call->no);
}

static json_t *resolved_record(const struct resolved *resolved)
{
    json_t *record = action_record(resolved->owner.name, &resolved->action);

    (void)json_object_set(record, "parameters", resolved->parameters);
    return record;
}

/* "actions/pkg/" is the list of a package. */
static void list_package(struct call *call)
{
    struct entity package = {0};
    struct session *session = begin_read(call);
    const char *name = call->request->captures[1];
    bool good =
        session && check_name(name, &call->no) &&
        (call->space.id >= 0 || deny(&call->no, 403, "%s", not_authorized)) &&
        get_entity(session, &call->space, ENTITY_PACKAGE, "", name, false, &package, &call->no);

    if (good && !call->own && !is_published(&package))
        good = deny(&call->no, 403, "%s", not_authorized);
    entity_free(&package);
    if (session)
        good = finish(session, good, &call->no);
    if (good)
        reply_list(call, ENTITY_ACTION, name, "actions");
    else
        call_refuse(call);
}

static void get_one(struct call *call)
{
    const struct http_request *request = call->request;
    const char *with_code = http_parameter(request, "code"), *package, *name;
    struct resolved resolved = {0};

    if (path_name(call, &package, &name, &call->no) &&
        read_action(call, package, name, !with_code || strcasecmp(with_code, "false") != 0,
                    &resolved))
        http_reply_json(call->response, 200, resolved_record(&resolved));
    else
        call_refuse(call);
    resolved_free(&resolved);
}

static void get_action(const struct http_request *request, struct http_response *response,
                       void *context)
{
    struct call call;

    if (call_begin(&call, context, request, response)) {
        if (request->capture_count == 1 && !call.own)
            http_reply_error(response, 403, "%s", not_authorized);
        else if (request->capture_count == 1)
            reply_list(&call, ENTITY_ACTION, NULL, "actions");
        else if (request->capture_count == 2 && request->trailing_slash)
            list_package(&call);
        else
            get_one(&call);
    }
    call_end(&call);
}

static bool delete_one(struct call *call, struct entity *entity)
{
    const char *package, *name;
    struct session *session;
    bool good;

    if (!path_name(call, &package, &name, &call->no))
        return false;
    session = begin_write(call);
    if (!session)
        return false;
    good = check_package(session, call, package, &call->no) &&
           get_entity(session, &call->user, ENTITY_ACTION, package, name, false, entity, &call->no);
    if (good)
        return finish_status(session, entity_delete(session, entity->id), &call->no);
    return finish(session, false, &call->no);
}

static void delete_action(const struct http_request *request, struct http_response *response,
                          void *context)
{
    struct call call;
    struct entity entity = {0};

    if (call_begin_own(&call, context, request, response)) {
        if (delete_one(&call, &entity))
            http_reply_json(response, 200, action_record(call.user.name, &entity));
        else
            call_refuse(&call);
    }
    entity_free(&entity);
    call_end(&call);
}

const struct http_route action_routes[] = {
    {"GET", "/api/v1/namespaces/{}/actions/{...}", get_action, 0},
    {"PUT", "/api/v1/namespaces/{}/actions/{...}", put_action, ACTION_BODY_MAX},
    {"POST", "/api/v1/namespaces/{}/actions/{...}", invoke_action, PAYLOAD_MAX + 4096},
    {"DELETE", "/api/v1/namespaces/{}/actions/{...}", delete_action, 0},
    {NULL, NULL, NULL, 0},
};
