#include "host/api/web_reply.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct web_format {
    const char *extension, *field, *content_type;
} formats[] = {
    [WEB_HTTP] = {".http", NULL, NULL},
    [WEB_JSON] = {".json", NULL, "application/json"},
    [WEB_HTML] = {".html", "html", "text/html; charset=UTF-8"},
    [WEB_SVG] = {".svg", "svg", "image/svg+xml"},
    [WEB_TEXT] = {".text", "text", "text/plain; charset=UTF-8"},
};

enum web_type web_type_of(char *name)
{
    char *dot = strrchr(name, '.');

    for (unsigned i = 0; dot && i < sizeof(formats) / sizeof(*formats); i++) {
        if (strcmp(dot, formats[i].extension) == 0) {
            *dot = 0;
            return (enum web_type)i;
        }
    }
    return WEB_HTTP;
}

/* ---- base64 ---- */

uint8_t *web_base64_decode(const char *text, size_t length, size_t *bytes)
{
    uint8_t *out = length % 4 == 0 && length < INT32_MAX ? malloc(length / 4 * 3 + 1) : NULL;
    int got = out ? EVP_DecodeBlock(out, (const unsigned char *)text, (int)length) : -1;

    if (got < 0) {
        free(out);
        return NULL;
    }
    for (size_t i = length; i > 0 && i + 2 > length && text[i - 1] == '='; i--)
        got--;
    *bytes = (size_t)got;
    return out;
}

json_t *web_base64(const uint8_t *bytes, size_t size)
{
    char *text = size < INT32_MAX ? malloc(size / 3 * 4 + 5) : NULL;
    json_t *json;

    if (!text)
        return NULL;
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
    json = json_string(text);
    free(text);
    return json;
}

bool web_is_text(const char *content_type)
{
    static const char *const textual[] = {"application/json",
                                          "application/xml",
                                          "application/javascript",
                                          "application/x-javascript",
                                          "application/x-www-form-urlencoded",
                                          "image/svg+xml"};
    size_t length = strcspn(content_type, "; \t");

    if (strncasecmp(content_type, "text/", 5) == 0)
        return true;
    for (size_t i = 0; i < sizeof(textual) / sizeof(*textual); i++)
        if (strlen(textual[i]) == length && strncasecmp(content_type, textual[i], length) == 0)
            return true;
    return length > 4 && (strncasecmp(content_type + length - 4, "+xml", 4) == 0 ||
                          (length > 5 && strncasecmp(content_type + length - 5, "+json", 5) == 0));
}

/* ---- .http ---- */

/* Ours to set: a function could break the framing with them. */
static bool is_framing(const char *name)
{
    static const char *const names[] = {"content-length", "transfer-encoding", "connection",
                                        "keep-alive",     "upgrade",           "trailer"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool add_header(struct http_response *response, const char *name, const json_t *value)
{
    char number[32];
    const char *text = json_string_value(value);

    if (json_is_integer(value)) {
        snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        text = number;
    } else if (json_is_boolean(value)) {
        text = json_is_true(value) ? "true" : "false";
    }
    if (text && !is_framing(name))
        http_reply_header(response, name, text);
    return text != NULL;
}

/* *content_type: as the function says, or NULL. */
static bool add_headers(struct http_response *response, const json_t *headers,
                        const char **content_type)
{
    const char *name;
    json_t *value, *one;
    size_t index;
    bool good = !headers || json_is_object(headers);

    *content_type = NULL;
    json_object_foreach((json_t *)(uintptr_t)headers, name, value)
    {
        if (strcasecmp(name, "content-type") == 0)
            *content_type = json_string_value(value);
        if (!json_is_array(value)) {
            good = add_header(response, name, value) && good;
            continue;
        }
        json_array_foreach(value, index, one)
        {
            good = add_header(response, name, one) && good;
        }
    }
    return good;
}

/* 0: no status. */
static unsigned read_code(const json_t *value, unsigned fallback)
{
    long code = 0;
    char *end = NULL;

    if (!value)
        return fallback;
    if (json_is_integer(value))
        code = json_integer_value(value) > 999 ? 0 : (long)json_integer_value(value);
    else if (json_is_string(value))
        code = strtol(json_string_value(value), &end, 10);
    if ((end && *end) || code < 200 || code > 599)
        return 0;
    return (unsigned)code;
}

static bool string_body(struct http_response *response, unsigned code, const json_t *body,
                        const char *content_type)
{
    const char *text = json_string_value(body);
    size_t bytes = json_string_length(body);
    void *copy;

    if (content_type && !web_is_text(content_type)) {
        copy = web_base64_decode(text, bytes, &bytes);
    } else {
        copy = malloc(bytes + 1);
        if (copy)
            memcpy(copy, text, bytes);
    }
    if (copy)
        http_reply_bytes(response, code, content_type ? NULL : "text/html; charset=UTF-8", copy,
                         bytes);
    return copy != NULL;
}

static bool json_body(struct http_response *response, unsigned code, const json_t *body,
                      const char *content_type)
{
    char *text = json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY);

    if (text)
        http_reply_bytes(response, code, content_type ? NULL : "application/json", text,
                         strlen(text));
    return text != NULL;
}

static void reply_http(struct http_response *response, const json_t *result)
{
    const json_t *body = json_object_get(result, "body");
    const char *content_type = NULL;
    bool has_body =
        body && !json_is_null(body) && !(json_is_string(body) && !json_string_length(body));
    unsigned code = read_code(json_object_get(result, "statusCode"), has_body ? 200 : 204);
    bool good = json_is_object(result) && code != 0 &&
                add_headers(response, json_object_get(result, "headers"), &content_type);

    if (good && code == 204)
        has_body = false;
    if (good && !has_body)
        http_reply_empty(response, code);
    else if (good)
        good = json_is_string(body) ? string_body(response, code, body, content_type)
                                    : json_body(response, code, body, content_type);
    if (!good)
        http_reply_error(response, 400, "Response is not valid 'message/http'.");
}

/* ---- the others ---- */

static const json_t *project(const json_t *result, const char *const *path, unsigned count)
{
    for (unsigned i = 0; i < count && result; i++)
        result = json_object_get(result, path[i]);
    return result;
}

void web_reply(struct http_response *response, enum web_type type, const json_t *result,
               const char *const *path, unsigned count)
{
    const struct web_format *format = &formats[type];
    const char *own = format->field;

    if (type == WEB_HTTP) {
        reply_http(response, result);
        return;
    }
    if (count > 0)
        result = project(result, path, count);
    else if (own)
        result = project(result, &own, 1);
    if (!result) {
        http_reply_error(response, 404, "Response does not include requested property.");
    } else if (type == WEB_JSON) {
        http_reply_json(response, 200, json_incref((json_t *)(uintptr_t)result));
    } else if (json_is_string(result) || type == WEB_TEXT) {
        char *text = json_is_string(result) ? strdup(json_string_value(result))
                                            : json_dumps(result, JSON_COMPACT | JSON_ENCODE_ANY);

        if (text)
            http_reply_bytes(response, 200, format->content_type, text, strlen(text));
    } else {
        http_reply_error(response, 400, "Response is not valid '%.*s'.",
                         (int)strcspn(format->content_type, ";"), format->content_type);
    }
}
