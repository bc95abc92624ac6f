#include "host/http/uri.h"

#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Length of the UTF-8 sequence at s, 0: none (RFC 3629, section 4). */
static size_t utf8_sequence(const unsigned char *s)
{
    size_t follow = s[0] < 0x80                    ? 0
                    : s[0] >= 0xc2 && s[0] <= 0xdf ? 1
                    : (s[0] & 0xf0) == 0xe0        ? 2
                    : s[0] >= 0xf0 && s[0] <= 0xf4 ? 3
                                                   : 4;

    if (follow == 4)
        return 0;
    for (size_t i = 1; i <= follow; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return follow + 1;
}

static bool is_utf8(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    while (*s) {
        size_t bytes = utf8_sequence(s);

        if (bytes == 0)
            return false;
        s += bytes;
    }
    return true;
}

/* Decodes in place; the result is never longer. */
static enum status decode(char *text, bool plus_is_space)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from == '%') {
            int high = hex_digit(from[1]);
            int low = high < 0 ? -1 : hex_digit(from[2]);

            if (low < 0 || (high == 0 && low == 0))
                return ST_CORRUPT;
            *to++ = (char)(high * 16 + low);
            from += 2;
        } else {
            *to++ = *from == '+' && plus_is_space ? ' ' : *from;
        }
    }
    *to = 0;
    return is_utf8(text) ? ST_OK : ST_CORRUPT;
}

static enum status split_path(struct uri *uri, char *path)
{
    char *rest = path + 1; /* behind the first slash */

    while (*rest) {
        char *segment = rest;
        size_t length = strcspn(segment, "/");
        bool last = segment[length] == 0;

        rest = segment + length + (last ? 0 : 1);
        segment[length] = 0;
        if (uri->segment_count == HTTP_SEGMENTS_MAX)
            return ST_OUT_OF_RANGE;
        if (decode(segment, false) != ST_OK)
            return ST_CORRUPT;
        uri->segments[uri->segment_count++] = segment;
        uri->trailing_slash = !last && !*rest;
    }
    return ST_OK;
}

static enum status split_query(struct uri *uri, char *query)
{
    char *rest = NULL;

    for (char *word = strtok_r(query, "&", &rest); word; word = strtok_r(NULL, "&", &rest)) {
        char *value = strchr(word, '=');
        struct http_pair *pair;

        if (uri->parameter_count == HTTP_QUERY_MAX)
            return ST_OUT_OF_RANGE;
        pair = &uri->parameters[uri->parameter_count++];
        if (value)
            *value++ = 0;
        else
            value = word + strlen(word);
        if (decode(word, true) != ST_OK || decode(value, true) != ST_OK)
            return ST_CORRUPT;
        *pair = (struct http_pair){word, value};
    }
    return ST_OK;
}

/* storage: path as sent, query as sent, then the copies that are taken apart. */
static enum status parse(struct uri *uri, const char *target)
{
    size_t bytes = strlen(target) + 1;
    char *copy, *query;
    enum status status;

    uri->storage = malloc(2 * bytes + 2);
    if (!uri->storage)
        return ST_NO_MEMORY;
    uri->path = memcpy(uri->storage, target, bytes);
    copy = memcpy(uri->storage + bytes, target, bytes);
    uri->query = strchr(uri->path, '?');
    query = strchr(copy, '?');
    if (uri->query) {
        *uri->query++ = 0;
        *query++ = 0;
    } else {
        uri->query = query = uri->storage + 2 * bytes;
        *query = 0;
    }
    status = split_path(uri, copy);
    return status == ST_OK ? split_query(uri, query) : status;
}

enum status uri_parse(const char *target, struct uri *out)
{
    enum status status;

    *out = (struct uri){0};
    if (target[0] != '/')
        return ST_CORRUPT;
    if (strlen(target) > URI_BYTES_MAX)
        return ST_OUT_OF_RANGE;
    status = parse(out, target);
    if (status != ST_OK)
        uri_free(out);
    return status;
}

void uri_free(struct uri *uri)
{
    free(uri->storage);
    *uri = (struct uri){0};
}
