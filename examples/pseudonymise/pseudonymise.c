#include "pseudonymise.h"

#include "json.h"
#include "sha256.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN_DIGITS 16 /* 64 bits: collisions are unlikely below some 2^32 values */

bool text_append(struct text *text, const void *data, size_t bytes)
{
    size_t capacity = text->capacity ? text->capacity : 4096;
    uint8_t *larger;

    if (bytes > SIZE_MAX / 2 - text->bytes)
        return false;
    while (capacity < text->bytes + bytes)
        capacity *= 2;
    if (capacity != text->capacity) {
        larger = realloc(text->data, capacity);
        if (!larger)
            return false;
        text->data = larger;
        text->capacity = capacity;
    }
    if (bytes)
        memcpy(text->data + text->bytes, data, bytes);
    text->bytes += bytes;
    return true;
}

void text_free(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

/* A field's name as it stands in rules->fields, not terminated; NULL: not a chosen field. */
struct field {
    const char *name;
    size_t bytes;
};

struct transformer {
    struct scanner scan;
    const uint8_t *copied; /* the document up to here is in `out` */
    struct text *out;
    const struct rules *rules;
    unsigned depth;
};

static bool append(struct transformer *t, const void *data, size_t bytes)
{
    return text_append(t->out, data, bytes) || scan_fail(&t->scan, "out of memory");
}

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

static bool same_name(const char *a, const char *b, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

static struct field find_field(const struct rules *rules, const char *name, size_t bytes)
{
    const char *at = rules->fields;

    for (;;) {
        size_t length = strcspn(at, ",");

        if (length && length == bytes && same_name(at, name, bytes))
            return (struct field){at, length};
        if (!at[length])
            return (struct field){NULL, 0};
        at += length + 1;
    }
}

/* Decodes the string [at, end), without quotes; false when it is longer than a field's name. */
static bool decode_name(const uint8_t *at, const uint8_t *end, char name[FIELD_NAME_LIMIT],
                        size_t *bytes)
{
    *bytes = 0;
    while (at < end) {
        uint8_t utf8[4];
        size_t count = json_decode(&at, utf8);

        if (count > FIELD_NAME_LIMIT - *bytes)
            return false;
        memcpy(name + *bytes, utf8, count);
        *bytes += count;
    }
    return true;
}

/* Keyed digest of a field's value: strings by their characters, numbers by their text, and never
 * the same digest for both or for two fields. */
static void digest_value(const struct transformer *t, struct field field, const uint8_t *at,
                         const uint8_t *end, uint8_t mac[SHA256_BYTES])
{
    struct hmac hmac;
    bool string = *at == '"';

    hmac_start(&hmac, t->rules->key, t->rules->key_bytes);
    for (size_t i = 0; i < field.bytes; i++)
        hmac_add(&hmac, &(char){(char)lower(field.name[i])}, 1);
    hmac_add(&hmac, string ? "\0s" : "\0n", 2);
    if (!string)
        hmac_add(&hmac, at, (size_t)(end - at));
    for (const uint8_t *p = at + 1; string && p < end - 1;) {
        uint8_t utf8[4];
        size_t bytes = json_decode(&p, utf8);

        hmac_add(&hmac, utf8, bytes);
    }
    hmac_finish(&hmac, mac);
}

/* Puts a token in the place of the value [at, scanner). */
static bool replace_value(struct transformer *t, struct field field, const uint8_t *at)
{
    char token[FIELD_NAME_LIMIT + TOKEN_DIGITS + 4];
    uint8_t mac[SHA256_BYTES];
    size_t n = 0;

    digest_value(t, field, at, t->scan.at, mac);
    token[n++] = '"';
    for (size_t i = 0; i < field.bytes; i++) {
        int c = lower(field.name[i]);

        token[n++] = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? (char)c : '_';
    }
    token[n++] = '-';
    for (size_t i = 0; i < TOKEN_DIGITS; i++)
        token[n++] = "0123456789abcdef"[mac[i / 2] >> (i % 2 ? 0 : 4) & 15];
    token[n++] = '"';
    if (!append(t, t->copied, (size_t)(at - t->copied)) || !append(t, token, n))
        return false;
    t->copied = t->scan.at;
    return true;
}

static bool transform_value(struct transformer *t, struct field field);

/* After an element: true with *more when a comma follows, true without at the closing bracket. */
static bool next_element(struct transformer *t, char close, const char *error, bool *more)
{
    int c;

    scan_space(&t->scan);
    c = scan_peek(&t->scan);
    if (c != ',' && c != close)
        return scan_fail(&t->scan, error);
    t->scan.at++;
    *more = c == ',';
    return true;
}

static bool transform_member(struct transformer *t, struct field outer)
{
    char name[FIELD_NAME_LIMIT];
    const uint8_t *at = t->scan.at;
    struct field field = outer;
    size_t bytes;

    if (!scan_string(&t->scan))
        return false;
    if (!outer.name && decode_name(at + 1, t->scan.at - 1, name, &bytes))
        field = find_field(t->rules, name, bytes);
    scan_space(&t->scan);
    if (scan_peek(&t->scan) != ':')
        return scan_fail(&t->scan, "expected ':' after the field's name");
    t->scan.at++;
    return transform_value(t, field);
}

/* An array or object, `open` being its bracket, already seen. */
static bool transform_container(struct transformer *t, char open, struct field field)
{
    char close = open == '{' ? '}' : ']';
    bool more = true;

    if (t->depth == DEPTH_LIMIT)
        return scan_fail(&t->scan, "nested too deeply");
    t->depth++;
    t->scan.at++;
    scan_space(&t->scan);
    if (scan_peek(&t->scan) == close) {
        t->scan.at++;
        more = false;
    }
    while (more) {
        scan_space(&t->scan);
        if (!(open == '{' ? transform_member(t, field) : transform_value(t, field)))
            return false;
        if (!next_element(t, close, open == '{' ? "expected ',' or '}'" : "expected ',' or ']'",
                          &more))
            return false;
    }
    t->depth--;
    return true;
}

static bool transform_value(struct transformer *t, struct field field)
{
    const uint8_t *at;
    int c;

    scan_space(&t->scan);
    at = t->scan.at;
    c = scan_peek(&t->scan);
    switch (c) {
    case '{':
    case '[':
        return transform_container(t, (char)c, field);
    case 't':
        return scan_word(&t->scan, "true");
    case 'f':
        return scan_word(&t->scan, "false");
    case 'n':
        return scan_word(&t->scan, "null");
    case '"':
        return scan_string(&t->scan) && (!field.name || replace_value(t, field, at));
    default:
        if (c != '-' && (c < '0' || c > '9'))
            return scan_fail(&t->scan, "expected a value");
        return scan_number(&t->scan) && (!field.name || replace_value(t, field, at));
    }
}

static bool transform_document(struct transformer *t)
{
    if (!transform_value(t, (struct field){NULL, 0}))
        return false;
    scan_space(&t->scan);
    if (t->scan.at != t->scan.end)
        return scan_fail(&t->scan, "unexpected text after the document");
    return append(t, t->copied, (size_t)(t->scan.end - t->copied));
}

bool pseudonymise(const struct rules *rules, const void *document, size_t bytes, struct text *out,
                  struct problem *problem)
{
    struct transformer t = {
        .scan = {.start = document, .at = document, .end = (const uint8_t *)document + bytes},
        .copied = document,
        .out = out,
        .rules = rules,
    };

    if (transform_document(&t))
        return true;
    problem->message = t.scan.error;
    scan_position(&t.scan, &problem->line, &problem->column);
    return false;
}
