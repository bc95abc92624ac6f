/* What a call says to a worker, and how the answer's body is divided, in the clear and encrypted.
 */
#include "host/pool/internal.h"

#include "abi/envelope.h"

#include <stdio.h>
#include <string.h>

static unsigned message_kind(const struct pool_call *call)
{
    struct envelope_prefix prefix = {.kind = 0};

    if (call->sealed && call->input_bytes >= sizeof(prefix))
        memcpy(&prefix, call->input, sizeof(prefix));
    return prefix.kind;
}

enum frame_type request_type(const struct pool_call *call)
{
    if (!call->sealed)
        return FRAME_INVOKE;
    return message_kind(call) == ENVELOPE_SESSION_OPEN ? FRAME_SESSION_OPEN : FRAME_INVOKE_SEALED;
}

json_t *request_head(const struct pool_call *call, const struct slot *slot)
{
    enum frame_type type = request_type(call);
    json_t *head;

    if (type == FRAME_SESSION_OPEN)
        return json_pack("{s:i}", "slot", (int)slot->index);
    head = json_pack("{s:i, s:I, s:I, s:I}", "slot", (int)slot->index, "timeout_ms",
                     (json_int_t)call->timeout_ms, "output_limit", (json_int_t)call->output_limit,
                     "log_limit", (json_int_t)call->log_limit);
    if (head && call->evidence)
        (void)json_object_set_new(head, "evidence", json_true());
    if (!head || type == FRAME_INVOKE_SEALED)
        return head;
    if (call->args)
        (void)json_object_set(head, "args", (json_t *)(uintptr_t)call->args);
    if (call->env)
        (void)json_object_set(head, "env", (json_t *)(uintptr_t)call->env);
    if (call->evidence && call->nonce)
        (void)json_object_set_new(head, "nonce", json_string(call->nonce));
    return head;
}

bool refuses_request(enum status status)
{
    return status == ST_INPUT_TOO_LARGE || status == ST_ENVIRONMENT_REFUSED ||
           status == ST_CORRUPT || status == ST_INVALID_ARGUMENT || status == ST_OUT_OF_RANGE ||
           status == ST_NO_MEMORY || status == ST_MUST_BE_SEALED ||
           (status >= ST_ENVELOPE_FORMAT && status <= ST_KEY_REJECTED);
}

static uint64_t length_of(const struct client_reply *reply, const char *key)
{
    json_int_t number = json_integer_value(json_object_get(reply->head, key));

    return number > 0 ? (uint64_t)number : 0;
}

/* The session's home, for pin_session. */
static void session_name(const struct slot *slot, char name[POOL_SESSION_BYTES])
{
    snprintf(name, POOL_SESSION_BYTES, "%u.%u.%llu", slot->worker->index, slot->index,
             (unsigned long long)slot->worker->starts);
}

bool take_body(const struct pool_call *call, const struct slot *slot, struct pool_result *result,
               struct client_reply *reply)
{
    uint64_t output = length_of(reply, call->sealed ? "answer_bytes" : "output_bytes");
    uint64_t log = length_of(reply, "log_bytes");
    uint64_t evidence = length_of(reply, "evidence_bytes");

    result->opened = request_type(call) == FRAME_SESSION_OPEN;
    if (result->opened) {
        output = reply->body_bytes;
        session_name(slot, result->session);
    }
    if (output > reply->body_bytes || log > reply->body_bytes - output ||
        evidence != reply->body_bytes - output - log)
        return false;
    result->output = reply->body;
    result->output_bytes = output;
    result->log_bytes = log;
    result->evidence_bytes = evidence;
    reply->body = NULL;
    return true;
}
