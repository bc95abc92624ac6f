/* `reclave invoke --encrypt`: what the worker gets and gives is ciphertext. */
#include "cli/invoke.h"

#include "cli/hex.h"

#include <stdlib.h>
#include <string.h>

static json_t *request_head(const struct invoke *invoke)
{
    const struct invoke_options *options = invoke->options;

    return json_pack("{s:i, s:I, s:I, s:b}", "slot", (int)invoke->slot, "timeout_ms",
                     (json_int_t)options->timeout_ms, "output_limit",
                     (json_int_t)options->output_limit, "evidence", options->evidence != NULL);
}

static bool make_request(struct invoke *invoke, const struct blob *input,
                         struct reclave_request **request, char error[RECLAVE_ERROR_BYTES])
{
    const struct invoke_options *options = invoke->options;
    const struct reclave_invocation invocation = {
        .input = input->data,
        .input_bytes = input->bytes,
        .nonce = options->nonce,
        .nonce_bytes = options->nonce_bytes,
        .args = options->args,
        .arg_count = options->arg_count + 1,
        .env = options->env,
        .env_count = options->env_count,
        .padding = options->padding,
        .answer_padding = options->padding,
    };

    if (invoke->session)
        return reclave_session_request(invoke->session, &invocation, request, error);
    return reclave_request_new(invoke->enclave, invoke->function.bundle_sha256, &invocation,
                               request, error);
}

/* The keeper's word for the worker, if the answer has it: whether there must be one, the library
 * knows. */
static enum status take_certificate(struct invoke *invoke, const struct client_reply *reply)
{
    const char *text = json_string_value(json_object_get(reply->head, "certificate"));
    size_t bytes = text ? strlen(text) / 2 : 0;

    free(invoke->certificate.data);
    invoke->certificate = (struct blob){NULL, 0};
    if (bytes == 0 || bytes > RECLAVE_CERTIFICATE_BYTES_MAX)
        return ST_OK;
    invoke->certificate.data = malloc(bytes);
    if (!invoke->certificate.data)
        return ST_NO_MEMORY;
    if (hex_parse(text, invoke->certificate.data, bytes))
        invoke->certificate.bytes = bytes;
    return ST_OK;
}

static bool verify_evidence(const struct invoke *invoke, const uint8_t *file, size_t bytes,
                            const struct reclave_expectation *expected,
                            struct reclave_verdict *verdict)
{
    const struct blob *quote = &invoke->attested.quote, *certificate = &invoke->certificate;

    if (invoke->options->keeper)
        return reclave_fleet_evidence(invoke->enclave, certificate->data, certificate->bytes, file,
                                      bytes, expected, verdict, NULL);
    return reclave_verify_evidence(invoke->verifier, quote->data, quote->bytes, file, bytes,
                                   expected, verdict, NULL);
}

/* Verified like anybody would, before it is saved. */
static enum status take_evidence(const struct invoke *invoke, const struct reclave_answer *answer,
                                 const struct blob *input, const uint8_t *file, size_t bytes,
                                 struct message *why)
{
    uint8_t complete[RECLAVE_EVIDENCE_BYTES_MAX];
    struct reclave_expectation expected = {.nonce = invoke->options->nonce,
                                           .nonce_bytes = invoke->options->nonce_bytes,
                                           .input = input->data,
                                           .input_bytes = input->bytes};
    struct reclave_verdict verdict;
    size_t complete_bytes;

    if (!invoke->options->evidence)
        return ST_OK;
    if (!reclave_answer_evidence(answer, file, bytes, complete, &complete_bytes)) {
        message_set(why, "the worker gave no evidence for this answer");
        return ST_CORRUPT;
    }
    expected.output = reclave_answer_output(answer, &expected.output_bytes);
    if (verify_evidence(invoke, complete, complete_bytes, &expected, &verdict))
        return invoke_save_evidence(invoke, complete, complete_bytes, why);
    message_set(why, "the evidence is rejected at %s: %s", reclave_step_name(verdict.failed_step),
                verdict.reason);
    return ST_CORRUPT;
}

static enum status show(const struct invoke *invoke, const struct reclave_answer *answer, bool *ok,
                        struct message *why)
{
    const void *data;
    size_t bytes;

    *ok = reclave_answer_ok(answer);
    if (!*ok)
        message_set(why, "%s", reclave_answer_text(answer));
    data = reclave_answer_log(answer, &bytes);
    invoke_print_log(data, bytes);
    invoke_print_claims(invoke, reclave_answer_claims(answer));
    data = reclave_answer_output(answer, &bytes);
    return invoke_print(invoke, data, bytes, why);
}

static enum status open_reply(struct invoke *invoke, struct reclave_request *request,
                              const struct client_reply *reply, const struct blob *input, bool *ok,
                              struct message *why)
{
    char error[RECLAVE_ERROR_BYTES];
    const uint8_t *message, *log, *evidence;
    size_t at = 0, message_bytes, log_bytes, evidence_bytes;
    struct reclave_answer *answer;
    enum status status;

    if (!invoke_part(reply, "answer_bytes", &at, &message, &message_bytes) ||
        !invoke_part(reply, "log_bytes", &at, &log, &log_bytes) ||
        !invoke_part(reply, "evidence_bytes", &at, &evidence, &evidence_bytes)) {
        message_set(why, "the worker's answer contradicts itself");
        return ST_CORRUPT;
    }
    /* a session's certificate came with its opening */
    status = invoke->session ? ST_OK : take_certificate(invoke, reply);
    if (status != ST_OK)
        return status;
    if (!reclave_request_answer_from(request, message, message_bytes, invoke->certificate.data,
                                     invoke->certificate.bytes, &answer, error)) {
        message_set(why, "%s", error);
        return ST_ENVELOPE_FORGED;
    }
    invoke_print_log(log, log_bytes); /* whatever the host says that it was */
    status = take_evidence(invoke, answer, input, evidence, evidence_bytes, why);
    if (status == ST_OK)
        status = show(invoke, answer, ok, why);
    reclave_answer_free(answer);
    return status;
}

enum status invoke_sealed(struct invoke *invoke, const struct blob *input, bool *ok,
                          struct message *why)
{
    char error[RECLAVE_ERROR_BYTES];
    struct reclave_request *request;
    struct client_reply reply;
    const void *message;
    size_t bytes;
    enum status status;

    if (!make_request(invoke, input, &request, error)) {
        message_set(why, "%s", error);
        return ST_INVALID_ARGUMENT;
    }
    message = reclave_request_message(request, &bytes);
    status =
        invoke_call(invoke, FRAME_INVOKE_SEALED, request_head(invoke), message, bytes, &reply, why);
    if (status == ST_OK) {
        status = open_reply(invoke, request, &reply, input, ok, why);
        client_reply_free(&reply);
    }
    reclave_request_free(request);
    return status;
}

enum status invoke_open_session(struct invoke *invoke, struct message *why)
{
    char error[RECLAVE_ERROR_BYTES];
    struct client_reply reply;
    const void *message;
    size_t bytes;
    enum status status;

    if (!reclave_session_new(invoke->enclave, invoke->function.bundle_sha256, &invoke->session,
                             error)) {
        message_set(why, "%s", error);
        return ST_INVALID_ARGUMENT;
    }
    message = reclave_session_message(invoke->session, &bytes);
    status = invoke_call(invoke, FRAME_SESSION_OPEN, json_pack("{s:i}", "slot", (int)invoke->slot),
                         message, bytes, &reply, why);
    if (status != ST_OK)
        return status;
    status = take_certificate(invoke, &reply);
    if (status == ST_OK &&
        !reclave_session_open_from(invoke->session, reply.body, reply.body_bytes,
                                   invoke->certificate.data, invoke->certificate.bytes, error)) {
        message_set(why, "%s", error);
        status = ST_ENVELOPE_FORGED;
    }
    client_reply_free(&reply);
    return status;
}
