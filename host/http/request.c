/* What a handler asks of its request. */
#include "host/http/http.h"

#include <string.h>
#include <strings.h>

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
