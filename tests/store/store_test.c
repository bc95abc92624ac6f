/* The database: schema, transactions, group commit, what is full and what is damaged. */
#include "host/store/activations.h"
#include "host/store/database.h"
#include "host/store/entities.h"
#include "host/store/schema.h"
#include "host/store/session.h"
#include "host/store/users.h"

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

static char folder[64], file[96];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/reclave-store-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof(file), "%s/reclave.db", folder);
    return 0;
}

static int remove_folder(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

static struct database *open_it(void)
{
    struct database_options options = {
        .path = file, .create = true, .check_up_to_bytes = UINT64_MAX};
    struct database *database = NULL;
    struct message why = {""};
    enum status status = database_open(&options, &database, &why);

    if (status != ST_OK)
        fail_msg("%s", why.text);
    return database;
}

static struct session *writer(struct database *database)
{
    struct session *session = NULL;
    struct message why;

    assert_int_equal(database_write(database, &session, &why), ST_OK);
    return session;
}

static struct session *reader(struct database *database)
{
    struct session *session = NULL;
    struct message why;

    assert_int_equal(database_read(database, &session, &why), ST_OK);
    return session;
}

static void end(struct session *session, enum status status, enum status wanted)
{
    struct message why = {""};

    assert_int_equal(session_end(session, status, &why), wanted);
}

static int64_t add_user(struct database *database, const char *name,
                        struct credentials *credentials)
{
    struct user user = {.rate = -1, .concurrent = -1}, found;
    struct session *session = writer(database);

    snprintf(user.name, sizeof(user.name), "%s", name);
    assert_int_equal(credentials_make(credentials), ST_OK);
    assert_int_equal(user_add(session, &user, credentials), ST_OK);
    assert_int_equal(user_find(session, name, &found), ST_OK);
    end(session, ST_OK, ST_OK);
    return found.id;
}

static enum status put(struct session *session, int64_t space, const char *name, const char *text)
{
    struct entity entity = {.kind = ENTITY_TRIGGER,
                            .package = strdup(""),
                            .name = strdup(name),
                            .row = json_object(),
                            .summary = json_object(),
                            .parameters = json_pack("[s]", text)};
    enum status status = entity_put(session, space, &entity);

    entity_free(&entity);
    return status;
}

static bool is_there(struct database *database, int64_t space, const char *name)
{
    struct session *session = reader(database);
    struct entity_key key = {space, "", name};
    struct entity entity;
    enum status status = entity_get(session, &key, false, &entity);

    entity_free(&entity);
    end(session, ST_OK, ST_OK);
    assert_true(status == ST_OK || status == ST_NOT_FOUND);
    return status == ST_OK;
}

/* ---- opening ---- */

static void test_new_file_is_private(void **state)
{
    struct database *database = open_it();
    struct stat info;

    (void)state;
    database_close(database);
    assert_int_equal(stat(file, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void test_missing_is_not_made(void **state)
{
    struct database_options options = {.path = file};
    struct database *database;
    struct message why = {""};

    (void)state;
    assert_int_equal(database_open(&options, &database, &why), ST_NOT_FOUND);
    assert_null(database);
    assert_int_equal(access(file, F_OK), -1);
}

/* Each older schema, with rows in it, becomes this one; the rows are there. */
static void test_migrations(void **state)
{
    (void)state;
    for (int version = 1; version < schema_version; version++) {
        sqlite3 *handle;
        struct message why = {""};
        struct database *database;
        struct user user;
        struct session *session;

        unlink(file);
        assert_int_equal(sqlite3_open(file, &handle), SQLITE_OK);
        assert_int_equal(schema_upgrade(handle, file, version, &why), ST_OK);
        assert_int_equal(sqlite3_exec(handle,
                                      "INSERT INTO namespaces (name, created) VALUES ('old', 5)",
                                      NULL, NULL, NULL),
                         SQLITE_OK);
        if (version >= 2)
            assert_int_equal(
                sqlite3_exec(
                    handle,
                    "INSERT INTO entities (namespace, kind, package, name, updated, "
                    "row, summary, parameters) VALUES (1, 3, '', 't', 7, '{}', '{}', '[]')",
                    NULL, NULL, NULL),
                SQLITE_OK);
        sqlite3_close(handle);
        database = open_it();
        session = reader(database);
        assert_int_equal(user_find(session, "old", &user), ST_OK);
        end(session, ST_OK, ST_OK);
        assert_int_equal(is_there(database, user.id, "t"), version >= 2);
        session = writer(database);
        assert_int_equal(put(session, user.id, "new", "x"), ST_OK);
        end(session, ST_OK, ST_OK);
        database_close(database);
    }
}

static void test_foreign_and_newer_are_refused(void **state)
{
    static const char *const alien[] = {
        "CREATE TABLE theirs (x)", "PRAGMA application_id = 77",
        "PRAGMA application_id = 1382247542; PRAGMA user_version = 99"};
    static const enum status wanted[] = {ST_CORRUPT, ST_CORRUPT, ST_UNSUPPORTED};

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct database_options options = {.path = file, .create = true};
        struct database *database;
        struct message why = {""};
        struct stat before, after;
        sqlite3 *handle;

        unlink(file);
        assert_int_equal(sqlite3_open(file, &handle), SQLITE_OK);
        assert_int_equal(sqlite3_exec(handle, alien[i], NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(handle);
        assert_int_equal(stat(file, &before), 0);
        assert_int_equal(database_open(&options, &database, &why), wanted[i]);
        assert_non_null(strstr(why.text, file));
        assert_int_equal(stat(file, &after), 0);
        assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
        assert_int_equal(before.st_size, after.st_size);
    }
}

/* ---- transactions ---- */

static void test_undone_and_kept(void **state)
{
    struct database *database = open_it();
    struct credentials credentials;
    int64_t space = add_user(database, "a", &credentials);
    struct session *session = writer(database);

    (void)state;
    assert_int_equal(put(session, space, "undone", "x"), ST_OK);
    end(session, ST_NOT_FOUND, ST_NOT_FOUND);
    assert_false(is_there(database, space, "undone"));
    session = writer(database);
    assert_int_equal(put(session, space, "kept", "x"), ST_OK);
    end(session, ST_OK, ST_OK);
    assert_true(is_there(database, space, "kept"));
    session =
        writer(database); /* the same name twice: the session remembers, all of it is undone */
    assert_int_equal(put(session, space, "first", "x"), ST_OK);
    assert_int_not_equal(put(session, space, "kept", "x"), ST_OK);
    end(session, ST_OK, ST_IO);
    assert_false(is_there(database, space, "first"));
    database_close(database);
}

struct crowd {
    struct database *database;
    int64_t space;
    int number;
    int kept;
};

/* Every third change is undone, every fifth fails in SQLite. */
static void *change(void *argument)
{
    struct crowd *crowd = argument;

    for (int i = 0; i < 30; i++) {
        struct session *session = NULL;
        struct message why;
        char name[32];
        enum status status;

        snprintf(name, sizeof(name), "c%d-%d", crowd->number, i);
        if (database_write(crowd->database, &session, &why) != ST_OK)
            return NULL;
        status = put(session, crowd->space, name, "x");
        if (i % 5 == 4)
            (void)!put(session, crowd->space, name, "again");
        if (i % 3 == 2 && status == ST_OK)
            status = ST_INVALID_ARGUMENT;
        status = session_end(session, status, &why);
        crowd->kept += status == ST_OK;
    }
    return NULL;
}

static void test_group_commit(void **state)
{
    struct database *database = open_it();
    struct credentials credentials;
    int64_t space = add_user(database, "a", &credentials), count = 0;
    struct crowd crowds[8];
    pthread_t threads[8];
    struct session *session;
    struct entity_filter filter = {.namespace_id = space, .kind = ENTITY_TRIGGER};

    (void)state;
    for (int i = 0; i < 8; i++) {
        crowds[i] = (struct crowd){database, space, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, change, &crowds[i]), 0);
    }
    for (int i = 0; i < 8; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(crowds[i].kept, 16);
    }
    database_close(database);
    database = open_it(); /* what is in the file, not in memory */
    session = reader(database);
    assert_int_equal(entity_count(session, &filter, &count), ST_OK);
    end(session, ST_OK, ST_OK);
    assert_int_equal(count, 8 * 16);
    for (int i = 0; i < 30; i++) {
        char name[32];

        snprintf(name, sizeof(name), "c3-%d", i);
        assert_int_equal(is_there(database, space, name), i % 3 != 2 && i % 5 != 4);
    }
    database_close(database);
}

struct follower {
    struct database *database;
    int64_t space;
    int round;
    _Atomic bool about_to, first_ended;
    bool too_early;
};

/* Has the turn while the first one's change is in the same, open transaction. */
static void *follow(void *argument)
{
    struct follower *follower = argument;
    struct session *session = NULL;
    struct message why;
    char name[32];

    follower->about_to = true;
    if (database_write(follower->database, &session, &why) != ST_OK)
        return NULL;
    for (int i = 0; i < 2000 && !follower->first_ended; i++)
        sched_yield();
    snprintf(name, sizeof(name), "first-%d", follower->round);
    follower->too_early =
        follower->first_ended && !is_there(follower->database, follower->space, name);
    if (session_end(session, ST_OK, &why) != ST_OK)
        follower->too_early = true;
    return NULL;
}

/* Who has left the commit to another one is told of success only when that has committed. */
static void test_acknowledged_is_committed(void **state)
{
    struct database *database = open_it();
    struct credentials credentials;
    int64_t space = add_user(database, "a", &credentials);

    (void)state;
    for (int round = 0; round < 20; round++) {
        struct follower follower = {.database = database, .space = space, .round = round};
        struct session *session = writer(database);
        char name[32];
        pthread_t thread;

        assert_int_equal(pthread_create(&thread, NULL, follow, &follower), 0);
        while (!follower.about_to)
            sched_yield();
        for (int i = 0; i < 200; i++) /* let it wait for its turn */
            sched_yield();
        snprintf(name, sizeof(name), "first-%d", round);
        assert_int_equal(put(session, space, name, "x"), ST_OK);
        end(session, ST_OK, ST_OK);
        follower.first_ended = true;
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_false(follower.too_early);
    }
    database_close(database);
}

static void test_readers_see_no_half(void **state)
{
    struct database *database = open_it();
    struct credentials credentials;
    int64_t space = add_user(database, "a", &credentials);
    struct session *session = writer(database);

    (void)state;
    assert_int_equal(put(session, space, "half", "x"), ST_OK);
    assert_false(is_there(database, space, "half"));
    end(session, ST_OK, ST_OK);
    assert_true(is_there(database, space, "half"));
    database_close(database);
}

/* SQLite's own limit of pages gives the error that a full disk gives. */
static void test_full(void **state)
{
    struct database *database = open_it();
    struct credentials credentials;
    int64_t space = add_user(database, "a", &credentials);
    struct session *session = writer(database);
    struct message why = {""};
    char *large = calloc(1, 1 << 20);
    enum status status;

    (void)state;
    memset(large, 'x', (1 << 20) - 1);
    assert_int_equal(put(session, space, "before", "x"), ST_OK);
    end(session, ST_OK, ST_OK);
    session = writer(database);
    assert_int_equal(sqlite3_exec(session->handle, "PRAGMA max_page_count = 60", NULL, NULL, NULL),
                     SQLITE_OK);
    status = put(session, space, "large", large);
    assert_int_equal(session_end(session, status, &why), ST_IO);
    assert_non_null(strstr(why.text, "full"));
    assert_non_null(strstr(why.text, "nothing was changed"));
    assert_true(is_there(database, space, "before"));
    assert_false(is_there(database, space, "large"));
    session = writer(database);
    assert_int_equal(
        sqlite3_exec(session->handle, "PRAGMA max_page_count = 100000", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(put(session, space, "large", large), ST_OK);
    end(session, ST_OK, ST_OK);
    assert_true(is_there(database, space, "large"));
    free(large);
    database_close(database);
}

/* ---- tenants ---- */

static void test_authentication(void **state)
{
    struct database *database = open_it();
    struct credentials first, second, wrong;
    int64_t space = add_user(database, "a", &first);
    struct user user;
    struct session *session;

    (void)state;
    (void)add_user(database, "b", &second);
    session = writer(database);
    assert_int_equal(user_authenticate(session, &first, &user), ST_OK);
    assert_int_equal(user.id, space);
    wrong = first;
    strcpy(wrong.key, second.key);
    assert_int_equal(user_authenticate(session, &wrong, &user), ST_NOT_FOUND);
    wrong = first;
    wrong.key[63] ^= 1;
    assert_int_equal(user_authenticate(session, &wrong, &user), ST_NOT_FOUND);
    wrong.key[63] = 0;
    assert_int_equal(user_authenticate(session, &wrong, &user), ST_NOT_FOUND);
    wrong = first;
    wrong.uuid[0] = wrong.uuid[0] == '0' ? '1' : '0';
    assert_int_equal(user_authenticate(session, &wrong, &user), ST_NOT_FOUND);
    assert_int_equal(user_rotate(session, "a", &second), ST_BUSY);
    end(session, ST_BUSY, ST_BUSY);
    session = writer(database);
    assert_int_equal(user_authenticate(session, &first, &user), ST_OK);
    assert_int_equal(user_remove(session, "a"), ST_OK);
    assert_int_equal(user_authenticate(session, &first, &user), ST_NOT_FOUND);
    end(session, ST_OK, ST_OK);
    database_close(database);
}

static void test_credentials(void **state)
{
    static const char uuid[] = "23bc46b1-71f6-4ed5-8c54-816aa4f8c502";
    static const char key[] = "123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP";
    static const struct {
        const char *uuid, *between, *key;
        bool good;
    } cases[] = {
        {uuid, ":", key, true},      {"", ":", key, false},
        {uuid, "", key, false},      {uuid, "::", key, true}, /* a colon in the key */
        {uuid, ":", "short", false}, {"23bc46b1x71f6-4ed5-8c54-816aa4f8c502", ":", key, false},
        {uuid, ": ", key, false},    {"g3bc46b1-71f6-4ed5-8c54-816aa4f8c502", ":", key, false},
        {uuid, ":\x7f", key, false}, {"23bc46b171f64ed58c54816aa4f8c502", ":", key, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[256];
        struct credentials credentials;
        struct message why = {""};

        snprintf(text, sizeof(text), "%s%s%s", cases[i].uuid, cases[i].between, cases[i].key);
        assert_int_equal(credentials_parse(text, &credentials, &why) == ST_OK, cases[i].good);
        assert_int_equal(why.text[0] == 0, cases[i].good);
        assert_null(strstr(why.text, key));
    }
}

/* ---- activations ---- */

static void add_activation(struct session *session, int64_t space, int64_t start)
{
    struct activation activation = {.name = "n",
                                    .start = start,
                                    .summary = json_object(),
                                    .response = json_object(),
                                    .logs = json_array()};

    assert_int_equal(activation_id_make(activation.id), ST_OK);
    assert_int_equal(activation_add(session, space, &activation), ST_OK);
    activation_free(&activation);
}

static int64_t count_activations(struct session *session, int64_t space)
{
    struct activation_filter filter = {.namespace_id = space, .upto = INT64_MAX};
    int64_t count = -1;

    assert_int_equal(activation_count(session, &filter, &count), ST_OK);
    return count;
}

static void test_retention(void **state)
{
    struct database *database = open_it();
    struct credentials credentials;
    int64_t a = add_user(database, "a", &credentials), b = add_user(database, "b", &credentials);
    struct session *session = writer(database);
    unsigned deleted = 0;

    (void)state;
    for (int i = 1; i <= 10; i++)
        add_activation(session, a, i);
    for (int i = 1; i <= 4; i++)
        add_activation(session, b, i);
    assert_int_equal(activation_expire(session, 3, 0, 100, &deleted), ST_OK); /* older than 3 */
    assert_int_equal(deleted, 4);
    assert_int_equal(count_activations(session, a), 8);
    assert_int_equal(activation_expire(session, 0, 5, 2, &deleted), ST_OK); /* at most 2 */
    assert_int_equal(deleted, 2);
    assert_int_equal(activation_expire(session, 0, 5, 100, &deleted), ST_OK);
    assert_int_equal(deleted, 1);
    assert_int_equal(count_activations(session, a), 5);
    assert_int_equal(count_activations(session, b), 2);
    assert_int_equal(activation_expire(session, 0, 5, 100, &deleted), ST_OK);
    assert_int_equal(deleted, 0);
    end(session, ST_OK, ST_OK);
    database_close(database);
}

static void count_pending(void *context, int64_t namespace_id, const char *namespace_name,
                          const char *id, bool started, const json_t *request)
{
    int *counts = context;

    (void)namespace_id;
    (void)id;
    assert_string_equal(namespace_name, "a");
    assert_int_equal(json_integer_value(json_object_get(request, "x")), 1);
    counts[started]++;
}

static void test_pending(void **state)
{
    struct database *database = open_it();
    struct credentials credentials;
    int64_t space = add_user(database, "a", &credentials);
    struct session *session = writer(database);
    json_t *request = json_pack("{s:i}", "x", 1);
    int counts[2] = {0, 0};

    (void)state;
    assert_int_equal(pending_add(session, space, "one", false, request), ST_OK);
    assert_int_equal(pending_add(session, space, "two", false, request), ST_OK);
    assert_int_equal(pending_add(session, space, "three", true, request), ST_OK);
    assert_int_equal(pending_start(session, "two"), ST_OK);
    assert_int_equal(pending_start(session, "two"), ST_NOT_FOUND); /* never begun twice */
    assert_int_equal(pending_remove(session, "three"), ST_OK);
    assert_int_equal(pending_remove(session, "three"), ST_OK);
    assert_int_equal(pending_list(session, count_pending, counts), ST_OK);
    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[1], 1);
    end(session, ST_OK, ST_OK);
    json_decref(request);
    database_close(database);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(test_new_file_is_private),
        CASE(test_missing_is_not_made),
        CASE(test_migrations),
        CASE(test_foreign_and_newer_are_refused),
        CASE(test_undone_and_kept),
        CASE(test_group_commit),
        CASE(test_acknowledged_is_committed),
        CASE(test_readers_see_no_half),
        CASE(test_full),
        CASE(test_authentication),
        CASE(test_credentials),
        CASE(test_retention),
        CASE(test_pending),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
