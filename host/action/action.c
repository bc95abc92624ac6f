#include "host/action/action.h"

#include "abi/bundle.h"
#include "host/action/env.h"
#include "host/action/sealed.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MAX (64u << 20) /* STDIO_MAX: what the enclave takes at most */

const char *action_status_text(enum action_status status)
{
    static const char *const names[] = {"success", "application error", "action developer error",
                                        "whisk internal error"};

    return names[status];
}

static void set_error(struct action_result *result, enum action_status status, const char *format,
                      ...) __attribute__((format(printf, 3, 4)));

static void set_error(struct action_result *result, enum action_status status, const char *format,
                      ...)
{
    char text[MESSAGE_BYTES + 128];
    json_t *sentence;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    sentence = json_string(text);
    if (!sentence) /* a character was cut in two */
        sentence = json_string("The action failed.");
    json_decref(result->result);
    result->result = json_pack("{s:o}", "error", sentence);
    result->status = status;
}

/* ---- in ---- */

/* The parameters as text: malloc. NULL: why. */
static char *dump_params(const struct sealed_ask *ask, struct plain *input, struct message *why)
{
    char *text = ask->params ? json_dumps(ask->params, JSON_COMPACT) : strdup("{}");

    *input = (struct plain){text, text ? strlen(text) : 0};
    if (!text)
        message_set(why, "out of memory");
    return text;
}

static uint64_t at_most(uint64_t value, uint64_t limit)
{
    return value < limit ? value : limit;
}

/* ---- out ---- */

static char *copy_text(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);

    if (text) {
        if (size > 0)
            memcpy(text, bytes, size);
        text[size] = 0;
    }
    return text;
}

/* Where the last line begins, without the newlines at the end (*end). */
static size_t last_line(const uint8_t *text, size_t bytes, size_t *end)
{
    size_t begin;

    while (bytes > 0 && (text[bytes - 1] == '\n' || text[bytes - 1] == '\r'))
        bytes--;
    *end = bytes;
    begin = bytes;
    while (begin > 0 && text[begin - 1] != '\n')
        begin--;
    return begin;
}

/* A success whose result nobody here looks into. */
static bool take_plain(const struct pool_result *ran, struct action_result *result)
{
    static const char *const names[] = {"error", NULL};
    size_t end, begin = last_line(ran->output, ran->output_bytes, &end);
    struct plain error;

    if (ran->end != POOL_DONE || ran->outcome != OUTCOME_OK || end - begin > ACTION_PAYLOAD_MAX ||
        !plain_json((const char *)ran->output + begin, end - begin, names, &error) || error.text)
        return false;
    result->text = copy_text(ran->output + begin, end - begin);
    result->status = ACTION_SUCCESS;
    result->out_bytes = begin;
    return result->text != NULL;
}

static void take_result(struct action_result *result, const uint8_t *output, size_t bytes)
{
    size_t end, begin = last_line(output, bytes, &end);
    json_t *json = NULL;

    if (end > begin)
        json = json_loadb((const char *)output + begin, end - begin, JSON_ALLOW_NUL, NULL);
    result->out_bytes = json ? begin : bytes;
    if (!json) {
        set_error(result, ACTION_DEVELOPER_ERROR,
                  "The action did not return a dictionary or array.");
    } else if (end - begin > ACTION_PAYLOAD_MAX) {
        json_decref(json);
        set_error(
            result, ACTION_APPLICATION_ERROR,
            "The action produced a response that exceeded the allowed length: %zu > %u bytes.",
            end - begin, ACTION_PAYLOAD_MAX);
    } else {
        result->result = json;
        result->status = json_object_get(json, "error") ? ACTION_APPLICATION_ERROR : ACTION_SUCCESS;
    }
}

static void judge_outcome(const struct action_call *call, const struct pool_result *ran,
                          struct action_result *result)
{
    result->out_bytes = ran->output_bytes;
    switch (ran->outcome) {
    case OUTCOME_OK:
        take_result(result, ran->output, ran->output_bytes);
        return;
    case OUTCOME_FUNCTION_ERROR:
        set_error(result, ACTION_DEVELOPER_ERROR, "The action ended with exit code %d.",
                  ran->exit_code);
        return;
    case OUTCOME_ABORTED_BY_HOST:
        result->timed_out = true;
        set_error(result, ACTION_DEVELOPER_ERROR,
                  "The action exceeded its time limits of %llu milliseconds.",
                  (unsigned long long)call->limits.timeout_ms);
        return;
    case OUTCOME_TRAP:
        set_error(result, ACTION_DEVELOPER_ERROR, "The action trapped: %s.", ran->trap);
        return;
    default:
        set_error(result, ACTION_INTERNAL_ERROR, "The action did not run: %s", ran->why.text);
    }
}

static void judge(const struct action_call *call, const struct pool_result *ran,
                  struct action_result *result)
{
    switch (ran->end) {
    case POOL_DONE:
        judge_outcome(call, ran, result);
        return;
    case POOL_REFUSED:
        set_error(result, ACTION_DEVELOPER_ERROR, "The action cannot take this input: %s",
                  ran->why.text);
        sealed_name_refusal(result->result, ran->status);
        return;
    case POOL_LOAD_FAILED:
        result->timed_out = ran->status == ST_TIMEOUT;
        set_error(result, ACTION_DEVELOPER_ERROR,
                  "The action failed to generate or locate a binary. See logs for details. (%s)",
                  ran->why.text);
        sealed_name_refusal(result->result, ran->status);
        return;
    case POOL_WORKER_LOST:
        set_error(result, ACTION_INTERNAL_ERROR, "The enclave that ran the action was lost.");
        return;
    default:
        set_error(result, ACTION_INTERNAL_ERROR, "%s", ran->why.text);
    }
}

/* Output and stderr of any end, within the limit. */
static void take_logs(const struct action_call *call, const struct pool_result *ran,
                      struct action_result *result)
{
    uint64_t limit = call->limits.log_bytes;
    size_t err = ran->log_bytes;

    result->out_bytes = at_most(result->out_bytes, limit);
    err = at_most(err, limit - result->out_bytes);
    result->out = copy_text(ran->output, result->out_bytes);
    result->err = copy_text(ran->output ? ran->output + ran->output_bytes : NULL, err);
    result->err_bytes = err;
    if (!result->out || !result->err) { /* no memory: no log */
        free(result->out);
        free(result->err);
        result->out = calloc(1, 1);
        result->err = calloc(1, 1);
        result->out_bytes = result->err_bytes = 0;
    }
}

static void take_facts(const struct action_call *call, const struct pool_result *ran,
                       struct action_result *result)
{
    result->end = ran->end;
    result->cold = ran->temperature != POOL_WARM;
    result->wait_us = ran->queued_us;
    result->init_us = ran->load_us;
    result->run_us = ran->run_us;
    result->evidence = sealed_evidence(ran);
    memcpy(result->bundle_sha256, call->code->bundle_sha256, sizeof(result->bundle_sha256));
    memcpy(result->snapshot_sha256, ran->snapshot_sha256, sizeof(result->snapshot_sha256));
}

/* ---- both ---- */

static struct pool_call make_call(const struct action_call *call, const struct sealed_ask *ask,
                                  struct plain input)
{
    struct pool_call made = {
        .function = call->code->function,
        .input = input.text,
        .input_bytes = input.bytes,
        .timeout_ms = call->limits.timeout_ms,
        .queue_timeout_ms = call->queue_timeout_ms,
        .party = call->party,
        .output_limit = at_most(ACTION_PAYLOAD_MAX + call->limits.log_bytes + 2, LOG_MAX),
        .log_limit = at_most(call->limits.log_bytes, LOG_MAX),
    };

    made.function.memory_limit = call->limits.memory_bytes;
    sealed_apply(ask, &made);
    return made;
}

/* The name, or for modules with a buffer (sandboxed/crt/buffer.h) the input's length. */
static json_t *make_args(const struct action_call *call, size_t input_bytes)
{
    char length[24];

    if (!manifest_has(call->code->function.bundle, call->code->function.bundle_bytes, FIELD_EXPORT,
                      "get_wasm_memory_buffer_len"))
        return json_pack("[s]", call->name);
    snprintf(length, sizeof(length), "%zu", input_bytes);
    return json_pack("[s]", length);
}

static void run(struct pool *pool, const struct action_call *call, struct sealed_ask *ask,
                struct pool_result *ran)
{
    struct plain input = call->text;
    char *dumped = NULL;
    struct pool_call made;
    json_t *args, *env;

    if (ask->envelope)
        input = (struct plain){(const char *)ask->envelope, ask->envelope_bytes};
    else if (ask->params || !input.text)
        dumped = dump_params(ask, &input, &ran->why);
    if (!input.text)
        return;
    made = make_call(call, ask, input);
    args = make_args(call, input.bytes);
    env = env_list(made.function.bundle, made.function.bundle_bytes, call->env);
    made.args = args;
    made.env = env;
    (void)pool_invoke(pool, &made, ran);
    json_decref(args);
    json_decref(env);
    free(dumped);
}

/* What the parameters ask of this side. Text is parsed only if it may ask something. */
static bool read_ask(const struct action_call *call, json_t **parsed, struct sealed_ask *ask,
                     struct message *why)
{
    *parsed = NULL;
    *ask = (struct sealed_ask){0};
    if (!call->text.text)
        return sealed_ask(call->params, ask, why);
    if (!sealed_asks(call->text))
        return true;
    *parsed = json_loadb(call->text.text, call->text.bytes, 0, NULL);
    if (*parsed)
        return sealed_ask(*parsed, ask, why);
    message_set(why, "out of memory");
    return false;
}

void action_run(struct pool *pool, const struct action_call *call, struct action_result *result)
{
    struct pool_result ran = {.end = POOL_REFUSED};
    struct sealed_ask ask;
    json_t *parsed;

    *result = (struct action_result){0};
    if (read_ask(call, &parsed, &ask, &ran.why))
        run(pool, call, &ask, &ran);
    take_facts(call, &ran, result);
    if (ask.envelope && ran.end == POOL_DONE) {
        result->result = sealed_result(&ran, result->evidence);
        result->timed_out = ran.outcome == OUTCOME_ABORTED_BY_HOST;
    } else if (!call->want_text || ask.evidence || !take_plain(&ran, result)) {
        judge(call, &ran, result);
    }
    if (!result->result && !result->text)
        set_error(result, ACTION_INTERNAL_ERROR, "out of memory");
    if (!ask.envelope && ask.evidence)
        sealed_add_evidence(result->result, &ask, &ran, result->evidence);
    take_logs(call, &ran, result);
    sealed_ask_free(&ask);
    json_decref(parsed);
    pool_result_free(&ran);
}

void action_load(struct pool *pool, const struct action_call *call, struct action_result *result)
{
    struct pool_call made = make_call(call, &(struct sealed_ask){0}, (struct plain){NULL, 0});
    struct pool_result ran;

    *result = (struct action_result){0};
    made.load_only = true;
    (void)pool_invoke(pool, &made, &ran);
    take_facts(call, &ran, result);
    if (ran.end == POOL_DONE)
        result->result = json_object();
    else
        judge(call, &ran, result);
    if (!result->result)
        set_error(result, ACTION_INTERNAL_ERROR, "out of memory");
    take_logs(call, &ran, result);
    pool_result_free(&ran);
}

void action_result_free(struct action_result *result)
{
    json_decref(result->result);
    json_decref(result->evidence);
    free(result->text);
    free(result->out);
    free(result->err);
    *result = (struct action_result){0};
}
