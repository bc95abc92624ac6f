#include "host/store/entities.h"

#include "host/store/session.h"

#include <stdlib.h>
#include <string.h>

void entity_free(struct entity *entity)
{
    free(entity->package);
    free(entity->name);
    free(entity->link);
    free(entity->code);
    json_decref(entity->summary);
    json_decref(entity->parameters);
    json_decref(entity->row);
    *entity = (struct entity){0};
}

static json_t *column_json(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    size_t bytes = (size_t)sqlite3_column_bytes(row, column);

    return text ? json_loadb(text, bytes, JSON_ALLOW_NUL, NULL) : NULL;
}

#define COLUMNS "id, kind, package, name, updated, link, summary"

/* ST_CORRUPT: it was written by us, and is no JSON now. */
static enum status read_entity(sqlite3_stmt *row, struct entity *out)
{
    *out = (struct entity){
        .id = sqlite3_column_int64(row, 0),
        .kind = (enum entity_kind)sqlite3_column_int(row, 1),
        .package = column_copy(row, 2, NULL),
        .name = column_copy(row, 3, NULL),
        .updated = sqlite3_column_int64(row, 4),
        .link = column_copy(row, 5, NULL),
        .summary = column_json(row, 6),
    };
    if (!out->package || !out->name)
        return ST_NO_MEMORY;
    return out->summary ? ST_OK : ST_CORRUPT;
}

enum status entity_get(struct session *session, const struct entity_key *key, bool with_code,
                       struct entity *out)
{
    sqlite3_stmt *row =
        session_query(session,
                      with_code ? "SELECT " COLUMNS ", parameters, code FROM entities "
                                  "WHERE namespace = ? AND package = ? AND name = ?"
                                : "SELECT " COLUMNS ", parameters FROM entities "
                                  "WHERE namespace = ? AND package = ? AND name = ?",
                      "itt", key->namespace_id, key->package, key->name);
    enum status status;

    *out = (struct entity){0};
    if (!session_row(session, row))
        return session_status(session) == ST_OK ? ST_NOT_FOUND : session_status(session);
    status = read_entity(row, out);
    if (status != ST_OK)
        return status;
    out->parameters = column_json(row, 7);
    if (with_code)
        out->code = column_copy(row, 8, &out->code_bytes);
    return out->parameters ? ST_OK : ST_CORRUPT;
}

static enum status write_entity(struct session *session, int64_t namespace_id,
                                const struct entity *entity, const char *row, const char *summary,
                                const char *parameters)
{
    if (entity->id == 0)
        return session_run(session,
                           "INSERT INTO entities (namespace, kind, package, name, updated, link, "
                           "row, summary, parameters, code) VALUES (?,?,?,?,?,?,?,?,?,?)",
                           "iittittttt", namespace_id, (int64_t)entity->kind, entity->package,
                           entity->name, entity->updated, entity->link, row, summary, parameters,
                           entity->code);
    if (!entity->code)
        return session_run(session,
                           "UPDATE entities SET updated = ?, link = ?, row = ?, summary = ?, "
                           "parameters = ? WHERE id = ?",
                           "itttti", entity->updated, entity->link, row, summary, parameters,
                           entity->id);
    return session_run(session,
                       "UPDATE entities SET updated = ?, link = ?, row = ?, summary = ?, "
                       "parameters = ?, code = ? WHERE id = ?",
                       "ittttti", entity->updated, entity->link, row, summary, parameters,
                       entity->code, entity->id);
}

enum status entity_put(struct session *session, int64_t namespace_id, struct entity *entity)
{
    char *summary = json_dumps(entity->summary, JSON_COMPACT);
    char *parameters = json_dumps(entity->parameters, JSON_COMPACT);
    char *row = json_dumps(entity->row, JSON_COMPACT);
    enum status status = row && summary && parameters ? ST_OK : ST_NO_MEMORY;

    entity->updated = database_now_ms();
    if (status == ST_OK)
        status = write_entity(session, namespace_id, entity, row, summary, parameters);
    if (status == ST_OK && entity->id == 0)
        entity->id = sqlite3_last_insert_rowid(session->handle);
    free(row);
    free(summary);
    free(parameters);
    return status;
}

enum status entity_delete(struct session *session, int64_t id)
{
    return session_run(session, "DELETE FROM entities WHERE id = ?", "i", id);
}

enum status entity_delete_package(struct session *session, int64_t namespace_id,
                                  const char *package)
{
    return session_run(session, "DELETE FROM entities WHERE namespace = ? AND package = ?", "it",
                       namespace_id, package);
}

/* ---- lists ---- */

static enum status visit_rows(struct session *session, sqlite3_stmt *row, bool parameters,
                              bool (*visit)(const struct entity *entity, void *context),
                              void *context)
{
    bool more = true;

    while (more && session_row(session, row)) {
        struct entity entity;
        enum status status = read_entity(row, &entity);

        if (status == ST_OK && parameters)
            entity.parameters = column_json(row, 7);
        if (status == ST_OK)
            more = visit(&entity, context);
        entity_free(&entity);
        if (status != ST_OK)
            return status;
    }
    return session_status(session);
}

#define OF_PACKAGE                                                                                 \
    " FROM entities WHERE namespace = ? AND kind = ? AND package = ? "                             \
    "ORDER BY updated DESC, id DESC LIMIT ? OFFSET ?"
#define OF_ALL                                                                                     \
    " FROM entities WHERE namespace = ? AND kind = ? ORDER BY updated DESC, id DESC LIMIT ? "      \
    "OFFSET ?"

static sqlite3_stmt *list_query(struct session *session, const struct entity_filter *filter,
                                bool rows)
{
    int64_t limit = filter->limit, skip = filter->skip, kind = filter->kind;

    if (filter->package)
        return session_query(session,
                             rows ? "SELECT updated, row" OF_PACKAGE : "SELECT " COLUMNS OF_PACKAGE,
                             "iitii", filter->namespace_id, kind, filter->package, limit, skip);
    return session_query(session, rows ? "SELECT updated, row" OF_ALL : "SELECT " COLUMNS OF_ALL,
                         "iiii", filter->namespace_id, kind, limit, skip);
}

enum status entity_rows(struct session *session, const struct entity_filter *filter,
                        bool (*visit)(void *context, int64_t updated, const char *row,
                                      size_t bytes),
                        void *context)
{
    sqlite3_stmt *row = list_query(session, filter, true);

    while (session_row(session, row)) {
        const char *text = (const char *)sqlite3_column_text(row, 1);

        if (!text)
            return ST_CORRUPT;
        if (!visit(context, sqlite3_column_int64(row, 0), text,
                   (size_t)sqlite3_column_bytes(row, 1)))
            return ST_NO_MEMORY;
    }
    return session_status(session);
}

enum status entity_list(struct session *session, const struct entity_filter *filter,
                        bool (*visit)(const struct entity *entity, void *context), void *context)
{
    return visit_rows(session, list_query(session, filter, false), false, visit, context);
}

enum status entity_count(struct session *session, const struct entity_filter *filter,
                         int64_t *count)
{
    int64_t kind = filter->kind;
    sqlite3_stmt *row =
        filter->package
            ? session_query(session,
                            "SELECT count(*) FROM entities WHERE namespace = ? AND kind = ? AND "
                            "package = ?",
                            "iit", filter->namespace_id, kind, filter->package)
            : session_query(session,
                            "SELECT count(*) FROM entities WHERE namespace = ? AND kind = ?", "ii",
                            filter->namespace_id, kind);

    *count = session_row(session, row) ? sqlite3_column_int64(row, 0) : 0;
    return session_status(session);
}

enum status entity_linked(struct session *session, int64_t namespace_id, enum entity_kind kind,
                          const char *link,
                          bool (*visit)(const struct entity *entity, void *context), void *context)
{
    sqlite3_stmt *row =
        session_query(session,
                      "SELECT " COLUMNS ", parameters FROM entities WHERE kind = ? AND link = ? "
                      "AND namespace = ? ORDER BY id",
                      "iti", (int64_t)kind, link, namespace_id);

    return visit_rows(session, row, true, visit, context);
}
