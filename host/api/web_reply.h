/* A web action's result as an HTTP response. */
#ifndef RECLAVE_HOST_API_WEB_REPLY_H
#define RECLAVE_HOST_API_WEB_REPLY_H

#include "host/http/http.h"

enum web_type {
    WEB_HTTP,
    WEB_JSON,
    WEB_HTML,
    WEB_SVG,
    WEB_TEXT,
};

/* Of ".json" and so on; what it ends with is cut off `name`. WEB_HTTP without one. */
enum web_type web_type_of(char *name);

/* `path`: the fields to go down to, `count` of them; none: the type's own. */
void web_reply(struct http_response *response, enum web_type type, const json_t *result,
               const char *const *path, unsigned count);

/* Is it text, as opposed to bytes that JSON carries in base64? */
bool web_is_text(const char *content_type);

/* malloc'ed; NULL: no base64, or no memory. */
uint8_t *web_base64_decode(const char *text, size_t length, size_t *bytes);
json_t *web_base64(const uint8_t *bytes, size_t size);

#endif
