/*
 * ENTRY_INVOKE_SEALED: the request is decrypted at the front of the slot's stdin, where the rewind
 * will remove it, and the answer is put together and encrypted in its stdout. The host sees
 * lengths, outcome and trap.
 */
#include "base/bytes.h"
#include "trusted/attest/body.h"
#include "trusted/monitor/invocation.h"
#include "trusted/monitor/monitor.h"

#include <string.h>

/* One request and what is needed to answer it. Secret: wiped at the end. */
struct exchange {
    union {
        struct envelope_prefix prefix;
        struct envelope_request single;
        struct envelope_session_request session;
    } header;
    uint64_t header_bytes;
    uint64_t cipher_bytes;
    struct reply_key reply;  /* of a single request */
    struct session *session; /* NULL: it is a single request */
    uint32_t padding;
};

static enum status check_borders(const struct entry_envelope *request)
{
    if (request->message_bytes > ENVELOPE_BYTES_MAX ||
        request->answer_limit < ENVELOPE_ANSWER_MIN || request->answer_limit > ENVELOPE_BYTES_MAX ||
        request->output_limit > STDIO_MAX || request->log_limit > STDIO_MAX)
        return ST_BAD_LENGTH;
    if (!border_outside(request->message, request->message_bytes) ||
        !border_outside(request->answer, request->answer_limit) ||
        !border_outside(request->log, request->log_limit))
        return ST_BAD_POINTER;
    return ST_OK;
}

/* The header, once; its kind decides how long it is. */
static enum status take_header(const struct entry_envelope *request, struct exchange *exchange)
{
    struct envelope_prefix *prefix = &exchange->header.prefix;

    if (request->message_bytes < sizeof(*prefix))
        return ST_ENVELOPE_FORMAT;
    border_copy_in(prefix, request->message, sizeof(*prefix));
    exchange->header_bytes = prefix->kind == ENVELOPE_SESSION_REQUEST
                                 ? sizeof(exchange->header.session)
                                 : sizeof(exchange->header.single);
    if (request->message_bytes < exchange->header_bytes)
        return ST_ENVELOPE_FORMAT;
    border_copy_in((uint8_t *)prefix + sizeof(*prefix), request->message + sizeof(*prefix),
                   exchange->header_bytes - sizeof(*prefix));
    exchange->cipher_bytes = request->message_bytes - exchange->header_bytes;
    return ST_OK;
}

static bool is_session(const struct exchange *exchange)
{
    return exchange->header.prefix.kind == ENVELOPE_SESSION_REQUEST;
}

/* What needs no key: nothing has changed when it refuses. */
static enum status check_header(struct slot *slot, const struct exchange *exchange)
{
    struct envelope_target target;
    struct receiving_key key;
    enum status status;

    if (is_session(exchange))
        return session_find(&slot->sessions, exchange->header.session.session_id)
                   ? ST_OK
                   : ST_CONTEXT_UNKNOWN;
    target = slot_target(slot, exchange->header.single.key_id, &key);
    status = request_header_check(&target, &exchange->header.single, ENVELOPE_REQUEST,
                                  exchange->cipher_bytes);
    bytes_wipe(&key, sizeof(key));
    return status;
}

static enum status decrypt(struct slot *slot, struct exchange *exchange, size_t *plain_bytes)
{
    uint8_t *cipher = region_start(slot, REGION_STDIN);
    struct receiving_key key;
    struct envelope_target target = slot_target(
        slot, is_session(exchange) ? enclave.receiving.id : exchange->header.single.key_id, &key);
    enum status status;

    if (is_session(exchange))
        status = session_request_open(&slot->sessions, &target, &exchange->header.session, cipher,
                                      exchange->cipher_bytes, plain_bytes, &exchange->session);
    else
        status = request_open(&target, &exchange->header.single, cipher, exchange->cipher_bytes,
                              plain_bytes, &exchange->reply);
    bytes_wipe(&key, sizeof(key));
    return status;
}

static enum status encrypt(struct slot *slot, struct exchange *exchange, uint8_t *body,
                           uint64_t bytes, uint64_t answer, uint64_t *answer_bytes)
{
    const struct random_source random = slot_random(slot);
    const struct aead_part part = {body, bytes};
    union {
        struct envelope_response single;
        struct envelope_session_response session;
    } header;
    uint64_t header_bytes = exchange->session ? sizeof(header.session) : sizeof(header.single);
    enum status status;

    if (exchange->session)
        status = session_response_seal(exchange->session, &header.session, &part, 1, body + bytes);
    else
        status = response_seal(&exchange->reply, &random, &header.single, &part, 1, body + bytes);
    if (status != ST_OK)
        return status;
    border_copy_out(answer, &header, header_bytes);
    border_copy_out(answer + header_bytes, body, bytes + AEAD_TAG_BYTES);
    *answer_bytes = header_bytes + bytes + AEAD_TAG_BYTES;
    return ST_OK;
}

/* ---- the invocation ------------------------------------------------------------- */

/* From the decrypted request to an end; the status goes into the answer. */
static enum status run_request(struct slot *slot, const struct entry_envelope *request,
                               struct exchange *exchange, size_t plain_bytes,
                               struct invocation_facts *facts, struct invocation_end *end)
{
    uint8_t *plain = region_start(slot, REGION_STDIN);
    const struct entry_invocation limits = {
        .output_limit = request->output_limit,
        .log_limit = request->log_limit,
        .realtime_ns = request->realtime_ns,
        .monotonic_ns = request->monotonic_ns,
    };
    struct input_source input = {.in_place = true};
    struct request_view view;
    enum status status = request_body_read(plain, plain_bytes, &view);

    if (status == ST_OK)
        status = commit_input(slot, 0, view.head.strings_bytes);
    if (status != ST_OK) {
        invocation_refuse(slot, NULL, facts);
        return status;
    }
    exchange->padding = view.head.response_padding;
    l1_page_for_invocation(slot, &limits);
    memcpy(slot_l1_page(slot)->strings, view.strings, view.head.strings_bytes);
    input.bytes = view.head.input_bytes;
    memmove(plain, view.input, input.bytes);
    memset(plain + input.bytes, 0, plain_bytes - input.bytes);
    status = invocation_strings(slot, (uint32_t)view.head.strings_bytes, view.head.arg_count,
                                view.head.env_count, facts);
    if (status == ST_OK)
        *end = invocation_run(slot, &input, facts);
    else
        invocation_refuse(slot, &input, facts);
    return status;
}

/* ---- the answer ------------------------------------------------------------------ */

/* The longest plaintext that an answer of this many bytes can carry. */
static uint64_t room_for_body(const struct entry_envelope *request)
{
    uint64_t room =
        request->answer_limit - sizeof(struct envelope_session_response) - AEAD_TAG_BYTES;

    return room < STDIO_MAX - PAGE_BYTES ? room : STDIO_MAX - PAGE_BYTES;
}

/* Decides what is in it: with its claims at their longest it fits, or output and log stay out. */
static enum status measure_answer(struct slot *slot, const struct entry_envelope *request,
                                  struct exchange *exchange, struct response_body *head)
{
    uint64_t content, padded;
    enum status status;

    head->claims_bytes = EVIDENCE_CLAIMS_MAX;
    status = response_body_bytes(head, exchange->padding, &content, &padded);
    if (status == ST_OK && padded <= room_for_body(request))
        status = commit_region(slot, REGION_STDOUT,
                               round_up(padded + AEAD_TAG_BYTES, PAGE_BYTES) / PAGE_BYTES);
    else
        status = ST_ANSWER_TOO_LARGE;
    if (status == ST_OK || status == ST_POISONED_NOW)
        return status;
    head->status = ST_ANSWER_TOO_LARGE;
    head->output_bytes = 0;
    head->log_bytes = 0;
    exchange->padding = PAD_NONE;
    return commit_region(slot, REGION_STDOUT, 1);
}

_Static_assert(sizeof(struct response_body) + EVIDENCE_CLAIMS_MAX + AEAD_TAG_BYTES <= PAGE_BYTES &&
                   PAGE_BYTES + sizeof(struct envelope_session_response) <= ENVELOPE_ANSWER_MIN,
               "an answer without output and log fits a page");

/* The plaintext, in place of the output; *bytes long. */
static enum status compose(struct slot *slot, const struct exchange *exchange,
                           struct response_body *head, const uint8_t *claims, uint64_t *bytes)
{
    uint8_t *body = region_start(slot, REGION_STDOUT), *at = body + sizeof(*head);
    uint64_t content;
    enum status status = response_body_bytes(head, exchange->padding, &content, bytes);

    if (status != ST_OK)
        return status;
    memmove(at, body, head->output_bytes);
    at += head->output_bytes;
    memcpy(at, region_start(slot, REGION_STDERR), head->log_bytes);
    memcpy(at + head->log_bytes, claims, head->claims_bytes);
    memset(body + content, 0, *bytes - content);
    memcpy(body, head, sizeof(*head));
    return ST_OK;
}

static void place_log(struct slot *slot, struct entry_envelope *request, struct response_body *head)
{
    enum manifest_logs logs = manifest_logs(&slot->function);

    if (logs == LOGS_CLEAR) {
        border_copy_out(request->log, region_start(slot, REGION_STDERR), head->log_bytes);
        request->log_bytes = head->log_bytes;
        request->log_dropped = head->log_dropped;
    }
    if (logs != LOGS_ENCRYPTED) {
        head->log_bytes = 0;
        head->log_dropped = 0;
    }
}

static void take_results(const struct slot *slot, const struct entry_envelope *request,
                         struct response_body *head)
{
    struct results results;

    results_of(slot, request->output_limit, request->log_limit, &results);
    head->output_bytes = results.output_bytes;
    head->log_bytes = results.log_bytes;
    head->log_dropped = results.log_dropped;
}

static enum status answer(struct slot *slot, struct entry_envelope *request,
                          struct exchange *exchange, const struct invocation_facts *facts,
                          const struct invocation_end *end, struct response_body *head)
{
    uint8_t claims[EVIDENCE_CLAIMS_MAX];
    uint64_t body_bytes = 0;
    size_t claims_bytes = 0;
    enum status status;

    head->version = BODY_VERSION;
    head->outcome = end->outcome;
    head->trap = end->trap;
    head->exit_code = end->exit_code;
    place_log(slot, request, head);
    status = measure_answer(slot, request, exchange, head);
    if (status == ST_OK)
        status = invocation_claims(slot, facts, end, head->output_bytes, claims, &claims_bytes,
                                   request->leaf);
    head->claims_bytes = claims_bytes;
    if (status == ST_OK)
        status = compose(slot, exchange, head, claims, &body_bytes);
    bytes_wipe(claims, sizeof(claims));
    if (status != ST_OK)
        return status;
    request->outcome = end->outcome;
    request->trap = end->trap;
    request->counter = slot->invocations;
    request->surplus_pages = surplus_pages(slot);
    return encrypt(slot, exchange, region_start(slot, REGION_STDOUT), body_bytes, request->answer,
                   &request->answer_bytes);
}

/* From a header that is meant for this function to an answer. */
static enum status serve(struct slot *slot, struct entry_envelope *request,
                         struct exchange *exchange)
{
    bool session = is_session(exchange);
    struct invocation_facts facts = {
        .wanted = true,
        .nonce = session ? exchange->header.session.nonce : exchange->header.single.nonce,
        .nonce_bytes =
            session ? exchange->header.session.nonce_bytes : exchange->header.single.nonce_bytes,
    };
    struct invocation_end end = {.outcome = OUTCOME_REFUSED};
    struct response_body head = {0};
    size_t plain_bytes = 0;
    enum status status;

    slot_set_state(slot, SLOT_DIRTY); /* the request lies in stdin from here on */
    border_copy_in(region_start(slot, REGION_STDIN), request->message + exchange->header_bytes,
                   exchange->cipher_bytes);
    status = decrypt(slot, exchange, &plain_bytes);
    if (status != ST_OK)
        return status;
    head.status = run_request(slot, request, exchange, plain_bytes, &facts, &end);
    if (slot->state == SLOT_POISONED)
        return ST_POISONED_NOW;
    if (head.status == ST_OK)
        take_results(slot, request, &head);
    status = answer(slot, request, exchange, &facts, &end, &head);
    bytes_wipe(&head, sizeof(head));
    return status;
}

enum status invoke_sealed(struct slot *slot, struct entry_envelope *request)
{
    struct exchange exchange = {0};
    enum status status = check_borders(request);

    if (status == ST_OK)
        status = batch_room(&slot->batch);
    if (status == ST_OK)
        status = take_header(request, &exchange);
    if (status == ST_OK)
        status = check_header(slot, &exchange);
    if (status == ST_OK)
        status = commit_input(slot, exchange.cipher_bytes, 0);
    if (status == ST_OK)
        status = serve(slot, request, &exchange);
    bytes_wipe(&exchange, sizeof(exchange));
    return status;
}

enum status open_session(struct slot *slot, struct entry_envelope *request)
{
    const struct random_source random = slot_random(slot);
    struct envelope_target target;
    struct receiving_key key;
    struct exchange exchange = {0};
    struct opened_body self;
    struct {
        struct envelope_opened header;
        uint8_t answer[sizeof(struct opened_body) + AEAD_TAG_BYTES];
    } opened;
    uint8_t tag[AEAD_TAG_BYTES];
    enum status status = check_borders(request);

    if (status == ST_OK)
        status = take_header(request, &exchange);
    if (status == ST_OK && exchange.cipher_bytes != sizeof(tag))
        status = ST_ENVELOPE_FORMAT;
    if (status != ST_OK)
        return status;
    memcpy(self.worker_id, enclave.signing.worker_id, sizeof(self.worker_id));
    memcpy(self.boot_id, enclave.boot_id, sizeof(self.boot_id));
    border_copy_in(tag, request->message + exchange.header_bytes, sizeof(tag));
    target = slot_target(slot, exchange.header.single.key_id, &key);
    status = session_open(&slot->sessions, &target, &random, &self, &exchange.header.single, tag,
                          sizeof(tag), &opened.header, opened.answer);
    bytes_wipe(&key, sizeof(key));
    if (status != ST_OK)
        return status;
    border_copy_out(request->answer, &opened, sizeof(opened));
    request->answer_bytes = sizeof(opened);
    return ST_OK;
}
