/* Encrypted invocations through a host that changes, repeats, reorders and swaps what it carries.
 */
#include "abi/bundle.h"
#include "tests/served/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES 100

static struct world one, other;
static struct function echo, hello;
static const char *const no_arguments[] = {NULL};

/* Opens the answer; NULL: refused. */
static struct reclave_answer *answer_of(struct reclave_request *request, struct bytes message)
{
    char error[RECLAVE_ERROR_BYTES];
    struct reclave_answer *answer;

    return reclave_request_answer(request, message.data, message.count, &answer, error) ? answer
                                                                                        : NULL;
}

static void expect_output(struct reclave_request *request, struct bytes message, const char *text)
{
    struct reclave_answer *answer = answer_of(request, message);
    size_t bytes;
    const void *output;

    assert_non_null(answer);
    assert_true(reclave_answer_ok(answer));
    output = reclave_answer_output(answer, &bytes);
    assert_int_equal(bytes, strlen(text));
    assert_memory_equal(output, text, bytes);
    reclave_answer_free(answer);
}

static enum status send_request(struct world *world, struct reclave_request *request,
                                struct client_reply *reply)
{
    size_t bytes;
    const void *message = reclave_request_message(request, &bytes);

    return send_sealed(world, 0, message, bytes, false, reply);
}

static void a_request_has_its_answer(void **state)
{
    struct reclave_request *request = request_of(&one, &echo, "a secret", 1);
    struct client_reply reply;

    (void)state;
    assert_int_equal(send_request(&one, request, &reply), ST_OK);
    expect_output(request, reply_answer(&reply), "a secret");
    client_reply_free(&reply);
    reclave_request_free(request);
}

static void no_byte_of_a_request_can_change(void **state)
{
    struct reclave_request *request = request_of(&one, &echo, "a secret", 1);
    size_t count;
    const uint8_t *message = reclave_request_message(request, &count);
    uint8_t *changed = malloc(count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct client_reply reply;
        enum status status;

        memcpy(changed, message, count);
        changed[i] ^= (uint8_t)(1u << i % 8);
        status = send_sealed(&one, 0, changed, count, false, &reply);
        if (status < ST_ENVELOPE_FORMAT || status > ST_KEY_REJECTED)
            fail_msg("byte %zu changed: status %d", i, (int)status);
        assert_int_equal(reply_number(&reply, "answer_bytes"), 0);
        client_reply_free(&reply);
    }
    for (size_t i = 0; i < count; i += 7) { /* cut off */
        struct client_reply reply;

        assert_in_range(send_sealed(&one, 0, message, i, false, &reply), ST_ENVELOPE_FORMAT,
                        ST_KEY_REJECTED);
        client_reply_free(&reply);
    }
    free(changed);
    reclave_request_free(request);
}

static void no_byte_of_an_answer_can_change(void **state)
{
    struct reclave_request *request = request_of(&one, &echo, "a secret", 1);
    struct client_reply reply;
    struct bytes message, changed;

    (void)state;
    assert_int_equal(send_request(&one, request, &reply), ST_OK);
    message = reply_answer(&reply);
    changed = (struct bytes){malloc(message.count), message.count};
    for (size_t i = 0; i < message.count; i++) {
        memcpy(changed.data, message.data, message.count);
        changed.data[i] ^= (uint8_t)(1u << i % 8);
        if (answer_of(request, changed))
            fail_msg("byte %zu changed, and it was accepted", i);
    }
    for (changed.count = 0; changed.count < message.count; changed.count++)
        assert_null(answer_of(request, changed));
    expect_output(request, message, "a secret"); /* what was refused changed nothing */
    free(changed.data);
    client_reply_free(&reply);
    reclave_request_free(request);
}

/* SECURITY.md: a single request may be executed twice; nothing can be learnt from that. */
static void a_repeated_request_is_answered_under_other_keys(void **state)
{
    struct reclave_request *request = request_of(&one, &echo, "a secret", 1);
    struct client_reply first, second;
    struct bytes a, b;

    (void)state;
    assert_int_equal(send_request(&one, request, &first), ST_OK);
    assert_int_equal(send_request(&one, request, &second), ST_OK);
    a = reply_answer(&first);
    b = reply_answer(&second);
    assert_memory_not_equal(a.data + sizeof(struct envelope_prefix),
                            b.data + sizeof(struct envelope_prefix), RESPONSE_NONCE_BYTES);
    for (size_t i = sizeof(struct envelope_response); i + 16 <= a.count; i += 16)
        assert_memory_not_equal(a.data + i, b.data + i, 16);
    expect_output(request, b, "a secret");
    assert_null(answer_of(request, a)); /* one answer is accepted */
    client_reply_free(&first);
    client_reply_free(&second);
    reclave_request_free(request);
}

static void another_workers_key_opens_nothing(void **state)
{
    struct reclave_request *request = request_of(&one, &echo, "a secret", 1);
    struct client_reply reply;

    (void)state;
    assert_int_equal(send_request(&other, request, &reply), ST_ENVELOPE_KEY);
    client_reply_free(&reply);
    reclave_request_free(request);
}

static void another_functions_request_is_refused(void **state)
{
    struct reclave_request *request = request_of(&one, &hello, "a secret", 1);
    struct client_reply reply;

    (void)state;
    assert_int_equal(send_request(&one, request, &reply), ST_ENVELOPE_BUNDLE);
    client_reply_free(&reply);
    reclave_request_free(request);
}

static void an_answer_belongs_to_its_request(void **state)
{
    struct reclave_request *mine = request_of(&one, &echo, "mine", 1);
    struct reclave_request *yours = request_of(&one, &echo, "yours", 2);
    struct client_reply reply;

    (void)state;
    assert_int_equal(send_request(&one, mine, &reply), ST_OK);
    assert_null(answer_of(yours, reply_answer(&reply)));
    expect_output(mine, reply_answer(&reply), "mine");
    client_reply_free(&reply);
    reclave_request_free(mine);
    reclave_request_free(yours);
}

static int compare_nonces(const void *a, const void *b)
{
    return memcmp(a, b, RESPONSE_NONCE_BYTES);
}

/* The same request again and again, to one slot. */
static void sample_nonces(struct world *world, unsigned slot,
                          uint8_t (*nonces)[RESPONSE_NONCE_BYTES], unsigned count)
{
    struct reclave_request *request = request_of(world, &echo, "x", 1);
    size_t bytes;
    const void *message = reclave_request_message(request, &bytes);

    for (unsigned i = 0; i < count; i++) {
        struct client_reply reply;

        if (i == count / 2)
            assert_int_equal(world_load(world, slot, &echo), ST_OK); /* a reset in between */
        assert_int_equal(send_sealed(world, slot, message, bytes, false, &reply), ST_OK);
        memcpy(nonces[i], reply_answer(&reply).data + sizeof(struct envelope_prefix),
               RESPONSE_NONCE_BYTES);
        client_reply_free(&reply);
    }
    reclave_request_free(request);
}

static void nonces_never_repeat(void **state)
{
    static uint8_t nonces[4 * SAMPLES][RESPONSE_NONCE_BYTES];
    struct client_reply reply;
    struct world restarted;

    (void)state;
    assert_int_equal(world_load(&one, 1, &echo), ST_OK);
    sample_nonces(&one, 0, nonces, SAMPLES);
    sample_nonces(&one, 1, nonces + SAMPLES, SAMPLES);
    assert_int_equal(ask(one.client, FRAME_RESET, json_pack("{s:i}", "slot", 1), NULL, 0, &reply),
                     ST_OK);
    client_reply_free(&reply);
    sample_nonces(&other, 0, nonces + 2 * SAMPLES, SAMPLES);
    world_open(&restarted, &one, no_arguments);
    assert_int_equal(world_load(&restarted, 0, &echo), ST_OK);
    sample_nonces(&restarted, 0, nonces + 3 * SAMPLES, SAMPLES);
    world_close(&restarted);
    qsort(nonces, 4 * SAMPLES, sizeof(nonces[0]), compare_nonces);
    for (unsigned i = 1; i < 4 * SAMPLES; i++)
        assert_memory_not_equal(nonces[i - 1], nonces[i], sizeof(nonces[0]));
}

static void keys_stay_over_rewinds_and_resets_and_go_with_the_enclave(void **state)
{
    static const uint8_t nobody[32];
    struct client_reply reply;
    size_t quote_bytes;

    (void)state;
    assert_int_equal(world_load(&one, 0, &echo), ST_OK);
    assert_int_equal(ask(one.client, FRAME_QUOTE, NULL, nobody, 0, &reply), ST_OK);
    quote_bytes = (size_t)reply_number(&reply, "quote_bytes");
    assert_memory_equal(reply.body + quote_bytes, one.identity.data, one.identity.count);
    client_reply_free(&reply);
    /* role; both keys; boot ID; the same policy */
    assert_memory_not_equal(one.identity.data + 1, other.identity.data + 1, SIGNING_KEY_BYTES);
    assert_memory_not_equal(one.identity.data + 65, other.identity.data + 65, RECEIVING_KEY_BYTES);
    assert_memory_not_equal(one.identity.data + 97, other.identity.data + 97, BOOT_ID_BYTES);
    assert_memory_equal(one.identity.data + 113, other.identity.data + 113, 32);
}

/* ---- sessions ---- */

static struct reclave_session *session_with(struct world *world)
{
    char error[RECLAVE_ERROR_BYTES];
    struct reclave_session *session;
    struct client_reply reply;
    const void *message;
    size_t bytes;

    assert_true(reclave_session_new(world->enclave, echo.sha256, &session, error));
    message = reclave_session_message(session, &bytes);
    assert_int_equal(ask(world->client, FRAME_SESSION_OPEN, NULL, message, bytes, &reply), ST_OK);
    if (!reclave_session_open(session, reply.body, reply.body_bytes, error))
        fail_msg("%s", error);
    client_reply_free(&reply);
    return session;
}

static struct reclave_request *in_session(struct reclave_session *session, const char *input)
{
    const struct reclave_invocation invocation = {.input = input, .input_bytes = strlen(input)};
    char error[RECLAVE_ERROR_BYTES];
    struct reclave_request *request;

    if (!reclave_session_request(session, &invocation, &request, error))
        fail_msg("%s", error);
    return request;
}

static void exchange(struct world *world, struct reclave_session *session, const char *input)
{
    struct reclave_request *request = in_session(session, input);
    struct client_reply reply;

    assert_int_equal(send_request(world, request, &reply), ST_OK);
    expect_output(request, reply_answer(&reply), input);
    client_reply_free(&reply);
    reclave_request_free(request);
}

static void a_session_serves_in_order(void **state)
{
    struct reclave_session *session = session_with(&one);

    (void)state;
    exchange(&one, session, "first");
    exchange(&one, session, "second");
    exchange(&one, session, "third");
    reclave_session_free(session);
}

static void a_replayed_request_of_a_session_is_refused(void **state)
{
    struct reclave_session *session = session_with(&one);
    struct reclave_request *request = in_session(session, "once");
    struct client_reply reply, replayed;

    (void)state;
    assert_int_equal(send_request(&one, request, &reply), ST_OK);
    assert_int_equal(send_request(&one, request, &replayed), ST_ENVELOPE_SEQUENCE);
    client_reply_free(&replayed);
    expect_output(request, reply_answer(&reply), "once");
    exchange(&one, session, "the session goes on");
    client_reply_free(&reply);
    reclave_request_free(request);
    reclave_session_free(session);
}

/* The host keeps the second request's answer from before, and gives it for the third. */
static void reordered_answers_are_refused(void **state)
{
    struct reclave_session *session = session_with(&one);
    struct reclave_request *second, *third;
    struct client_reply early, late;

    (void)state;
    exchange(&one, session, "first");
    second = in_session(session, "second");
    assert_int_equal(send_request(&one, second, &early), ST_OK);
    expect_output(second, reply_answer(&early), "second");
    third = in_session(session, "third");
    assert_int_equal(send_request(&one, third, &late), ST_OK);
    assert_null(answer_of(third, reply_answer(&early)));
    expect_output(third, reply_answer(&late), "third");
    client_reply_free(&early);
    client_reply_free(&late);
    reclave_request_free(second);
    reclave_request_free(third);
    reclave_session_free(session);
}

static void two_sessions_do_not_mix(void **state)
{
    struct reclave_session *mine = session_with(&one), *yours = session_with(&one);
    struct reclave_request *a = in_session(mine, "mine"), *b = in_session(yours, "yours");
    size_t bytes, other_bytes;
    const uint8_t *message = reclave_request_message(a, &bytes);
    const uint8_t *other_message = reclave_request_message(b, &other_bytes);
    uint8_t *swapped = malloc(bytes);
    struct client_reply reply;

    (void)state;
    /* my ciphertext under your session's ID */
    memcpy(swapped, message, bytes);
    memcpy(swapped + sizeof(struct envelope_prefix), other_message + sizeof(struct envelope_prefix),
           SESSION_ID_BYTES);
    assert_int_equal(send_sealed(&one, 0, swapped, bytes, false, &reply), ST_ENVELOPE_FORGED);
    client_reply_free(&reply);
    assert_int_equal(send_request(&one, a, &reply), ST_OK);
    assert_null(answer_of(b, reply_answer(&reply)));
    expect_output(a, reply_answer(&reply), "mine");
    client_reply_free(&reply);
    reclave_request_free(a);
    reclave_request_free(b);
    reclave_session_free(mine);
    reclave_session_free(yours);
    free(swapped);
}

static void a_replayed_opening_fits_nothing_recorded(void **state)
{
    struct reclave_session *session = session_with(&one);
    struct reclave_request *request = in_session(session, "recorded");
    struct client_reply opened, reply;
    size_t bytes;
    const void *opening = reclave_session_message(session, &bytes);
    char error[RECLAVE_ERROR_BYTES];

    (void)state;
    assert_int_equal(ask(one.client, FRAME_SESSION_OPEN, NULL, opening, bytes, &opened), ST_OK);
    assert_false(reclave_session_open(session, opened.body, opened.body_bytes, error));
    assert_int_equal(send_request(&one, request, &reply), ST_OK); /* in its own session still */
    expect_output(request, reply_answer(&reply), "recorded");
    client_reply_free(&opened);
    client_reply_free(&reply);
    reclave_request_free(request);
    reclave_session_free(session);
}

static void a_session_dies_with_its_enclave(void **state)
{
    struct world mortal, heir;
    struct reclave_session *session;
    struct reclave_request *request;
    struct client_reply reply;

    (void)state;
    world_open(&mortal, &one, no_arguments);
    assert_int_equal(world_load(&mortal, 0, &echo), ST_OK);
    session = session_with(&mortal);
    exchange(&mortal, session, "alive");
    request = in_session(session, "too late");
    world_open(&heir, &one, no_arguments);
    assert_int_equal(world_load(&heir, 0, &echo), ST_OK);
    assert_int_equal(send_request(&heir, request, &reply), ST_CONTEXT_UNKNOWN);
    client_reply_free(&reply);
    reclave_request_free(request);
    reclave_session_free(session);
    world_close(&heir);
    world_close(&mortal);
}

/* More than fit a batch, none asks for evidence: none is refused, and the next evidence is good. */
static void a_full_batch_is_signed_before_it_refuses(void **state)
{
    struct reclave_session *session = session_with(&one);
    struct reclave_expectation expected = {0};
    struct reclave_verdict verdict;
    struct plain plain;

    (void)state;
    for (unsigned i = 0; i < EVIDENCE_BATCH_MAX + 40; i++)
        exchange(&one, session, "again");
    plain = world_invoke(&one, 0, "last", 9);
    expected.input = "last";
    expected.input_bytes = 4;
    if (!reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count, plain.evidence.data,
                                 plain.evidence.count, &expected, &verdict, NULL))
        fail_msg("%s", verdict.reason);
    plain_free(&plain);
    reclave_session_free(session);
}

static void an_encrypted_invocation_has_evidence_for_others(void **state)
{
    struct reclave_request *request = request_of(&one, &echo, "a secret", 5);
    uint8_t file[RECLAVE_EVIDENCE_BYTES_MAX];
    struct reclave_expectation expected = {.input = "a secret", .input_bytes = 8};
    struct reclave_verdict verdict;
    struct reclave_answer *answer;
    struct client_reply reply;
    size_t bytes;
    const void *message = reclave_request_message(request, &bytes);

    (void)state;
    assert_int_equal(send_sealed(&one, 0, message, bytes, true, &reply), ST_OK);
    answer = answer_of(request, reply_answer(&reply));
    assert_non_null(answer);
    /* what the host has says nothing: no claims are in it */
    assert_false(reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count,
                                         reply_evidence(&reply).data, reply_evidence(&reply).count,
                                         &expected, &verdict, NULL));
    assert_int_equal(verdict.failed_step, RECLAVE_STEP_EVIDENCE_FORMAT);
    assert_true(reclave_answer_evidence(answer, reply_evidence(&reply).data,
                                        reply_evidence(&reply).count, file, &bytes));
    assert_true(reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count, file, bytes,
                                        &expected, &verdict, NULL));
    reclave_answer_free(answer);
    client_reply_free(&reply);
    reclave_request_free(request);
}

/* ---- what functions and enclaves demand ---- */

static enum status plain_status(struct world *world)
{
    struct client_reply reply;
    enum status status = ask(world->client, FRAME_INVOKE, NULL, "x", 1, &reply);

    client_reply_free(&reply);
    return status;
}

static void a_function_may_demand_encryption(void **state)
{
    struct function secret = function_build(&one, "echo", "--sign $KEY --encrypted-input");
    struct function unsigned_one = secret;
    struct reclave_request *request;
    struct client_reply reply;

    (void)state;
    assert_int_equal(world_load(&one, 0, &secret), ST_OK);
    assert_int_equal(plain_status(&one), ST_MUST_BE_SEALED);
    request = request_of(&one, &secret, "x", 1);
    assert_int_equal(send_request(&one, request, &reply), ST_OK);
    expect_output(request, reply_answer(&reply), "x");
    client_reply_free(&reply);
    reclave_request_free(request);
    unsigned_one.file.count -= BUNDLE_SIGNATURE_BYTES; /* as if the host had compiled it */
    assert_int_equal(world_load(&one, 0, &unsigned_one), ST_BUNDLE_UNSIGNED);
    assert_int_equal(world_load(&one, 0, &echo), ST_OK);
    function_free(&secret);
}

static void an_enclave_may_demand_encryption(void **state)
{
    static const char *const arguments[] = {"--encrypted-only", NULL};
    struct reclave_request *request;
    struct client_reply reply;
    struct world strict;

    (void)state;
    world_open(&strict, &one, arguments);
    assert_int_equal(world_load(&strict, 0, &echo), ST_OK);
    assert_int_equal(plain_status(&strict), ST_MUST_BE_SEALED);
    request = request_of(&strict, &echo, "x", 1);
    assert_int_equal(send_request(&strict, request, &reply), ST_OK);
    expect_output(request, reply_answer(&reply), "x");
    client_reply_free(&reply);
    reclave_request_free(request);
    /* and its quote says so: the policy's digest differs */
    assert_memory_not_equal(strict.identity.data + 113, one.identity.data + 113, 32);
    world_close(&strict);
}

/* Where "log: x" of the function's stderr goes. */
static void logs_go(const char *options, bool to_caller, bool to_host)
{
    struct function function = function_build(&one, "log_echo", options);
    struct reclave_request *request;
    struct reclave_answer *answer;
    struct client_reply reply;
    size_t bytes;
    const void *log;

    assert_int_equal(world_load(&one, 0, &function), ST_OK);
    request = request_of(&one, &function, "x", 1);
    assert_int_equal(send_request(&one, request, &reply), ST_OK);
    answer = answer_of(request, reply_answer(&reply));
    assert_non_null(answer);
    log = reclave_answer_log(answer, &bytes);
    assert_int_equal(bytes, to_caller ? 6 : 0);
    if (to_caller)
        assert_memory_equal(log, "log: x", 6);
    assert_int_equal(reply_number(&reply, "log_bytes"), to_host ? 6 : 0);
    assert_int_equal(memmem(reply.body, reply.body_bytes, "log: x", 6) != NULL, to_host);
    reclave_answer_free(answer);
    client_reply_free(&reply);
    reclave_request_free(request);
    function_free(&function);
    assert_int_equal(world_load(&one, 0, &echo), ST_OK);
}

static void logs_are_encrypted_by_default(void **state)
{
    (void)state;
    logs_go("", true, false);
    logs_go("--logs encrypted", true, false);
}

static void logs_may_be_dropped_or_clear(void **state)
{
    (void)state;
    logs_go("--logs none", false, false);
    logs_go("--logs clear", false, true);
}

/* All that the host is told of an end, and how long things are. */
static void end_is_named(const char *guest, const char *input, const char *const *args,
                         size_t arg_count, const char *outcome, const char *trap)
{
    static const char *const members[] = {"status",       "message",   "ok",
                                          "outcome",      "trap",      "counter",
                                          "answer_bytes", "log_bytes", "evidence_bytes",
                                          "log_dropped",  "run_us",    "rewind_us"};
    struct function function = function_build(&one, guest, "");
    const struct reclave_invocation invocation = {
        .input = input, .input_bytes = strlen(input), .args = args, .arg_count = arg_count};
    char error[RECLAVE_ERROR_BYTES];
    struct reclave_request *request;
    struct client_reply reply;
    const char *name;
    json_t *value;

    assert_int_equal(world_load(&one, 0, &function), ST_OK);
    assert_true(reclave_request_new(one.enclave, function.sha256, &invocation, &request, error));
    assert_int_equal(send_request(&one, request, &reply), ST_OK);
    assert_string_equal(json_string_value(json_object_get(reply.head, "outcome")), outcome);
    assert_string_equal(json_string_value(json_object_get(reply.head, "trap")), trap);
    assert_int_equal(reply_number(&reply, "log_bytes"), 0);
    assert_int_equal(reply_number(&reply, "log_dropped"), 0);
    json_object_foreach(reply.head, name, value)
    {
        bool known = false;

        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
            known |= strcmp(name, members[i]) == 0;
        if (!known)
            fail_msg("the host knows \"%s\"", name);
    }
    client_reply_free(&reply);
    reclave_request_free(request);
    function_free(&function);
    assert_int_equal(world_load(&one, 0, &echo), ST_OK);
}

static void ends_have_a_name_only(void **state)
{
    static const char *const args[] = {"f", "7"};

    (void)state;
    end_is_named("exit_code", "", args, 2, "function-error", "none");
    end_is_named("traps", "m", NULL, 0, "trap", "out of bounds memory access");
    end_is_named("traps", "u", NULL, 0, "trap", "unreachable executed");
}

/* A request with a variable that the function's manifest does not allow: never run, and its caller
 * gets claims that say so, of this very request. */
static void a_refusal_is_authentic(void **state)
{
    static const char *const env[] = {"SECRET=1"};
    struct function strict = function_build(&one, "echo", "--env ALLOWED");
    const struct reclave_invocation invocation = {
        .input = "a secret", .input_bytes = 8, .env = env, .env_count = 1};
    struct reclave_expectation asked = {
        .input = "a secret", .input_bytes = 8, .has_strings = true, .env = env, .env_count = 1};
    uint8_t file[RECLAVE_EVIDENCE_BYTES_MAX];
    char error[RECLAVE_ERROR_BYTES];
    struct reclave_request *request;
    struct reclave_answer *answer;
    struct reclave_verdict verdict;
    struct reclave_claims claims;
    struct client_reply reply;
    size_t bytes;
    const void *message;

    (void)state;
    assert_int_equal(world_load(&one, 0, &strict), ST_OK);
    assert_true(reclave_request_new(one.enclave, strict.sha256, &invocation, &request, error));
    message = reclave_request_message(request, &bytes);
    assert_int_equal(send_sealed(&one, 0, message, bytes, true, &reply), ST_OK);
    if (!reclave_request_answer(request, reply_answer(&reply).data, reply_answer(&reply).count,
                                &answer, error))
        fail_msg("%s", error);
    assert_false(reclave_answer_ok(answer));
    assert_string_equal(reclave_answer_claims(answer)->outcome, "refused");
    assert_true(reclave_answer_evidence(answer, reply_evidence(&reply).data,
                                        reply_evidence(&reply).count, file, &bytes));
    if (!reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count, file, bytes, &asked,
                                 &verdict, &claims))
        fail_msg("%s", verdict.reason);
    assert_int_equal(claims.counter, reply_number(&reply, "counter"));
    reclave_answer_free(answer);
    client_reply_free(&reply);
    reclave_request_free(request);
    function_free(&strict);
    assert_int_equal(world_load(&one, 0, &echo), ST_OK);
}

/* ---- sealed bundles ---- */

static void a_sealed_bundle_loads_where_it_was_sealed_to(void **state)
{
    char error[RECLAVE_ERROR_BYTES];
    struct function sealed = echo;
    struct reclave_request *request;
    struct client_reply reply;
    void *file;

    (void)state;
    assert_true(reclave_bundle_seal(one.enclave, echo.file.data, echo.file.count, echo.sha256, NULL,
                                    &file, &sealed.file.count, error));
    sealed.file.data = file;
    assert_null(memmem(file, sealed.file.count, echo.file.data + echo.file.count / 2, 16));
    assert_int_equal(world_load(&one, 0, &sealed), ST_OK);
    request = request_of(&one, &echo, "x", 1);
    assert_int_equal(send_request(&one, request, &reply), ST_OK);
    expect_output(request, reply_answer(&reply), "x");
    client_reply_free(&reply);
    reclave_request_free(request);
    assert_int_equal(world_load(&other, 0, &sealed), ST_SEALED_KEY);
    for (size_t i = 0; i < sealed.file.count; i += i < 232 ? 5 : sealed.file.count / 20) {
        ((uint8_t *)file)[i] ^= 0x40;
        assert_int_not_equal(world_load(&one, 0, &sealed), ST_OK);
        ((uint8_t *)file)[i] ^= 0x40;
    }
    assert_int_equal(world_load(&one, 0, &sealed), ST_OK);
    assert_int_equal(world_load(&one, 0, &echo), ST_OK);
    assert_int_equal(world_load(&other, 0, &echo), ST_OK);
    free(file);
}

static int set_up(void **state)
{
    (void)state;
    world_open(&one, NULL, no_arguments);
    world_open(&other, &one, no_arguments);
    echo = function_build(&one, "echo", "");
    hello = function_build(&one, "hello", "");
    assert_int_equal(world_load(&one, 0, &echo), ST_OK);
    assert_int_equal(world_load(&other, 0, &echo), ST_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    function_free(&echo);
    function_free(&hello);
    world_close(&other);
    world_close(&one);
    return 0;
}

/* An argument chooses tests by a pattern. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_has_its_answer),
        cmocka_unit_test(no_byte_of_a_request_can_change),
        cmocka_unit_test(no_byte_of_an_answer_can_change),
        cmocka_unit_test(a_repeated_request_is_answered_under_other_keys),
        cmocka_unit_test(another_workers_key_opens_nothing),
        cmocka_unit_test(another_functions_request_is_refused),
        cmocka_unit_test(an_answer_belongs_to_its_request),
        cmocka_unit_test(nonces_never_repeat),
        cmocka_unit_test(keys_stay_over_rewinds_and_resets_and_go_with_the_enclave),
        cmocka_unit_test(a_session_serves_in_order),
        cmocka_unit_test(a_replayed_request_of_a_session_is_refused),
        cmocka_unit_test(reordered_answers_are_refused),
        cmocka_unit_test(two_sessions_do_not_mix),
        cmocka_unit_test(a_replayed_opening_fits_nothing_recorded),
        cmocka_unit_test(a_session_dies_with_its_enclave),
        cmocka_unit_test(a_full_batch_is_signed_before_it_refuses),
        cmocka_unit_test(an_encrypted_invocation_has_evidence_for_others),
        cmocka_unit_test(a_function_may_demand_encryption),
        cmocka_unit_test(an_enclave_may_demand_encryption),
        cmocka_unit_test(logs_are_encrypted_by_default),
        cmocka_unit_test(logs_may_be_dropped_or_clear),
        cmocka_unit_test(ends_have_a_name_only),
        cmocka_unit_test(a_refusal_is_authentic),
        cmocka_unit_test(a_sealed_bundle_loads_where_it_was_sealed_to),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("encrypted, served", tests, set_up, tear_down);
}
