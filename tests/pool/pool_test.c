/* The pool with real workers: who gets which slot, what dies and what goes on. */
#include "host/log/log.h"
#include "host/pool/pool.h"
#include "tests/worker/process.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SLOTS       3      /* of the lazy image */
#define PATIENCE_MS 120000 /* for what must happen: beyond what any machine needs */

enum guest { ECHO, COUNTER, LOOP, EXIT, GUESTS };

static const char *const guest_names[] = {"echo", "reactor_counter", "endless_loop", "exit_code"};
static struct pool_function functions[GUESTS];
static struct pool *pool;
static struct message why;

static const char *program(void)
{
    static char path[600];
    char self[512];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    assert_true(length > 0);
    self[length] = 0;
    *strrchr(self, '/') = 0;
    snprintf(path, sizeof(path), "%s/../bin/reclave", self);
    return path;
}

static void wait_for_workers(unsigned wanted)
{
    struct pool_stats stats;

    do {
        pool_stats(pool, &stats);
        sched_yield();
    } while (stats.workers_up != wanted);
}

static void open_pool(unsigned workers, unsigned queue, enum pool_tenancy tenancy)
{
    static const char *command[] = {NULL, "worker", "--backend", "emulator", NULL};
    struct pool_options options = {
        .worker_command = command, .workers = workers, .queue_limit = queue, .tenancy = tenancy};

    command[0] = program();
    if (pool_open(&options, &pool, &why) != ST_OK ||
        pool_wait_ready(pool, PATIENCE_MS, &why) != ST_OK)
        fail_msg("%s", why.text);
    wait_for_workers(workers);
}

static struct pool_call call_of(enum guest guest, const char *input)
{
    return (struct pool_call){.function = functions[guest],
                              .input = input,
                              .input_bytes = strlen(input),
                              .timeout_ms = PATIENCE_MS,
                              .init_timeout_ms = PATIENCE_MS,
                              .queue_timeout_ms = PATIENCE_MS,
                              .output_limit = 1 << 20,
                              .log_limit = 1 << 16};
}

/* Runs it and expects this output; how it came to its slot is returned. */
static enum pool_temperature expect_output(enum guest guest, const char *input, const char *output)
{
    struct pool_call call = call_of(guest, input);
    struct pool_result result;
    enum pool_temperature temperature;

    if (pool_invoke(pool, &call, &result) != POOL_DONE || result.outcome != OUTCOME_OK)
        fail_msg("%s: end %d: %s", guest_names[guest], (int)result.end, result.why.text);
    assert_int_equal(result.output_bytes, strlen(output));
    assert_memory_equal(result.output, output, strlen(output));
    temperature = result.temperature;
    pool_result_free(&result);
    return temperature;
}

static json_t *worker_of(unsigned index)
{
    json_t *all = pool_describe(pool);
    json_t *one = json_incref(json_array_get(all, index));

    json_decref(all);
    return one;
}

static pid_t pid_of(unsigned index)
{
    json_t *worker = worker_of(index);
    pid_t pid = (pid_t)json_integer_value(json_object_get(worker, "pid"));

    json_decref(worker);
    return pid;
}

/* ---- tests ---- */

static void cold_warm_switch(void **state)
{
    struct pool_stats stats;

    (void)state;
    open_pool(1, 0, POOL_SHARED);
    assert_int_equal(expect_output(ECHO, "a", "a"), POOL_COLD);
    assert_int_equal(expect_output(ECHO, "b", "b"), POOL_WARM);
    assert_int_equal(expect_output(COUNTER, "x", "invocation 1\n"), POOL_COLD);
    assert_int_equal(expect_output(COUNTER, "x", "invocation 1\n"), POOL_WARM);
    functions[ECHO].memory_limit = 4 << 20; /* another function, as far as slots are concerned */
    assert_int_equal(expect_output(ECHO, "c", "c"), POOL_COLD);
    functions[ECHO].memory_limit = 8 << 20;
    assert_int_equal(expect_output(ECHO, "d", "d"), POOL_SWITCH);
    functions[ECHO].memory_limit = 0;
    assert_int_equal(expect_output(COUNTER, "x", "invocation 1\n"),
                     POOL_WARM); /* the oldest went */
    assert_int_equal(expect_output(ECHO, "e", "e"), POOL_SWITCH);
    pool_stats(pool, &stats);
    assert_int_equal(stats.temperatures[POOL_COLD], 3);
    assert_int_equal(stats.temperatures[POOL_SWITCH], 2);
    assert_int_equal(stats.temperatures[POOL_WARM], 3);
    assert_int_equal(stats.run.count, 8);
    assert_true(stats.rewind.count >= 3);
    assert_int_equal(stats.slots, SLOTS);
    pool_close(pool, 0);
}

static void function_errors(void **state)
{
    json_t *args = json_pack("[ss]", "exit_code", "7");
    struct pool_call call = call_of(EXIT, "");
    struct pool_result result;

    (void)state;
    open_pool(1, 0, POOL_SHARED);
    call.args = args;
    assert_int_equal(pool_invoke(pool, &call, &result), POOL_DONE);
    assert_int_equal(result.outcome, OUTCOME_FUNCTION_ERROR);
    assert_int_equal(result.exit_code, 7);
    assert_true(result.log_bytes > 0);
    pool_result_free(&result);
    call = call_of(LOOP, "");
    call.timeout_ms = 50;
    assert_int_equal(pool_invoke(pool, &call, &result), POOL_DONE);
    assert_int_equal(result.outcome, OUTCOME_ABORTED_BY_HOST);
    pool_result_free(&result);
    call = call_of(ECHO, "");
    call.function.bundle = calloc(1, call.function.bundle_bytes);
    assert_int_equal(pool_invoke(pool, &call, &result), POOL_LOAD_FAILED);
    assert_true(result.why.text[0] != 0);
    pool_result_free(&result);
    free((void *)(uintptr_t)call.function.bundle);
    assert_int_equal(expect_output(ECHO, "still here", "still here"), POOL_COLD);
    json_decref(args);
    pool_close(pool, 0);
}

struct background {
    pthread_t thread;
    bool ended; /* atomic */
    struct pool_call call;
    struct pool_result result;
};

static void *invoke_in_background(void *argument)
{
    struct background *background = argument;

    (void)pool_invoke(pool, &background->call, &background->result);
    __atomic_store_n(&background->ended, true, __ATOMIC_RELEASE);
    return NULL;
}

static void start(struct background *background, enum guest guest, uint64_t timeout_ms)
{
    background->call = call_of(guest, "");
    background->call.timeout_ms = timeout_ms;
    background->ended = false;
    assert_int_equal(pthread_create(&background->thread, NULL, invoke_in_background, background),
                     0);
}

static bool has_ended(struct background *background)
{
    return __atomic_load_n(&background->ended, __ATOMIC_ACQUIRE);
}

static void finish(struct background *background, enum pool_end end)
{
    pthread_join(background->thread, NULL);
    if (background->result.end != end)
        fail_msg("end %d, expected %d: %s", (int)background->result.end, (int)end,
                 background->result.why.text);
    pool_result_free(&background->result);
}

static void wait_for(unsigned busy, unsigned queued)
{
    struct pool_stats stats;

    do {
        pool_stats(pool, &stats);
        sched_yield();
    } while (stats.slots_busy != busy || stats.queue != queued);
}

/* Ends a call that runs without end. A worker that dies between the lease and INVOKE did not get
 * the call, and the next one has it: so until it has ended. */
static void kill_workers_until_ended(unsigned workers, struct background *background)
{
    while (!has_ended(background)) {
        for (unsigned i = 0; i < workers; i++) {
            pid_t pid = pid_of(i);

            if (pid > 0)
                (void)kill(pid, SIGKILL);
        }
        for (;;) { /* it ends, or it is leased again */
            struct pool_stats stats;

            pool_stats(pool, &stats);
            if (has_ended(background) || (stats.workers_up == workers && stats.slots_busy > 0))
                break;
            sched_yield();
        }
    }
}

static void queue_is_bounded(void **state)
{
    struct background running[SLOTS], waiting[2];
    struct pool_call call = call_of(ECHO, "");
    struct pool_result result;

    (void)state;
    open_pool(1, 2, POOL_SHARED);
    for (unsigned i = 0; i < SLOTS; i++)
        start(&running[i], LOOP, PATIENCE_MS);
    wait_for(SLOTS, 0);
    for (unsigned i = 0; i < 2; i++)
        start(&waiting[i], ECHO, PATIENCE_MS);
    wait_for(SLOTS, 2);
    assert_int_equal(pool_invoke(pool, &call, &result), POOL_QUEUE_FULL);
    pool_result_free(&result);
    pool_set_queue_limit(pool, 3);
    call.queue_timeout_ms = 30;
    assert_int_equal(pool_invoke(pool, &call, &result), POOL_NO_SLOT);
    pool_result_free(&result);
    for (unsigned i = 0; i < SLOTS; i++)
        kill_workers_until_ended(1, &running[i]);
    for (unsigned i = 0; i < SLOTS; i++)
        finish(&running[i], POOL_WORKER_LOST);
    for (unsigned i = 0; i < 2; i++) {
        pthread_join(waiting[i].thread, NULL);
        /* lost: a second kill met it */
        assert_true(waiting[i].result.end == POOL_DONE ||
                    waiting[i].result.end == POOL_WORKER_LOST);
        pool_result_free(&waiting[i].result);
    }
    pool_close(pool, 0);
}

static void killed_worker_is_replaced(void **state)
{
    struct background lost;
    struct pool_stats stats;

    (void)state;
    open_pool(2, 0, POOL_SHARED);
    start(&lost, LOOP, 1); /* loads it */
    finish(&lost, POOL_DONE);
    start(&lost, LOOP, PATIENCE_MS);
    wait_for(1, 0);
    kill_workers_until_ended(2, &lost);
    finish(&lost, POOL_WORKER_LOST);
    assert_int_equal(expect_output(ECHO, "again", "again"), POOL_COLD);
    pool_stats(pool, &stats);
    assert_in_range(stats.restarts, 2, 6); /* two at a time, at most three attempts */
    pool_close(pool, 0);
}

/* A stopped process answers nothing and does not end by itself. */
static void wedged_worker_is_killed(void **state)
{
    struct pool_call call = call_of(ECHO, "x");
    struct pool_result result;

    (void)state;
    open_pool(1, 0, POOL_SHARED);
    expect_output(ECHO, "x", "x");
    assert_int_equal(kill(pid_of(0), SIGSTOP), 0);
    call.timeout_ms = 1;
    assert_int_equal(pool_invoke(pool, &call, &result), POOL_WORKER_LOST);
    pool_result_free(&result);
    assert_int_equal(expect_output(ECHO, "y", "y"), POOL_COLD);
    pool_close(pool, 0);
}

static void closing_ends_all(void **state)
{
    struct background running[SLOTS], waiting;

    (void)state;
    open_pool(1, 0, POOL_SHARED);
    for (unsigned i = 0; i < SLOTS; i++)
        start(&running[i], LOOP, PATIENCE_MS);
    wait_for(SLOTS, 0);
    start(&waiting, ECHO, PATIENCE_MS);
    wait_for(SLOTS, 1);
    pool_close(pool, 50);
    finish(&waiting, POOL_CLOSING);
    for (unsigned i = 0; i < SLOTS; i++) {
        pthread_join(running[i].thread, NULL);
        /* closing: its worker was killed before INVOKE was sent, and there is no other */
        assert_true(running[i].result.end == POOL_WORKER_LOST ||
                    running[i].result.end == POOL_CLOSING);
        pool_result_free(&running[i].result);
    }
}

/* Longer and longer, until it is seen to run. */
static void start_and_see(struct background *background)
{
    struct pool_stats stats;

    for (uint64_t ms = 100;; ms *= 2) {
        start(background, LOOP, ms);
        do {
            pool_stats(pool, &stats);
            sched_yield();
        } while (stats.slots_busy == 0 && !has_ended(background));
        if (!has_ended(background))
            return;
        finish(background, POOL_DONE);
    }
}

static void closing_lets_calls_end_in_its_grace(void **state)
{
    struct background running;

    (void)state;
    open_pool(1, 0, POOL_SHARED);
    start_and_see(&running);
    pool_close(pool, PATIENCE_MS);
    finish(&running, POOL_DONE);
    assert_int_equal(running.result.outcome, OUTCOME_ABORTED_BY_HOST);
}

/* Slots of worker 0 that hold anything. */
static unsigned held(void)
{
    json_t *worker = worker_of(0), *slot;
    unsigned count = 0;
    size_t i;

    json_array_foreach(json_object_get(worker, "slots"), i, slot) count +=
        strcmp(json_string_value(json_object_get(slot, "state")), "empty") != 0;
    json_decref(worker);
    return count;
}

static void tenants_do_not_share(void **state)
{
    (void)state;
    memset(functions[COUNTER].tenant, 0x55, 32); /* the scheduler's view is enough here */
    open_pool(1, 0, POOL_SEQUENTIAL);
    expect_output(ECHO, "a", "a");
    functions[ECHO].memory_limit = 8 << 20;
    expect_output(ECHO, "b", "b");
    functions[ECHO].memory_limit = 0;
    assert_int_equal(held(), 2);
    expect_output(COUNTER, "x", "invocation 1\n");
    assert_int_equal(held(), 1);
    expect_output(ECHO, "a", "a");
    assert_int_equal(held(), 1);
    pool_close(pool, 0);
    open_pool(1, 0, POOL_SHARED);
    expect_output(ECHO, "a", "a");
    expect_output(COUNTER, "x", "invocation 1\n");
    assert_int_equal(held(), 2);
    pool_close(pool, 0);
    memset(functions[COUNTER].tenant, 0, 32);
}

#define LOADS 250u

/* Each call finds another function than the slot holds: nothing but loads, in all slots at a time.
 */
static void *load_again_and_again(void *argument)
{
    struct pool_call call = call_of(ECHO, "x");
    unsigned index = *(const unsigned *)argument, *lost = argument;

    *lost = 0;
    for (unsigned i = 0; i < LOADS; i++) {
        struct pool_result result;

        call.function.memory_limit = (8 + index * LOADS + i) << 16;
        *lost += pool_invoke(pool, &call, &result) != POOL_DONE;
        pool_result_free(&result);
    }
    return NULL;
}

static void loads_in_parallel(void **state)
{
    unsigned arguments[SLOTS];
    pthread_t threads[SLOTS];

    (void)state;
    open_pool(1, 0, POOL_SHARED);
    for (unsigned i = 0; i < SLOTS; i++) {
        arguments[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, load_again_and_again, &arguments[i]), 0);
    }
    for (unsigned i = 0; i < SLOTS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(arguments[i], 0);
    }
    pool_close(pool, 0);
}

static void start_failure_is_told(void **state)
{
    static const char *const command[] = {"/bin/false", NULL};
    struct pool_options options = {.worker_command = command, .workers = 1};

    (void)state;
    assert_int_equal(pool_open(&options, &pool, &why), ST_OK);
    assert_int_equal(pool_wait_ready(pool, PATIENCE_MS, &why), ST_IO);
    assert_true(why.text[0] != 0);
    pool_close(pool, 0);
}

static int setup(void **state)
{
    struct process place;

    (void)state;
    log_set_level(LOG_LEVEL_OFF);
    process_folder(&place);
    for (unsigned i = 0; i < GUESTS; i++) {
        size_t bytes;
        uint8_t *bundle = build_guest(&place, guest_names[i], &bytes);

        if (pool_function_describe(bundle, bytes, &functions[i]) != ST_OK)
            return -1;
    }
    process_remove_folder(&place);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < GUESTS; i++)
        free((void *)(uintptr_t)functions[i].bundle);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cold_warm_switch),
        cmocka_unit_test(function_errors),
        cmocka_unit_test(queue_is_bounded),
        cmocka_unit_test(killed_worker_is_replaced),
        cmocka_unit_test(wedged_worker_is_killed),
        cmocka_unit_test(closing_ends_all),
        cmocka_unit_test(tenants_do_not_share),
        cmocka_unit_test(loads_in_parallel),
        cmocka_unit_test(start_failure_is_told),
        cmocka_unit_test(closing_lets_calls_end_in_its_grace),
    };

    return cmocka_run_group_tests_name("pool", tests, setup, teardown);
}
