/* limit, skip and count; and lists of entities. */
#include "host/api/internal.h"

#include <ctype.h>
#include <errno.h>
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

struct list {
    const char *space;
    list_record *make;
    json_t *array;
};

static bool add_record(const struct entity *entity, void *context)
{
    struct list *list = context;

    return json_array_append_new(list->array, list->make(list->space, entity)) == 0;
}

static json_t *count_reply(int64_t count, const struct page *page, const char *collection)
{
    int64_t rest = count - page->skip;

    return json_pack("{s:I}", collection, (json_int_t)(rest < 0 ? 0 : rest));
}

/* The answer; NULL: call->no. */
static json_t *make_list(struct call *call, const struct entity_filter *filter,
                         const struct page *page, const char *collection, list_record *make)
{
    struct session *session = begin_read(call);
    struct list list = {call->space.name, make, NULL};
    struct message why = {""};
    int64_t count = 0;
    enum status status;

    if (!session)
        return NULL;
    if (page->count) {
        status = entity_count(session, filter, &count);
        list.array = count_reply(count, page, collection);
    } else {
        list.array = json_array();
        status = entity_list(session, filter, add_record, &list);
    }
    status = session_end(session, status, &why);
    if (status == ST_OK)
        return list.array;
    json_decref(list.array);
    deny_status(&call->no, status, &why);
    return NULL;
}

void reply_list(struct call *call, enum entity_kind kind, const char *package,
                const char *collection, list_record *make)
{
    struct page page;
    json_t *answer = NULL;

    if (read_page(call, collection, &page, &call->no)) {
        struct entity_filter filter = {.namespace_id = call->space.id,
                                       .kind = kind,
                                       .package = package,
                                       .limit = page.limit,
                                       .skip = page.skip};

        answer = make_list(call, &filter, &page, collection, make);
    }
    if (answer)
        http_reply_json(call->response, 200, answer);
    else
        call_refuse(call);
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
