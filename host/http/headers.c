/* A request's headers, as libmicrohttpd has them. */
#include "host/http/internal.h"

#include <ctype.h>
#include <string.h>

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
