/* Activations as JSON. */
#include "host/api/internal.h"

static const char *status_name(enum run_status status)
{
    static const char *const names[] = {"success", "application error", "action developer error",
                                        "whisk internal error"};

    return names[status];
}

json_t *make_response(enum run_status status, json_t *result)
{
    size_t bytes = json_dumpb(result, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);

    return json_pack("{s:O, s:I, s:s, s:b}", "result", result, "size", (json_int_t)bytes, "status",
                     status_name(status), "success", status == RUN_SUCCESS);
}

json_t *activation_record(const struct activation *activation)
{
    json_t *record = json_copy(activation->summary);

    (void)json_object_del(record, "statusCode");
    (void)json_object_set_new(record, "activationId", json_string(activation->id));
    (void)json_object_set(record, "response", activation->response);
    (void)json_object_set(record, "logs", activation->logs);
    return record;
}

json_t *activation_row(const struct activation *activation)
{
    json_t *row = json_copy(activation->summary);

    (void)json_object_del(row, "subject");
    (void)json_object_set_new(row, "activationId", json_string(activation->id));
    return row;
}
