/* QUOTE, INVOKE_SEALED and SESSION_OPEN: what attests and what is encrypted. To the worker all of
 * it is bytes; what it does wrong, the caller at the other end notices. */
#include "host/worker/server_internal.h"

#include "base/status.h"

#include <stdlib.h>
#include <string.h>

/* ---- QUOTE ---- */

static json_t *quote_head(const struct engine_quote *quote, size_t collateral_bytes,
                          size_t root_bytes)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:I}", "vouched_by", quote->by ? quote->by : "",
                     "quote_bytes", (json_int_t)quote->quote_bytes, "identity_bytes",
                     (json_int_t)sizeof(struct attested_identity), "collateral_bytes",
                     (json_int_t)collateral_bytes, "root_bytes", (json_int_t)root_bytes);
}

static uint8_t *put(uint8_t *to, const void *from, size_t bytes)
{
    if (bytes)
        memcpy(to, from, bytes);
    return to + bytes;
}

static void answer_quote(struct slot_queue *queue, const struct job *job,
                         const struct engine_quote *quote)
{
    const struct attested_identity *identity = engine_identity(queue->server->engine);
    size_t collateral = quote->collateral ? strlen(quote->collateral) : 0;
    size_t root = quote->root_pem ? strlen(quote->root_pem) : 0;
    size_t bytes = quote->quote_bytes + sizeof(*identity) + collateral + root;
    uint8_t *body = malloc(bytes), *at = body;

    if (!body) {
        job_refuse(queue, job, ST_NO_MEMORY, status_text(ST_NO_MEMORY));
        return;
    }
    at = put(at, quote->quote, quote->quote_bytes);
    at = put(at, identity, sizeof(*identity));
    at = put(at, quote->collateral, collateral);
    put(at, quote->root_pem, root);
    job_answer(queue, job, ST_OK, "", quote_head(quote, collateral, root), body, bytes);
    free(body);
}

void job_quote(struct slot_queue *queue, struct job *job)
{
    struct message why = {""};
    struct engine_quote quote;
    enum status status =
        engine_quote(queue->server->engine, queue->index, job->request.challenge, &quote, &why);

    if (status != ST_OK) {
        job_refuse(queue, job, status, why.text);
        return;
    }
    answer_quote(queue, job, &quote);
    engine_quote_free(&quote);
}

/* ---- INVOKE_SEALED ---- */

/* Room for an answer whose padding only the caller knows: it may double the length, or round it up
 * to a megabyte. */
static uint64_t answer_room(const struct request *request)
{
    uint64_t room =
        ENVELOPE_ANSWER_MIN + PAD_MULTIPLE_MAX + 2 * (request->output_limit + request->log_limit);

    return room < ENVELOPE_BYTES_MAX ? room : ENVELOPE_BYTES_MAX;
}

static json_t *sealed_head(const struct entry_envelope *envelope, bool ok)
{
    return json_pack("{s:b, s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "ok", ok, "outcome",
                     outcome_name((enum outcome)envelope->outcome), "trap",
                     trap_text((enum trap)envelope->trap), "counter", (json_int_t)envelope->counter,
                     "answer_bytes", (json_int_t)envelope->answer_bytes, "log_bytes",
                     (json_int_t)envelope->log_bytes, "log_dropped",
                     (json_int_t)envelope->log_dropped, "evidence_bytes", (json_int_t)0);
}

/* Of a keeper's worker, what callers of its fleet check the answer by. */
static json_t *add_certificate(struct slot_queue *queue, json_t *head)
{
    const struct worker_certificate certificate = engine_certificate(queue->server->engine);

    if (!head || !certificate.count ||
        !json_object_set_new(head, "certificate", hex_json(certificate.bytes, certificate.count)))
        return head;
    json_decref(head);
    return NULL;
}

/* Answer, log and evidence, one behind the other. */
static void answer_sealed(struct slot_queue *queue, struct job *job, enum status status, bool ok,
                          const struct entry_envelope *envelope, const struct message *why)
{
    size_t answer = envelope->answer_bytes, log = envelope->log_bytes;
    uint8_t *body = malloc(answer + log + EVIDENCE_FILE_MAX);
    json_t *head;

    if (!body) {
        job_refuse(queue, job, ST_NO_MEMORY, status_text(ST_NO_MEMORY));
        return;
    }
    put(put(body, queue->output, answer), queue->log, log);
    head = add_certificate(queue, sealed_head(envelope, ok));
    if (status == ST_OK && job->request.evidence) {
        evidence_wait(queue, job, head, body, answer + log, NULL, 0, status, why);
        return;
    }
    job_answer(queue, job, status, why->text, head, body, answer + log);
    free(body);
}

void job_invoke_sealed(struct slot_queue *queue, struct job *job)
{
    struct request *request = &job->request;
    struct message why = {""};
    struct entry_envelope envelope = {
        .message = (uintptr_t)request->body,
        .message_bytes = request->body_bytes,
        .answer_limit = answer_room(request),
        .output_limit = request->output_limit,
        .log_limit = request->log_limit,
    };
    enum status status;
    bool ok;

    if (!slot_buffer(&queue->output, &queue->output_capacity, envelope.answer_limit) ||
        !slot_buffer(&queue->log, &queue->log_capacity, request->log_limit)) {
        job_refuse(queue, job, ST_NO_MEMORY, status_text(ST_NO_MEMORY));
        return;
    }
    envelope.answer = (uintptr_t)queue->output;
    envelope.log = (uintptr_t)queue->log;
    ok = engine_invoke_sealed(queue->server->engine, queue->index, &envelope, request->timeout_ms,
                              &status, &why);
    if (envelope.answer_bytes > envelope.answer_limit || envelope.log_bytes > request->log_limit)
        job_refuse(queue, job, ST_CORRUPT, "the enclave's answer contradicts itself");
    else
        answer_sealed(queue, job, status, ok, &envelope, &why);
}

/* ---- SESSION_OPEN ---- */

void job_session_open(struct slot_queue *queue, struct job *job)
{
    struct request *request = &job->request;
    struct message why = {""};
    struct entry_envelope envelope = {
        .message = (uintptr_t)request->body,
        .message_bytes = request->body_bytes,
        .answer_limit = ENVELOPE_ANSWER_MIN,
    };
    enum status status;

    if (!slot_buffer(&queue->output, &queue->output_capacity, envelope.answer_limit)) {
        job_refuse(queue, job, ST_NO_MEMORY, status_text(ST_NO_MEMORY));
        return;
    }
    envelope.answer = (uintptr_t)queue->output;
    status = engine_session_open(queue->server->engine, queue->index, &envelope, &why);
    if (envelope.answer_bytes > envelope.answer_limit)
        status = ST_CORRUPT;
    if (status != ST_OK)
        job_refuse(queue, job, status, why.text[0] ? why.text : status_text(status));
    else
        job_answer(queue, job, ST_OK, "", add_certificate(queue, json_object()), queue->output,
                   envelope.answer_bytes);
}
