/* The state on disk: killed after each step of writing, what is there is the old state or the new.
 */
#include "host/keeper/store.h"
#include "tests/attest/support.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BYTES 5000

static char folder[64], path[128];
static struct message why;
static const char *die_after;

static void kill_at_step(const char *step)
{
    if (strcmp(step, die_after) == 0)
        _exit(9); /* as SIGKILL: nothing more is written */
}

static void write_in_child(const char *step, const uint8_t *data)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        die_after = step;
        store_after_step = kill_at_step;
        _exit(store_write(path, data, BYTES, &why) == ST_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 9);
}

static void a_kill_leaves_the_old_state_or_the_new(void **state)
{
    static const char *const steps[] = {"opened", "written", "synced", "renamed"};
    uint8_t old[BYTES], new[BYTES], found[BYTES];

    (void)state;
    memset(old, 1, sizeof(old));
    memset(new, 2, sizeof(new));
    for (unsigned i = 0; i < 4; i++) {
        assert_good(store_write(path, old, sizeof(old), &why));
        write_in_child(steps[i], new);
        assert_good(store_read(path, found, sizeof(found), &why));
        assert_memory_equal(found, i == 3 ? new : old, sizeof(found));
        assert_good(store_write(path, new, sizeof(new), &why)); /* what was left is no obstacle */
        assert_good(store_read(path, found, sizeof(found), &why));
        assert_memory_equal(found, new, sizeof(found));
    }
}

static void states_of_another_length_and_none(void **state)
{
    uint8_t data[BYTES] = {3};

    (void)state;
    unlink(path);
    assert_status(store_read(path, data, sizeof(data), &why), ST_NOT_FOUND);
    for (unsigned bytes = 0; bytes < BYTES; bytes += 499) {
        assert_good(store_write(path, data, bytes, &why));
        assert_status(store_read(path, data, BYTES, &why), ST_CORRUPT);
        assert_non_null(strstr(why.text, path));
    }
    assert_good(store_write(path, data, BYTES, &why));
    assert_status(store_read(path, data, BYTES - 1, &why), ST_CORRUPT);
}

static void only_its_user_may_read_it(void **state)
{
    uint8_t data[BYTES] = {3};
    struct stat info;

    (void)state;
    assert_good(store_write(path, data, BYTES, &why));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void a_folder_that_is_not_there(void **state)
{
    uint8_t data[1] = {0};

    (void)state;
    assert_status(store_write("/nonexistent/keeper.state", data, 1, &why), ST_IO);
    assert_non_null(strstr(why.text, "/nonexistent"));
}

static void one_keeper_at_a_time(void **state)
{
    int first, second;

    (void)state;
    assert_good(store_lock(path, &first, &why));
    assert_status(store_lock(path, &second, &why), ST_BUSY);
    close(first);
    assert_good(store_lock(path, &second, &why));
    close(second);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/reclave-store-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/keeper.state", folder);
    return 0;
}

static int tear_down(void **state)
{
    char lock[160];

    (void)state;
    snprintf(lock, sizeof(lock), "%s.lock", path);
    unlink(lock);
    unlink(path);
    return rmdir(folder);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_kill_leaves_the_old_state_or_the_new),
        CASE(states_of_another_length_and_none),
        CASE(only_its_user_may_read_it),
        CASE(a_folder_that_is_not_there),
        CASE(one_keeper_at_a_time),
    };

    return cmocka_run_group_tests_name("keeper: store", tests, set_up, tear_down);
}
