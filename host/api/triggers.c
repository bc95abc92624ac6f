/* /namespaces/{ns}/triggers, and firing them. */
#include "host/api/internal.h"
#include "host/api/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_MAX 100u /* of one trigger */

/* ---- records ---- */

json_t *trigger_row(const char *space, const struct entity *trigger)
{
    json_t *row = entity_record(space, trigger);

    (void)json_object_set_new(row, "limits", json_object());
    return row;
}

struct rules {
    const char *space;
    json_t *object;
};

static bool add_rule(const struct entity *rule, void *context)
{
    struct rules *rules = context;
    char name[2 * USER_NAME_MAX + 2];

    snprintf(name, sizeof(name), "%s/%s", rules->space, rule->name);
    return json_object_set_new(rules->object, name,
                               json_pack("{s:O, s:O}", "action",
                                         json_object_get(rule->summary, "action"), "status",
                                         json_object_get(rule->summary, "status"))) == 0;
}

/* With its rules; NULL: the session failed. */
static json_t *trigger_record(struct session *session, const struct user *space,
                              const struct entity *trigger)
{
    struct rules rules = {space->name, json_object()};
    json_t *record = trigger_row(space->name, trigger);

    if (entity_linked(session, space->id, ENTITY_RULE, trigger->name, add_rule, &rules) != ST_OK) {
        json_decref(rules.object);
        json_decref(record);
        return NULL;
    }
    (void)json_object_set_new(record, "rules", rules.object);
    return record;
}

/* ---- GET ---- */

static void list_triggers(const struct http_request *request, struct http_response *response,
                          void *context)
{
    struct call call;

    if (call_begin_own(&call, context, request, response))
        reply_list(&call, ENTITY_TRIGGER, NULL, "triggers");
    call_end(&call);
}

static bool find_trigger(struct session *session, struct call *call, struct entity *out)
{
    return get_entity(session, &call->user, ENTITY_TRIGGER, "", call->request->captures[1], false,
                      out, &call->no);
}

static void get_trigger(const struct http_request *request, struct http_response *response,
                        void *context)
{
    struct call call;
    struct entity trigger = {0};

    if (call_begin_own(&call, context, request, response)) {
        struct session *session =
            check_name(request->captures[1], &call.no) ? begin_read(&call) : NULL;
        bool good = session && find_trigger(session, &call, &trigger);
        json_t *record = good ? trigger_record(session, &call.user, &trigger) : NULL;

        if (session && finish(session, record != NULL, &call.no))
            http_reply_json(response, 200, json_incref(record));
        else
            call_refuse(&call);
        json_decref(record);
    }
    entity_free(&trigger);
    call_end(&call);
}

/* ---- PUT, DELETE ---- */

static bool update(struct call *call, const json_t *body, struct entity *trigger)
{
    json_t *summary = json_object();
    json_t *parameters = put_parameters(body, trigger->parameters, &call->no);

    if (!parameters || !put_common(body, trigger->summary, summary, &call->no)) {
        json_decref(summary);
        json_decref(parameters);
        return false;
    }
    json_decref(trigger->summary);
    json_decref(trigger->parameters);
    trigger->summary = summary;
    trigger->parameters = parameters;
    return true;
}

static json_t *put(struct call *call, const json_t *body)
{
    const char *name = call->request->captures[1];
    struct session *session = check_name(name, &call->no) ? begin_write(call) : NULL;
    struct entity trigger = {0};
    json_t *record = NULL;
    bool good;

    if (!session)
        return NULL;
    good = get_for_put(session, &call->user, ENTITY_TRIGGER, "", name,
                       http_parameter_true(call->request, "overwrite"), &trigger, &call->no) &&
           update(call, body, &trigger);
    if (good) {
        enum status status = put_entity(session, &call->user, &trigger);

        record = trigger_record(session, &call->user, &trigger);
        good = finish_status(session, status == ST_OK && !record ? ST_CORRUPT : status, &call->no);
    } else {
        finish(session, false, &call->no);
    }
    entity_free(&trigger);
    if (good)
        return record;
    json_decref(record);
    return NULL;
}

static void put_trigger(const struct http_request *request, struct http_response *response,
                        void *context)
{
    struct call call;
    json_t *body = NULL, *record = NULL;

    if (call_begin_own(&call, context, request, response)) {
        if ((body = call_body(&call)) && (record = put(&call, body)))
            http_reply_json(response, 200, record);
        else
            call_refuse(&call);
    }
    json_decref(body);
    call_end(&call);
}

static json_t *delete_one(struct call *call)
{
    struct session *session =
        check_name(call->request->captures[1], &call->no) ? begin_write(call) : NULL;
    struct entity trigger = {0};
    json_t *record = NULL;
    bool good;

    if (!session)
        return NULL;
    good = find_trigger(session, call, &trigger);
    if (good) {
        enum status status;

        record = trigger_record(session, &call->user, &trigger);
        status = record ? rules_disable(session, &call->user, trigger.name) : ST_CORRUPT;
        if (status == ST_OK)
            status = entity_delete(session, trigger.id);
        good = finish_status(session, status, &call->no);
    } else {
        finish(session, false, &call->no);
    }
    entity_free(&trigger);
    if (good)
        return record;
    json_decref(record);
    return NULL;
}

static void delete_trigger(const struct http_request *request, struct http_response *response,
                           void *context)
{
    struct call call;

    if (call_begin_own(&call, context, request, response)) {
        json_t *record = delete_one(&call);

        if (record)
            http_reply_json(response, 200, record);
        else
            call_refuse(&call);
    }
    call_end(&call);
}

/* ---- firing ---- */

struct firing {
    struct call *call;
    struct session *session;
    const char *id; /* the trigger's activation */
    const json_t *params;
    json_t *logs;
    struct job *jobs[RULES_MAX];
    unsigned job_count, active;
    bool failed;
};

/* One line of the trigger's activation. */
static void log_rule(struct firing *firing, const struct entity *rule, const char *activation,
                     const char *error)
{
    const json_t *action = json_object_get(rule->summary, "action");
    json_t *line =
        json_pack("{s:i, s:b, s:s*, s:s*, s:o, s:o}", "statusCode", error ? 1 : 0, "success",
                  error == NULL, "activationId", activation, "error", error, "rule",
                  json_sprintf("%s/%s", firing->call->user.name, rule->name), "action",
                  json_sprintf("%s/%s", json_string_value(json_object_get(action, "path")),
                               json_string_value(json_object_get(action, "name"))));
    char *text = json_dumps(line, JSON_COMPACT);

    (void)json_array_append_new(firing->logs, json_string(text ? text : ""));
    free(text);
    json_decref(line);
}

static bool is_active(const struct entity *rule)
{
    const char *status = json_string_value(json_object_get(rule->summary, "status"));

    return status && strcmp(status, "active") == 0;
}

static bool fire_rule(const struct entity *rule, void *context)
{
    struct firing *firing = context;
    struct full_name name;
    struct resolved action = {0};
    struct refusal no = {0};
    char id[ACTIVATION_ID_BYTES];
    struct job *job = NULL;

    if (!is_active(rule)) {
        log_rule(firing, rule, NULL, "The rule is inactive: its action was not activated.");
        return true;
    }
    firing->active++;
    if (firing->job_count < RULES_MAX && rule_action(rule, &name) &&
        resolve_action(firing->session, &firing->call->user, &name, &action, &no)) {
        struct invocation invocation = {.who = &firing->call->user,
                                        .name = &name,
                                        .action = &action,
                                        .payload = json_copy((json_t *)(uintptr_t)firing->params),
                                        .cause = firing->id,
                                        .transaction = firing->call->request->id,
                                        .api_key = firing->call->authorization};

        job = job_prepare(firing->call->api, firing->session, &invocation, id, &no);
    }
    if (job)
        firing->jobs[firing->job_count++] = job;
    log_rule(firing, rule, job ? id : NULL,
             job ? NULL : (no.status ? no.text.text : "The rule could not be applied."));
    resolved_free(&action);
    return true;
}

static json_t *firing_summary(const struct call *call, const struct entity *trigger, int64_t now)
{
    return json_pack("{s:s, s:s, s:s, s:O, s:b, s:[{s:s, s:o}, {s:s, s:s}], s:I, s:I, s:I, s:i}",
                     "namespace", call->user.name, "name", trigger->name, "subject",
                     call->user.name, "version", json_object_get(trigger->summary, "version"),
                     "publish", 0, "annotations", "key", "path", "value",
                     json_sprintf("%s/%s", call->user.name, trigger->name), "key", "kind", "value",
                     "trigger", "start", (json_int_t)now, "end", (json_int_t)now, "duration",
                     (json_int_t)0, "statusCode", 0);
}

/* All in one transaction: the trigger's activation and the promises of its rules. */
static bool fire_in(struct firing *firing, struct entity *trigger, json_t *payload)
{
    struct call *call = firing->call;
    json_t *params = pairs_object(trigger->parameters, false);
    struct activation activation = {.name = trigger->name, .start = database_now_ms()};
    enum status status;

    (void)json_object_update(params, payload);
    firing->params = params;
    status = entity_linked(firing->session, call->user.id, ENTITY_RULE, trigger->name, fire_rule,
                           firing);
    json_decref(params);
    if (status == ST_OK && firing->active > 0) {
        memcpy(activation.id, firing->id, sizeof(activation.id));
        activation.summary = firing_summary(call, trigger, activation.start);
        activation.response = make_response(RUN_SUCCESS, payload);
        activation.logs = json_incref(firing->logs);
        status = activation_add(firing->session, call->user.id, &activation);
        activation_free(&activation);
    }
    return finish_status(firing->session, status, &call->no);
}

static bool fire(struct call *call, json_t *payload)
{
    struct firing firing = {.call = call};
    struct entity trigger = {0};
    char id[ACTIVATION_ID_BYTES];
    bool good;

    if (!check_name(call->request->captures[1], &call->no) ||
        !fits(payload, PAYLOAD_MAX, "The parameters are", &call->no))
        return false;
    if (activation_id_make(id) != ST_OK)
        return deny(&call->no, 500, "no random numbers");
    if (!throttle_rate(call->api, &call->user, 1, &call->no) ||
        !(firing.session = begin_write(call)))
        return false;
    firing.id = id;
    firing.logs = json_array();
    if (find_trigger(firing.session, call, &trigger))
        good = fire_in(&firing, &trigger, payload);
    else
        good = finish(firing.session, false, &call->no);
    for (unsigned i = 0; i < firing.job_count; i++) {
        if (good)
            job_start(call->api, firing.jobs[i]);
        else
            job_drop(call->api, firing.jobs[i]);
    }
    if (good) {
        http_reply_header(call->response, "x-openwhisk-activation-id", id);
        if (firing.active > 0)
            http_reply_json(call->response, 202, json_pack("{s:s}", "activationId", id));
        else
            http_reply_empty(call->response, 204);
    }
    json_decref(firing.logs);
    entity_free(&trigger);
    return good;
}

static void fire_trigger(const struct http_request *request, struct http_response *response,
                         void *context)
{
    struct call call;
    json_t *payload = NULL;

    if (call_begin_own(&call, context, request, response) &&
        !((payload = call_body(&call)) && fire(&call, payload)))
        call_refuse(&call);
    json_decref(payload);
    call_end(&call);
}

const struct http_route trigger_routes[] = {
    {"GET", "/api/v1/namespaces/{}/triggers", list_triggers, 0},
    {"GET", "/api/v1/namespaces/{}/triggers/{}", get_trigger, 0},
    {"PUT", "/api/v1/namespaces/{}/triggers/{}", put_trigger, 0},
    {"POST", "/api/v1/namespaces/{}/triggers/{}", fire_trigger, PAYLOAD_MAX + 4096},
    {"DELETE", "/api/v1/namespaces/{}/triggers/{}", delete_trigger, 0},
    {NULL, NULL, NULL, 0},
};
