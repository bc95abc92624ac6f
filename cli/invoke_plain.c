/* `reclave invoke` without --encrypt: the host reads along, but evidence shows what it changes. */
#include "base/status.h"
#include "cli/invoke.h"

#include "cli/hex.h"

#include <string.h>

static json_t *string_list(const char *const *strings, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(strings[i]));
    return list;
}

static json_t *request_head(const struct invoke *invoke)
{
    const struct invoke_options *options = invoke->options;
    bool evidence = invoke->verifier != NULL;
    char nonce[2 * NONCE_MAX + 1];
    json_t *head = json_pack("{s:i, s:I, s:I, s:b, s:o, s:o}", "slot", (int)invoke->slot,
                             "timeout_ms", (json_int_t)options->timeout_ms, "output_limit",
                             (json_int_t)options->output_limit, "evidence", evidence, "args",
                             string_list(options->args, options->arg_count + 1), "env",
                             string_list(options->env, options->env_count));

    if (head && evidence)
        json_object_set_new(head, "nonce",
                            json_string(hex_text(options->nonce, options->nonce_bytes, nonce)));
    return head;
}

struct answer {
    const uint8_t *output, *log, *evidence;
    size_t output_bytes, log_bytes, evidence_bytes;
    const char *sentence; /* how the host says that it ended, unless well */
};

/* What the enclave says of the end counts; what the host says of it is called that. */
static bool ended_well(const struct reclave_claims *claims, const char *hosts, struct message *why)
{
    if (strcmp(claims->outcome, "ok") == 0)
        return true;
    if (claims->trap)
        message_set(why, "the function trapped: %s", claims->trap);
    else if (claims->has_exit_code)
        message_set(why, "the function reported an error: exit code %lld",
                    (long long)claims->exit_code);
    else
        message_set(why, "the function did not finish: %s; the host says: %.300s", claims->outcome,
                    hosts);
    return false;
}

static enum status check_evidence(const struct invoke *invoke, const struct blob *input,
                                  const struct answer *answer, bool *ok, struct message *why)
{
    const struct invoke_options *options = invoke->options;
    const struct reclave_expectation expected = {
        .nonce = options->nonce,
        .nonce_bytes = options->nonce_bytes,
        .input = input->data,
        .input_bytes = input->bytes,
        .output = answer->output ? (const void *)answer->output : "",
        .output_bytes = answer->output_bytes,
        .has_strings = true,
        .args = options->args,
        .arg_count = options->arg_count + 1,
        .env = options->env,
        .env_count = options->env_count,
    };
    const struct blob *quote = &invoke->attested.quote;
    struct reclave_verdict verdict;
    struct reclave_claims claims;

    if (!reclave_verify_evidence(invoke->verifier, quote->data, quote->bytes, answer->evidence,
                                 answer->evidence_bytes, &expected, &verdict, &claims)) {
        message_set(why, "the evidence is rejected at %s: %s",
                    reclave_step_name(verdict.failed_step), verdict.reason);
        return ST_CORRUPT;
    }
    if (memcmp(claims.bundle_sha256, invoke->function.bundle_sha256, 32) != 0) {
        message_set(why, "the evidence is rejected: another function ran");
        return ST_CORRUPT;
    }
    *ok = ended_well(&claims, answer->sentence, why);
    invoke_print_claims(invoke, &claims);
    return invoke_save_evidence(invoke, answer->evidence, answer->evidence_bytes, why);
}

static enum status show(struct invoke *invoke, const struct client_reply *reply,
                        const struct blob *input, bool *ok, struct message *why)
{
    const char *sentence = json_string_value(json_object_get(reply->head, "message"));
    struct answer answer = {.sentence = sentence ? sentence : "nothing"};
    size_t at = 0;
    enum status status = ST_OK;

    if (!invoke_part(reply, "output_bytes", &at, &answer.output, &answer.output_bytes) ||
        !invoke_part(reply, "log_bytes", &at, &answer.log, &answer.log_bytes) ||
        !invoke_part(reply, "evidence_bytes", &at, &answer.evidence, &answer.evidence_bytes)) {
        message_set(why, "the worker's answer contradicts itself");
        return ST_CORRUPT;
    }
    *ok = json_is_true(json_object_get(reply->head, "ok"));
    if (invoke->verifier)
        status = check_evidence(invoke, input, &answer, ok, why);
    else if (!*ok)
        message_set(why, "%.400s", sentence ? sentence : "the function did not end well");
    if (status != ST_OK)
        return status;
    invoke_print_log(answer.log, answer.log_bytes);
    return invoke_print(invoke, answer.output, answer.output_bytes, why);
}

/* What the enclave refused has evidence, too; what did not get that far has none. */
static bool has_evidence(const struct client_reply *reply)
{
    return json_integer_value(json_object_get(reply->head, "evidence_bytes")) > 0;
}

enum status invoke_plain(struct invoke *invoke, const struct blob *input, bool *ok,
                         struct message *why)
{
    struct client_reply reply;
    enum status status = client_call(invoke->client, FRAME_INVOKE, request_head(invoke),
                                     input->data, input->bytes, &reply, why);

    if (status != ST_OK)
        return status;
    if (reply.status == ST_OK || (invoke->verifier && has_evidence(&reply))) {
        status = show(invoke, &reply, input, ok, why);
    } else {
        const char *sentence = json_string_value(json_object_get(reply.head, "message"));

        status = reply.status;
        message_set(why, "%.400s", sentence ? sentence : status_text(status));
    }
    client_reply_free(&reply);
    return status;
}
