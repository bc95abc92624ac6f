/* Running an action or a sequence, and writing down what came of it. */
#include "host/api/internal.h"

#include "host/log/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FETCH_TRIES 3 /* an action that is updated while it begins */

/* One action, or a sequence, of the work. */
struct step {
    const struct full_name *name;
    const struct resolved *action;
    const json_t *payload;
    char id[ACTIVATION_ID_BYTES];
    const char *cause; /* NULL: none */
    bool top;          /* the activation that was asked for */
    /* results */
    enum run_status status;
    json_t *result, *logs;
    int64_t start, end, duration;
    bool timed_out;
    unsigned refused;
    json_t *annotations;
    json_t *record; /* of `top` */
    struct message trouble;
};

static void step_free(struct step *step)
{
    json_decref(step->result);
    json_decref(step->logs);
    json_decref(step->annotations);
    json_decref(step->record);
}

void work_free(struct work *work)
{
    resolved_free(&work->action);
    json_decref(work->payload);
    free(work->api_key);
}

void run_result_free(struct run_result *result)
{
    json_decref(result->result);
    json_decref(result->out);
    json_decref(result->err);
    json_decref(result->annotations);
    *result = (struct run_result){0};
}

static void fail(struct step *step, enum run_status status, const char *sentence)
{
    json_decref(step->result);
    step->status = status;
    step->result = json_pack("{s:s}", "error", sentence);
}

static const json_t *exec_of(const struct resolved *action)
{
    return json_object_get(action->action.summary, "exec");
}

static const char *kind_of(const struct resolved *action)
{
    const char *kind = json_string_value(json_object_get(exec_of(action), "kind"));

    return kind ? kind : "unknown";
}

/* ---- the activation ---- */

static json_t *make_annotations(const struct step *step)
{
    const struct entity *action = &step->action->action;
    json_t *list = json_array();
    json_t *path =
        action->package && action->package[0]
            ? json_sprintf("%s/%s/%s", step->action->owner.name, action->package, action->name)
            : json_sprintf("%s/%s", step->name->space, step->name->name);

    (void)set_pair(list, "path", path);
    if (action->summary) {
        (void)set_pair(list, "kind", json_string(kind_of(step->action)));
        (void)set_pair(list, "limits", json_incref(json_object_get(action->summary, "limits")));
    }
    (void)set_pair(list, "timeout", json_boolean(step->timed_out));
    if (step->annotations)
        (void)json_array_extend(list, step->annotations);
    return list;
}

static json_t *make_summary(const struct work *work, const struct step *step)
{
    const char *version =
        json_string_value(json_object_get(step->action->action.summary, "version"));

    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:o, s:I, s:I, s:I, s:i, s:s*}", "namespace",
                     work->who.name, "name", step->name->name, "subject", work->who.name, "version",
                     version ? version : "0.0.1", "publish", 0, "annotations",
                     make_annotations(step), "start", (json_int_t)step->start, "end",
                     (json_int_t)step->end, "duration", (json_int_t)step->duration, "statusCode",
                     (int)step->status, "cause", step->cause);
}

static enum status write_activation(const struct work *work, const struct step *step,
                                    const struct activation *activation, struct message *why)
{
    struct session *session;
    enum status status = database_write(work->api->options.database, &session, why);

    if (status != ST_OK)
        return status;
    status = activation_add(session, work->who.id, activation);
    if (status == ST_OK && step->top)
        status = pending_remove(session, step->id);
    return session_end(session, status, why);
}

static void store_step(const struct work *work, struct step *step)
{
    char name[2 * USER_NAME_MAX + 2];
    struct activation activation = {.name = name,
                                    .start = step->start,
                                    .summary = make_summary(work, step),
                                    .response = make_response(step->status, step->result),
                                    .logs = json_incref(step->logs)};
    enum status status;

    snprintf(name, sizeof(name), "%s%s%s", step->name->package, step->name->package[0] ? "/" : "",
             step->name->name);
    memcpy(activation.id, step->id, sizeof(activation.id));
    status = write_activation(work, step, &activation, &step->trouble);
    if (status != ST_OK) {
        if (!step->trouble.text[0])
            message_set(&step->trouble, "it could not be stored");
        log_event(LOG_LEVEL_ERROR, "activation-not-stored", "{s:s, s:s}", "id", step->id, "why",
                  step->trouble.text);
    }
    if (step->top)
        step->record = activation_record(&activation);
    activation_free(&activation);
}

/* ---- one action ---- */

static json_t *as_text(const json_t *value)
{
    char *text;
    json_t *json;

    if (json_is_string(value))
        return json_incref((json_t *)(uintptr_t)value);
    if (json_is_null(value))
        return json_string("");
    text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    json = json_string(text ? text : "");
    free(text);
    return json;
}

static json_t *make_env(const struct work *work, const struct step *step,
                        const struct run_limits *limits)
{
    json_t *init = pairs_object(step->action->parameters, true), *env = json_object(), *value;
    const json_t *summary = step->action->action.summary;
    const char *key;

    json_object_foreach(init, key, value)
    {
        (void)json_object_set_new(env, key, as_text(value));
    }
    json_decref(init);
    (void)json_object_set_new(env, "__OW_NAMESPACE", json_string(work->who.name));
    (void)json_object_set_new(
        env, "__OW_ACTION_NAME",
        step->name->package[0]
            ? json_sprintf("/%s/%s/%s", step->name->space, step->name->package, step->name->name)
            : json_sprintf("/%s/%s", step->name->space, step->name->name));
    (void)json_object_set(env, "__OW_ACTION_VERSION", json_object_get(summary, "version"));
    (void)json_object_set_new(env, "__OW_ACTIVATION_ID", json_string(step->id));
    (void)json_object_set_new(env, "__OW_TRANSACTION_ID", json_string(work->transaction));
    (void)json_object_set_new(
        env, "__OW_DEADLINE",
        json_sprintf("%lld", (long long)(database_now_ms() + (int64_t)limits->timeout_ms)));
    if (work->api_key && pair_true(json_object_get(summary, "annotations"), "provide-api-key"))
        (void)json_object_set_new(env, "__OW_API_KEY", json_string(work->api_key));
    return env;
}

/* Package's and action's parameters, then the payload's. A list comes alone. */
static json_t *make_params(const struct step *step)
{
    json_t *params;

    if (json_is_array(step->payload))
        return json_incref((json_t *)(uintptr_t)step->payload);
    params = pairs_object(step->action->parameters, false);
    (void)json_object_update(params, (json_t *)(uintptr_t)step->payload);
    return params;
}

struct fetch {
    struct api *api;
    const struct resolved *action;
    const char *digest;
    bool stale; /* the action is another one now */
};

static enum status fetch_code(void *context, char **text, size_t *bytes, struct message *why)
{
    struct fetch *fetch = context;
    struct entity_key key = {fetch->action->owner.id, fetch->action->action.package,
                             fetch->action->action.name};
    struct entity entity = {0};
    struct session *session;
    enum status status = database_read(fetch->api->options.database, &session, why);

    if (status != ST_OK)
        return status;
    status = entity_get(session, &key, true, &entity);
    status = session_end(session, status, why);
    if (status == ST_OK) {
        const char *digest = json_string_value(json_object_get(entity.summary, "_function"));

        fetch->stale = !digest || strcmp(digest, fetch->digest) != 0;
    }
    if (status == ST_NOT_FOUND || fetch->stale || (status == ST_OK && !entity.code)) {
        message_set(why, "the action was changed or deleted while it began");
        status = ST_NOT_FOUND;
    }
    if (status == ST_OK) {
        *text = entity.code;
        *bytes = entity.code_bytes;
        entity.code = NULL;
    }
    entity_free(&entity);
    return status;
}

static void run_code(const struct work *work, const struct step *step, struct run_result *result,
                     bool *stale)
{
    const struct runner *runner = work->api->options.runner;
    const json_t *summary = step->action->action.summary;
    const char *digest = json_string_value(json_object_get(summary, "_function"));
    struct fetch fetch = {work->api, step->action, digest ? digest : "", false};
    struct run_code code = {.entry =
                                json_string_value(json_object_get(exec_of(step->action), "main")),
                            .fetch = fetch_code,
                            .context = &fetch};
    struct run_call call = {.code = &code,
                            .name = step->name->name,
                            .params = make_params(step),
                            .party = (uint64_t)work->who.id,
                            .limits = read_limits(json_object_get(summary, "limits"))};

    call.env = make_env(work, step, &call.limits);
    snprintf(code.digest, sizeof(code.digest), "%s", digest ? digest : "");
    runner->run(runner->context, &call, result);
    *stale = fetch.stale;
    json_decref((json_t *)(uintptr_t)call.params);
    json_decref((json_t *)(uintptr_t)call.env);
}

/* "2024-01-01T00:00:00.000000000Z    stdout: text" */
static void add_lines(json_t *logs, int64_t when, const char *stream, const json_t *lines)
{
    char stamp[64], date[32];
    struct tm calendar;
    time_t seconds = (time_t)(when / 1000);
    size_t index;
    json_t *line;

    gmtime_r(&seconds, &calendar);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &calendar);
    snprintf(stamp, sizeof(stamp), "%s.%03d000000Z", date, (int)(when % 1000));
    json_array_foreach(lines, index, line)
    {
        (void)json_array_append_new(
            logs, json_sprintf("%-30s %s: %s", stamp, stream, json_string_value(line)));
    }
}

static void take_result(const struct work *work, struct step *step, struct run_result *ran)
{
    int64_t waited;

    step->duration = (int64_t)((ran->init_us + ran->run_us) / 1000);
    step->end = database_now_ms();
    step->start = step->end - step->duration;
    waited = steady_now_ms() - step->duration - work->created;
    step->status = ran->status;
    step->result = json_incref(ran->result);
    step->timed_out = ran->timed_out;
    step->refused = ran->refused;
    step->logs = json_array();
    add_lines(step->logs, step->end, "stdout", ran->out);
    add_lines(step->logs, step->end, "stderr", ran->err);
    step->annotations = json_array();
    (void)set_pair(step->annotations, "waitTime", json_integer(waited > 0 ? waited : 0));
    if (ran->cold)
        (void)set_pair(step->annotations, "initTime",
                       json_integer((json_int_t)(ran->init_us / 1000)));
    if (ran->annotations)
        (void)json_array_extend(step->annotations, ran->annotations);
}

static bool resolve(const struct work *work, const struct full_name *name, struct resolved *out,
                    struct refusal *no)
{
    struct session *session;
    struct message why = {""};
    enum status status = database_read(work->api->options.database, &session, &why);

    if (status != ST_OK)
        return deny_status(no, status, &why);
    return finish(session, resolve_action(session, &work->who, name, out, no), no);
}

/* An action that was updated between being resolved and being run is resolved again. */
static void run_action(struct work *work, struct step *step)
{
    struct resolved fresh = {0};
    const struct resolved *first = step->action;
    struct run_result ran = {0};
    struct refusal no = {0};
    bool stale = true;

    for (unsigned i = 0; i < FETCH_TRIES && stale; i++) {
        run_result_free(&ran);
        if (i > 0) {
            resolved_free(&fresh);
            if (!resolve(work, step->name, &fresh, &no))
                break;
            step->action = &fresh;
        }
        run_code(work, step, &ran, &stale);
    }
    if (ran.result) {
        take_result(work, step, &ran);
    } else {
        step->start = step->end = database_now_ms();
        step->logs = json_array();
        fail(step, RUN_DEVELOPER_ERROR, no.text.text);
    }
    run_result_free(&ran);
    if (!step->refused || !step->top || !work->let_go(work))
        store_step(work, step);
    step->action = first;
    resolved_free(&fresh);
}

/* ---- sequences ---- */

static void run_step(struct work *work, struct step *step, unsigned depth);

/* One component; false: the sequence ends with it. */
static bool run_component(struct work *work, struct step *sequence, const char *text,
                          unsigned depth)
{
    struct full_name name;
    struct resolved action = {0};
    struct refusal no = {0};
    struct step step = {
        .name = &name, .action = &action, .payload = sequence->result, .cause = sequence->id};

    if (depth == 0 || work->steps >= SEQUENCE_MAX) {
        fail(sequence, RUN_APPLICATION_ERROR, "Sequence composition is too long.");
        return false;
    }
    if (!text || !parse_full_name(text, work->who.name, &name, &no) ||
        !resolve(work, &name, &action, &no) || activation_id_make(step.id) != ST_OK) {
        fail(sequence, RUN_APPLICATION_ERROR, "Sequence component does not exist.");
        return false;
    }
    run_step(work, &step, depth - 1);
    (void)json_array_append_new(sequence->logs, json_string(step.id));
    sequence->duration += step.duration;
    sequence->status = step.status;
    json_decref(sequence->result);
    sequence->result = json_incref(step.result);
    step_free(&step);
    resolved_free(&action);
    return sequence->status == RUN_SUCCESS;
}

static void run_sequence(struct work *work, struct step *step, unsigned depth)
{
    const json_t *components = json_object_get(exec_of(step->action), "components");
    size_t index;
    json_t *component;
    int64_t began = steady_now_ms();

    step->logs = json_array();
    step->result = make_params(step);
    json_array_foreach(components, index, component)
    {
        if (!run_component(work, step, json_string_value(component), depth))
            break;
    }
    step->end = database_now_ms();
    step->start = step->end - (steady_now_ms() - began);
    if (!step->annotations)
        step->annotations = json_array();
    (void)set_pair(step->annotations, "topmost", json_boolean(step->top));
    store_step(work, step);
}

static void run_step(struct work *work, struct step *step, unsigned depth)
{
    if (strcmp(kind_of(step->action), "sequence") == 0) {
        run_sequence(work, step, depth);
        return;
    }
    work->steps++;
    run_action(work, step);
}

/* ---- all of it ---- */

static void give_result(struct step *step, struct job_result *result)
{
    memcpy(result->id, step->id, sizeof(result->id));
    result->done = true;
    result->refused = step->record ? 0 : step->refused;
    result->status = step->status;
    result->trouble = step->trouble;
    result->record = step->record;
    step->record = NULL;
    if (!result->record) /* refused: only the sentence */
        result->record = json_pack("{s:{s:O}}", "response", "result", step->result);
    step_free(step);
}

static struct step first_step(const struct work *work)
{
    struct step step = {.name = &work->name,
                        .action = &work->action,
                        .payload = work->payload,
                        .cause = work->cause[0] ? work->cause : NULL,
                        .top = true};

    memcpy(step.id, work->id, sizeof(step.id));
    return step;
}

void work_fail(struct work *work, const char *sentence, struct job_result *result)
{
    struct step step = first_step(work);

    step.start = step.end = database_now_ms();
    step.logs = json_array();
    fail(&step, RUN_INTERNAL_ERROR, sentence);
    store_step(work, &step);
    give_result(&step, result);
}

void work_run(struct work *work, struct job_result *result)
{
    struct step step;
    struct refusal no = {0};

    if (!work->action.action.name && !resolve(work, &work->name, &work->action, &no)) {
        work_fail(work, no.status == 404 ? "The action does not exist any more." : no.text.text,
                  result);
        return;
    }
    step = first_step(work);
    run_step(work, &step, 8);
    give_result(&step, result);
}
