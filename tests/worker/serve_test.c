/* The worker, end to end: a process of its own, the emulator in strict mode, real guests. */
#include "host/worker/socket.h"
#include "tests/worker/process.h"

#include "abi/entry.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct bundle {
    const char *name;
    uint8_t *data;
    size_t bytes;
};

static struct bundle bundles[] = {
    {"echo", NULL, 0},         {"reactor_counter", NULL, 0}, {"env_args", NULL, 0},
    {"endless_loop", NULL, 0}, {"exit_code", NULL, 0},       {"traps", NULL, 0},
    {"output_flood", NULL, 0}, {"init_trap", NULL, 0},
};

#define BUNDLE_COUNT (sizeof(bundles) / sizeof(bundles[0]))

static struct process worker;
static struct client *client;
static struct client_reply reply;
static struct message why;

static const char *const plain[] = {NULL};

/* ---- fixtures ---- */

static int build_bundles(void **state)
{
    struct process place;

    (void)state;
    process_folder(&place);
    for (size_t i = 0; i < BUNDLE_COUNT; i++)
        bundles[i].data = build_guest(&place, bundles[i].name, &bundles[i].bytes);
    process_remove_folder(&place);
    return 0;
}

static int free_bundles(void **state)
{
    (void)state;
    for (size_t i = 0; i < BUNDLE_COUNT; i++)
        free(bundles[i].data);
    return 0;
}

static void start(const char *const *arguments)
{
    process_folder(&worker);
    process_start(&worker, arguments);
    assert_int_equal(client_open(worker.socket, &client, &why), ST_OK);
}

static int start_plain(void **state)
{
    (void)state;
    start(plain);
    return 0;
}

static int shut_down(void **state)
{
    (void)state;
    client_reply_free(&reply);
    if (client) {
        assert_int_equal(ask(client, FRAME_SHUTDOWN, NULL, NULL, 0, &reply), ST_OK);
        client_reply_free(&reply);
        client_close(client);
        client = NULL;
        assert_int_equal(process_wait(&worker), 0);
    }
    assert_int_not_equal(access(worker.socket, F_OK), 0);
    process_remove_folder(&worker);
    return 0;
}

static enum status call(enum frame_type type, json_t *head, const void *body, size_t bytes)
{
    client_reply_free(&reply);
    return ask(client, type, head, body, bytes, &reply);
}

static const struct bundle *bundle_named(const char *name)
{
    for (size_t i = 0; i < BUNDLE_COUNT; i++)
        if (!strcmp(bundles[i].name, name))
            return &bundles[i];
    fail_msg("no bundle %s", name);
    return NULL;
}

static enum status load(unsigned slot, const char *name)
{
    const struct bundle *bundle = bundle_named(name);

    return call(FRAME_LOAD, json_pack("{s:i}", "slot", (int)slot), bundle->data, bundle->bytes);
}

static enum status invoke(unsigned slot, const char *input)
{
    return call(FRAME_INVOKE, json_pack("{s:i}", "slot", (int)slot), input, strlen(input));
}

static void output_must_be(const char *text)
{
    assert_int_equal(reply_number(&reply, "output_bytes"), strlen(text));
    assert_memory_equal(reply.body, text, strlen(text));
}

static void must_answer(unsigned slot, const char *input, const char *output)
{
    assert_int_equal(invoke(slot, input), ST_OK);
    assert_string_equal(reply_text(&reply, "outcome"), "ok");
    output_must_be(output);
}

static void message_must_say(const char *text)
{
    if (!strstr(reply_text(&reply, "message"), text))
        fail_msg("'%s' does not say '%s'", reply_text(&reply, "message"), text);
}

/* ---- the normal course ---- */

static void hello_tells_what_the_worker_is(void **state)
{
    const json_t *hello = client_hello(client);

    (void)state;
    assert_int_equal(json_integer_value(json_object_get(hello, "protocol")), 1);
    assert_string_equal(json_string_value(json_object_get(hello, "backend")), "emulator");
    assert_int_equal(strlen(json_string_value(json_object_get(hello, "mrenclave"))), 64);
    assert_int_equal(json_integer_value(json_object_get(hello, "slots")), 3);
    assert_int_equal(strlen(json_string_value(json_object_get(hello, "key_id"))), 32);
}

static void a_loaded_function_answers_again_and_again(void **state)
{
    (void)state;
    assert_int_equal(load(0, "echo"), ST_OK);
    assert_int_equal(strlen(reply_text(&reply, "bundle_sha256")), 64);
    for (int i = 1; i <= 20; i++) {
        char input[32];

        snprintf(input, sizeof(input), "message %d", i);
        must_answer(0, input, input);
        assert_int_equal(reply_number(&reply, "counter"), i);
    }
}

static void nothing_remains_from_one_invocation_to_the_next(void **state)
{
    (void)state;
    assert_int_equal(load(0, "reactor_counter"), ST_OK);
    for (int i = 0; i < 5; i++)
        must_answer(0, "", "invocation 1\n");
}

static void arguments_and_environment_arrive(void **state)
{
    (void)state;
    assert_int_equal(load(0, "env_args"), ST_OK);
    assert_int_equal(call(FRAME_INVOKE,
                          json_pack("{s:[sss],s:[s]}", "args", "f", "x", "y z", "env", "A=b=c"), "",
                          0),
                     ST_OK);
    output_must_be("arg x\narg y z\nenv A=b=c\n");
}

static void output_and_log_come_apart(void **state)
{
    (void)state;
    assert_int_equal(load(0, "exit_code"), ST_OK);
    assert_int_equal(invoke(0, "3"), ST_OK);
    assert_false(json_is_true(json_object_get(reply.head, "ok")));
    assert_string_equal(reply_text(&reply, "outcome"), "function-error");
    assert_int_equal(reply_number(&reply, "exit_code"), 3);
    message_must_say("exit code 3");
    assert_int_equal(reply_number(&reply, "output_bytes"), 0);
    assert_int_equal(reply_number(&reply, "log_bytes"), 8);
    assert_memory_equal(reply.body, "leaving\n", 8);
}

static void a_trap_is_named_and_the_next_invocation_succeeds(void **state)
{
    (void)state;
    assert_int_equal(load(0, "traps"), ST_OK);
    assert_int_equal(invoke(0, "u"), ST_OK);
    assert_string_equal(reply_text(&reply, "outcome"), "trap");
    assert_string_equal(reply_text(&reply, "trap"), "unreachable executed");
    must_answer(0, "-", "no trap\n");
}

static void slots_hold_different_functions(void **state)
{
    (void)state;
    assert_int_equal(load(0, "echo"), ST_OK);
    assert_int_equal(load(1, "reactor_counter"), ST_OK);
    assert_int_equal(load(2, "traps"), ST_OK);
    must_answer(2, "-", "no trap\n");
    must_answer(0, "hi", "hi");
    must_answer(1, "", "invocation 1\n");
}

static void reset_makes_room_for_another_function(void **state)
{
    (void)state;
    assert_int_equal(load(0, "echo"), ST_OK);
    assert_int_equal(load(0, "traps"), ST_SLOT_READY);
    must_answer(0, "still here", "still here");
    assert_int_equal(call(FRAME_RESET, NULL, NULL, 0), ST_OK);
    assert_int_equal(load(0, "traps"), ST_OK);
    must_answer(0, "-", "no trap\n");
}

static void stats_count_per_slot(void **state)
{
    (void)state;
    assert_int_equal(load(1, "traps"), ST_OK);
    must_answer(1, "-", "no trap\n");
    assert_int_equal(invoke(1, "u"), ST_OK);
    assert_int_equal(call(FRAME_STATS, json_pack("{s:i}", "slot", 1), NULL, 0), ST_OK);
    assert_int_equal(reply_number(&reply, "invocations"), 2);
    assert_int_equal(reply_number(&reply, "failed"), 1);
    assert_true(reply_number(&reply, "enclave_pages") > 0);
    assert_true(reply_number(&reply, "transitions") > 0);
    assert_int_equal(call(FRAME_STATS, NULL, NULL, 0), ST_OK);
    assert_int_equal(reply_number(&reply, "invocations"), 0);
}

/* ---- ending what runs ---- */

static void a_time_limit_ends_an_invocation(void **state)
{
    (void)state;
    assert_int_equal(load(0, "endless_loop"), ST_OK);
    assert_int_equal(call(FRAME_INVOKE, json_pack("{s:i}", "timeout_ms", 50), "", 0), ST_OK);
    assert_string_equal(reply_text(&reply, "outcome"), "aborted-by-host");
    message_must_say("time limit of 50 ms");
}

static uint32_t send_endless(struct client *by, unsigned slot)
{
    uint32_t id;

    assert_int_equal(client_send(by, FRAME_INVOKE,
                                 json_pack("{s:i,s:i}", "slot", (int)slot, "timeout_ms", 0), NULL,
                                 0, &id, &why),
                     ST_OK);
    return id;
}

static void a_slot_works_while_another_runs_without_end(void **state)
{
    uint32_t endless, abort_id;

    (void)state;
    assert_int_equal(load(0, "endless_loop"), ST_OK);
    assert_int_equal(load(1, "echo"), ST_OK);
    endless = send_endless(client, 0);
    must_answer(1, "meanwhile", "meanwhile");
    must_answer(1, "again", "again");
    assert_int_equal(client_send(client, FRAME_ABORT, json_pack("{s:i}", "target", (int)endless),
                                 NULL, 0, &abort_id, &why),
                     ST_OK);
    for (int i = 0; i < 2; i++) {
        client_reply_free(&reply);
        assert_int_equal(client_receive(client, &reply, &why), ST_OK);
        if (reply.id == abort_id) {
            assert_int_equal(reply.status, ST_OK);
            continue;
        }
        assert_int_equal(reply.id, endless);
        if (reply.status != ST_BUSY) { /* busy: on a loaded machine its thread had not begun */
            assert_int_equal(reply.status, ST_OK);
            assert_string_equal(reply_text(&reply, "outcome"), "aborted-by-host");
        }
    }
}

static void an_abort_of_nothing_is_refused(void **state)
{
    (void)state;
    assert_int_equal(call(FRAME_ABORT, json_pack("{s:i}", "target", 77), NULL, 0), ST_NOT_FOUND);
    message_must_say("target");
}

static void an_abort_does_not_reach_the_next_invocation(void **state)
{
    (void)state;
    assert_int_equal(load(0, "endless_loop"), ST_OK);
    for (int i = 0; i < 10; i++) {
        uint32_t id = send_endless(client, 0), ignored;

        assert_int_equal(client_send(client, FRAME_ABORT, json_pack("{s:i}", "target", (int)id),
                                     NULL, 0, &ignored, &why),
                         ST_OK);
        for (int answers = 0; answers < 2; answers++) {
            client_reply_free(&reply);
            assert_int_equal(client_receive(client, &reply, &why), ST_OK);
        }
    }
    assert_int_equal(call(FRAME_RESET, NULL, NULL, 0), ST_OK);
    assert_int_equal(load(0, "echo"), ST_OK);
    must_answer(0, "alive", "alive");
}

static void a_client_that_leaves_ends_its_invocations(void **state)
{
    struct client *other;

    (void)state;
    assert_int_equal(load(0, "endless_loop"), ST_OK);
    assert_int_equal(client_open(worker.socket, &other, &why), ST_OK);
    send_endless(other, 0);
    send_endless(other, 0);
    client_close(other);
    /* Waits behind the other's in the queue. */
    assert_int_equal(call(FRAME_RESET, NULL, NULL, 0), ST_OK);
    assert_int_equal(load(0, "echo"), ST_OK);
    must_answer(0, "alive", "alive");
}

/* ---- a slot's thread reads the client that asked it last ---- */

static enum status invoke_by(struct client *by, unsigned slot, int timeout_ms)
{
    struct client_reply theirs = {0};
    enum status status =
        ask(by, FRAME_INVOKE, json_pack("{s:i,s:i}", "slot", (int)slot, "timeout_ms", timeout_ms),
            "x", 1, &theirs);

    client_reply_free(&theirs);
    return status;
}

static void a_slot_that_waits_for_one_client_serves_all(void **state)
{
    struct client *other;

    (void)state;
    assert_int_equal(load(0, "echo"), ST_OK);
    assert_int_equal(load(1, "echo"), ST_OK);
    assert_int_equal(client_open(worker.socket, &other, &why), ST_OK);
    for (int i = 0; i < 20; i++) {
        must_answer(0, "mine", "mine");
        assert_int_equal(invoke_by(other, 0, 0), ST_OK); /* another client's for that slot */
        assert_int_equal(invoke_by(other, 1, 0), ST_OK); /* that client's for another slot */
        must_answer(1, "mine", "mine");
        assert_int_equal(call(FRAME_STATS, NULL, NULL, 0), ST_OK); /* for no slot */
    }
    must_answer(0, "mine", "mine");
    assert_int_equal(invoke_by(other, 1, 0), ST_OK);
    client_close(other); /* leaves the slot's thread */
    must_answer(1, "mine", "mine");
    assert_int_equal(client_open(worker.socket, &other, &why), ST_OK);
    assert_int_equal(invoke_by(other, 1, 0), ST_OK);
    client_close(client); /* SHUTDOWN comes from the one that a slot's thread reads, as well */
    client = other;
}

static void who_leaves_a_slots_thread_ends_its_invocation(void **state)
{
    struct client *other;

    (void)state;
    assert_int_equal(load(0, "endless_loop"), ST_OK);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(client_open(worker.socket, &other, &why), ST_OK);
        assert_int_equal(invoke_by(other, 0, 1), ST_OK);
        send_endless(other, 0);
        client_close(other);
    }
    assert_int_equal(call(FRAME_RESET, NULL, NULL, 0), ST_OK);
    assert_int_equal(load(0, "echo"), ST_OK);
    must_answer(0, "alive", "alive");
}

/* ---- what is refused ---- */

static void an_empty_slot_does_not_run(void **state)
{
    (void)state;
    assert_int_equal(invoke(0, ""), ST_SLOT_BOOTED);
    assert_int_equal(invoke(2, ""), ST_SLOT_EMPTY);
}

static void a_damaged_bundle_is_refused_and_a_good_one_loads(void **state)
{
    const struct bundle *echo = bundle_named("echo");
    uint8_t *damaged = malloc(echo->bytes);

    (void)state;
    memcpy(damaged, echo->data, echo->bytes);
    damaged[0] ^= 1;
    assert_int_equal(call(FRAME_LOAD, NULL, damaged, echo->bytes), ST_BUNDLE_MAGIC);
    assert_int_equal(call(FRAME_LOAD, NULL, echo->data, 4096), ST_BUNDLE_LAYOUT);
    assert_int_equal(call(FRAME_LOAD, NULL, NULL, 0), ST_CORRUPT);
    message_must_say("body");
    free(damaged);
    assert_int_equal(load(0, "echo"), ST_OK);
    must_answer(0, "hi", "hi");
}

static void a_failing_initialisation_is_explained_and_another_function_loads(void **state)
{
    (void)state;
    assert_int_equal(load(0, "init_trap"), ST_BUNDLE_INIT);
    message_must_say("unreachable");
    assert_memory_equal(reply.body, "about to trap\n", 14);
    assert_int_equal(load(0, "echo"), ST_OK);
    must_answer(0, "hi", "hi");
}

static void output_over_the_limit_is_a_named_failure(void **state)
{
    (void)state;
    assert_int_equal(load(0, "output_flood"), ST_OK);
    assert_int_equal(call(FRAME_INVOKE, json_pack("{s:i}", "output_limit", 1000), "2000", 4),
                     ST_OK);
    message_must_say("output larger than 1000 bytes");
    assert_int_equal(call(FRAME_INVOKE, json_pack("{s:i}", "output_limit", 3000), "2000", 4),
                     ST_OK);
    assert_int_equal(reply_number(&reply, "output_bytes"), 2000);
}

static void a_bad_head_spoils_only_its_own_request(void **state)
{
    (void)state;
    assert_int_equal(call(FRAME_RESET, json_pack("{s:i}", "slot", 9), NULL, 0), ST_CORRUPT);
    message_must_say("slot");
    assert_int_equal(call(FRAME_STATS, json_pack("{s:i}", "colour", 9), NULL, 0), ST_CORRUPT);
    message_must_say("colour");
    assert_int_equal(call(FRAME_STATS, NULL, NULL, 0), ST_OK);
}

/* Sends raw bytes on a connection of its own and reads the first answer; then the stream must
 * end. */
static uint32_t raw_answer(const void *bytes, size_t count)
{
    struct frame_reader reader = {.source = FRAME_FROM_WORKER};
    enum frame_progress progress = FRAME_MORE;
    struct frame frame;
    uint32_t type;
    char extra;
    int fd;

    assert_int_equal(socket_connect(worker.socket, &fd, &why), ST_OK);
    assert_int_equal(send(fd, bytes, count, MSG_NOSIGNAL), count);
    while (progress == FRAME_MORE) {
        size_t space;
        void *to = frame_reader_space(&reader, &space);
        ssize_t n = recv(fd, to, space, 0);

        assert_true(n > 0);
        progress = frame_reader_advance(&reader, (size_t)n, &why);
    }
    assert_int_equal(progress, FRAME_COMPLETE);
    frame = frame_reader_take(&reader);
    type = frame.type;
    snprintf(why.text, sizeof(why.text), "%s", frame.head);
    frame_free(&frame);
    assert_int_equal(recv(fd, &extra, 1, 0), 0);
    close(fd);
    return type;
}

static void a_bad_prefix_is_answered_and_ends_the_connection(void **state)
{
    const uint32_t unknown_type[4] = {99, 1, 0, 0};
    const uint32_t too_long[4] = {FRAME_INVOKE, 1, 2, 0xffffffff};

    (void)state;
    assert_int_equal(raw_answer(unknown_type, sizeof(unknown_type)), FRAME_ERROR);
    assert_non_null(strstr(why.text, "type"));
    assert_int_equal(raw_answer(too_long, sizeof(too_long)), FRAME_ERROR);
    assert_non_null(strstr(why.text, "body_bytes"));
    assert_int_equal(call(FRAME_STATS, NULL, NULL, 0), ST_OK);
}

static void who_does_not_say_hello_is_refused(void **state)
{
    const uint32_t stats[4] = {FRAME_STATS, 1, 0, 0};
    size_t total;
    uint8_t *future = frame_encode(FRAME_HELLO, 1, "{\"protocol\":2}", 14, NULL, 0, &total);

    (void)state;
    assert_int_equal(raw_answer(stats, sizeof(stats)), FRAME_REPLY + FRAME_STATS);
    assert_non_null(strstr(why.text, "HELLO"));
    assert_int_equal(raw_answer(future, total), FRAME_REPLY + FRAME_HELLO);
    assert_non_null(strstr(why.text, "protocol"));
    free(future);
}

static void frames_cut_short_harm_nobody(void **state)
{
    size_t total;
    uint8_t *bytes = frame_encode(FRAME_HELLO, 1, "{\"protocol\":1}", 14, NULL, 0, &total);

    (void)state;
    for (size_t cut = 0; cut < total; cut++) {
        int fd;

        assert_int_equal(socket_connect(worker.socket, &fd, &why), ST_OK);
        assert_int_equal(send(fd, bytes, cut, MSG_NOSIGNAL), cut);
        close(fd);
    }
    free(bytes);
    assert_int_equal(call(FRAME_STATS, NULL, NULL, 0), ST_OK);
}

static void random_bytes_harm_nobody(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (int round = 0; round < 50; round++) {
        uint8_t bytes[256];
        int fd;

        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            bytes[i] = (uint8_t)(seed >> 56);
        }
        bytes[0] = (uint8_t)(1 + round % 7); /* often a known type */
        memset(bytes + 1, 0, round % 2 ? 3 : 0);
        assert_int_equal(socket_connect(worker.socket, &fd, &why), ST_OK);
        (void)!send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL);
        close(fd);
    }
    assert_int_equal(call(FRAME_STATS, NULL, NULL, 0), ST_OK);
}

static void a_second_worker_does_not_take_the_socket(void **state)
{
    struct listener listener;

    (void)state;
    assert_int_equal(listener_open(worker.socket, &listener, &why), ST_BUSY);
    assert_int_equal(call(FRAME_STATS, NULL, NULL, 0), ST_OK);
}

/* ---- the end ---- */

static void sigterm_ends_what_runs_and_removes_the_socket(void **state)
{
    (void)state;
    start(plain);
    assert_int_equal(load(0, "endless_loop"), ST_OK);
    send_endless(client, 0);
    assert_int_equal(kill(worker.pid, SIGTERM), 0);
    assert_int_equal(process_wait(&worker), 0);
    client_close(client);
    client = NULL;
}

static void the_socket_of_a_killed_worker_is_taken_over(void **state)
{
    (void)state;
    start(plain);
    client_close(client);
    assert_int_equal(kill(worker.pid, SIGKILL), 0);
    assert_int_equal(process_wait(&worker), 128 + SIGKILL);
    assert_int_equal(access(worker.socket, F_OK), 0);
    process_start(&worker, plain);
    assert_int_equal(client_open(worker.socket, &client, &why), ST_OK);
}

static void an_eager_enclave_serves_as_well(void **state)
{
    static const char *const eager[] = {"--emulate",      "sgx1", "--pages", "eager",
                                        "--enclave-size", "16",   NULL};

    (void)state;
    start(eager);
    assert_int_equal(load(0, "echo"), ST_OK);
    must_answer(0, "hi", "hi");
    must_answer(0, "there", "there");
}

#define SERVED(name) cmocka_unit_test_setup_teardown(name, start_plain, shut_down)
#define ALONE(name)  cmocka_unit_test_teardown(name, shut_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(hello_tells_what_the_worker_is),
        SERVED(a_loaded_function_answers_again_and_again),
        SERVED(nothing_remains_from_one_invocation_to_the_next),
        SERVED(arguments_and_environment_arrive),
        SERVED(output_and_log_come_apart),
        SERVED(a_trap_is_named_and_the_next_invocation_succeeds),
        SERVED(slots_hold_different_functions),
        SERVED(reset_makes_room_for_another_function),
        SERVED(stats_count_per_slot),
        SERVED(a_time_limit_ends_an_invocation),
        SERVED(a_slot_works_while_another_runs_without_end),
        SERVED(an_abort_of_nothing_is_refused),
        SERVED(an_abort_does_not_reach_the_next_invocation),
        SERVED(a_client_that_leaves_ends_its_invocations),
        SERVED(a_slot_that_waits_for_one_client_serves_all),
        SERVED(who_leaves_a_slots_thread_ends_its_invocation),
        SERVED(an_empty_slot_does_not_run),
        SERVED(a_damaged_bundle_is_refused_and_a_good_one_loads),
        SERVED(a_failing_initialisation_is_explained_and_another_function_loads),
        SERVED(output_over_the_limit_is_a_named_failure),
        SERVED(a_bad_head_spoils_only_its_own_request),
        SERVED(a_bad_prefix_is_answered_and_ends_the_connection),
        SERVED(who_does_not_say_hello_is_refused),
        SERVED(frames_cut_short_harm_nobody),
        SERVED(random_bytes_harm_nobody),
        SERVED(a_second_worker_does_not_take_the_socket),
        ALONE(sigterm_ends_what_runs_and_removes_the_socket),
        ALONE(the_socket_of_a_killed_worker_is_taken_over),
        ALONE(an_eager_enclave_serves_as_well),
    };

    return cmocka_run_group_tests_name("worker", tests, build_bundles, free_bundles);
}
