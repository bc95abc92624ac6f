/* For the files of this folder: SQL on a session. */
#ifndef RECLAVE_HOST_STORE_SESSION_H
#define RECLAVE_HOST_STORE_SESSION_H

#include "host/store/database.h"

#include <sqlite3.h>
#include <stddef.h>

#define SESSION_STATEMENTS 96

/* A connection with its prepared statements. Statements are known by the address of their text:
 * `sql` must be a literal. */
struct session {
    struct database *database;
    sqlite3 *handle;
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } statements[SESSION_STATEMENTS];
    int error; /* the first of SQLite's codes that was no success, since the begin */
    bool writes;
    struct session *next_free;
};

/* Types: t a string or NULL, i int64_t. NULL after an error, which the session remembers. */
sqlite3_stmt *session_query(struct session *session, const char *sql, const char *types, ...);
/* Is there another row? false after an error as well. NULL is fine. */
bool session_row(struct session *session, sqlite3_stmt *statement);
/* A statement without rows. */
MUST_CHECK enum status session_run(struct session *session, const char *sql, const char *types,
                                   ...);
/* Of what went wrong so far. */
enum status session_status(const struct session *session);

/* malloc'ed copy of a column's text; NULL: SQL's NULL, or no memory (*bytes 0). */
char *column_copy(sqlite3_stmt *statement, int column, size_t *bytes);

/* What SQLite's code means here, and what to do about it. */
enum status sqlite_status(int code);
void sqlite_explain(int code, const char *path, struct message *why);

#endif
