/* /namespaces/{ns}/activations */
#include "host/api/internal.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool check_id(const char *id, struct refusal *no)
{
    size_t length = strlen(id);

    if (length != ACTIVATION_ID_BYTES - 1)
        return deny(no, 400, "Activation id length is %zu but must be %d.", length,
                    ACTIVATION_ID_BYTES - 1);
    if (strspn(id, "0123456789abcdefABCDEF") != length)
        return deny(no, 400, "Activation id must be hexadecimal digits.");
    return true;
}

/* ---- lists ---- */

struct list {
    json_t *array;
    bool whole;
};

static bool add(const struct activation *activation, void *context)
{
    struct list *list = context;

    return json_array_append_new(list->array, list->whole ? activation_record(activation)
                                                          : activation_row(activation)) == 0;
}

static bool read_filter(const struct call *call, struct activation_filter *filter,
                        struct page *page, struct refusal *no)
{
    const char *name = http_parameter(call->request, "name");
    const char *action = name ? strchr(name, '/') : NULL;

    *filter = (struct activation_filter){.namespace_id = call->space.id, .upto = INT64_MAX};
    if (!read_page(call, "activations", page, no) ||
        !read_number(call->request, "since", &filter->since, "activations", no) ||
        !read_number(call->request, "upto", &filter->upto, "activations", no))
        return false;
    filter->limit = page->limit;
    filter->skip = page->skip;
    filter->whole = http_parameter_true(call->request, "docs");
    filter->name = name && name[0] ? name : NULL;
    if (name && (strlen(name) > 2 * USER_NAME_MAX || (action && strchr(action + 1, '/'))))
        return deny(no, 400, "name must be an action, or package/action.");
    return true;
}

static json_t *make_list(struct call *call)
{
    struct activation_filter filter;
    struct page page;
    struct list list = {NULL, false};
    struct session *session;
    int64_t count = 0;
    enum status status;

    if (!read_filter(call, &filter, &page, &call->no) || !(session = begin_read(call)))
        return NULL;
    list.whole = filter.whole;
    if (page.count) {
        status = activation_count(session, &filter, &count);
        count = count > page.skip ? count - page.skip : 0;
        list.array = json_pack("{s:I}", "activations", (json_int_t)count);
    } else {
        list.array = json_array();
        status = activation_list(session, &filter, add, &list);
    }
    if (finish_status(session, status, &call->no))
        return list.array;
    json_decref(list.array);
    return NULL;
}

static void list_activations(const struct http_request *request, struct http_response *response,
                             void *context)
{
    struct call call;

    if (call_begin_own(&call, context, request, response)) {
        json_t *list = make_list(&call);

        if (list)
            http_reply_json(response, 200, list);
        else
            call_refuse(&call);
    }
    call_end(&call);
}

/* ---- one ---- */

typedef json_t *part(const struct activation *activation);

static json_t *logs_part(const struct activation *activation)
{
    return json_pack("{s:O}", "logs", activation->logs);
}

static json_t *result_part(const struct activation *activation)
{
    return json_incref(activation->response);
}

static void reply_one(const struct http_request *request, struct http_response *response,
                      void *context, part *make)
{
    struct call call;
    struct activation activation = {0};

    if (call_begin_own(&call, context, request, response)) {
        struct session *session =
            check_id(request->captures[1], &call.no) ? begin_read(&call) : NULL;

        if (session &&
            finish_status(session,
                          activation_get(session, call.space.id, request->captures[1], &activation),
                          &call.no))
            http_reply_json(response, 200, make(&activation));
        else
            call_refuse(&call);
    }
    activation_free(&activation);
    call_end(&call);
}

static void get_activation(const struct http_request *request, struct http_response *response,
                           void *context)
{
    reply_one(request, response, context, activation_record);
}

static void get_logs(const struct http_request *request, struct http_response *response,
                     void *context)
{
    reply_one(request, response, context, logs_part);
}

static void get_result(const struct http_request *request, struct http_response *response,
                       void *context)
{
    reply_one(request, response, context, result_part);
}

const struct http_route activation_routes[] = {
    {"GET", "/api/v1/namespaces/{}/activations", list_activations, 0},
    {"GET", "/api/v1/namespaces/{}/activations/{}", get_activation, 0},
    {"GET", "/api/v1/namespaces/{}/activations/{}/logs", get_logs, 0},
    {"GET", "/api/v1/namespaces/{}/activations/{}/result", get_result, 0},
    {NULL, NULL, NULL, 0},
};
