#include "host/api/invoke.h"

#include "host/api/internal.h"

#include <stdio.h>
#include <string.h>

#define WAIT_MAX_MS 60000

/* What is asked of one invocation. */
struct wanted {
    bool blocking, result_only;
    int64_t timeout_ms;
};

static bool read_wanted(const struct call *call, struct wanted *out, struct refusal *no)
{
    *out = (struct wanted){.blocking = http_parameter_true(call->request, "blocking"),
                           .result_only = http_parameter_true(call->request, "result"),
                           .timeout_ms = WAIT_MAX_MS};
    if (!read_number(call->request, "timeout", &out->timeout_ms, "actions", no))
        return false;
    if (out->timeout_ms >= 1 && out->timeout_ms <= WAIT_MAX_MS)
        return true;
    return deny_malformed(no, "timeout must be 1 to %d milliseconds", WAIT_MAX_MS);
}

static void reply_id(struct call *call, const char *id)
{
    http_reply_header(call->response, "x-openwhisk-activation-id", id);
    http_reply_json(call->response, 202, json_pack("{s:s}", "activationId", id));
}

static unsigned http_status(enum run_status status)
{
    switch (status) {
    case RUN_SUCCESS:
        return 200;
    case RUN_INTERNAL_ERROR:
        return 500;
    default:
        return 502;
    }
}

static void reply_result(struct call *call, const struct wanted *wanted, struct job_result *result)
{
    json_t *response = json_object_get(result->record, "response");

    if (result->trouble.text[0]) {
        http_reply_error(call->response, 500, "The action ran, but its activation is lost: %s.",
                         result->trouble.text);
        return;
    }
    http_reply_header(call->response, "x-openwhisk-activation-id", result->id);
    http_reply_json(
        call->response, http_status(result->status),
        json_incref(wanted->result_only ? json_object_get(response, "result") : result->record));
}

static bool resolve(struct call *call, const struct full_name *name, struct resolved *action)
{
    struct session *session = begin_read(call);
    bool good;

    if (!session)
        return false;
    good = call->space.id >= 0 ? resolve_action(session, &call->user, name, action, &call->no)
                               : deny(&call->no, 403, "%s", not_authorized);
    return finish(session, good, &call->no);
}

/* The ID goes out when the promise is on the disk. */
static bool run_later(struct call *call, const struct invocation *invocation)
{
    char id[ACTIVATION_ID_BYTES];
    struct session *session = begin_write(call);
    struct job *job;

    if (!session) {
        json_decref(invocation->payload);
        return false;
    }
    job = job_prepare(call->api, session, invocation, id, &call->no);
    if (!finish(session, job != NULL, &call->no)) {
        job_drop(call->api, job);
        return false;
    }
    job_start(call->api, job);
    reply_id(call, id);
    return true;
}

static bool run_now(struct call *call, const struct invocation *invocation,
                    const struct wanted *wanted)
{
    struct job_result result = {0};

    if (!jobs_run(call->api, invocation, (uint64_t)wanted->timeout_ms, &result, &call->no))
        return false;
    if (!result.done)
        reply_id(call, result.id);
    else if (result.refused)
        deny(&call->no, result.refused, "%s",
             json_string_value(json_object_get(
                 json_object_get(json_object_get(result.record, "response"), "result"), "error")));
    else
        reply_result(call, wanted, &result);
    json_decref(result.record);
    return result.refused == 0;
}

static bool invoke(struct call *call)
{
    const char *package, *name;
    struct resolved action = {0};
    struct full_name full;
    struct wanted wanted;
    json_t *payload = NULL;
    bool good = path_name(call, &package, &name, &call->no) &&
                read_wanted(call, &wanted, &call->no) && (payload = call_body(call)) &&
                fits(payload, PAYLOAD_MAX, "The parameters are", &call->no);

    if (good) {
        snprintf(full.space, sizeof(full.space), "%s",
                 call->own ? call->user.name : call->space.name);
        snprintf(full.package, sizeof(full.package), "%s", package);
        snprintf(full.name, sizeof(full.name), "%s", name);
        good = resolve(call, &full, &action) && throttle_rate(call->api, &call->user, 1, &call->no);
    }
    if (good) {
        struct invocation invocation = {.who = &call->user,
                                        .name = &full,
                                        .action = &action,
                                        .payload = json_incref(payload),
                                        .transaction = call->request->id,
                                        .api_key = call->authorization};

        good = wanted.blocking ? run_now(call, &invocation, &wanted) : run_later(call, &invocation);
    }
    json_decref(payload);
    resolved_free(&action);
    return good;
}

void invoke_action(const struct http_request *request, struct http_response *response,
                   void *context)
{
    struct call call;

    if (call_begin(&call, context, request, response) && !invoke(&call))
        call_refuse(&call);
    call_end(&call);
}
