#include "host/store/activations.h"

#include "host/store/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum status activation_id_make(char id[ACTIVATION_ID_BYTES])
{
    uint8_t random[10];

    if (getrandom(random, sizeof(random), 0) != sizeof(random))
        return ST_IO;
    snprintf(id, 13, "%012llx", (unsigned long long)database_now_ms() & 0xffffffffffffULL);
    for (unsigned i = 0; i < sizeof(random); i++)
        snprintf(id + 12 + 2 * i, 3, "%02x", random[i]);
    return ST_OK;
}

enum status activation_add(struct session *session, int64_t namespace_id,
                           const struct activation *activation)
{
    char *summary = json_dumps(activation->summary, JSON_COMPACT);
    char *response = json_dumps(activation->response, JSON_COMPACT);
    char *logs = json_dumps(activation->logs, JSON_COMPACT);
    enum status status = ST_NO_MEMORY;

    if (summary && response && logs)
        status = session_run(session,
                             "INSERT INTO activations (id, namespace, name, start, summary, "
                             "response, logs) VALUES (?,?,?,?,?,?,?)",
                             "titittt", activation->id, namespace_id, activation->name,
                             activation->start, summary, response, logs);
    free(summary);
    free(response);
    free(logs);
    return status;
}

void activation_free(struct activation *activation)
{
    json_decref(activation->summary);
    json_decref(activation->response);
    json_decref(activation->logs);
    *activation = (struct activation){0};
}

static json_t *column_json(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    size_t bytes = (size_t)sqlite3_column_bytes(row, column);

    return text ? json_loadb(text, bytes, JSON_ALLOW_NUL, NULL) : NULL;
}

/* Columns: id, start, summary and, if `whole`, response, logs. */
static enum status read_activation(sqlite3_stmt *row, bool whole, struct activation *out)
{
    const char *id = (const char *)sqlite3_column_text(row, 0);

    *out =
        (struct activation){.start = sqlite3_column_int64(row, 1), .summary = column_json(row, 2)};
    snprintf(out->id, sizeof(out->id), "%s", id ? id : "");
    if (whole) {
        out->response = column_json(row, 3);
        out->logs = column_json(row, 4);
    }
    return out->summary && (!whole || (out->response && out->logs)) ? ST_OK : ST_CORRUPT;
}

enum status activation_get(struct session *session, int64_t namespace_id, const char *id,
                           struct activation *out)
{
    sqlite3_stmt *row = session_query(session,
                                      "SELECT id, start, summary, response, logs FROM activations "
                                      "WHERE id = ? AND namespace = ?",
                                      "ti", id, namespace_id);

    *out = (struct activation){0};
    if (session_row(session, row))
        return read_activation(row, true, out);
    return session_status(session) == ST_OK ? ST_NOT_FOUND : session_status(session);
}

/* ---- lists ---- */

#define IN_TIME   " AND start >= ? AND start <= ? "
#define NEW_FIRST "ORDER BY start DESC, id DESC LIMIT ? OFFSET ?"
#define SHORT     "SELECT id, start, summary FROM activations WHERE namespace = ?"
#define WHOLE     "SELECT id, start, summary, response, logs FROM activations WHERE namespace = ?"

static sqlite3_stmt *list_query(struct session *session, const struct activation_filter *f)
{
    int64_t limit = f->limit, skip = f->skip;

    if (f->name)
        return session_query(session,
                             f->whole ? WHOLE " AND name = ?" IN_TIME NEW_FIRST
                                      : SHORT " AND name = ?" IN_TIME NEW_FIRST,
                             "itiiii", f->namespace_id, f->name, f->since, f->upto, limit, skip);
    return session_query(session, f->whole ? WHOLE IN_TIME NEW_FIRST : SHORT IN_TIME NEW_FIRST,
                         "iiiii", f->namespace_id, f->since, f->upto, limit, skip);
}

enum status activation_list(struct session *session, const struct activation_filter *filter,
                            bool (*visit)(const struct activation *activation, void *context),
                            void *context)
{
    sqlite3_stmt *row = list_query(session, filter);
    bool more = true;

    while (more && session_row(session, row)) {
        struct activation activation;
        enum status status = read_activation(row, filter->whole, &activation);

        if (status == ST_OK)
            more = visit(&activation, context);
        activation_free(&activation);
        if (status != ST_OK)
            return status;
    }
    return session_status(session);
}

enum status activation_count(struct session *session, const struct activation_filter *f,
                             int64_t *count)
{
    sqlite3_stmt *row =
        f->name
            ? session_query(session,
                            "SELECT count(*) FROM activations WHERE namespace = ? AND "
                            "name = ?" IN_TIME,
                            "itii", f->namespace_id, f->name, f->since, f->upto)
            : session_query(session, "SELECT count(*) FROM activations WHERE namespace = ?" IN_TIME,
                            "iii", f->namespace_id, f->since, f->upto);

    *count = session_row(session, row) ? sqlite3_column_int64(row, 0) : 0;
    return session_status(session);
}

/* ---- retention ---- */

static unsigned changes(const struct session *session)
{
    return (unsigned)sqlite3_changes(session->handle);
}

/* The start of the oldest that a namespace may keep; false: it has fewer. Reads the index only. */
static bool oldest_kept(struct session *session, int64_t namespace_id, int64_t keep, int64_t *start)
{
    sqlite3_stmt *row = session_query(session,
                                      "SELECT start FROM activations WHERE namespace = ? "
                                      "ORDER BY start DESC LIMIT 1 OFFSET ?",
                                      "ii", namespace_id, keep - 1);

    if (!session_row(session, row))
        return false;
    *start = sqlite3_column_int64(row, 0);
    return true;
}

static enum status expire_count(struct session *session, int64_t keep, unsigned at_most,
                                unsigned *deleted)
{
    sqlite3_stmt *row = session_query(session, "SELECT id FROM namespaces", "");
    unsigned left = at_most;

    while (left > 0 && session_row(session, row)) {
        int64_t id = sqlite3_column_int64(row, 0), start = 0;

        if (!oldest_kept(session, id, keep, &start))
            continue;
        if (session_run(session,
                        "DELETE FROM activations WHERE rowid IN (SELECT rowid FROM activations "
                        "WHERE namespace = ? AND start < ? LIMIT ?)",
                        "iii", id, start, (int64_t)left) != ST_OK)
            break;
        left -= changes(session);
    }
    *deleted += at_most - left;
    return session_status(session);
}

enum status activation_expire(struct session *session, int64_t before, int64_t keep,
                              unsigned at_most, unsigned *deleted)
{
    /* namespaces first: activations(namespace, start) is then searched, not all of them */
    enum status status =
        session_run(session,
                    "DELETE FROM activations WHERE rowid IN (SELECT a.rowid FROM namespaces n "
                    "JOIN activations a ON a.namespace = n.id AND a.start < ? LIMIT ?)",
                    "ii", before, (int64_t)at_most);

    *deleted = status == ST_OK ? changes(session) : 0;
    if (status == ST_OK && keep > 0 && *deleted < at_most)
        status = expire_count(session, keep, at_most - *deleted, deleted);
    return status;
}

/* ---- pending ---- */

enum status pending_add(struct session *session, int64_t namespace_id, const char *id, bool started,
                        const json_t *request)
{
    char *text = json_dumps(request, JSON_COMPACT);
    enum status status = ST_NO_MEMORY;

    if (text)
        status = session_run(
            session, "INSERT INTO pending (id, namespace, started, request) VALUES (?,?,?,?)",
            "tiit", id, namespace_id, (int64_t)started, text);
    free(text);
    return status;
}

enum status pending_start(struct session *session, const char *id)
{
    enum status status = session_run(
        session, "UPDATE pending SET started = 1 WHERE id = ? AND started = 0", "t", id);

    return status == ST_OK && changes(session) != 1 ? ST_NOT_FOUND : status;
}

enum status pending_remove(struct session *session, const char *id)
{
    return session_run(session, "DELETE FROM pending WHERE id = ?", "t", id);
}

enum status pending_list(struct session *session,
                         void (*visit)(void *context, int64_t namespace_id,
                                       const char *namespace_name, const char *id, bool started,
                                       const json_t *request),
                         void *context)
{
    sqlite3_stmt *row = session_query(session,
                                      "SELECT p.namespace, n.name, p.id, p.started, p.request FROM "
                                      "pending p JOIN namespaces n ON n.id = p.namespace "
                                      "ORDER BY p.id",
                                      "");

    while (session_row(session, row)) {
        json_t *request = column_json(row, 4);

        if (!request)
            return ST_CORRUPT;
        visit(context, sqlite3_column_int64(row, 0), (const char *)sqlite3_column_text(row, 1),
              (const char *)sqlite3_column_text(row, 2), sqlite3_column_int(row, 3) != 0, request);
        json_decref(request);
    }
    return session_status(session);
}
