/* Limits of an action. */
#include "host/api/internal.h"

#define MIB                 (UINT64_C(1) << 20)
#define TIMEOUT_MIN_MS      100
#define TIMEOUT_DEFAULT_MS  60000
#define TIMEOUT_MAX_MS      300000
#define MEMORY_MIN_MIB      1
#define MEMORY_MAX_MIB      1024
#define CONCURRENCY_DEFAULT 1
#define CONCURRENCY_MAX     500 /* accepted; every invocation has a slot of its own anyway */

static bool put_limit(const json_t *body, const json_t *old, const char *name, json_int_t fallback,
                      json_int_t low, json_int_t high, json_t *out, struct refusal *no)
{
    json_t *value = json_object_get(body, name);
    json_int_t number;

    if (!value || json_is_null(value))
        value = json_object_get(old, name);
    if (value && !json_is_integer(value))
        return deny_malformed(no, "limits: %s must be a whole number", name);
    number = value ? json_integer_value(value) : fallback;
    if (number < low || number > high)
        return deny_malformed(no,
                              "requirement failed: %s %" JSON_INTEGER_FORMAT
                              " %s allowed threshold of %" JSON_INTEGER_FORMAT,
                              name, number, number < low ? "below" : "exceeds",
                              number < low ? low : high);
    return json_object_set_new(out, name, json_integer(number)) == 0;
}

json_t *put_limits(const struct api *api, const json_t *body, const json_t *old, struct refusal *no)
{
    json_t *given = json_object_get(body, "limits"), *out = json_object();
    json_int_t logs = (json_int_t)api->options.log_mib;

    if (given && !json_is_object(given) && !json_is_null(given)) {
        deny_malformed(no, "limits must be an object");
    } else if (put_limit(given, old, "timeout", TIMEOUT_DEFAULT_MS, TIMEOUT_MIN_MS, TIMEOUT_MAX_MS,
                         out, no) &&
               put_limit(given, old, "memory", (json_int_t)api->options.memory_mib, MEMORY_MIN_MIB,
                         MEMORY_MAX_MIB, out, no) &&
               put_limit(given, old, "logs", logs, 0, logs, out, no) &&
               put_limit(given, old, "concurrency", CONCURRENCY_DEFAULT, 1, CONCURRENCY_MAX, out,
                         no)) {
        return out;
    }
    json_decref(out);
    return NULL;
}

struct run_limits read_limits(const json_t *limits)
{
    return (struct run_limits){
        .timeout_ms = (uint64_t)json_integer_value(json_object_get(limits, "timeout")),
        .memory_bytes = (uint64_t)json_integer_value(json_object_get(limits, "memory")) * MIB,
        .log_bytes = (uint64_t)json_integer_value(json_object_get(limits, "logs")) * MIB,
    };
}

json_t *limits_description(const struct api *api)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:i}",
                     "actions_per_minute", (json_int_t)api->options.rate, "triggers_per_minute",
                     (json_int_t)api->options.rate, "concurrent_actions",
                     (json_int_t)api->options.concurrent, "min_action_duration",
                     (json_int_t)TIMEOUT_MIN_MS, "max_action_duration", (json_int_t)TIMEOUT_MAX_MS,
                     "min_action_memory", (json_int_t)(MEMORY_MIN_MIB * MIB), "max_action_memory",
                     (json_int_t)(MEMORY_MAX_MIB * MIB), "min_action_logs", (json_int_t)0,
                     "max_action_logs", (json_int_t)(api->options.log_mib * MIB), "sequence_length",
                     (int)SEQUENCE_MAX, "max_action_concurrency", CONCURRENCY_MAX);
}
