#include "trusted/monitor/strings.h"

#include <string.h>

/* Length of the string at `at` without its NUL; false when there is none. */
static bool string_at(const char *strings, uint32_t bytes, uint32_t at, uint32_t *length)
{
    const char *end = at < bytes ? memchr(strings + at, 0, bytes - at) : NULL;

    if (!end)
        return false;
    *length = (uint32_t)(end - (strings + at));
    return true;
}

static bool environment_allowed(const struct function *function, const char *pair, uint32_t length)
{
    const char *equals = memchr(pair, '=', length);

    return equals && equals != pair &&
           manifest_allows_environment(function, pair, (uint32_t)(equals - pair));
}

enum status strings_check(const struct function *function, const char *strings, uint32_t bytes,
                          uint64_t arg_count, uint64_t env_count, uint32_t *arg_bytes)
{
    uint32_t length;
    uint32_t at = 0;

    if (arg_count > bytes || env_count > bytes)
        return ST_BAD_LENGTH;
    for (uint64_t i = 0; i < arg_count; i++, at += length + 1)
        if (!string_at(strings, bytes, at, &length))
            return ST_BAD_LENGTH;
    *arg_bytes = at;
    for (uint64_t i = 0; i < env_count; i++, at += length + 1) {
        if (!string_at(strings, bytes, at, &length))
            return ST_BAD_LENGTH;
        if (!environment_allowed(function, strings + at, length))
            return ST_ENVIRONMENT_REFUSED;
    }
    return at == bytes ? ST_OK : ST_BAD_LENGTH;
}
