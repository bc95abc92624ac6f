#include "host/store/session.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void remember(struct session *session, int code)
{
    if (session->error == SQLITE_OK)
        session->error = code;
}

static sqlite3_stmt *prepared(struct session *session, const char *sql)
{
    for (unsigned i = 0; i < SESSION_STATEMENTS; i++) {
        if (session->statements[i].sql == sql) {
            sqlite3_reset(session->statements[i].statement);
            return session->statements[i].statement;
        }
        if (!session->statements[i].sql) {
            int code = sqlite3_prepare_v3(session->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                          &session->statements[i].statement, NULL);

            if (code != SQLITE_OK) {
                remember(session, sqlite3_extended_errcode(session->handle));
                return NULL;
            }
            session->statements[i].sql = sql;
            return session->statements[i].statement;
        }
    }
    remember(session, SQLITE_MISUSE); /* SESSION_STATEMENTS is too small */
    return NULL;
}

/* Bound values are borrowed: they outlive the statement's use. */
static sqlite3_stmt *bind(struct session *session, const char *sql, const char *types, va_list list)
{
    sqlite3_stmt *statement = session->error == SQLITE_OK ? prepared(session, sql) : NULL;
    int code = SQLITE_OK;

    if (!statement)
        return NULL;
    for (int i = 1; types[i - 1] && code == SQLITE_OK; i++) {
        if (types[i - 1] == 't')
            code = sqlite3_bind_text(statement, i, va_arg(list, const char *), -1, SQLITE_STATIC);
        else
            code = sqlite3_bind_int64(statement, i, va_arg(list, int64_t));
    }
    if (code == SQLITE_OK)
        return statement;
    remember(session, code);
    return NULL;
}

sqlite3_stmt *session_query(struct session *session, const char *sql, const char *types, ...)
{
    sqlite3_stmt *statement;
    va_list list;

    va_start(list, types);
    statement = bind(session, sql, types, list);
    va_end(list);
    return statement;
}

bool session_row(struct session *session, sqlite3_stmt *statement)
{
    int code;

    if (!statement || session->error != SQLITE_OK)
        return false;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        remember(session, sqlite3_extended_errcode(session->handle));
    sqlite3_reset(statement);
    return false;
}

enum status session_run(struct session *session, const char *sql, const char *types, ...)
{
    sqlite3_stmt *statement;
    va_list list;

    va_start(list, types);
    statement = bind(session, sql, types, list);
    va_end(list);
    (void)session_row(session, statement);
    return session_status(session);
}

enum status session_status(const struct session *session)
{
    return sqlite_status(session->error);
}

char *column_copy(sqlite3_stmt *statement, int column, size_t *bytes)
{
    const void *text = sqlite3_column_text(statement, column);
    size_t size = (size_t)sqlite3_column_bytes(statement, column);
    char *copy = text ? malloc(size + 1) : NULL;

    if (copy) {
        memcpy(copy, text, size);
        copy[size] = 0;
    }
    if (bytes)
        *bytes = copy ? size : 0;
    return copy;
}

/* ---- errors ---- */

enum status sqlite_status(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
        return ST_OK;
    case SQLITE_NOMEM:
        return ST_NO_MEMORY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ST_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ST_BUSY;
    case SQLITE_TOOBIG:
        return ST_OUT_OF_RANGE;
    default:
        return ST_IO;
    }
}

void sqlite_explain(int code, const char *path, struct message *why)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        message_set(why, "the disk with %s is full: nothing was changed; make room and try again",
                    path);
        return;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        message_set(why,
                    "%s is damaged and was left as it is: stop the daemon, move it away with its "
                    "-wal and -shm files, and put a backup (reclave backup) in its place",
                    path);
        return;
    case SQLITE_BUSY:
        message_set(why, "%s is locked by another process: try again", path);
        return;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
        message_set(why, "cannot open %s for writing: check its owner and its folder", path);
        return;
    case SQLITE_IOERR:
        message_set(why, "reading or writing %s failed (%s): check the disk; nothing was changed",
                    path, sqlite3_errstr(code));
        return;
    default:
        message_set(why, "%s: %s", path, sqlite3_errstr(code));
    }
}
