/* /namespaces/{ns}/rules */
#include "host/api/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool rule_action(const struct entity *rule, struct full_name *out)
{
    const json_t *action = json_object_get(rule->summary, "action");
    const char *path = json_string_value(json_object_get(action, "path"));
    const char *name = json_string_value(json_object_get(action, "name"));
    const char *slash = path ? strchr(path, '/') : NULL;

    if (!path || !name)
        return false;
    snprintf(out->space, sizeof(out->space), "%.*s",
             slash && slash - path < USER_NAME_MAX ? (int)(slash - path) : USER_NAME_MAX, path);
    snprintf(out->package, sizeof(out->package), "%s", slash ? slash + 1 : "");
    snprintf(out->name, sizeof(out->name), "%s", name);
    return true;
}

struct disabling {
    struct entity *rules;
    size_t count;
    enum status status;
};

/* Copies, since rows must not change while they are read. */
static bool collect(const struct entity *rule, void *context)
{
    struct disabling *all = context;
    struct entity *grown = realloc(all->rules, (all->count + 1) * sizeof(*grown));

    if (!grown) {
        all->status = ST_NO_MEMORY;
        return false;
    }
    all->rules = grown;
    grown[all->count++] = (struct entity){
        .id = rule->id,
        .kind = rule->kind,
        .package = strdup(rule->package),
        .name = strdup(rule->name),
        .link = rule->link ? strdup(rule->link) : NULL,
        .summary = json_deep_copy(rule->summary),
        .parameters = json_deep_copy(rule->parameters),
    };
    return true;
}

enum status rules_disable(struct session *session, const struct user *space, const char *trigger)
{
    struct disabling all = {.status = ST_OK};
    enum status status = entity_linked(session, space->id, ENTITY_RULE, trigger, collect, &all);

    if (status == ST_OK)
        status = all.status;
    for (size_t i = 0; i < all.count; i++) {
        (void)json_object_set_new(all.rules[i].summary, "status", json_string("inactive"));
        if (status == ST_OK)
            status = put_entity(session, space, &all.rules[i]);
        entity_free(&all.rules[i]);
    }
    free(all.rules);
    return status;
}

/* ---- GET ---- */

static json_t *rule_record(const char *space, const struct entity *rule)
{
    json_t *record = entity_record(space, rule);

    (void)json_object_del(record, "parameters");
    return record;
}

/* As OpenWhisk: lists do not tell the status. */
json_t *rule_row(const char *space, const struct entity *rule)
{
    json_t *row = rule_record(space, rule);

    (void)json_object_del(row, "status");
    return row;
}

static void list_rules(const struct http_request *request, struct http_response *response,
                       void *context)
{
    struct call call;

    if (call_begin_own(&call, context, request, response))
        reply_list(&call, ENTITY_RULE, NULL, "rules");
    call_end(&call);
}

static bool find_rule(struct session *session, struct call *call, struct entity *out)
{
    return get_entity(session, &call->user, ENTITY_RULE, "", call->request->captures[1], false, out,
                      &call->no);
}

static void get_rule(const struct http_request *request, struct http_response *response,
                     void *context)
{
    struct call call;
    struct entity rule = {0};

    if (call_begin_own(&call, context, request, response)) {
        struct session *session =
            check_name(request->captures[1], &call.no) ? begin_read(&call) : NULL;

        if (session && finish(session, find_rule(session, &call, &rule), &call.no))
            http_reply_json(response, 200, rule_record(call.user.name, &rule));
        else
            call_refuse(&call);
    }
    entity_free(&rule);
    call_end(&call);
}

/* ---- PUT ---- */

/* A field that is "/ns/[package/]name", or {"path", "name"} as in records; those of before if it
 * is absent. */
static bool read_name(const struct call *call, const json_t *body, const char *field,
                      const json_t *old, struct full_name *out, struct refusal *no)
{
    const json_t *value = json_object_get(body, field);
    const char *text = http_json_text(body, field);
    char joined[4 * USER_NAME_MAX];
    const char *path, *name;

    if (!value || json_is_null(value))
        value = json_object_get(old, field);
    if (text)
        return parse_full_name(text, call->user.name, out, no);
    path = http_json_text(value, "path");
    name = http_json_text(value, "name");
    if (!path || !name || strlen(path) > 2 * USER_NAME_MAX + 1 || strlen(name) > USER_NAME_MAX)
        return deny(no, 400, "rule %s must be a name: /namespace/%s", field,
                    strcmp(field, "action") == 0 ? "[package/]action" : "trigger");
    snprintf(joined, sizeof(joined), "/%s/%s", path, name);
    return parse_full_name(joined, call->user.name, out, no);
}

static json_t *name_json(const struct full_name *name)
{
    return json_pack("{s:o, s:s}", "path",
                     name->package[0] ? json_sprintf("%s/%s", name->space, name->package)
                                      : json_string(name->space),
                     "name", name->name);
}

static bool check_there(struct session *session, struct call *call, const struct full_name *trigger,
                        const struct full_name *action)
{
    struct entity found = {0};
    struct resolved resolved = {0};
    bool good;

    if (strcmp(trigger->space, call->user.name) != 0)
        return deny(&call->no, 403, "%s", not_authorized);
    if (trigger->package[0])
        return deny(&call->no, 400, "a trigger is in no package");
    good = get_entity(session, &call->user, ENTITY_TRIGGER, "", trigger->name, false, &found,
                      &call->no);
    entity_free(&found);
    if (!good)
        return deny(&call->no, 400,
                    call->no.status == 404 ? "trigger /%s/%s does not exist"
                                           : "/%s/%s is not a trigger",
                    trigger->space, trigger->name);
    good = resolve_action(session, &call->user, action, &resolved, &call->no);
    resolved_free(&resolved);
    if (!good && (call->no.status == 404 || call->no.status == 409))
        return deny(&call->no, 400, "action /%s/%s%s%s does not exist", action->space,
                    action->package, action->package[0] ? "/" : "", action->name);
    return good;
}

static bool update(struct session *session, struct call *call, const json_t *body,
                   struct entity *rule)
{
    json_t *summary = json_object();
    json_t *status = json_object_get(rule->summary, "status");
    const char *wanted = http_json_text(body, "status");
    struct full_name trigger, action;
    bool good = read_name(call, body, "trigger", rule->summary, &trigger, &call->no) &&
                read_name(call, body, "action", rule->summary, &action, &call->no) &&
                check_there(session, call, &trigger, &action) &&
                put_common(body, rule->summary, summary, &call->no);

    if (!good) {
        json_decref(summary);
        return false;
    }
    /* a new rule is active unless it says otherwise; `wsk` sends "" */
    if (rule->id == 0 && wanted && strcmp(wanted, "inactive") == 0)
        (void)json_object_set_new(summary, "status", json_string("inactive"));
    else if (status)
        (void)json_object_set(summary, "status", status);
    else
        (void)json_object_set_new(summary, "status", json_string("active"));
    (void)json_object_set_new(summary, "trigger", name_json(&trigger));
    (void)json_object_set_new(summary, "action", name_json(&action));
    free(rule->link);
    rule->link = strdup(trigger.name);
    json_decref(rule->summary);
    rule->summary = summary;
    if (!rule->parameters)
        rule->parameters = json_array();
    return rule->link && rule->parameters ? true : deny(&call->no, 500, "out of memory");
}

static bool put(struct call *call, const json_t *body, struct entity *rule)
{
    const char *name = call->request->captures[1];
    struct session *session = check_name(name, &call->no) ? begin_write(call) : NULL;

    if (!session)
        return false;
    if (get_for_put(session, &call->user, ENTITY_RULE, "", name,
                    http_parameter_true(call->request, "overwrite"), rule, &call->no) &&
        update(session, call, body, rule))
        return finish_status(session, put_entity(session, &call->user, rule), &call->no);
    return finish(session, false, &call->no);
}

static void put_rule(const struct http_request *request, struct http_response *response,
                     void *context)
{
    struct call call;
    struct entity rule = {0};
    json_t *body = NULL;

    if (call_begin_own(&call, context, request, response)) {
        if ((body = call_body(&call)) && put(&call, body, &rule))
            http_reply_json(response, 200, rule_record(call.user.name, &rule));
        else
            call_refuse(&call);
    }
    json_decref(body);
    entity_free(&rule);
    call_end(&call);
}

/* ---- POST: the status; DELETE ---- */

static bool set_status(struct call *call, const json_t *body)
{
    const char *wanted = http_json_text(body, "status");
    struct entity rule = {0}, trigger = {0};
    struct session *session;
    enum status status = ST_OK;
    bool good;

    if (!wanted || (strcmp(wanted, "active") != 0 && strcmp(wanted, "inactive") != 0))
        return deny_malformed(&call->no,
                              "'%.80s' is not a recognized rule state: active or "
                              "inactive",
                              wanted ? wanted : "");
    session = check_name(call->request->captures[1], &call->no) ? begin_write(call) : NULL;
    if (!session)
        return false;
    good = find_rule(session, call, &rule);
    if (good && strcmp(wanted, "active") == 0) /* its trigger may be gone */
        good = get_entity(session, &call->user, ENTITY_TRIGGER, "", rule.link, false, &trigger,
                          &call->no);
    if (good) {
        (void)json_object_set_new(rule.summary, "status", json_string(wanted));
        status = put_entity(session, &call->user, &rule);
        good = finish_status(session, status, &call->no);
    } else {
        finish(session, false, &call->no);
    }
    entity_free(&trigger);
    entity_free(&rule);
    return good;
}

static void post_rule(const struct http_request *request, struct http_response *response,
                      void *context)
{
    struct call call;
    json_t *body = NULL;

    if (call_begin_own(&call, context, request, response)) {
        if ((body = call_body(&call)) && set_status(&call, body))
            http_reply_empty(response, 200);
        else
            call_refuse(&call);
    }
    json_decref(body);
    call_end(&call);
}

static bool delete_one(struct call *call, struct entity *rule)
{
    struct session *session =
        check_name(call->request->captures[1], &call->no) ? begin_write(call) : NULL;

    if (!session)
        return false;
    if (find_rule(session, call, rule))
        return finish_status(session, entity_delete(session, rule->id), &call->no);
    return finish(session, false, &call->no);
}

static void delete_rule(const struct http_request *request, struct http_response *response,
                        void *context)
{
    struct call call;
    struct entity rule = {0};

    if (call_begin_own(&call, context, request, response)) {
        if (delete_one(&call, &rule))
            http_reply_json(response, 200, rule_record(call.user.name, &rule));
        else
            call_refuse(&call);
    }
    entity_free(&rule);
    call_end(&call);
}

const struct http_route rule_routes[] = {
    {"GET", "/api/v1/namespaces/{}/rules", list_rules, 0},
    {"GET", "/api/v1/namespaces/{}/rules/{}", get_rule, 0},
    {"PUT", "/api/v1/namespaces/{}/rules/{}", put_rule, 0},
    {"POST", "/api/v1/namespaces/{}/rules/{}", post_rule, 0},
    {"DELETE", "/api/v1/namespaces/{}/rules/{}", delete_rule, 0},
    {NULL, NULL, NULL, 0},
};
