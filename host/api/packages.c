/* /namespaces/{ns}/packages, and bindings to them. */
#include "host/api/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *binding_json(const struct entity *package)
{
    const char *slash = package->link ? strchr(package->link, '/') : NULL;

    if (!slash)
        return json_object();
    return json_pack("{s:s%, s:s}", "namespace", package->link, (size_t)(slash - package->link),
                     "name", slash + 1);
}

json_t *package_row(const char *space, const struct entity *package)
{
    json_t *row = entity_record(space, package);

    (void)json_object_set_new(row, "binding", binding_json(package));
    return row;
}

/* ---- lists: of others', what is published ---- */

struct list {
    const char *space;
    json_t *array;
    unsigned limit, skip;
    int64_t count;
};

static bool add_published(const struct entity *package, void *context)
{
    struct list *list = context;

    if (!is_published(package))
        return true;
    list->count++;
    if (list->count <= list->skip || json_array_size(list->array) >= list->limit)
        return true;
    return json_array_append_new(list->array, package_row(list->space, package)) == 0;
}

static void list_published(struct call *call)
{
    struct page page;
    struct session *session;
    struct list list = {.space = call->space.name, .array = json_array()};
    struct entity_filter filter = {
        .namespace_id = call->space.id, .kind = ENTITY_PACKAGE, .limit = INT32_MAX};

    if (read_page(call, "packages", &page, &call->no) && (session = begin_read(call))) {
        list.limit = page.limit;
        list.skip = page.skip;
        if (finish_status(session, entity_list(session, &filter, add_published, &list),
                          &call->no)) {
            if (page.count)
                http_reply_json(call->response, 200,
                                json_pack("{s:I}", "packages", (json_int_t)list.count));
            else
                http_reply_json(call->response, 200, json_incref(list.array));
            json_decref(list.array);
            return;
        }
    }
    json_decref(list.array);
    call_refuse(call);
}

/* ---- one ---- */

struct contents {
    json_t *actions, *feeds;
};

static bool add_action(const struct entity *action, void *context)
{
    struct contents *contents = context;
    json_t *annotations = json_object_get(action->summary, "annotations");
    json_t *row =
        json_pack("{s:s, s:O, s:O}", "name", action->name, "version",
                  json_object_get(action->summary, "version"), "annotations", annotations);

    return json_array_append_new(
               pair_true(annotations, "feed") ? contents->feeds : contents->actions, row) == 0;
}

/* The package that a binding stands for, if its owner may use it. */
static bool get_provider(struct session *session, const struct user *holder, const char *link,
                         struct user *owner, struct entity *out, struct refusal *no)
{
    char space[USER_NAME_MAX + 1];
    const char *name = strchr(link, '/') + 1;
    enum status status;

    snprintf(space, sizeof(space), "%.*s", (int)(name - link - 1), link);
    status = user_find(session, space, owner);
    if (status != ST_OK)
        return deny_status(no, status, NULL);
    if (!get_entity(session, owner, ENTITY_PACKAGE, "", name, false, out, no))
        return false;
    if (owner->id == holder->id || is_published(out))
        return true;
    return deny(no, 403, "%s", not_authorized);
}

/* The record with its actions; NULL: no. */
static json_t *read_package(struct session *session, struct call *call, const char *name)
{
    struct entity package = {0}, provider = {0};
    struct user owner = call->space;
    struct contents contents = {json_array(), json_array()};
    json_t *record = NULL, *merged;
    bool good =
        (call->space.id >= 0 || deny(&call->no, 403, "%s", not_authorized)) &&
        get_entity(session, &call->space, ENTITY_PACKAGE, "", name, false, &package, &call->no);

    if (good && !call->own && !is_published(&package))
        good = deny(&call->no, 403, "%s", not_authorized);
    if (good && is_binding(&package))
        good = get_provider(session, &call->space, package.link, &owner, &provider, &call->no);
    if (good) {
        struct entity_filter filter = {.namespace_id = owner.id,
                                       .kind = ENTITY_ACTION,
                                       .package = provider.name ? provider.name : name,
                                       .limit = INT32_MAX};

        if (entity_list(session, &filter, add_action, &contents) == ST_OK) {
            merged = merge_pairs(provider.parameters, package.parameters);
            record = package_row(call->space.name, &package);
            (void)json_object_set_new(record, "parameters", merged);
            (void)json_object_set(record, "actions", contents.actions);
            (void)json_object_set(record, "feeds", contents.feeds);
        }
    }
    json_decref(contents.actions);
    json_decref(contents.feeds);
    entity_free(&package);
    entity_free(&provider);
    return record;
}

static void get_package(const struct http_request *request, struct http_response *response,
                        void *context)
{
    struct call call;
    const char *name = request->captures[1];

    if (call_begin(&call, context, request, response)) {
        struct session *session = check_name(name, &call.no) ? begin_read(&call) : NULL;
        json_t *record = session ? read_package(session, &call, name) : NULL;

        if (session && finish(session, record != NULL, &call.no))
            http_reply_json(response, 200, json_incref(record));
        else
            call_refuse(&call);
        json_decref(record);
    }
    call_end(&call);
}

static void list_packages(const struct http_request *request, struct http_response *response,
                          void *context)
{
    struct call call;

    if (call_begin(&call, context, request, response)) {
        if (call.own)
            reply_list(&call, ENTITY_PACKAGE, NULL, "packages");
        else
            list_published(&call);
    }
    call_end(&call);
}

/* ---- PUT ---- */

/* "namespace/name" of the body's binding, checked; *link NULL: it has none. */
static bool read_binding(struct session *session, struct call *call, const json_t *body,
                         char **link, struct refusal *no)
{
    const json_t *binding = json_object_get(body, "binding");
    const char *space = http_json_text(binding, "namespace");
    const char *name = http_json_text(binding, "name");
    struct user owner;
    struct entity provider = {0};
    char text[2 * USER_NAME_MAX + 2];
    bool good;

    *link = NULL;
    if (!binding || json_is_null(binding) ||
        (json_is_object(binding) && json_object_size(binding) == 0))
        return true;
    if (!name || !is_entity_name(name) || (space && strcmp(space, "_") && !is_entity_name(space)) ||
        (json_object_get(binding, "namespace") && !space))
        return deny_malformed(no, "binding must be {\"namespace\", \"name\"} of a package");
    if (!space || strcmp(space, "_") == 0)
        space = call->user.name;
    snprintf(text, sizeof(text), "%s/%s", space, name);
    good = get_provider(session, &call->user, text, &owner, &provider, no);
    if (!good && (no->status == 404 || no->status == 409))
        deny(no, 400, "Binding references a package that does not exist.");
    if (good && is_binding(&provider))
        good = deny(no, 400, "Cannot bind to another package binding.");
    entity_free(&provider);
    if (good)
        *link = strdup(text);
    return good;
}

static bool update(struct session *session, struct call *call, const json_t *body,
                   struct entity *package)
{
    json_t *summary = json_object();
    json_t *parameters = put_parameters(body, package->parameters, &call->no);
    char *link = NULL;
    bool good = parameters && put_common(body, package->summary, summary, &call->no) &&
                read_binding(session, call, body, &link, &call->no);

    if (good && link && package->id && !package->link)
        good = deny(&call->no, 409,
                    "Resource is a package and cannot be converted into a "
                    "binding.");
    if (!good) {
        free(link);
        json_decref(summary);
        json_decref(parameters);
        return false;
    }
    if (link) {
        free(package->link);
        package->link = link;
    }
    if (package->link) /* as `wsk package bind` expects to see it */
        (void)set_pair(json_object_get(summary, "annotations"), "binding", binding_json(package));
    json_decref(package->summary);
    json_decref(package->parameters);
    package->summary = summary;
    package->parameters = parameters;
    return true;
}

static bool put(struct call *call, const json_t *body, struct entity *package)
{
    const char *name = call->request->captures[1];
    struct session *session;

    if (!check_name(name, &call->no))
        return false;
    if (strcmp(name, "default") == 0)
        return deny(&call->no, 400, "Package name 'default' is reserved.");
    session = begin_write(call);
    if (!session)
        return false;
    if (get_for_put(session, &call->user, ENTITY_PACKAGE, "", name,
                    http_parameter_true(call->request, "overwrite"), package, &call->no) &&
        update(session, call, body, package))
        return finish_status(session, put_entity(session, &call->user, package), &call->no);
    return finish(session, false, &call->no);
}

static void put_package(const struct http_request *request, struct http_response *response,
                        void *context)
{
    struct call call;
    struct entity package = {0};
    json_t *body = NULL;

    if (call_begin_own(&call, context, request, response)) {
        if ((body = call_body(&call)) && put(&call, body, &package))
            http_reply_json(response, 200, package_row(call.user.name, &package));
        else
            call_refuse(&call);
    }
    json_decref(body);
    entity_free(&package);
    call_end(&call);
}

/* ---- DELETE ---- */

static bool empty_it(struct session *session, struct call *call, const char *name)
{
    struct entity_filter filter = {
        .namespace_id = call->user.id, .kind = ENTITY_ACTION, .package = name};
    int64_t count = 0;
    enum status status = entity_count(session, &filter, &count);

    if (status != ST_OK)
        return deny_status(&call->no, status, NULL);
    if (count > 0 && !http_parameter_true(call->request, "force"))
        return deny(&call->no, 409,
                    "Package not empty (contains %lld %s). Set force param or delete package "
                    "contents.",
                    (long long)count, count == 1 ? "entity" : "entities");
    return entity_delete_package(session, call->user.id, name) == ST_OK;
}

static bool delete_one(struct call *call, struct entity *package)
{
    const char *name = call->request->captures[1];
    struct session *session = check_name(name, &call->no) ? begin_write(call) : NULL;

    if (!session)
        return false;
    if (get_entity(session, &call->user, ENTITY_PACKAGE, "", name, false, package, &call->no) &&
        empty_it(session, call, name))
        return finish_status(session, entity_delete(session, package->id), &call->no);
    return finish(session, false, &call->no);
}

static void delete_package(const struct http_request *request, struct http_response *response,
                           void *context)
{
    struct call call;
    struct entity package = {0};

    if (call_begin_own(&call, context, request, response)) {
        if (delete_one(&call, &package))
            http_reply_json(response, 200, package_row(call.user.name, &package));
        else
            call_refuse(&call);
    }
    entity_free(&package);
    call_end(&call);
}

const struct http_route package_routes[] = {
    {"GET", "/api/v1/namespaces/{}/packages", list_packages, 0},
    {"GET", "/api/v1/namespaces/{}/packages/{}", get_package, 0},
    {"PUT", "/api/v1/namespaces/{}/packages/{}", put_package, 0},
    {"DELETE", "/api/v1/namespaces/{}/packages/{}", delete_package, 0},
    {NULL, NULL, NULL, 0},
};
