#include "host/http/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_body(struct http_response *response, unsigned status, const char *content_type,
                     void *body, size_t bytes)
{
    free(response->body);
    response->status = status;
    response->content_type = content_type;
    response->body = body;
    response->bytes = bytes;
}

void http_reply_json(struct http_response *response, unsigned status, json_t *json)
{
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    json_decref(json);
    if (text)
        set_body(response, status, "application/json", text, strlen(text));
    else
        set_body(response, 500, NULL, NULL, 0);
}

void http_reply_bytes(struct http_response *response, unsigned status, const char *content_type,
                      void *body, size_t bytes)
{
    set_body(response, status, content_type, body, bytes);
}

void http_reply_text(struct http_response *response, unsigned status, const char *text)
{
    char *copy = strdup(text);

    set_body(response, copy ? status : 500, "text/plain; charset=UTF-8", copy,
             copy ? strlen(copy) : 0);
}

void http_reply_empty(struct http_response *response, unsigned status)
{
    set_body(response, status, NULL, NULL, 0);
}

void http_reply_error(struct http_response *response, unsigned status, const char *format, ...)
{
    char text[MESSAGE_BYTES];
    json_t *sentence;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    sentence = json_string(text); /* fails if a character was cut in two */
    if (!sentence)
        sentence = json_string("The request could not be processed.");
    http_reply_json(response, status,
                    json_pack("{s:o, s:s}", "error", sentence, "code", response->id));
}

static bool is_header_text(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

void http_reply_header(struct http_response *response, const char *name, const char *value)
{
    struct http_pair *pair = &response->headers[response->header_count];

    if (response->header_count == HTTP_HEADERS_MAX || !name[0] || !is_header_text(name) ||
        !is_header_text(value) || strpbrk(name, " :\t"))
        return;
    *pair = (struct http_pair){strdup(name), strdup(value)};
    response->header_count++;
}

void response_free(struct http_response *response)
{
    free(response->body);
    for (unsigned i = 0; i < response->header_count; i++) {
        free((char *)(uintptr_t)response->headers[i].name);
        free((char *)(uintptr_t)response->headers[i].value);
    }
    *response = (struct http_response){0};
}
