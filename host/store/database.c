#include "host/store/database.h"

#include "host/store/schema.h"
#include "host/store/session.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_READERS 8u
#define BUSY_MS         10000 /* how long other processes may hold the lock */
#define BATCH_MAX       64u   /* writers that share a sync */

/*
 * Group commit. The writer's connection is used by one thread at a time. Who ends and sees others
 * waiting leaves the transaction open for them and waits; the last one commits for all of the
 * batch.
 */
struct waiter {
    bool done;
    int code; /* SQLite's, of the commit */
    struct waiter *next;
};

struct database {
    char path[PATH_MAX];
    pthread_mutex_t lock;
    pthread_cond_t turn;      /* the writer's connection is free */
    pthread_cond_t committed; /* a batch has ended */
    pthread_cond_t reader;    /* a reader's connection is free */
    struct session writer;
    bool writing;           /* a thread uses `writer` */
    unsigned waiting;       /* threads that want to */
    unsigned in_batch;      /* threads whose changes are in the open transaction */
    struct waiter *waiters; /* those of them who have left it to others to commit */
    struct session *readers, *free_readers;
    unsigned reader_count;
};

int64_t database_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t steady_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- opening ---- */

static int execute(sqlite3 *handle, const char *sql)
{
    int code = sqlite3_exec(handle, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? SQLITE_OK : sqlite3_extended_errcode(handle);
}

/* synchronous = FULL: a commit is on the disk when it returns. */
static enum status open_session(struct database *database, struct session *session, int flags,
                                struct message *why)
{
    int code = sqlite3_open_v2(database->path, &session->handle,
                               flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

    session->database = database;
    session->writes = (flags & SQLITE_OPEN_READWRITE) != 0;
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(session->handle, BUSY_MS);
    if (code == SQLITE_OK)
        code = execute(session->handle, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;"
                                        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                                        "PRAGMA mmap_size = 0; PRAGMA cache_size = -8000;");
    if (code == SQLITE_OK)
        return ST_OK;
    sqlite_explain(code, database->path, why);
    return sqlite_status(code);
}

static void close_session(struct session *session)
{
    for (unsigned i = 0; i < SESSION_STATEMENTS && session->statements[i].sql; i++)
        sqlite3_finalize(session->statements[i].statement);
    sqlite3_close(session->handle);
}

/* All pages and rows are what they should be. */
static enum status check_pages(sqlite3 *handle, const char *path, struct message *why)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(handle, "PRAGMA quick_check(1)", -1, &statement, NULL);
    bool good = false;

    if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);

        good = text && strcmp(text, "ok") == 0;
        code = SQLITE_CORRUPT;
    } else if (code == SQLITE_OK) {
        code = sqlite3_extended_errcode(handle);
    }
    sqlite3_finalize(statement);
    if (good)
        return ST_OK;
    sqlite_explain(code, path, why);
    return sqlite_status(code);
}

static enum status check_file(const struct database *database,
                              const struct database_options *options, struct message *why)
{
    struct stat info;

    if (stat(database->path, &info) != 0) {
        if (errno == ENOENT && options->create)
            return ST_OK;
        message_set(why, "cannot read %s: %s", database->path, strerror(errno));
        return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
    }
    if (!S_ISREG(info.st_mode)) {
        message_set(why, "%s is not a file", database->path);
        return ST_IO;
    }
    return ST_OK;
}

static enum status open_writer(struct database *database, const struct database_options *options,
                               struct message *why)
{
    struct stat info = {0};
    enum status status = check_file(database, options, why);
    int code;

    if (status == ST_OK)
        status =
            open_session(database, &database->writer,
                         SQLITE_OPEN_READWRITE | (options->create ? SQLITE_OPEN_CREATE : 0), why);
    (void)chmod(database->path, 0600);
    if (status == ST_OK && stat(database->path, &info) == 0 && info.st_size > 0 &&
        (uint64_t)info.st_size <= options->check_up_to_bytes)
        status = check_pages(database->writer.handle, database->path, why);
    if (status == ST_OK) /* first: it finds out whether the file is ours to write to */
        status = schema_upgrade(database->writer.handle, database->path, schema_version, why);
    if (status != ST_OK)
        return status;
    code = execute(database->writer.handle, "PRAGMA journal_mode = WAL;"
                                            "PRAGMA wal_autocheckpoint = 2000;");
    if (code == SQLITE_OK)
        return ST_OK;
    sqlite_explain(code, database->path, why);
    return sqlite_status(code);
}

static enum status open_readers(struct database *database, unsigned count, struct message *why)
{
    database->readers = calloc(count, sizeof(*database->readers));
    if (!database->readers)
        return ST_NO_MEMORY;
    for (unsigned i = 0; i < count; i++) {
        struct session *session = &database->readers[i];
        enum status status = open_session(database, session, SQLITE_OPEN_READONLY, why);

        database->reader_count = i + 1;
        if (status != ST_OK)
            return status;
        session->next_free = database->free_readers;
        database->free_readers = session;
    }
    return ST_OK;
}

enum status database_open(const struct database_options *options, struct database **out,
                          struct message *why)
{
    struct database *database = calloc(1, sizeof(*database));
    enum status status = ST_OK;

    *out = NULL;
    if (!database)
        return ST_NO_MEMORY;
    pthread_mutex_init(&database->lock, NULL);
    pthread_cond_init(&database->turn, NULL);
    pthread_cond_init(&database->committed, NULL);
    pthread_cond_init(&database->reader, NULL);
    if (snprintf(database->path, sizeof(database->path), "%s", options->path) >= PATH_MAX) {
        message_set(why, "%.100s...: the path is too long", options->path);
        status = ST_OUT_OF_RANGE;
    }
    if (status == ST_OK)
        status = open_writer(database, options, why);
    if (status == ST_OK)
        status = open_readers(database, options->readers ? options->readers : DEFAULT_READERS, why);
    if (status == ST_OK)
        *out = database;
    else
        database_close(database);
    return status;
}

void database_close(struct database *database)
{
    if (!database)
        return;
    for (unsigned i = 0; i < database->reader_count; i++)
        close_session(&database->readers[i]);
    free(database->readers);
    close_session(&database->writer);
    pthread_cond_destroy(&database->reader);
    pthread_cond_destroy(&database->committed);
    pthread_cond_destroy(&database->turn);
    pthread_mutex_destroy(&database->lock);
    free(database);
}

/* ---- sessions ---- */

static void reset_statements(struct session *session)
{
    for (unsigned i = 0; i < SESSION_STATEMENTS && session->statements[i].sql; i++) {
        sqlite3_reset(session->statements[i].statement);
        sqlite3_clear_bindings(session->statements[i].statement);
    }
}

static enum status explain(const struct database *database, int code, struct message *why)
{
    if (code != SQLITE_OK)
        sqlite_explain(code, database->path, why);
    return sqlite_status(code);
}

enum status database_read(struct database *database, struct session **out, struct message *why)
{
    struct session *session;

    pthread_mutex_lock(&database->lock);
    while (!database->free_readers)
        pthread_cond_wait(&database->reader, &database->lock);
    session = database->free_readers;
    database->free_readers = session->next_free;
    pthread_mutex_unlock(&database->lock);
    session->error = execute(session->handle, "BEGIN");
    *out = session;
    if (session->error == SQLITE_OK)
        return ST_OK;
    *out = NULL;
    return session_end(session, ST_IO, why);
}

static enum status end_read(struct session *session, enum status status, struct message *why)
{
    struct database *database = session->database;
    int code = session->error;

    reset_statements(session);
    if (!sqlite3_get_autocommit(session->handle))
        (void)execute(session->handle, "COMMIT");
    pthread_mutex_lock(&database->lock);
    session->next_free = database->free_readers;
    database->free_readers = session;
    pthread_cond_signal(&database->reader);
    pthread_mutex_unlock(&database->lock);
    return code != SQLITE_OK ? explain(database, code, why) : status;
}

static void take_turn(struct database *database)
{
    pthread_mutex_lock(&database->lock);
    database->waiting++;
    while (database->writing)
        pthread_cond_wait(&database->turn, &database->lock);
    database->waiting--;
    database->writing = true;
    pthread_mutex_unlock(&database->lock);
}

/* Nobody's changes are in the transaction, or all of them fail with it. */
static void end_batch(struct database *database, int code)
{
    pthread_mutex_lock(&database->lock);
    for (struct waiter *waiter = database->waiters; waiter; waiter = waiter->next) {
        waiter->code = code;
        waiter->done = true;
    }
    database->waiters = NULL;
    database->in_batch = 0;
    database->writing = false;
    pthread_cond_broadcast(&database->committed);
    pthread_cond_signal(&database->turn);
    pthread_mutex_unlock(&database->lock);
}

static int commit(struct session *session)
{
    int code = execute(session->handle, "COMMIT");

    if (!sqlite3_get_autocommit(session->handle))
        (void)execute(session->handle, "ROLLBACK");
    return code;
}

enum status database_write(struct database *database, struct session **out, struct message *why)
{
    struct session *session = &database->writer;
    int code = SQLITE_OK;

    *out = NULL;
    take_turn(database);
    session->error = SQLITE_OK;
    if (sqlite3_get_autocommit(session->handle))
        code = execute(session->handle, "BEGIN IMMEDIATE");
    if (code == SQLITE_OK)
        code = execute(session->handle, "SAVEPOINT change");
    if (code == SQLITE_OK) {
        *out = session;
        return ST_OK;
    }
    if (!sqlite3_get_autocommit(session->handle))
        (void)execute(session->handle, "ROLLBACK");
    end_batch(database, code);
    return explain(database, code, why);
}

/* The savepoint is kept or undone. An error of SQLite's may have ended the whole transaction (a
 * full disk does): then the batch is lost, and everyone in it hears of it. */
static int end_change(struct session *session, bool keep)
{
    int code = session->error;

    reset_statements(session);
    if (sqlite3_get_autocommit(session->handle))
        return code != SQLITE_OK ? code : SQLITE_IOERR;
    if (!keep || code != SQLITE_OK)
        code = execute(session->handle, "ROLLBACK TO change");
    else
        code = SQLITE_OK;
    return code == SQLITE_OK ? execute(session->handle, "RELEASE change") : code;
}

/* Another writer follows and will commit: may we leave it to that one? Under the lock. */
static bool leave_to_next(const struct database *database)
{
    return database->waiting > 0 && database->in_batch < BATCH_MAX;
}

/* Hands the connection on and, if our change is in the batch, waits for its end. Takes the lock
 * over. */
static int hand_on(struct database *database, bool kept)
{
    struct waiter self = {.done = !kept, .next = database->waiters};

    if (kept)
        database->waiters = &self;
    database->writing = false;
    pthread_cond_signal(&database->turn);
    while (!self.done)
        pthread_cond_wait(&database->committed, &database->lock);
    pthread_mutex_unlock(&database->lock);
    return self.code;
}

static enum status end_write(struct session *session, enum status status, struct message *why)
{
    struct database *database = session->database;
    bool kept = status == ST_OK && session->error == SQLITE_OK;
    int own = session->error, code = end_change(session, kept);

    if (code != SQLITE_OK) { /* the transaction is gone or cannot go on */
        if (!sqlite3_get_autocommit(session->handle))
            (void)execute(session->handle, "ROLLBACK");
        end_batch(database, code);
        return explain(database, own != SQLITE_OK ? own : code, why);
    }
    pthread_mutex_lock(&database->lock);
    database->in_batch += kept;
    if (leave_to_next(database)) {
        code = hand_on(database, kept);
    } else {
        pthread_mutex_unlock(&database->lock);
        code = commit(session);
        end_batch(database, code);
    }
    if (own != SQLITE_OK)
        return explain(database, own, why);
    if (kept && code != SQLITE_OK)
        return explain(database, code, why);
    return status;
}

enum status session_end(struct session *session, enum status status, struct message *why)
{
    return session->writes ? end_write(session, status, why) : end_read(session, status, why);
}

/* ---- backup ---- */

static int copy_pages(sqlite3 *to, sqlite3 *from)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    int code;

    if (!backup)
        return sqlite3_extended_errcode(to);
    /* All at once: a reader's transaction, during which writers go on. */
    code = sqlite3_backup_step(backup, -1);
    (void)sqlite3_backup_finish(backup);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static enum status sync_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int code = fd < 0 ? -1 : fsync(fd);

    if (fd >= 0)
        close(fd);
    return code == 0 ? ST_OK : ST_IO;
}

/* The copy, under its temporary name. */
static enum status make_copy(const char *from, const char *to, struct message *why)
{
    sqlite3 *source = NULL, *target = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE;
    const char *at = from;
    int code = sqlite3_open_v2(from, &source, flags, NULL);
    enum status status = ST_OK;

    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(source, BUSY_MS);
    if (code == SQLITE_OK) {
        at = to;
        code = sqlite3_open_v2(to, &target, flags | SQLITE_OPEN_CREATE, NULL);
    }
    if (code == SQLITE_OK)
        code = copy_pages(target, source);
    if (code == SQLITE_OK)
        code = execute(target, "PRAGMA journal_mode = DELETE"); /* one file, whole in itself */
    if (code != SQLITE_OK) {
        sqlite_explain(code, at, why);
        status = sqlite_status(code);
    }
    if (status == ST_OK)
        status = check_pages(target, to, why);
    sqlite3_close(target);
    sqlite3_close(source);
    return status;
}

static enum status publish(const char *temporary, const char *to, struct message *why)
{
    char folder[PATH_MAX];
    enum status status = sync_path(temporary);

    if (status == ST_OK && link(temporary, to) != 0) {
        status = errno == EEXIST ? ST_BUSY : ST_IO;
        message_set(why, errno == EEXIST ? "%s exists already: choose another name" : "%s: %m", to);
        return status;
    }
    snprintf(folder, sizeof(folder), "%s", to);
    if (status == ST_OK)
        status = sync_path(dirname(folder));
    if (status != ST_OK)
        message_set(why, "cannot sync %s: %s", to, strerror(errno));
    return status;
}

enum status database_backup(const char *from, const char *to, struct message *why)
{
    char temporary[PATH_MAX];
    enum status status;

    if (access(from, F_OK) != 0) {
        message_set(why, "cannot read %s: %s", from, strerror(errno));
        return ST_NOT_FOUND;
    }
    if (access(to, F_OK) == 0) {
        message_set(why, "%s exists already: choose another name", to);
        return ST_BUSY;
    }
    if (snprintf(temporary, sizeof(temporary), "%s.%ld.tmp", to, (long)getpid()) >= PATH_MAX) {
        message_set(why, "%.100s...: the path is too long", to);
        return ST_OUT_OF_RANGE;
    }
    (void)umask(077);
    status = make_copy(from, temporary, why);
    if (status == ST_OK)
        status = publish(temporary, to, why);
    (void)unlink(temporary);
    return status;
}
