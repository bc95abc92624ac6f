#include "host/store/schema.h"

#include "host/store/session.h"

#include <stdio.h>

/* 1: tenants. A key is kept as SHA-256(salt, key). Limits NULL: the daemon's defaults. */
#define STEP_1                                                                                     \
    "CREATE TABLE namespaces ("                                                                    \
    "  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL,"               \
    "  rate INTEGER, concurrent INTEGER) STRICT;"                                                  \
    "CREATE TABLE keys ("                                                                          \
    "  uuid TEXT PRIMARY KEY, namespace INTEGER NOT NULL"                                          \
    "    REFERENCES namespaces(id) ON DELETE CASCADE,"                                             \
    "  salt TEXT NOT NULL, hash TEXT NOT NULL) STRICT;"                                            \
    "CREATE INDEX keys_of ON keys(namespace);"

/* 2: what tenants name. Actions, packages, triggers and rules share their names. package '': in
 * none. link: a rule's trigger, a binding's provider ("namespace/package"). row: as lists show it,
 * ready to be sent. Large columns last: lists do not read them. */
#define STEP_2                                                                                     \
    "CREATE TABLE entities ("                                                                      \
    "  id INTEGER PRIMARY KEY, namespace INTEGER NOT NULL"                                         \
    "    REFERENCES namespaces(id) ON DELETE CASCADE,"                                             \
    "  kind INTEGER NOT NULL, package TEXT NOT NULL, name TEXT NOT NULL,"                          \
    "  updated INTEGER NOT NULL, link TEXT, row TEXT NOT NULL, summary TEXT NOT NULL,"             \
    "  parameters TEXT NOT NULL, code TEXT, UNIQUE (namespace, package, name)) STRICT;"            \
    "CREATE INDEX entities_updated ON entities(namespace, kind, updated);"                         \
    "CREATE INDEX entities_of_package ON entities(namespace, kind, package, updated);"             \
    "CREATE INDEX entities_link ON entities(kind, link) WHERE link IS NOT NULL;"

/* 3: what has run, and what was promised to run. started: it may have run. */
#define STEP_3                                                                                     \
    "CREATE TABLE activations ("                                                                   \
    "  id TEXT PRIMARY KEY, namespace INTEGER NOT NULL"                                            \
    "    REFERENCES namespaces(id) ON DELETE CASCADE,"                                             \
    "  name TEXT NOT NULL, start INTEGER NOT NULL, summary TEXT NOT NULL,"                         \
    "  response TEXT NOT NULL, logs TEXT NOT NULL) STRICT;"                                        \
    "CREATE INDEX activations_start ON activations(namespace, start);"                             \
    "CREATE INDEX activations_name ON activations(namespace, name, start);"                        \
    "CREATE TABLE pending ("                                                                       \
    "  id TEXT PRIMARY KEY, namespace INTEGER NOT NULL"                                            \
    "    REFERENCES namespaces(id) ON DELETE CASCADE,"                                             \
    "  started INTEGER NOT NULL, request TEXT NOT NULL) STRICT;"                                   \
    "CREATE INDEX pending_of ON pending(namespace);"

static const char *const steps[] = {STEP_1, STEP_2, STEP_3};

const int schema_version = sizeof(steps) / sizeof(*steps);

static int read_number(sqlite3 *handle, const char *sql, int *number)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(statement) == SQLITE_ROW ? SQLITE_OK : sqlite3_errcode(handle);
    if (code == SQLITE_OK)
        *number = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return code;
}

static enum status check_owner(int version, int application, int tables, const char *path,
                               struct message *why)
{
    if (version > schema_version) {
        message_set(why,
                    "%s is of a newer version of reclave (schema %d, this one knows up to %d): "
                    "install that version again",
                    path, version, schema_version);
        return ST_UNSUPPORTED;
    }
    if (application == SCHEMA_APPLICATION_ID || (tables == 0 && version == 0 && application == 0))
        return ST_OK;
    message_set(why, "%s is not a database of reclave: choose another --state-dir", path);
    return ST_CORRUPT;
}

static int take_steps(sqlite3 *handle, int from, int up_to)
{
    char marks[128];
    int code = SQLITE_OK;

    for (int i = from; i < up_to && code == SQLITE_OK; i++)
        code = sqlite3_exec(handle, steps[i], NULL, NULL, NULL);
    snprintf(marks, sizeof(marks), "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             SCHEMA_APPLICATION_ID, up_to);
    return code == SQLITE_OK ? sqlite3_exec(handle, marks, NULL, NULL, NULL) : code;
}

enum status schema_upgrade(sqlite3 *handle, const char *path, int up_to, struct message *why)
{
    int version = 0, application = 0, tables = 0;
    int code = sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    enum status status;

    if (code == SQLITE_OK)
        code = read_number(handle, "PRAGMA user_version", &version);
    if (code == SQLITE_OK)
        code = read_number(handle, "PRAGMA application_id", &application);
    if (code == SQLITE_OK)
        code = read_number(handle, "SELECT count(*) FROM sqlite_schema", &tables);
    if (code == SQLITE_OK) {
        status = check_owner(version, application, tables, path, why);
        if (status != ST_OK) {
            (void)sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
            return status;
        }
        if (version < up_to)
            code = take_steps(handle, version, up_to);
    }
    if (code == SQLITE_OK)
        code = sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        return ST_OK;
    if (!sqlite3_get_autocommit(handle))
        (void)sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
    sqlite_explain(code, path, why);
    return sqlite_status(code);
}
