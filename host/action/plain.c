#include "host/action/plain.h"

#include <string.h>

#define DIGITS_MAX 18u /* of an integer: int64_t holds any such */

/* The outermost object's members that are looked for. */
struct wanted {
    const char *const *names;
    struct plain *found;
};

/* Each of these returns where what begins at `at` has ended; NULL: it is not plain. */

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && *at == ' ')
        at++;
    return at;
}

/* From behind the quote to behind the next one. */
static const char *string_end(const char *at, const char *end)
{
    while (at < end && *at != '"') {
        if (*at < 0x20) /* control characters, and all beyond ASCII */
            return NULL;
        if (*at++ != '\\')
            continue;
        if (at == end || !*at || !strchr("\"\\/bfnrt", *at))
            return NULL;
        at++;
    }
    return at < end ? at + 1 : NULL;
}

static const char *digits_end(const char *at, const char *end)
{
    const char *begin = at;

    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at > begin && (size_t)(at - begin) <= DIGITS_MAX ? at : NULL;
}

static const char *number_end(const char *at, const char *end)
{
    const char *begin = at += *at == '-';

    at = digits_end(at, end);
    if (!at || (*begin == '0' && at - begin > 1))
        return NULL;
    return at < end && *at == '.' ? digits_end(at + 1, end) : at;
}

static const char *word_end(const char *at, const char *end, const char *word)
{
    size_t bytes = strlen(word);

    return (size_t)(end - at) >= bytes && memcmp(at, word, bytes) == 0 ? at + bytes : NULL;
}

static const char *group_end(const char *at, const char *end, unsigned depth,
                             const struct wanted *wanted);

static const char *value_end(const char *at, const char *end, unsigned depth)
{
    if (at == end)
        return NULL;
    switch (*at) {
    case '{':
    case '[':
        return depth < PLAIN_DEPTH_MAX ? group_end(at, end, depth + 1, NULL) : NULL;
    case '"':
        return string_end(at + 1, end);
    case 't':
        return word_end(at, end, "true");
    case 'f':
        return word_end(at, end, "false");
    case 'n':
        return word_end(at, end, "null");
    default:
        return number_end(at, end);
    }
}

/* False: the name has an escape, so it may be another one than it seems. */
static bool note(const struct wanted *wanted, struct plain name, struct plain value)
{
    if (memchr(name.text, '\\', name.bytes))
        return false;
    for (size_t i = 0; wanted->names[i]; i++)
        if (strlen(wanted->names[i]) == name.bytes &&
            memcmp(wanted->names[i], name.text, name.bytes) == 0)
            wanted->found[i] = value;
    return true;
}

/* The value of a member, behind its name and colon. */
static const char *member_end(const char *at, const char *end, unsigned depth,
                              const struct wanted *wanted)
{
    const char *name = at + 1, *name_end, *value;

    if (at == end || *at != '"')
        return NULL;
    name_end = string_end(name, end);
    if (!name_end)
        return NULL;
    at = skip_space(name_end, end);
    if (at == end || *at != ':')
        return NULL;
    value = skip_space(at + 1, end);
    at = value_end(value, end, depth);
    if (at && wanted &&
        !note(wanted, (struct plain){name, (size_t)(name_end - 1 - name)},
              (struct plain){value, (size_t)(at - value)}))
        return NULL;
    return at;
}

/* An object or an array. */
static const char *group_end(const char *at, const char *end, unsigned depth,
                             const struct wanted *wanted)
{
    bool object = *at == '{';
    char close = object ? '}' : ']';

    at = skip_space(at + 1, end);
    if (at < end && *at == close)
        return at + 1;
    for (;;) {
        at = object ? member_end(at, end, depth, wanted) : value_end(at, end, depth);
        if (!at)
            return NULL;
        at = skip_space(at, end);
        if (at == end || (*at != ',' && *at != close))
            return NULL;
        if (*at++ == close)
            return at;
        at = skip_space(at, end);
    }
}

bool plain_json(const char *text, size_t bytes, const char *const *names, struct plain *found)
{
    const struct wanted wanted = {names, found};
    const char *end, *at;

    for (size_t i = 0; names[i]; i++)
        found[i] = (struct plain){NULL, 0};
    if (bytes == 0)
        return false;
    end = text + bytes;
    at = skip_space(text, end);
    if (at == end || (*at != '{' && *at != '['))
        return false;
    at = group_end(at, end, 1, &wanted);
    return at && skip_space(at, end) == end;
}
