#include "client/json.h"

#include "client/hex.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

json_t *json_read_object(const char *text, size_t bytes, char *why)
{
    json_error_t error;
    json_t *object = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);

    if (object && json_is_object(object))
        return object;
    snprintf(why, JSON_ERROR_TEXT_LENGTH, "%s", object ? "not an object" : error.text);
    json_decref(object);
    return NULL;
}

bool json_read_number(const json_t *object, const char *key, uint64_t most, uint64_t *value)
{
    const json_t *member = json_object_get(object, key);

    if (!json_is_integer(member) || json_integer_value(member) < 0 ||
        (uint64_t)json_integer_value(member) > most)
        return false;
    *value = (uint64_t)json_integer_value(member);
    return true;
}

bool json_read_hex(const json_t *object, const char *key, uint8_t *data, size_t bytes)
{
    const json_t *member = json_object_get(object, key);

    return json_is_string(member) &&
           hex_decode(json_string_value(member), json_string_length(member), data, bytes);
}

bool json_is_text(const json_t *object, const char *key, const char *expected)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text && strcmp(text, expected) == 0;
}

/* `count` decimal digits at text + at. */
static int digits(const char *text, size_t at, size_t count)
{
    int value = 0;

    for (size_t i = at; i < at + count; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

bool json_read_time(const json_t *object, const char *key, int64_t *seconds)
{
    static const char pattern[] = "dddd-dd-ddTdd:dd:ddZ";
    const json_t *member = json_object_get(object, key);
    const char *text = json_string_value(member);
    struct tm tm = {0}, again;
    time_t time;

    if (!text || json_string_length(member) != sizeof(pattern) - 1)
        return false;
    for (size_t i = 0; i < sizeof(pattern) - 1; i++)
        if (pattern[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != pattern[i])
            return false;
    tm.tm_year = digits(text, 0, 4) - 1900;
    tm.tm_mon = digits(text, 5, 2) - 1;
    tm.tm_mday = digits(text, 8, 2);
    tm.tm_hour = digits(text, 11, 2);
    tm.tm_min = digits(text, 14, 2);
    tm.tm_sec = digits(text, 17, 2);
    again = tm;
    time = timegm(&again);
    /* timegm normalises 31 February; what it changed was no date. */
    if (again.tm_mon != tm.tm_mon || again.tm_mday != tm.tm_mday || again.tm_hour != tm.tm_hour ||
        again.tm_min != tm.tm_min || again.tm_sec != tm.tm_sec)
        return false;
    *seconds = time;
    return true;
}
