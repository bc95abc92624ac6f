/* Stopping the store: what compiles, what waits for a compiler and what comes later. The compiler
 * is a script that never ends, and starts a tool that never ends. */
#include "host/action/store.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define UPLOADS 4u

static char folder[] = "/tmp/reclave-compile-XXXXXX";
static char script[64], started[64];
static struct store *store;

struct upload {
    pthread_t thread;
    uint8_t module[9];
    enum status status;
    struct message why;
};

static void write_script(void)
{
    FILE *file = fopen(script, "w");

    assert_non_null(file);
    fprintf(file, "#!/bin/sh\nsleep 100000 &\necho $$ $! >>%s\nwait\n", started);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(script, 0700), 0);
}

static int set_up(void **state)
{
    struct store_options options = {.folder = folder, .program = script, .compilers = 2};
    struct message why = {""};

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(script, sizeof(script), "%s/script", folder);
    snprintf(started, sizeof(started), "%s/started", folder);
    write_script();
    assert_int_equal(store_open(&options, &store, &why), ST_OK);
    return 0;
}

static int tear_down(void **state)
{
    char command[96];

    (void)state;
    store_close(store);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static void *upload(void *argument)
{
    struct upload *one = argument;
    struct code code = {.kind = CODE_WASM, .bytes = one->module, .size = sizeof(one->module)};
    const struct stored *stored;

    one->status = store_add(store, &code, &stored, &one->why);
    return NULL;
}

/* The processes of the scripts that have begun. */
static unsigned read_started(pid_t pids[2 * UPLOADS])
{
    FILE *file = fopen(started, "r");
    unsigned count = 0;
    int shell, tool;

    while (file && count < 2 * UPLOADS && fscanf(file, "%d %d\n", &shell, &tool) == 2) {
        pids[count++] = shell;
        pids[count++] = tool;
    }
    if (file)
        fclose(file);
    return count;
}

/* Zombies count: of a tool somebody else has to collect the status. */
static bool is_gone(pid_t pid)
{
    char path[64], state = 'Z';
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    file = fopen(path, "r");
    if (!file)
        return true;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 'Z';
    fclose(file);
    return state == 'Z';
}

static void must_be_stopped(const struct upload *one)
{
    assert_int_equal(one->status, ST_BUSY);
    assert_string_equal(one->why.text, "the service is shutting down");
}

static void stopping_ends_all_compilations(void **state)
{
    static struct upload uploads[UPLOADS], late;
    pid_t pids[2 * UPLOADS];
    unsigned count;

    (void)state;
    for (unsigned i = 0; i < UPLOADS; i++) {
        memcpy(uploads[i].module, "\0asm\1\0\0\0", 8);
        uploads[i].module[8] = (uint8_t)i;
        assert_int_equal(pthread_create(&uploads[i].thread, NULL, upload, &uploads[i]), 0);
    }
    while (read_started(pids) < 4)
        sched_yield();
    store_stop(store);
    for (unsigned i = 0; i < UPLOADS; i++) {
        pthread_join(uploads[i].thread, NULL);
        must_be_stopped(&uploads[i]);
    }
    count = read_started(pids);
    assert_int_equal(count, 4); /* two at a time, and no more were begun */
    for (unsigned i = 0; i < count; i++) {
        while (!is_gone(pids[i]))
            sched_yield();
    }
    upload(&late);
    must_be_stopped(&late);
    store_stop(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(stopping_ends_all_compilations)};

    return cmocka_run_group_tests_name("compile", tests, set_up, tear_down);
}
