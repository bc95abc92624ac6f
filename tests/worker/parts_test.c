/* The worker's small parts: medians, image choice, the socket's path, sentences. */
#include "host/worker/images.h"
#include "host/worker/outcome.h"
#include "host/worker/samples.h"
#include "host/worker/socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct message why;
static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/reclave-parts-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static const char *in_folder(const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void touch(const char *name)
{
    FILE *file = fopen(in_folder(name), "w");

    assert_non_null(file);
    fclose(file);
}

/* ---- medians ---- */

static void the_median_is_the_middle_whatever_the_order(void **state)
{
    struct samples samples = {0};

    (void)state;
    assert_int_equal(samples_median(&samples), 0);
    samples_add(&samples, 30);
    samples_add(&samples, 10);
    assert_int_equal(samples_median(&samples), 10);
    samples_add(&samples, 20);
    assert_int_equal(samples_median(&samples), 20);
    samples_free(&samples);
}

static void old_samples_give_way(void **state)
{
    struct samples samples = {0};

    (void)state;
    for (unsigned i = 0; i < SAMPLES_KEPT; i++)
        samples_add(&samples, 1);
    for (unsigned i = 0; i < SAMPLES_KEPT; i++)
        samples_add(&samples, 9);
    assert_int_equal(samples_median(&samples), 9);
    samples_free(&samples);
}

/* ---- images ---- */

static void images_are_chosen_by_pages_and_size(void **state)
{
    char path[256];

    (void)state;
    touch("reclave-lazy.rci");
    touch("reclave-eager-256.rci");
    touch("reclave-eager-16.rci");
    assert_int_equal(images_choose(folder, IMAGE_PAGES_LAZY, 99, path, sizeof(path), &why), ST_OK);
    assert_string_equal(path, in_folder("reclave-lazy.rci"));
    assert_int_equal(images_choose(folder, IMAGE_PAGES_EAGER, 16, path, sizeof(path), &why), ST_OK);
    assert_string_equal(path, in_folder("reclave-eager-16.rci"));
    assert_int_equal(images_choose(folder, IMAGE_PAGES_EAGER, 0, path, sizeof(path), &why), ST_OK);
    assert_string_equal(path, in_folder("reclave-eager-256.rci"));
    assert_int_equal(images_choose(folder, IMAGE_PAGES_EAGER, 17, path, sizeof(path), &why),
                     ST_NOT_FOUND);
    assert_non_null(strstr(why.text, "16, 256"));
    unlink(in_folder("reclave-lazy.rci"));
    unlink(in_folder("reclave-eager-256.rci"));
    unlink(in_folder("reclave-eager-16.rci"));
}

static void a_folder_without_images_is_named(void **state)
{
    char path[256];

    (void)state;
    assert_int_equal(images_choose(folder, IMAGE_PAGES_EAGER, 16, path, sizeof(path), &why),
                     ST_NOT_FOUND);
    assert_non_null(strstr(why.text, folder));
    assert_int_equal(images_choose(folder, IMAGE_PAGES_LAZY, 0, path, 8, &why), ST_OUT_OF_RANGE);
}

/* ---- socket ---- */

static void the_socket_is_private_and_removed_at_the_end(void **state)
{
    struct listener listener;
    struct stat info;

    (void)state;
    assert_int_equal(listener_open(in_folder("s"), &listener, &why), ST_OK);
    assert_int_equal(lstat(in_folder("s"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    listener_close(&listener);
    assert_int_not_equal(lstat(in_folder("s"), &info), 0);
}

static void a_socket_left_behind_is_replaced(void **state)
{
    struct listener first, second;

    (void)state;
    assert_int_equal(listener_open(in_folder("s"), &first, &why), ST_OK);
    close(first.fd); /* as a killed process leaves it */
    assert_int_equal(listener_open(in_folder("s"), &second, &why), ST_OK);
    listener_close(&second);
}

static void a_socket_in_use_is_left_alone(void **state)
{
    struct listener first, second;
    int fd;

    (void)state;
    assert_int_equal(listener_open(in_folder("s"), &first, &why), ST_OK);
    assert_int_equal(listener_open(in_folder("s"), &second, &why), ST_BUSY);
    assert_int_equal(socket_connect(in_folder("s"), &fd, &why), ST_OK);
    close(fd);
    listener_close(&first);
    assert_int_equal(socket_connect(in_folder("s"), &fd, &why), ST_NOT_FOUND);
}

static void what_is_no_socket_is_left_alone(void **state)
{
    struct listener listener;

    (void)state;
    touch("file");
    assert_int_equal(listener_open(in_folder("file"), &listener, &why), ST_BUSY);
    assert_int_equal(unlink(in_folder("file")), 0);
}

static void another_worker_s_socket_is_not_removed(void **state)
{
    struct listener first, second;
    struct stat info;

    (void)state;
    assert_int_equal(listener_open(in_folder("s"), &first, &why), ST_OK);
    assert_int_equal(unlink(in_folder("s")), 0);
    assert_int_equal(listener_open(in_folder("s"), &second, &why), ST_OK);
    listener_close(&first);
    assert_int_equal(lstat(in_folder("s"), &info), 0);
    listener_close(&second);
}

static void paths_too_long_for_a_socket_are_refused(void **state)
{
    struct listener listener;
    char path[200];

    (void)state;
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = 0;
    assert_int_equal(listener_open(path, &listener, &why), ST_OUT_OF_RANGE);
    assert_int_equal(listener_open("", &listener, &why), ST_OUT_OF_RANGE);
}

/* ---- sentences ---- */

static const struct outcome_time in_time = {1000000, 999};
static const struct outcome_time late = {1000000, 1000001};

static void must_say(enum status status, struct entry_invocation invocation,
                     struct outcome_time time, const char *text)
{
    assert_false(outcome_ok(status, &invocation, time, &why));
    if (!strstr(why.text, text))
        fail_msg("'%s' does not say '%s'", why.text, text);
}

static void failures_say_what_to_do(void **state)
{
    struct entry_invocation good = {.outcome = OUTCOME_OK};

    (void)state;
    assert_true(outcome_ok(ST_OK, &good, in_time, &why));
    must_say(ST_OK,
             (struct entry_invocation){
                 .outcome = OUTCOME_TRAP, .trap = TRAP_OUTPUT_LIMIT, .output_limit = 3 << 20},
             in_time, "output larger than 3 MiB: raise --output-limit");
    must_say(ST_OK, (struct entry_invocation){.outcome = OUTCOME_TRAP, .trap = TRAP_UNREACHABLE},
             in_time, "unreachable executed");
    must_say(ST_OK,
             (struct entry_invocation){.outcome = OUTCOME_TRAP, .trap = TRAP_STACK_EXHAUSTED},
             in_time, "--stack");
    must_say(ST_OK, (struct entry_invocation){.outcome = OUTCOME_FUNCTION_ERROR, .exit_code = -2},
             in_time, "exit code -2");
    must_say(ST_OK, (struct entry_invocation){.outcome = OUTCOME_ABORTED_BY_HOST}, late,
             "time limit of 1 ms: raise --timeout");
    must_say(ST_OK, (struct entry_invocation){.outcome = OUTCOME_ABORTED_BY_HOST}, in_time,
             "aborted");
    must_say(ST_OK, (struct entry_invocation){.outcome = 77}, in_time, "unknown outcome");
    must_say(ST_ENVIRONMENT_REFUSED, good, in_time, "reclave build --env");
    must_say(ST_SLOT_POISONED, good, in_time, "poisoned");
}

static void refused_bundles_say_what_to_do(void **state)
{
    static const struct {
        enum status status;
        const char *text;
    } cases[] = {
        {ST_BUNDLE_FORMAT, "rebuild it with `reclave build"},
        {ST_BUNDLE_ABI, "rebuild it with `reclave build"},
        {ST_BUNDLE_SFI, "rebuild it with `reclave build"},
        {ST_BUNDLE_CPU, "--cpu 2"},
        {ST_BUNDLE_CODE,
         "only %gs and %fs may have one, at offset 0x1040: rebuild it with `reclave build"},
        {ST_BUNDLE_MEMORY, "40 KiB are missing"},
        {ST_BUNDLE_INIT, "initialisation failed: the function trapped: integer overflow"},
        {ST_BUNDLE_RANDOM, "reclave_after_rewind"},
        {ST_BUNDLE_SIGNATURE, "signature"},
    };
    const struct slot_load load = {
        .needed_pages = 10,
        .verify_reason = 41,
        .verify_offset = 0x1040,
        .initial = {.outcome = OUTCOME_TRAP, .trap = TRAP_INTEGER_OVERFLOW},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        outcome_of_load(cases[i].status, &load, in_time, &why);
        if (!strstr(why.text, cases[i].text))
            fail_msg("'%s' does not say '%s'", why.text, cases[i].text);
    }
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_median_is_the_middle_whatever_the_order),
        cmocka_unit_test(old_samples_give_way),
        FOLDER_TEST(images_are_chosen_by_pages_and_size),
        FOLDER_TEST(a_folder_without_images_is_named),
        FOLDER_TEST(the_socket_is_private_and_removed_at_the_end),
        FOLDER_TEST(a_socket_left_behind_is_replaced),
        FOLDER_TEST(a_socket_in_use_is_left_alone),
        FOLDER_TEST(what_is_no_socket_is_left_alone),
        FOLDER_TEST(another_worker_s_socket_is_not_removed),
        FOLDER_TEST(paths_too_long_for_a_socket_are_refused),
        cmocka_unit_test(failures_say_what_to_do),
        cmocka_unit_test(refused_bundles_say_what_to_do),
    };

    return cmocka_run_group_tests_name("worker parts", tests, NULL, NULL);
}
