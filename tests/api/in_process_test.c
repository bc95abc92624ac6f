/* What the end-to-end tests cannot make happen, or not under sanitizers. */
#include "tests/api/in_process.h"

#include "host/store/activations.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct in_process all;

static int open_all(void **state)
{
    (void)state;
    in_process_open(&all);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    in_process_close(&all);
    return 0;
}

#define SPACE "/api/v1/namespaces/_/"

/* The answer as JSON (NULL: none); the status must be that. */
static json_t *ask_at_as(const char *authorization, const char *method, const char *target,
                         const char *body, unsigned wanted)
{
    struct in_request request = {.method = method,
                                 .target = target,
                                 .authorization = authorization,
                                 .body = body,
                                 .body_bytes = body ? strlen(body) : 0};
    struct in_reply reply;
    json_t *json;

    in_process_call(&all, &request, &reply);
    if (reply.status != wanted)
        fail_msg("%s %s: %u, not %u: %s", method, target, reply.status, wanted, reply.body);
    json = json_loads(reply.body ? reply.body : "", JSON_DECODE_ANY, NULL);
    free(reply.body);
    return json;
}

static json_t *ask_at(const char *method, const char *target, const char *body, unsigned wanted)
{
    return ask_at_as(all.authorization, method, target, body, wanted);
}

static json_t *ask_as(const char *authorization, const char *method, const char *path,
                      const char *body, unsigned wanted)
{
    char target[2048];

    snprintf(target, sizeof(target), SPACE "%s", path);
    return ask_at_as(authorization, method, target, body, wanted);
}

static json_t *ask(const char *method, const char *path, const char *body, unsigned wanted)
{
    return ask_as(all.authorization, method, path, body, wanted);
}

static void tell(const char *method, const char *path, const char *body, unsigned wanted)
{
    json_decref(ask(method, path, body, wanted));
}

#define CODE "\"exec\":{\"kind\":\"wasm:1\",\"code\":\"AGFz\"}"

static int64_t count(const char *path)
{
    json_t *answer = ask("GET", path, NULL, 200);
    int64_t number = json_integer_value(json_object_get(answer, "activations"));

    json_decref(answer);
    return number;
}

/* Not run, not waited for: no record, and no ID. */
static void test_refused_call_leaves_nothing(void **state)
{
    json_t *answer;

    (void)state;
    tell("PUT", "actions/a", "{" CODE "}", 200);
    answer = ask("POST", "actions/a?blocking=true", "{\"play\":\"refuse\"}", 503);
    assert_string_equal(json_string_value(json_object_get(answer, "error")), "no slot");
    json_decref(answer);
    assert_int_equal(count("activations?count=true"), 0);
    tell("POST", "actions/a?blocking=true", "{}", 200);
    assert_int_equal(count("activations?count=true"), 1);
}

/* ---- a greedy namespace ---- */

#define GREEDY     1500u
#define THREADS_OF 256u /* one namespace, at most */

static unsigned held(void)
{
    return __atomic_load_n(&in_process_held, __ATOMIC_SEQ_CST);
}

/* However much one namespace runs and queues, another one's call is run at once. */
static void test_a_greedy_namespace_starves_nobody(void **state)
{
    (void)state;
    tell("PUT", "actions/a", "{" CODE "}", 200);
    json_decref(ask_as(all.other, "PUT", "actions/a", "{" CODE "}", 200));
    for (unsigned i = 0; i < GREEDY; i++)
        tell("POST", "actions/a", "{\"play\":\"hold\"}", 202);
    while (held() < THREADS_OF)
        sched_yield();
    for (unsigned i = 0; i < 10; i++)
        json_decref(ask_as(all.other, "POST", "actions/a?blocking=true", "{}", 200));
    assert_int_equal(held(), THREADS_OF);
    __atomic_store_n(&in_process_release, true, __ATOMIC_SEQ_CST);
    while (count("activations?count=true") < GREEDY)
        sched_yield();
    __atomic_store_n(&in_process_release, false, __ATOMIC_SEQ_CST);
}

/* ---- a daemon that was killed ---- */

#define BEGUN   "11111111111111111111111111111111"
#define WAITING "22222222222222222222222222222222"
#define STORED  "33333333333333333333333333333333"

/* As kill -9 leaves them: promised and begun, promised only, and one whose row is a left-over. */
static void leave_promises(struct database *database)
{
    struct activation stored = {.id = STORED,
                                .name = "a",
                                .summary = json_object(),
                                .response = json_object(),
                                .logs = json_array()};
    json_t *request =
        json_pack("{s:s, s:s, s:s, s:{s:i}, s:s, s:s}", "namespace", "guest", "package", "", "name",
                  "a", "params", "x", 1, "cause", "", "transaction", "t");
    struct session *session;
    struct message why = {""};

    assert_int_equal(database_write(database, &session, &why), ST_OK);
    assert_int_equal(pending_add(session, 1, BEGUN, true, request), ST_OK);
    assert_int_equal(pending_add(session, 1, WAITING, false, request), ST_OK);
    assert_int_equal(pending_add(session, 1, STORED, true, request), ST_OK);
    assert_int_equal(activation_add(session, 1, &stored), ST_OK);
    assert_int_equal(session_end(session, ST_OK, &why), ST_OK);
    activation_free(&stored);
    json_decref(request);
}

static void count_row(void *context, int64_t namespace_id, const char *namespace_name,
                      const char *id, bool started, const json_t *request)
{
    (void)namespace_id;
    (void)namespace_name;
    (void)id;
    (void)started;
    (void)request;
    ++*(int *)context;
}

static void no_promise_is_left(struct database *database)
{
    struct session *session;
    struct message why = {""};
    int rows = 0;

    assert_int_equal(database_read(database, &session, &why), ST_OK);
    assert_int_equal(pending_list(session, count_row, &rows), ST_OK);
    assert_int_equal(session_end(session, ST_OK, &why), ST_OK);
    assert_int_equal(rows, 0);
}

/* What had begun is not begun again, what had not is run: each has one record. */
static void test_promises_are_taken_up_once(void **state)
{
    unsigned before;
    json_t *record;

    (void)state;
    tell("PUT", "actions/a", "{" CODE "}", 200);
    before = in_process_runs;
    in_process_restart(&all, leave_promises);
    while (count("activations?count=true") < 3)
        sched_yield();
    in_process_restart(&all, no_promise_is_left);
    assert_int_equal(in_process_runs - before, 1);
    record = ask("GET", "activations/" WAITING, NULL, 200);
    assert_true(json_is_true(json_object_get(json_object_get(record, "response"), "success")));
    json_decref(record);
    record = ask("GET", "activations/" BEGUN "/result", NULL, 200);
    assert_string_equal(json_string_value(json_object_get(record, "status")),
                        "whisk internal error");
    json_decref(record);
    assert_int_equal(count("activations?count=true"), 3);
}

/* Each value in each field and in each field's fields: OpenWhisk's errors, never 500. */
static void test_wrong_types_everywhere(void **state)
{
    static const char *const values[] = {"null",
                                         "true",
                                         "7",
                                         "-1.5e300",
                                         "\"\"",
                                         "\"x\"",
                                         "[]",
                                         "[null]",
                                         "[[[]]]",
                                         "{}",
                                         "{\"key\":{}}",
                                         "[{\"key\":\"a\",\"value\":1},{\"key\":\"a\"}]",
                                         "\"\\u0000\"",
                                         "\"\\ud83d\\ude00\"",
                                         "99999999999999999999999"};
    static const char *const fields[] = {
        "exec",    "parameters", "limits", "version", "publish",   "annotations", "delAnnotations",
        "binding", "trigger",    "action", "status",  "namespace", "name",        "updated"};
    static const char *const inner[] = {
        "kind",   "code", "main",        "components", "binary", "image", "timeout",
        "memory", "logs", "concurrency", "namespace",  "name",   "path"};
    static const char *const paths[] = {"actions/w", "packages/wp", "triggers/wt", "rules/wr"};

    (void)state;
    for (size_t p = 0; p < 4; p++) {
        for (size_t f = 0; f < sizeof(fields) / sizeof(*fields) * sizeof(inner) / sizeof(*inner);
             f++) {
            for (size_t v = 0; v < sizeof(values) / sizeof(*values); v++) {
                const char *field = fields[f / (sizeof(inner) / sizeof(*inner))];
                const char *part = inner[f % (sizeof(inner) / sizeof(*inner))];
                char target[256], body[512];
                struct in_request request = {.method = f % 2 || p == 1 ? "PUT" : "POST",
                                             .target = target,
                                             .authorization = all.authorization,
                                             .body = body};
                struct in_reply reply;

                snprintf(target, sizeof(target), SPACE "%s?overwrite=true&blocking=true", paths[p]);
                snprintf(body, sizeof(body),
                         v % 2 ? "{" CODE ",\"%s\":{\"%s\":%s}}" : "{\"%s\":%.0s%s}", field, part,
                         values[v]);
                request.body_bytes = strlen(body);
                in_process_call(&all, &request, &reply);
                if (reply.status >= 400) {
                    json_t *json = json_loads(reply.body, 0, NULL);

                    assert_int_not_equal(reply.status, 500);
                    assert_non_null(json);
                    if (reply.status != 502) {
                        assert_true(json_is_string(json_object_get(json, "error")));
                        assert_string_equal(json_string_value(json_object_get(json, "code")),
                                            "request-id");
                    }
                    json_decref(json);
                }
                assert_int_not_equal(reply.status, 0);
                free(reply.body);
            }
        }
    }
}

static void test_deep_and_long(void **state)
{
    size_t depth = 100000;
    char *deep = malloc(2 * depth + 64);

    (void)state;
    tell("PUT", "actions/a", "{" CODE "}", 200);
    memset(deep, '[', depth);
    memset(deep + depth, ']', depth);
    deep[2 * depth] = 0;
    tell("POST", "actions/a?blocking=true", deep, 400);
    memmove(deep + 5, deep, 2 * depth + 1);
    memcpy(deep, "{\"a\":", 5);
    strcpy(deep + 2 * depth + 5, "}");
    tell("POST", "actions/a?blocking=true", deep, 400);
    tell("PUT", "triggers/deep", deep, 400);
    free(deep);
}

#define ATTESTATION "/api/v1/reclave/attestation"
#define CHALLENGE   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void test_quotes_are_for_tenants_and_their_challenge(void **state)
{
    const struct in_request stranger = {.method = "GET", .target = ATTESTATION};
    struct in_reply reply;
    json_t *answer = ask_at("GET", ATTESTATION "?challenge=" CHALLENGE, NULL, 200);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(answer, "challenge")), CHALLENGE);
    json_decref(answer);
    json_decref(ask_at("GET", ATTESTATION, NULL, 503)); /* no enclave answers */
    json_decref(ask_at("GET", ATTESTATION "?challenge=", NULL, 400));
    in_process_call(&all, &stranger, &reply);
    assert_int_equal(reply.status, 401);
    free(reply.body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_refused_call_leaves_nothing, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_promises_are_taken_up_once, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_a_greedy_namespace_starves_nobody, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(test_wrong_types_everywhere, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_quotes_are_for_tenants_and_their_challenge, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(test_deep_and_long, open_all, close_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
