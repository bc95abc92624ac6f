#include "host/worker/request.h"

#include "abi/geometry.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define STRINGS_MAX 4096u /* arguments, and as many variables */

/* Which request knows which key; the lists of docs/worker.md. */
struct key {
    const char *name;
    unsigned requests; /* bit per frame_type */
    enum status (*read)(const json_t *value, struct request *request, struct message *why);
};

static enum status refuse(struct message *why, const char *key, const char *problem)
{
    message_set(why, "%s: %s", key, problem);
    return ST_CORRUPT;
}

static enum status read_number(const json_t *value, const char *key, uint64_t low, uint64_t high,
                               uint64_t *out, struct message *why)
{
    json_int_t number = json_integer_value(value);

    if (!json_is_integer(value))
        return refuse(why, key, "must be an integer");
    if (number < 0 || (uint64_t)number < low || (uint64_t)number > high) {
        message_set(why, "%s: %lld is not in %llu..%llu", key, (long long)number,
                    (unsigned long long)low, (unsigned long long)high);
        return ST_CORRUPT;
    }
    *out = (uint64_t)number;
    return ST_OK;
}

static enum status read_protocol(const json_t *value, struct request *request, struct message *why)
{
    uint64_t number = 0;
    enum status status = read_number(value, "protocol", 1, UINT32_MAX, &number, why);

    request->protocol = (unsigned)number;
    return status;
}

static enum status read_slot(const json_t *value, struct request *request, struct message *why)
{
    uint64_t number = 0;
    enum status status = read_number(value, "slot", 0, SLOTS_MAX - 1, &number, why);

    request->slot = (unsigned)number;
    return status;
}

static enum status read_timeout(const json_t *value, struct request *request, struct message *why)
{
    return read_number(value, "timeout_ms", 0, REQUEST_TIMEOUT_MAX_MS, &request->timeout_ms, why);
}

static enum status read_log_limit(const json_t *value, struct request *request, struct message *why)
{
    return read_number(value, "log_limit", 0, STDIO_MAX, &request->log_limit, why);
}

static enum status read_memory_limit(const json_t *value, struct request *request,
                                     struct message *why)
{
    return read_number(value, "memory_limit", 0, LINEAR_MAX, &request->memory_limit, why);
}

static enum status read_output_limit(const json_t *value, struct request *request,
                                     struct message *why)
{
    return read_number(value, "output_limit", 0, STDIO_MAX, &request->output_limit, why);
}

static enum status read_target(const json_t *value, struct request *request, struct message *why)
{
    uint64_t number = 0;
    enum status status = read_number(value, "target", 0, UINT32_MAX, &number, why);

    request->target = (uint32_t)number;
    return status;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Pairs of digits, least..most of them. */
static enum status read_hex(const json_t *value, const char *key, size_t least, size_t most,
                            uint8_t *out, size_t *bytes, struct message *why)
{
    const char *text = json_string_value(value);
    size_t digits = text ? json_string_length(value) : 0;

    if (!text || digits % 2 || digits / 2 < least || digits / 2 > most)
        goto refused;
    for (size_t i = 0; i < digits / 2; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

        if (high < 0 || low < 0)
            goto refused;
        out[i] = (uint8_t)(high << 4 | low);
    }
    *bytes = digits / 2;
    return ST_OK;

refused:
    message_set(why, "%s: must be a string of %zu to %zu hexadecimal digits", key, 2 * least,
                2 * most);
    return ST_CORRUPT;
}

static enum status read_nonce(const json_t *value, struct request *request, struct message *why)
{
    return read_hex(value, "nonce", NONCE_MIN, NONCE_MAX, request->nonce, &request->nonce_bytes,
                    why);
}

static enum status read_challenge(const json_t *value, struct request *request, struct message *why)
{
    size_t bytes;

    return read_hex(value, "challenge", CHALLENGE_BYTES, CHALLENGE_BYTES, request->challenge,
                    &bytes, why);
}

static enum status read_evidence(const json_t *value, struct request *request, struct message *why)
{
    if (!json_is_boolean(value))
        return refuse(why, "evidence", "must be true or false");
    request->evidence = json_is_true(value);
    return ST_OK;
}

static enum status read_share(const json_t *value, struct request *request, struct message *why)
{
    if (!json_is_boolean(value))
        return refuse(why, "share_signature", "must be true or false");
    request->share_signature = json_is_true(value);
    return ST_OK;
}

/* Read together by read_strings; here only their types. */
static enum status check_string_list(const json_t *value, const char *key, struct message *why)
{
    if (!json_is_array(value) || json_array_size(value) > STRINGS_MAX)
        return refuse(why, key, "must be a list of at most 4096 strings");
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i)))
            return refuse(why, key, "must be a list of strings");
    return ST_OK;
}

static enum status check_args(const json_t *value, struct request *request, struct message *why)
{
    (void)request;
    return check_string_list(value, "args", why);
}

static enum status check_env(const json_t *value, struct request *request, struct message *why)
{
    (void)request;
    return check_string_list(value, "env", why);
}

#define IN(type) (1u << FRAME_##type)

static const struct key keys[] = {
    {"protocol", IN(HELLO), read_protocol},
    {"slot",
     IN(LOAD) | IN(INVOKE) | IN(RESET) | IN(STATS) | IN(QUOTE) | IN(INVOKE_SEALED) |
         IN(SESSION_OPEN),
     read_slot},
    {"timeout_ms", IN(LOAD) | IN(INVOKE) | IN(INVOKE_SEALED), read_timeout},
    {"log_limit", IN(LOAD) | IN(INVOKE) | IN(INVOKE_SEALED), read_log_limit},
    {"memory_limit", IN(LOAD), read_memory_limit},
    {"output_limit", IN(INVOKE) | IN(INVOKE_SEALED), read_output_limit},
    {"args", IN(INVOKE), check_args},
    {"env", IN(INVOKE), check_env},
    {"target", IN(ABORT), read_target},
    {"evidence", IN(INVOKE) | IN(INVOKE_SEALED), read_evidence},
    {"share_signature", IN(INVOKE) | IN(INVOKE_SEALED), read_share},
    {"nonce", IN(INVOKE), read_nonce},
    {"challenge", IN(QUOTE), read_challenge},
};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

static enum status read_key(const char *name, const json_t *value, struct request *request,
                            struct message *why)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (!strcmp(keys[i].name, name) && keys[i].requests & (1u << request->type))
            return keys[i].read(value, request, why);
    message_set(why, "%.100s: no such key in this request", name);
    return ST_CORRUPT;
}

/* Borrowed pointers to the list's strings; NULL without memory. */
static const char **string_list(const json_t *list)
{
    size_t count = json_array_size(list);
    const char **strings = malloc((count + 1) * sizeof(*strings));

    for (size_t i = 0; strings && i < count; i++)
        strings[i] = json_string_value(json_array_get(list, i));
    return strings;
}

static enum status read_strings(const json_t *head, struct request *request, struct message *why)
{
    const json_t *args = json_object_get(head, "args"), *env = json_object_get(head, "env");
    const char **arg_list = string_list(args), **env_list = string_list(env);
    enum status status = ST_NO_MEMORY;

    if (arg_list && env_list)
        status = strings_build(arg_list, json_array_size(args), env_list, json_array_size(env),
                               &request->strings);
    free(arg_list);
    free(env_list);
    if (status == ST_OUT_OF_RANGE)
        return refuse(why, "args, env", "more than 61440 bytes together");
    if (status == ST_INVALID_ARGUMENT)
        return refuse(why, "env", "an entry is not of the form NAME=VALUE");
    if (status != ST_OK)
        message_set(why, "no memory");
    return status;
}

static enum status check_required(const json_t *head, const struct request *request,
                                  struct message *why)
{
    if (request->type == FRAME_HELLO && !json_object_get(head, "protocol"))
        return refuse(why, "protocol", "is missing");
    if (request->type == FRAME_ABORT && !json_object_get(head, "target"))
        return refuse(why, "target", "is missing");
    if (request->share_signature && !request->evidence)
        return refuse(why, "share_signature", "is for evidence: say \"evidence\": true");
    if (request->nonce_bytes && !request->evidence)
        return refuse(why, "nonce", "is for evidence: say \"evidence\": true");
    return ST_OK;
}

static enum status decode_head(json_t *head, unsigned slots, struct request *request,
                               struct message *why)
{
    const char *name;
    json_t *value;
    enum status status;

    json_object_foreach(head, name, value)
    {
        status = read_key(name, value, request, why);
        if (status != ST_OK)
            return status;
    }
    status = check_required(head, request, why);
    if (status != ST_OK)
        return status;
    if (request->slot >= slots) {
        message_set(why, "slot: %u, the enclave has %u", request->slot, slots);
        return ST_CORRUPT;
    }
    return request->type == FRAME_INVOKE ? read_strings(head, request, why) : ST_OK;
}

static json_t *parse_head(const struct frame *frame, struct message *why)
{
    json_error_t error;
    json_t *head;

    if (frame->head_bytes == 0)
        return json_object();
    head = json_loadb(frame->head, frame->head_bytes, JSON_REJECT_DUPLICATES, &error);
    if (!head)
        message_set(why, "head: not JSON: %.100s", error.text);
    else if (!json_is_object(head))
        message_set(why, "head: not a JSON object");
    if (json_is_object(head))
        return head;
    json_decref(head);
    return NULL;
}

enum status request_decode(struct frame *frame, unsigned slots, struct request *out,
                           struct message *why)
{
    json_t *head = parse_head(frame, why);
    enum status status = ST_CORRUPT;

    *out = (struct request){
        .type = (enum frame_type)frame->type,
        .id = frame->id,
        .body = frame->body,
        .body_bytes = frame->body_bytes,
        .timeout_ms = REQUEST_TIMEOUT_DEFAULT_MS,
        .log_limit = REQUEST_LOG_DEFAULT,
        .output_limit = REQUEST_OUTPUT_DEFAULT,
    };
    frame->body = NULL;
    frame_free(frame);
    if (head)
        status = decode_head(head, slots, out, why);
    json_decref(head);
    if (status != ST_OK)
        request_free(out);
    return status;
}

void request_free(struct request *request)
{
    free(request->body);
    request->body = NULL;
    strings_free(&request->strings);
}
