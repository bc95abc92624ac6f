/* limit, skip and count; and lists of entities. */
#include "host/api/internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool read_number(const struct http_request *request, const char *name, int64_t *out,
                 const char *collection, struct refusal *no)
{
    const char *text = http_parameter(request, name);
    char *end;

    if (!text)
        return true;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (errno == 0 && !*end && (isdigit((unsigned char)text[0]) || text[0] == '-') && end != text)
        return true;
    return deny(no, 400, "The value '%.80s' of %s is not an integer for %s.", text, name,
                collection);
}

bool read_page(const struct call *call, const char *collection, struct page *out,
               struct refusal *no)
{
    int64_t limit = LIST_DEFAULT, skip = 0;

    if (!read_number(call->request, "limit", &limit, collection, no) ||
        !read_number(call->request, "skip", &skip, collection, no))
        return false;
    if (limit < 0 || limit > LIST_MAX)
        return deny(no, 400, "The value '%lld' is not in the range of 0 to %u for %s.",
                    (long long)limit, LIST_MAX, collection);
    if (skip < 0 || skip > INT32_MAX)
        return deny(no, 400, "The value '%lld' is not greater than or equal to 0 for %s.",
                    (long long)skip, collection);
    *out = (struct page){.limit = limit ? (unsigned)limit : LIST_MAX,
                         .skip = (unsigned)skip,
                         .count = http_parameter_true(call->request, "count")};
    return true;
}

/* A JSON array as it grows. */
struct text {
    char *bytes;
    size_t size, capacity;
};

static bool append(struct text *text, const char *bytes, size_t size)
{
    if (text->capacity - text->size < size) {
        size_t capacity = 2 * (text->size + size) + 4096; /* at most 200 rows of 1 MiB */
        char *grown = realloc(text->bytes, capacity);

        if (!grown)
            return false;
        text->bytes = grown;
        text->capacity = capacity;
    }
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    return true;
}

/* `row` is an object with something in it: its first brace is replaced. */
static bool add_row(void *context, int64_t updated, const char *row, size_t bytes)
{
    struct text *text = context;
    char head[48];
    int length = snprintf(head, sizeof(head), "%s{\"updated\":%lld,", text->size > 1 ? "," : "",
                          (long long)updated);

    return append(text, head, (size_t)length) && append(text, row + 1, bytes - 1);
}

static bool reply_rows(struct call *call, const struct entity_filter *filter)
{
    struct session *session = begin_read(call);
    struct text text = {0};
    enum status status = ST_NO_MEMORY;

    if (!session)
        return false;
    if (append(&text, "[", 1))
        status = entity_rows(session, filter, add_row, &text);
    if (status == ST_OK && !append(&text, "]", 1))
        status = ST_NO_MEMORY;
    if (finish_status(session, status, &call->no)) {
        http_reply_bytes(call->response, 200, "application/json", text.bytes, text.size);
        return true;
    }
    free(text.bytes);
    return false;
}

static bool reply_count(struct call *call, const struct entity_filter *filter,
                        const char *collection)
{
    struct session *session = begin_read(call);
    int64_t count = 0;

    if (!session || !finish_status(session, entity_count(session, filter, &count), &call->no))
        return false;
    count = count > filter->skip ? count - filter->skip : 0;
    http_reply_json(call->response, 200, json_pack("{s:I}", collection, (json_int_t)count));
    return true;
}

void reply_list(struct call *call, enum entity_kind kind, const char *package,
                const char *collection)
{
    struct page page;
    bool good = read_page(call, collection, &page, &call->no);

    if (good) {
        struct entity_filter filter = {.namespace_id = call->space.id,
                                       .kind = kind,
                                       .package = package,
                                       .limit = page.limit,
                                       .skip = page.skip};

        good = page.count ? reply_count(call, &filter, collection) : reply_rows(call, &filter);
    }
    if (!good)
        call_refuse(call);
}

enum status put_entity(struct session *session, const struct user *space, struct entity *entity)
{
    static json_t *(*const make[])(const char *, const struct entity *) = {
        [ENTITY_ACTION] = action_row,
        [ENTITY_PACKAGE] = package_row,
        [ENTITY_TRIGGER] = trigger_row,
        [ENTITY_RULE] = rule_row,
    };

    json_decref(entity->row);
    entity->row = make[entity->kind](space->name, entity);
    (void)json_object_del(entity->row, "updated");
    (void)json_object_del(entity->row, "parameters");
    return entity->row ? entity_put(session, space->id, entity) : ST_NO_MEMORY;
}

/* ---- one entity ---- */

static bool get(struct session *session, const struct user *space, const char *package,
                const char *name, bool with_code, struct entity *out, struct refusal *no)
{
    struct entity_key key = {space->id, package, name};
    enum status status = entity_get(session, &key, with_code, out);

    return status == ST_OK ? true : deny_status(no, status, NULL);
}

bool get_entity(struct session *session, const struct user *space, enum entity_kind kind,
                const char *package, const char *name, bool with_code, struct entity *out,
                struct refusal *no)
{
    if (!get(session, space, package, name, with_code, out, no))
        return false;
    return out->kind == kind ? true : deny(no, 409, "%s", conflict_collection);
}

bool get_for_put(struct session *session, const struct user *space, enum entity_kind kind,
                 const char *package, const char *name, bool overwrite, struct entity *out,
                 struct refusal *no)
{
    if (get(session, space, package, name, false, out, no)) {
        if (out->kind != kind)
            return deny(no, 409, "%s", conflict_collection);
        return overwrite ? true : deny(no, 409, "%s", conflict_exists);
    }
    if (no->status != 404)
        return false;
    *no = (struct refusal){0};
    *out = (struct entity){.kind = kind, .package = strdup(package), .name = strdup(name)};
    return out->package && out->name ? true : deny(no, 500, "out of memory");
}
