/* What a handler asks of its request. */
#include "host/http/internal.h"

#include <string.h>
#include <ctype.h>

const char *http_parameter(const struct http_request *request, const char *name)
{
    for (unsigned i = 0; i < request->parameter_count; i++)
        if (!strcmp(request->parameters[i].name, name))
            return request->parameters[i].value;
    return NULL;
}

bool http_parameter_true(const struct http_request *request, const char *name)
{
    const char *value = http_parameter(request, name);

    return value && (!value[0] || !strcasecmp(value, "true"));
}

const char *http_header(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    char lower[128];
    size_t length = strlen(name);

    (void)kind;
    if (length >= sizeof(lower))
        return MHD_YES;
    for (size_t i = 0; i <= length; i++)
        lower[i] = (char)tolower((unsigned char)name[i]);
    /* A value that is not UTF-8 is left out: JSON cannot hold it. */
    (void)json_object_set_new(context, lower, json_string(value ? value : ""));
    return MHD_YES;
}

json_t *http_headers(const struct http_request *request)
{
    json_t *headers = json_object();

    if (headers)
        MHD_get_connection_values(request->connection, MHD_HEADER_KIND, add_header, headers);
    return headers;
}

json_t *http_body_json(const struct http_request *request, struct message *why)
{
    json_error_t error;
    json_t *json;

    if (request->body_bytes == 0)
        return json_object();
    json = json_loadb((const char *)request->body, request->body_bytes,
                      JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
    if (!json)
        message_set(why, "The request content was malformed:\n%s (line %d, column %d)", error.text,
                    error.line, error.column);
    return json;
}

const char *http_json_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);

    return text && strlen(text) == json_string_length(value) ? text : NULL;
}
