/* Evidence of plain invocations, from a worker to a relying party: one deviation at a time, each
 * rejected by the step that ought to notice. */
#include "tests/served/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct world one, other;
static struct function echo, hello;
static struct plain first, second;

/* What is claimed of `first`, and where the test deviates. */
struct story {
    const struct world *world;
    const struct bytes *evidence;
    const char *input, *output;
    uint8_t seed;
};

static const char *step_of(const struct story *story)
{
    uint8_t nonce[16];
    struct reclave_expectation expected = {
        .nonce = nonce,
        .nonce_bytes = sizeof(nonce),
        .input = story->input,
        .input_bytes = strlen(story->input),
        .output = story->output,
        .output_bytes = strlen(story->output),
        .has_strings = true, /* none */
        .only_ok = true,
    };
    const struct bytes *quote = &story->world->quote;
    struct reclave_verdict verdict;

    nonce_of(story->seed, nonce);
    if (reclave_verify_evidence(story->world->verifier, quote->data, quote->count,
                                story->evidence->data, story->evidence->count, &expected, &verdict,
                                NULL))
        return "accepted";
    return reclave_step_name(verdict.failed_step);
}

static struct story truth(void)
{
    return (struct story){&one, &first.evidence, "in", "in", 1};
}

static void what_happened_is_accepted(void **state)
{
    struct story story = truth();

    (void)state;
    assert_string_equal(step_of(&story), "accepted");
    story = (struct story){&one, &second.evidence, "in", "in", 2};
    assert_string_equal(step_of(&story), "accepted");
}

static void another_nonce_is_rejected(void **state)
{
    struct story story = truth();

    (void)state;
    story.seed = 2;
    assert_string_equal(step_of(&story), "evidence_nonce");
}

static void another_input_is_rejected(void **state)
{
    struct story story = truth();

    (void)state;
    story.input = "im";
    assert_string_equal(step_of(&story), "evidence_input");
}

static void another_output_is_rejected(void **state)
{
    struct story story = truth();

    (void)state;
    story.output = "out";
    assert_string_equal(step_of(&story), "evidence_output");
}

/* The slot was rewound in between: same function, same state, same input and output. */
static void evidence_from_before_a_rewind_is_rejected(void **state)
{
    struct story story = {&one, &first.evidence, "in", "in", 2};
    struct reclave_expectation nothing = {0};
    struct reclave_claims before, after;
    struct reclave_verdict verdict;

    (void)state;
    assert_string_equal(step_of(&story), "evidence_nonce");
    assert_true(reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count,
                                        first.evidence.data, first.evidence.count, &nothing,
                                        &verdict, &before));
    assert_true(reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count,
                                        second.evidence.data, second.evidence.count, &nothing,
                                        &verdict, &after));
    assert_int_equal(after.counter, before.counter + 1);
    assert_memory_equal(before.snapshot_sha256, after.snapshot_sha256, 32);
}

static void evidence_under_another_workers_quote_is_rejected(void **state)
{
    struct story story = truth();

    (void)state;
    story.world = &other;
    assert_string_equal(step_of(&story), "evidence_identity");
}

/* The host puts the other worker's identity, which its quote binds, before this one's claims. */
static void evidence_under_a_borrowed_identity_is_rejected(void **state)
{
    struct bytes borrowed = {malloc(first.evidence.count), first.evidence.count};
    struct story story = {&other, &borrowed, "in", "in", 1};
    uint8_t *at;

    (void)state;
    memcpy(borrowed.data, first.evidence.data, borrowed.count);
    at = memmem(borrowed.data, borrowed.count, one.identity.data, one.identity.count);
    assert_non_null(at);
    memcpy(at, other.identity.data, other.identity.count);
    assert_string_equal(step_of(&story), "evidence_signature");
    free(borrowed.data);
}

static void reject_by_policy(const char *format, const uint8_t digest[32], const char *step)
{
    char error[RECLAVE_ERROR_BYTES], hex[65], policy[256];
    struct story story = truth();

    for (unsigned i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    snprintf(policy, sizeof(policy), format, hex);
    assert_true(reclave_verifier_set_policy(one.verifier, policy, strlen(policy), error));
    assert_string_equal(step_of(&story), step);
    assert_true(reclave_verifier_set_policy(one.verifier, "{}", 2, error));
}

static void a_policy_names_the_function(void **state)
{
    (void)state;
    reject_by_policy("{\"bundle_sha256\": \"%s\"}", echo.sha256, "accepted");
    reject_by_policy("{\"bundle_sha256\": \"%s\"}", hello.sha256, "evidence_bundle");
    reject_by_policy("{\"snapshot_sha256\": \"%s\"}", hello.sha256, "evidence_snapshot");
    reject_by_policy("{\"tenants\": \"%s\"}", hello.sha256, "evidence_tenant");
    reject_by_policy("{\"policy_sha256\": \"%s\"}", hello.sha256, "evidence_policy");
    reject_by_policy("{\"policy_sha256\": \"%s\"}", one.identity.data + 145 - 32, "accepted");
}

static void a_policy_about_key_epochs_rejects_what_names_none(void **state)
{
    (void)state;
    reject_by_policy("{\"max_epoch_seconds\": 3600}", hello.sha256, "evidence_policy");
}

static const char *step_with(const struct bytes *evidence, const char *const *args,
                             size_t arg_count, const char *const *env, size_t env_count)
{
    struct reclave_expectation expected = {.has_strings = true,
                                           .args = args,
                                           .arg_count = arg_count,
                                           .env = env,
                                           .env_count = env_count};
    struct reclave_verdict verdict;

    if (reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count, evidence->data,
                                evidence->count, &expected, &verdict, NULL))
        return "accepted";
    return reclave_step_name(verdict.failed_step);
}

static void arguments_are_evident(void **state)
{
    static const char *const args[] = {"echo", "A=1"}, *const changed[] = {"A=2"};
    struct client_reply reply;
    struct bytes evidence;

    (void)state;
    assert_string_equal(step_with(&first.evidence, NULL, 0, NULL, 0), "accepted");
    assert_string_equal(step_with(&first.evidence, args, 1, NULL, 0), "evidence_strings");
    assert_int_equal(ask(one.client, FRAME_INVOKE,
                         json_pack("{s:i, s:b, s:[s], s:[s]}", "slot", 0, "evidence", 1, "args",
                                   "echo", "env", "A=1"),
                         NULL, 0, &reply),
                     ST_OK);
    evidence = reply_evidence(&reply);
    assert_string_equal(step_with(&evidence, args, 1, args + 1, 1), "accepted");
    assert_string_equal(step_with(&evidence, args, 2, NULL, 0), "evidence_strings");
    assert_string_equal(step_with(&evidence, args, 1, changed, 1), "evidence_strings");
    assert_string_equal(step_with(&evidence, args, 1, NULL, 0), "evidence_strings");
    assert_string_equal(step_with(&evidence, NULL, 0, NULL, 0), "evidence_strings");
    client_reply_free(&reply);
}

static void no_bit_of_evidence_can_change(void **state)
{
    struct bytes changed = {malloc(first.evidence.count), first.evidence.count};
    struct story story = truth();

    (void)state;
    story.evidence = &changed;
    for (size_t i = 0; i < changed.count; i++) {
        memcpy(changed.data, first.evidence.data, changed.count);
        changed.data[i] ^= (uint8_t)(1u << i % 8);
        if (strcmp(step_of(&story), "accepted") == 0)
            fail_msg("byte %zu changed, and it was accepted", i);
    }
    free(changed.data);
}

static void a_quote_answers_its_challenge_only(void **state)
{
    uint8_t challenge[32] = {1, 2, 3}, stale[32] = {1, 2, 4};
    struct bytes quote = world_quote(&one, challenge);
    struct reclave_enclave *enclave;
    struct reclave_verdict verdict;

    (void)state;
    reclave_verifier_set_challenge(one.verifier, challenge);
    assert_true(reclave_enclave_verify(one.verifier, quote.data, quote.count, one.identity.data,
                                       one.identity.count, &verdict, &enclave));
    reclave_enclave_free(enclave);
    reclave_verifier_set_challenge(one.verifier, stale);
    assert_false(reclave_enclave_verify(one.verifier, quote.data, quote.count, one.identity.data,
                                        one.identity.count, &verdict, &enclave));
    assert_null(enclave);
    assert_int_equal(verdict.failed_step, RECLAVE_STEP_CHALLENGE);
    reclave_verifier_set_challenge(one.verifier, NULL);
    free(quote.data);
}

/* Keys of the host's own choice in place of the quoted ones. */
static void no_bit_of_an_identity_can_change(void **state)
{
    uint8_t changed[RECLAVE_IDENTITY_BYTES];
    struct reclave_enclave *enclave;
    struct reclave_verdict verdict;

    (void)state;
    for (size_t i = 0; i < sizeof(changed); i++) {
        memcpy(changed, one.identity.data, sizeof(changed));
        changed[i] ^= (uint8_t)(1u << i % 8);
        assert_false(reclave_enclave_verify(one.verifier, one.quote.data, one.quote.count, changed,
                                            sizeof(changed), &verdict, &enclave));
        assert_int_equal(verdict.failed_step, RECLAVE_STEP_EVIDENCE_IDENTITY);
    }
}

static void failed_invocations_have_evidence(void **state)
{
    struct function exits = function_build(&one, "exit_code", "");
    struct reclave_expectation nothing = {0};
    struct client_reply reply;
    struct reclave_verdict verdict;
    struct reclave_claims claims;
    struct bytes evidence;

    (void)state;
    assert_int_equal(world_load(&one, 1, &exits), ST_OK);
    assert_int_equal(
        ask(one.client, FRAME_INVOKE,
            json_pack("{s:i, s:b, s:[s,s]}", "slot", 1, "evidence", 1, "args", "f", "7"), NULL, 0,
            &reply),
        ST_OK);
    evidence = reply_evidence(&reply);
    assert_true(reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count,
                                        evidence.data, evidence.count, &nothing, &verdict,
                                        &claims));
    assert_string_equal(claims.outcome, "function-error");
    assert_true(claims.has_exit_code && claims.exit_code == 7);
    nothing.only_ok = true;
    assert_false(reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count,
                                         evidence.data, evidence.count, &nothing, &verdict, NULL));
    assert_int_equal(verdict.failed_step, RECLAVE_STEP_EVIDENCE_OUTCOME);
    client_reply_free(&reply);
    function_free(&exits);
}

/* What the function's manifest does not allow is refused before it runs. The refusal has evidence
 * of its own: which request it was, and that nothing came of it. */
static void refusals_have_evidence(void **state)
{
    static const char *const env[] = {"SECRET=1"}, *const other_env[] = {"SECRET=2"};
    struct function strict = function_build(&one, "echo", "--env ALLOWED");
    struct reclave_expectation asked = {.input = "in",
                                        .input_bytes = 2,
                                        .output = "",
                                        .has_strings = true,
                                        .env = env,
                                        .env_count = 1},
                               nothing = {0};
    struct reclave_claims before, claims, after;
    struct reclave_verdict verdict;
    struct client_reply reply;
    struct plain ran;
    struct bytes evidence;

    (void)state;
    assert_int_equal(world_load(&one, 1, &strict), ST_OK);
    ran = world_invoke(&one, 1, "in", 3);
    assert_true(reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count,
                                        ran.evidence.data, ran.evidence.count, &nothing, &verdict,
                                        &before));
    plain_free(&ran);
    assert_int_equal(
        ask(one.client, FRAME_INVOKE,
            json_pack("{s:i, s:b, s:[s]}", "slot", 1, "evidence", 1, "env", "SECRET=1"), "in", 2,
            &reply),
        ST_ENVIRONMENT_REFUSED);
    evidence = reply_evidence(&reply);
    if (!reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count, evidence.data,
                                 evidence.count, &asked, &verdict, &claims))
        fail_msg("%s", verdict.reason);
    assert_string_equal(claims.outcome, "refused");
    assert_false(claims.has_exit_code);
    assert_int_equal(claims.counter, before.counter + 1);
    asked.env = other_env;
    assert_false(reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count,
                                         evidence.data, evidence.count, &asked, &verdict, NULL));
    assert_int_equal(verdict.failed_step, RECLAVE_STEP_EVIDENCE_STRINGS);
    nothing.only_ok = true;
    assert_false(reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count,
                                         evidence.data, evidence.count, &nothing, &verdict, NULL));
    assert_int_equal(verdict.failed_step, RECLAVE_STEP_EVIDENCE_OUTCOME);
    client_reply_free(&reply);
    ran = world_invoke(&one, 1, "in", 4); /* no two have one number */
    nothing.only_ok = false;
    assert_true(reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count,
                                        ran.evidence.data, ran.evidence.count, &nothing, &verdict,
                                        &after));
    assert_int_equal(after.counter, claims.counter + 1);
    plain_free(&ran);
    function_free(&strict);
}

/* The host stops it: the function is not to blame. */
static void a_hosts_stop_is_called_one(void **state)
{
    struct function loops = function_build(&one, "endless_loop", "");
    struct reclave_expectation nothing = {0};
    struct client_reply reply;
    struct reclave_verdict verdict;
    struct reclave_claims claims;
    struct bytes evidence;

    (void)state;
    assert_int_equal(world_load(&one, 1, &loops), ST_OK);
    assert_int_equal(ask(one.client, FRAME_INVOKE,
                         json_pack("{s:i, s:b, s:i}", "slot", 1, "evidence", 1, "timeout_ms", 50),
                         NULL, 0, &reply),
                     ST_OK);
    evidence = reply_evidence(&reply);
    assert_true(reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count,
                                        evidence.data, evidence.count, &nothing, &verdict,
                                        &claims));
    assert_string_equal(claims.outcome, "aborted-by-host");
    assert_null(claims.trap);
    client_reply_free(&reply);
    function_free(&loops);
}

#define TOGETHER 5

/* While one runs without end the others come to wait: the abort that ends it is read after them, so
 * whatever the machine's speed they are signed together. */
static void send_together(bool share)
{
    struct message why;
    uint32_t id, first_id;

    for (unsigned i = 0; i <= TOGETHER; i++)
        assert_int_equal(
            client_send(one.client, FRAME_INVOKE,
                        json_pack("{s:i, s:b, s:b, s:i}", "slot", 1, "evidence", 1,
                                  "share_signature", share, "timeout_ms", i == 0 ? 0 : 20),
                        NULL, 0, i == 0 ? &first_id : &id, &why),
            ST_OK);
    assert_int_equal(client_send(one.client, FRAME_ABORT,
                                 json_pack("{s:i}", "target", (int)first_id), NULL, 0, &id, &why),
                     ST_OK);
}

/* How many answers have evidence that holds; each of them is of another invocation. */
static unsigned receive_together(void)
{
    struct reclave_expectation nothing = {0};
    struct reclave_verdict verdict;
    struct reclave_claims claims;
    struct client_reply reply;
    struct message why;
    uint64_t last = 0;
    unsigned good = 0;

    for (unsigned i = 0; i < TOGETHER + 2; i++) { /* and the abort's own */
        struct bytes evidence;

        assert_int_equal(client_receive(one.client, &reply, &why), ST_OK);
        if (reply.type == FRAME_REPLY + FRAME_INVOKE && reply.status == ST_OK) {
            evidence = reply_evidence(&reply);
            assert_true(reclave_verify_evidence(one.verifier, one.quote.data, one.quote.count,
                                                evidence.data, evidence.count, &nothing, &verdict,
                                                &claims));
            assert_string_equal(claims.outcome, "aborted-by-host");
            assert_true(claims.counter > last);
            last = claims.counter;
            good++;
        }
        client_reply_free(&reply);
    }
    return good;
}

static long long signatures(void)
{
    struct client_reply reply;
    long long count;

    assert_int_equal(ask(one.client, FRAME_STATS, json_pack("{s:i}", "slot", 1), NULL, 0, &reply),
                     ST_OK);
    count = reply_number(&reply, "signatures");
    client_reply_free(&reply);
    return count;
}

/* One that is stopped before it has begun has no evidence: what counts is how many have. */
static void requests_that_wait_together_share_a_signature(void **state)
{
    struct function loops = function_build(&one, "endless_loop", "");
    long long before;
    unsigned good;

    (void)state;
    assert_int_equal(world_load(&one, 1, &loops), ST_OK);
    before = signatures();
    send_together(true);
    good = receive_together();
    assert_true(good >= 2);
    assert_int_equal(signatures(), before + 1);
    /* who does not ask for it has one of his own */
    before = signatures();
    send_together(false);
    good = receive_together();
    assert_true(good >= 2);
    assert_int_equal(signatures(), before + good);
    function_free(&loops);
}

static int set_up(void **state)
{
    static const char *const shared[] = {"--tenancy", "shared", NULL}, *const none[] = {NULL};

    (void)state;
    world_open(&one, NULL, shared);
    world_open(&other, &one, none);
    echo = function_build(&one, "echo", "");
    hello = function_build(&one, "hello", "");
    assert_int_equal(world_load(&one, 0, &echo), ST_OK);
    first = world_invoke(&one, 0, "in", 1);
    second = world_invoke(&one, 0, "in", 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    plain_free(&first);
    plain_free(&second);
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
        cmocka_unit_test(what_happened_is_accepted),
        cmocka_unit_test(another_nonce_is_rejected),
        cmocka_unit_test(another_input_is_rejected),
        cmocka_unit_test(another_output_is_rejected),
        cmocka_unit_test(evidence_from_before_a_rewind_is_rejected),
        cmocka_unit_test(evidence_under_another_workers_quote_is_rejected),
        cmocka_unit_test(evidence_under_a_borrowed_identity_is_rejected),
        cmocka_unit_test(a_policy_names_the_function),
        cmocka_unit_test(a_policy_about_key_epochs_rejects_what_names_none),
        cmocka_unit_test(arguments_are_evident),
        cmocka_unit_test(no_bit_of_evidence_can_change),
        cmocka_unit_test(a_quote_answers_its_challenge_only),
        cmocka_unit_test(no_bit_of_an_identity_can_change),
        cmocka_unit_test(failed_invocations_have_evidence),
        cmocka_unit_test(refusals_have_evidence),
        cmocka_unit_test(a_hosts_stop_is_called_one),
        cmocka_unit_test(requests_that_wait_together_share_a_signature),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("evidence, served", tests, set_up, tear_down);
}
