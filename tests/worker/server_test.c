/* The worker's threads, queues and answers, with an engine that this test plays: who gets which
 * answer when requests wait together, clients go and the worker ends. */
#include "host/worker/client.h"
#include "host/worker/server_internal.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define CLIENTS      2
#define FIRST_CLIENT 200 /* descriptors that nothing else here has */

/* ---- the engine ---- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool held;        /* invocations wait, once they have begun */
    unsigned entered; /* invocations that have begun */
    bool aborted;
    unsigned leaves, signed_leaves, signatures;
    enum status signing;
} engine;

enum status engine_open(const struct engine_options *options, struct engine **out,
                        struct message *why)
{
    (void)options;
    (void)why;
    *out = (struct engine *)&engine;
    return ST_OK;
}

void engine_close(struct engine *closed)
{
    (void)closed;
}

unsigned engine_slots(const struct engine *asked)
{
    (void)asked;
    return 1;
}

enum status engine_load(struct engine *asked, unsigned slot, struct slot_load *load,
                        struct message *why)
{
    (void)asked, (void)slot, (void)load, (void)why;
    return ST_OK;
}

/* Output: the input. "refuse": it is refused, with claims. */
bool engine_invoke(struct engine *asked, unsigned slot, struct entry_invocation *invocation,
                   uint64_t timeout_ms, enum status *status, struct message *why)
{
    const char *input = (const char *)(uintptr_t)invocation->input;
    bool refuse = invocation->input_bytes == 6 && memcmp(input, "refuse", 6) == 0;

    (void)asked, (void)slot, (void)timeout_ms;
    pthread_mutex_lock(&engine.lock);
    engine.entered++;
    pthread_cond_broadcast(&engine.changed);
    while (engine.held && !engine.aborted)
        pthread_cond_wait(&engine.changed, &engine.lock);
    pthread_mutex_unlock(&engine.lock);
    *status = refuse ? ST_ENVIRONMENT_REFUSED : ST_OK;
    invocation->outcome = refuse ? OUTCOME_REFUSED : OUTCOME_OK;
    if (!refuse) {
        memcpy((void *)(uintptr_t)invocation->output, input, invocation->input_bytes);
        invocation->output_bytes = invocation->input_bytes;
    }
    if (refuse)
        message_set(why, "refused");
    if (invocation->claims) {
        memcpy((void *)(uintptr_t)invocation->claims, "claims", 6);
        invocation->claims_bytes = 6;
        engine.leaves++;
    }
    return !refuse;
}

enum status engine_rewind(struct engine *asked, unsigned slot, struct message *why)
{
    (void)asked, (void)slot, (void)why;
    return ST_OK;
}

enum status engine_reset(struct engine *asked, unsigned slot, struct message *why)
{
    (void)asked, (void)slot, (void)why;
    return ST_OK;
}

const struct attested_identity *engine_identity(const struct engine *asked)
{
    static const struct attested_identity identity;

    (void)asked;
    return &identity;
}

bool engine_key_id(const struct engine *asked, uint8_t key_id[KEY_ID_BYTES])
{
    (void)asked;
    memset(key_id, 7, KEY_ID_BYTES);
    return true;
}

bool engine_has_keeper(const struct engine *asked)
{
    (void)asked;
    return false;
}

enum status engine_renew_keys(struct engine *asked, struct message *why)
{
    (void)asked, (void)why;
    return ST_UNSUPPORTED;
}

struct worker_certificate engine_certificate(struct engine *asked)
{
    (void)asked;
    return (struct worker_certificate){.count = 0};
}

enum status engine_quote(struct engine *asked, unsigned slot,
                         const uint8_t challenge[CHALLENGE_BYTES], struct engine_quote *out,
                         struct message *why)
{
    (void)asked, (void)slot, (void)challenge, (void)out, (void)why;
    return ST_UNSUPPORTED;
}

void engine_quote_free(struct engine_quote *quote)
{
    (void)quote;
}

bool engine_invoke_sealed(struct engine *asked, unsigned slot, struct entry_envelope *envelope,
                          uint64_t timeout_ms, enum status *status, struct message *why)
{
    (void)asked, (void)slot, (void)envelope, (void)timeout_ms, (void)why;
    *status = ST_ENVELOPE_FORMAT;
    return false;
}

enum status engine_session_open(struct engine *asked, unsigned slot,
                                struct entry_envelope *envelope, struct message *why)
{
    (void)asked, (void)slot, (void)envelope, (void)why;
    return ST_ENVELOPE_FORMAT;
}

enum status engine_leaf(struct engine *asked, unsigned slot, uint32_t *leaf, struct message *why)
{
    (void)asked, (void)slot, (void)why;
    *leaf = engine.leaves - 1;
    return ST_OK;
}

bool engine_batch_has_room(struct engine *asked, unsigned slot)
{
    (void)asked, (void)slot;
    return true;
}

enum status engine_sign(struct engine *asked, unsigned slot, struct message *why)
{
    (void)asked, (void)slot;
    engine.signatures++;
    engine.signed_leaves = engine.leaves;
    if (engine.signing != ST_OK)
        message_set(why, "the pen is broken");
    return engine.signing;
}

enum status engine_compose(struct engine *asked, unsigned slot, uint32_t leaf, const void *claims,
                           size_t claims_bytes, uint8_t file[EVIDENCE_FILE_MAX], size_t *file_bytes,
                           struct message *why)
{
    (void)asked, (void)slot, (void)why;
    assert_int_equal(claims_bytes, 6);
    assert_memory_equal(claims, "claims", 6);
    *file_bytes =
        (size_t)snprintf((char *)file, EVIDENCE_FILE_MAX, "%u of %u", leaf, engine.signed_leaves);
    return ST_OK;
}

void engine_abort(struct engine *asked, unsigned slot)
{
    (void)asked, (void)slot;
    pthread_mutex_lock(&engine.lock);
    engine.aborted = true;
    pthread_cond_broadcast(&engine.changed);
    pthread_mutex_unlock(&engine.lock);
}

void engine_clear_abort(struct engine *asked, unsigned slot)
{
    (void)asked, (void)slot;
    pthread_mutex_lock(&engine.lock);
    engine.aborted = false;
    pthread_mutex_unlock(&engine.lock);
}

struct engine_times engine_last_times(struct engine *asked, unsigned slot)
{
    (void)asked, (void)slot;
    return (struct engine_times){1, 1};
}

json_t *engine_stats(struct engine *asked, unsigned slot)
{
    (void)asked, (void)slot;
    return json_pack("{s:s, s:s, s:s, s:i}", "backend", "played", "mrenclave", "", "pages", "lazy",
                     "slots", 1);
}

static void hold(bool held)
{
    pthread_mutex_lock(&engine.lock);
    engine.held = held;
    pthread_cond_broadcast(&engine.changed);
    pthread_mutex_unlock(&engine.lock);
}

static void wait_until_entered(unsigned count)
{
    pthread_mutex_lock(&engine.lock);
    while (engine.entered < count)
        pthread_cond_wait(&engine.changed, &engine.lock);
    pthread_mutex_unlock(&engine.lock);
}

/* ---- the worker ---- */

static pthread_t worker;
static struct client *clients[CLIENTS];
static struct message why;

static void *work(void *argument)
{
    static const struct server_options options = {.first_client = FIRST_CLIENT,
                                                  .client_count = CLIENTS};
    static struct message ignored;

    (void)argument;
    return server_run(&options, &ignored) == ST_OK ? NULL : &ignored;
}

static int start(void **state)
{
    int ends[CLIENTS][2];

    (void)state;
    memset(&engine, 0, sizeof(engine));
    pthread_mutex_init(&engine.lock, NULL);
    pthread_cond_init(&engine.changed, NULL);
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]), 0);
        assert_int_equal(dup2(ends[i][1], FIRST_CLIENT + i), FIRST_CLIENT + i);
        close(ends[i][1]);
    }
    assert_int_equal(pthread_create(&worker, NULL, work, NULL), 0);
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(client_adopt(ends[i][0], &clients[i], &why), ST_OK);
        client_set_timeout(clients[i], 60000);
    }
    return 0;
}

static void close_client(unsigned which)
{
    client_close(clients[which]);
    clients[which] = NULL;
}

/* The worker ends with its last client. */
static int stop(void **state)
{
    void *result;

    (void)state;
    for (unsigned i = 0; i < CLIENTS; i++)
        if (clients[i])
            close_client(i);
    assert_int_equal(pthread_join(worker, &result), 0);
    assert_null(result);
    pthread_cond_destroy(&engine.changed);
    pthread_mutex_destroy(&engine.lock);
    return 0;
}

static void send_input(unsigned which, const char *input, bool share)
{
    assert_int_equal(client_send(clients[which], FRAME_INVOKE,
                                 json_pack("{s:b, s:b}", "evidence", 1, "share_signature", share),
                                 input, strlen(input), NULL, &why),
                     ST_OK);
}

/* Its body: output and evidence. */
static void expect_answer(unsigned which, enum status status, const char *body)
{
    struct client_reply reply;

    assert_int_equal(client_receive(clients[which], &reply, &why), ST_OK);
    assert_int_equal(reply.status, status);
    assert_int_equal(reply.body_bytes, strlen(body));
    if (reply.body_bytes)
        assert_memory_equal(reply.body, body, reply.body_bytes);
    client_reply_free(&reply);
}

/* STATS is answered by the polling thread: all that this client sent before has been read. */
static void wait_until_read(unsigned which)
{
    struct client_reply reply;

    assert_int_equal(client_call(clients[which], FRAME_STATS, NULL, NULL, 0, &reply, &why), ST_OK);
    assert_int_equal(reply.type, FRAME_REPLY + FRAME_STATS);
    client_reply_free(&reply);
}

/* ---- tests ---- */

static void waiting_answers_come_in_order_with_one_signature(void **state)
{
    (void)state;
    hold(true);
    send_input(0, "a", true);
    wait_until_entered(1);
    send_input(0, "b", true);
    send_input(0, "refuse", true);
    send_input(0, "d", true);
    wait_until_read(0);
    hold(false);
    expect_answer(0, ST_OK, "a0 of 4");
    expect_answer(0, ST_OK, "b1 of 4");
    expect_answer(0, ST_ENVIRONMENT_REFUSED, "2 of 4");
    expect_answer(0, ST_OK, "d3 of 4");
    assert_int_equal(engine.signatures, 1);
}

static void who_does_not_share_waits_for_nobody(void **state)
{
    (void)state;
    hold(true);
    send_input(0, "a", false);
    wait_until_entered(1);
    send_input(0, "b", true);
    send_input(0, "c", false);
    wait_until_read(0);
    hold(false);
    expect_answer(0, ST_OK, "a0 of 1");
    expect_answer(0, ST_OK, "b1 of 2");
    expect_answer(0, ST_OK, "c2 of 3");
    assert_int_equal(engine.signatures, 3);
}

static void a_signature_that_fails_fails_all_who_wait(void **state)
{
    (void)state;
    engine.signing = ST_SGX_REFUSED;
    hold(true);
    send_input(0, "a", true);
    wait_until_entered(1);
    send_input(0, "refuse", true);
    wait_until_read(0);
    hold(false);
    expect_answer(0, ST_SGX_REFUSED, "a");
    expect_answer(0, ST_ENVIRONMENT_REFUSED, "");
}

/* Answers that wait belong to a connection that is gone: nobody gets them, and the others theirs.
 */
static void a_client_may_go_while_its_answers_wait(void **state)
{
    (void)state;
    hold(true);
    send_input(0, "a", true);
    wait_until_entered(1);
    send_input(0, "b", true);
    send_input(1, "c", true);
    wait_until_read(0);
    wait_until_read(1);
    close_client(0); /* cancels what it has queued, and aborts what runs */
    wait_until_entered(2);
    hold(false);
    expect_answer(1, ST_OK, "c1 of 2");
    send_input(1, "d", false);
    expect_answer(1, ST_OK, "d2 of 3");
}

static void the_worker_ends_while_answers_wait(void **state)
{
    struct client_reply reply;

    (void)state;
    hold(true);
    send_input(0, "a", true);
    wait_until_entered(1);
    for (unsigned i = 0; i < 40; i++)
        send_input(0, "b", true);
    wait_until_read(0);
    assert_int_equal(client_call(clients[1], FRAME_SHUTDOWN, NULL, NULL, 0, &reply, &why), ST_OK);
    client_reply_free(&reply);
    expect_answer(0, ST_OK, "a0 of 1");
    for (unsigned i = 0; i < 40; i++)
        expect_answer(0, ST_BUSY, "");
    assert_int_equal(client_receive(clients[0], &reply, &why), ST_IO);
}

/* As many as a connection may have, several times: who was not read from is read from again. */
static void a_full_pipeline_goes_on(void **state)
{
    char text[32];

    (void)state;
    hold(true);
    for (unsigned i = 0; i < 3 * PIPELINE_MAX; i++)
        send_input(0, "x", i % 7 != 0);
    hold(false);
    for (unsigned i = 0; i < 3 * PIPELINE_MAX; i++) {
        struct client_reply reply;

        assert_int_equal(client_receive(clients[0], &reply, &why), ST_OK);
        assert_int_equal(reply.status, ST_OK);
        snprintf(text, sizeof(text), "x%u of ", i);
        assert_true(reply.body_bytes > strlen(text));
        assert_memory_equal(reply.body, text, strlen(text));
        client_reply_free(&reply);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(waiting_answers_come_in_order_with_one_signature),
        TEST(who_does_not_share_waits_for_nobody),
        TEST(a_signature_that_fails_fails_all_who_wait),
        TEST(a_client_may_go_while_its_answers_wait),
        TEST(the_worker_ends_while_answers_wait),
        TEST(a_full_pipeline_goes_on),
    };

    return cmocka_run_group_tests_name("worker, its engine played", tests, NULL, NULL);
}
