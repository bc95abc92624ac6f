#include "host/daemon/settings.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int find(const struct setting *table, const char *name)
{
    for (int i = 0; table[i].name; i++)
        if (!strcmp(table[i].name, name))
            return i;
    return -1;
}

static bool is_number(const struct setting *setting, const char *text)
{
    char *end;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    return isdigit((unsigned char)text[0]) && !*end && errno == 0 && value >= setting->low &&
           value <= setting->high;
}

/* `from` says where the value was found. */
static enum status check(const struct setting *setting, const char *text, const char *from,
                         struct message *why)
{
    if (setting->type == SETTING_NUMBER && !is_number(setting, text)) {
        message_set(why, "%s: '%.60s' is not a whole number from %llu to %llu", from, text,
                    (unsigned long long)setting->low, (unsigned long long)setting->high);
        return ST_INVALID_ARGUMENT;
    }
    if (setting->type == SETTING_SWITCH && strcmp(text, "true") != 0 &&
        strcmp(text, "false") != 0) {
        message_set(why, "%s: '%.60s' is neither true nor false", from, text);
        return ST_INVALID_ARGUMENT;
    }
    return ST_OK;
}

static enum status assign(char **to, const char *text)
{
    char *copy = strdup(text);

    if (!copy)
        return ST_NO_MEMORY;
    free(*to);
    *to = copy;
    return ST_OK;
}

enum status settings_flag(struct settings *settings, unsigned index, const char *text,
                          struct message *why)
{
    const struct setting *setting = &settings->table[index];
    char from[64];
    enum status status;

    snprintf(from, sizeof(from), "--%s", setting->name);
    status = check(setting, text, from, why);
    return status == ST_OK ? assign(&settings->flags[index], text) : status;
}

/* ---- one source after the other, the weakest first ---- */

static enum status take_defaults(const struct setting *table, char *values[SETTINGS_MAX])
{
    for (unsigned i = 0; table[i].name; i++)
        if (table[i].fallback && assign(&values[i], table[i].fallback) != ST_OK)
            return ST_NO_MEMORY;
    return ST_OK;
}

/* state_dir of the file is state-dir of the table. */
static int find_key(const struct setting *table, const char *key)
{
    char name[64];
    size_t length = strlen(key);

    if (length >= sizeof(name) || strchr(key, '-'))
        return -1;
    for (size_t i = 0; i <= length; i++)
        name[i] = key[i] == '_' ? '-' : key[i];
    return find(table, name);
}

static enum status value_text(const json_t *value, char text[4096])
{
    int n = -1;

    if (json_is_string(value))
        n = snprintf(text, 4096, "%s", json_string_value(value));
    else if (json_is_integer(value))
        n = snprintf(text, 4096, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        n = snprintf(text, 4096, "%s", json_is_true(value) ? "true" : "false");
    return n < 0 || n >= 4096 ? ST_CORRUPT : ST_OK;
}

static enum status take_key(const struct setting *table, const char *file, const char *key,
                            const json_t *value, char *values[SETTINGS_MAX], struct message *why)
{
    int index = find_key(table, key);
    char text[4096], from[256];

    if (index < 0) {
        message_set(why, "%s: there is no setting '%.60s'", file, key);
        return ST_CORRUPT;
    }
    if (value_text(value, text) != ST_OK) {
        message_set(why, "%s: %s must be a string, a number, true or false", file, key);
        return ST_CORRUPT;
    }
    snprintf(from, sizeof(from), "%.180s: %.60s", file, key);
    if (check(&table[index], text, from, why) != ST_OK)
        return ST_CORRUPT;
    return assign(&values[index], text);
}

static enum status take_file(const struct setting *table, const char *file, bool required,
                             char *values[SETTINGS_MAX], struct message *why)
{
    enum status status = ST_OK;
    json_error_t error;
    const char *key;
    json_t *json, *value;

    if (!required && access(file, F_OK) != 0)
        return ST_OK;
    json = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(json)) {
        message_set(why, "%s: %s (line %d)", file, json ? "must be one object" : error.text,
                    json ? 1 : error.line);
        json_decref(json);
        return ST_CORRUPT;
    }
    json_object_foreach(json, key, value) if (status == ST_OK) status =
        take_key(table, file, key, value, values, why);
    json_decref(json);
    return status;
}

static enum status take_environment(const struct setting *table, char *values[SETTINGS_MAX],
                                    struct message *why)
{
    enum status status = ST_OK;

    for (unsigned i = 0; table[i].name && status == ST_OK; i++) {
        char name[80];
        const char *text;

        snprintf(name, sizeof(name), "RECLAVE_%s", table[i].name);
        for (char *c = name; *c; c++)
            *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
        text = getenv(name);
        if (!text || !text[0])
            continue;
        status = check(&table[i], text, name, why);
        if (status == ST_OK)
            status = assign(&values[i], text);
    }
    return status;
}

static enum status take_flags(const struct settings *settings, char *values[SETTINGS_MAX])
{
    for (unsigned i = 0; settings->table[i].name; i++)
        if (settings->flags[i] && assign(&values[i], settings->flags[i]) != ST_OK)
            return ST_NO_MEMORY;
    return ST_OK;
}

static void free_values(char *values[SETTINGS_MAX])
{
    for (unsigned i = 0; i < SETTINGS_MAX; i++) {
        free(values[i]);
        values[i] = NULL;
    }
}

enum status settings_load(struct settings *settings, const char *file, struct message *why)
{
    char *values[SETTINGS_MAX] = {NULL};
    enum status status = take_defaults(settings->table, values);

    if (status == ST_OK)
        status = take_file(settings->table, file ? file : SETTINGS_DEFAULT_FILE, file != NULL,
                           values, why);
    if (status == ST_OK)
        status = take_environment(settings->table, values, why);
    if (status == ST_OK)
        status = take_flags(settings, values);
    if (status != ST_OK) {
        free_values(values);
        return status;
    }
    free_values(settings->values);
    memcpy(settings->values, values, sizeof(values));
    return ST_OK;
}

const char *settings_text(const struct settings *settings, const char *name)
{
    const char *text = settings->values[find(settings->table, name)];

    return text && text[0] ? text : NULL;
}

uint64_t settings_number(const struct settings *settings, const char *name)
{
    const char *text = settings_text(settings, name);

    return text ? strtoull(text, NULL, 10) : 0;
}

bool settings_switch(const struct settings *settings, const char *name)
{
    const char *text = settings_text(settings, name);

    return text && !strcmp(text, "true");
}

void settings_free(struct settings *settings)
{
    free_values(settings->values);
    free_values(settings->flags);
}
