/* reclave top: what a running `reclave serve` is doing, in a terminal. */
#include "cli/commands.h"
#include "cli/number.h"
#include "host/daemon/admin_client.h"

#include <argp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CLEAR "\033[H\033[J"
#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

struct top {
    const char *admin;
    uint64_t interval_ms;
    bool once, json, terminal;
    json_int_t last_invocations;
    double last_time;
};

enum key { KEY_ADMIN = 0x100, KEY_INTERVAL, KEY_ONCE, KEY_JSON };

static const struct argp_option options[] = {
    {"admin", KEY_ADMIN, "ADDR", 0, "Its admin address (default 127.0.0.1:9464)", 0},
    {"interval", KEY_INTERVAL, "MS", 0, "Between two looks (default 1000)", 0},
    {"once", KEY_ONCE, NULL, 0, "Look once and end; the default where stdout is no terminal", 0},
    {"json", KEY_JSON, NULL, 0, "The numbers as one JSON object; implies --once", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct top *top = state->input;

    switch (key) {
    case KEY_ADMIN:
        top->admin = argument;
        return 0;
    case KEY_INTERVAL:
        if (!number_parse(argument, 100, 3600000, &top->interval_ms))
            argp_error(state, "--interval: '%s' is not a whole number from 100 to 3600000",
                       argument);
        return 0;
    case KEY_JSON:
        top->json = top->once = true;
        return 0;
    case KEY_ONCE:
        top->once = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value ? value : "";
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void show_totals(struct top *top, const json_t *pool)
{
    json_int_t invocations = number(pool, "invocations");
    double time = now();

    printf("%sinvocations%s %lld", top->terminal ? BOLD : "", top->terminal ? PLAIN : "",
           (long long)invocations);
    if (top->last_time > 0)
        printf(" (%.0f/s)",
               (double)(invocations - top->last_invocations) / (time - top->last_time));
    printf("   warm %lld  cold %lld  switch %lld   queue %lld of %lld   restarts %lld\n",
           (long long)number(pool, "warm"), (long long)number(pool, "cold"),
           (long long)number(pool, "switch"), (long long)number(pool, "queue"),
           (long long)number(pool, "queue_limit"), (long long)number(pool, "restarts"));
    top->last_invocations = invocations;
    top->last_time = time;
}

static void show_times(const json_t *pool)
{
    static const char *const names[] = {"queued", "load", "run", "rewind"};

    printf("%-8s %12s %14s %14s\n", "", "count", "p50 below us", "p99 below us");
    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const json_t *times = json_object_get(pool, names[i]);

        printf("%-8s %12lld %14lld %14lld\n", names[i], (long long)number(times, "count"),
               (long long)number(times, "p50_us"), (long long)number(times, "p99_us"));
    }
}

static void show_worker(const json_t *worker)
{
    const json_t *slots = json_object_get(worker, "slots"), *slot;
    size_t i;

    printf("\nworker %lld  %s  pid %lld  starts %lld  %s  %lld pages\n",
           (long long)number(worker, "worker"), text(worker, "state"),
           (long long)number(worker, "pid"), (long long)number(worker, "starts"),
           text(worker, "backend"), (long long)number(worker, "enclave_pages"));
    json_array_foreach(slots, i, slot)
        printf("  slot %zu  %-6s %-16.16s %12lld\n", i, text(slot, "state"), text(slot, "function"),
               (long long)number(slot, "invocations"));
}

static void show(struct top *top, const json_t *pool)
{
    const json_t *workers = json_object_get(pool, "workers"), *worker;
    size_t i;

    if (top->json) {
        json_dumpf(pool, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
        putchar('\n');
        return;
    }
    if (top->terminal && !top->once)
        fputs(CLEAR, stdout);
    show_totals(top, pool);
    show_times(pool);
    json_array_foreach(workers, i, worker) show_worker(worker);
    fflush(stdout);
}

/* False: time to end. */
static bool wait_a_while(const struct top *top, const sigset_t *signals)
{
    struct timespec limit = {(time_t)(top->interval_ms / 1000),
                             (long)(top->interval_ms % 1000) * 1000000};

    return sigtimedwait(signals, NULL, &limit) < 0;
}

static int watch(struct top *top)
{
    struct message why;
    sigset_t signals;
    json_t *pool;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    do {
        if (admin_pool(top->admin, &pool, &why) != ST_OK) {
            fprintf(stderr, "reclave top: %s\n", why.text);
            return 1;
        }
        show(top, pool);
        json_decref(pool);
    } while (!top->once && wait_a_while(top, &signals));
    return 0;
}

int cmd_top(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc =
            "Shows what a running `reclave serve` does: workers, slots, what they hold, times. ^C "
            "ends it.\vExample:\n"
            "  reclave top --admin 127.0.0.1:9464",
    };
    struct top top = {.admin = "127.0.0.1:9464", .interval_ms = 1000};

    argp_err_exit_status = 2;
    argv[0] = (char *)"reclave top";
    if (argp_parse(&argp, argc, argv, 0, NULL, &top) != 0)
        return 2;
    top.terminal = isatty(STDOUT_FILENO);
    top.once = top.once || !top.terminal;
    return watch(&top);
}
