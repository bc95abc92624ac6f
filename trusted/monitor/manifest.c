#include "trusted/monitor/monitor.h"

#include <string.h>

/* Reads the record at *at; false at the end or when it is malformed (*malformed). */
static bool next_field(const uint8_t *manifest, uint32_t bytes, uint32_t *at,
                       struct bundle_field *field, bool *malformed)
{
    *malformed = false;
    if (bytes - *at < sizeof(*field)) {
        for (; *at < bytes; ++*at) /* padding */
            if (manifest[*at])
                *malformed = true;
        return false;
    }
    memcpy(field, manifest + *at, sizeof(*field));
    if (field->kind == FIELD_END) {
        for (; *at < bytes; ++*at)
            if (manifest[*at])
                *malformed = true;
        return false;
    }
    if (field->bytes == 0 || field->bytes > bytes - *at - sizeof(*field)) {
        *malformed = true;
        return false;
    }
    *at += (uint32_t)sizeof(*field);
    return true;
}

static bool is_word(const struct bundle_field *field, const uint8_t *value, const char *word)
{
    return field->bytes == strlen(word) && memcmp(value, word, field->bytes) == 0;
}

/* Unknown kinds below 0x8000, and unknown words where there is a choice, may mean something that
 * this monitor would not enforce. */
static bool is_known(const struct bundle_field *field, const uint8_t *value)
{
    switch (field->kind) {
    case FIELD_INPUT:
        return is_word(field, value, "any") || is_word(field, value, "encrypted");
    case FIELD_LOGS:
        return is_word(field, value, "encrypted") || is_word(field, value, "none") ||
               is_word(field, value, "clear");
    default:
        return field->kind <= FIELD_LOGS || field->kind >= 0x8000;
    }
}

/* Who demands that nobody else reads its input must not have its logs, which may repeat it, go to
 * the host: abi/bundle.h, FIELD_LOGS. */
enum status manifest_check(const uint8_t *manifest, uint32_t bytes)
{
    struct bundle_field field;
    bool demands_sealed = false;
    bool clear_logs = false;
    uint32_t names = 0;
    uint32_t versions = 0;
    uint32_t inputs = 0;
    uint32_t logs = 0;
    uint32_t at = 0;
    bool malformed;

    for (; next_field(manifest, bytes, &at, &field, &malformed); at += field.bytes) {
        if (memchr(manifest + at, 0, field.bytes))
            return ST_BUNDLE_MANIFEST;
        names += field.kind == FIELD_NAME;
        versions += field.kind == FIELD_VERSION;
        inputs += field.kind == FIELD_INPUT;
        logs += field.kind == FIELD_LOGS;
        demands_sealed |= field.kind == FIELD_INPUT && is_word(&field, manifest + at, "encrypted");
        clear_logs |= field.kind == FIELD_LOGS && is_word(&field, manifest + at, "clear");
        if (!is_known(&field, manifest + at))
            return ST_BUNDLE_MANIFEST;
    }
    if (malformed || names != 1 || versions != 1 || inputs > 1 || logs > 1)
        return ST_BUNDLE_MANIFEST;
    return demands_sealed && clear_logs ? ST_BUNDLE_MANIFEST : ST_OK;
}

/* The field of a kind that occurs once at most is this word. */
static bool field_is(const struct function *function, unsigned kind, const char *word)
{
    struct bundle_field field;
    uint32_t at = 0;
    bool malformed;

    for (; next_field(function->manifest, function->manifest_bytes, &at, &field, &malformed);
         at += field.bytes)
        if (field.kind == kind && is_word(&field, function->manifest + at, word))
            return true;
    return false;
}

bool manifest_demands_sealed(const struct function *function)
{
    return field_is(function, FIELD_INPUT, "encrypted");
}

enum manifest_logs manifest_logs(const struct function *function)
{
    if (field_is(function, FIELD_LOGS, "clear"))
        return LOGS_CLEAR;
    return field_is(function, FIELD_LOGS, "none") ? LOGS_NONE : LOGS_ENCRYPTED;
}

bool manifest_version(const uint8_t *manifest, uint32_t bytes, const uint8_t **value,
                      uint16_t *value_bytes)
{
    struct bundle_field field;
    uint32_t at = 0;
    bool malformed;

    for (; next_field(manifest, bytes, &at, &field, &malformed); at += field.bytes) {
        if (field.kind == FIELD_VERSION) {
            *value = manifest + at;
            *value_bytes = field.bytes;
            return true;
        }
    }
    return false;
}

bool manifest_allows_environment(const struct function *function, const char *name,
                                 uint32_t name_bytes)
{
    struct bundle_field field;
    uint32_t at = 0;
    bool malformed;

    for (; next_field(function->manifest, function->manifest_bytes, &at, &field, &malformed);
         at += field.bytes) {
        const uint8_t *value = function->manifest + at;

        if (field.kind != FIELD_ENV_ALLOW)
            continue;
        if (field.bytes == 1 && value[0] == '*')
            return true;
        if (field.bytes == name_bytes && memcmp(value, name, name_bytes) == 0)
            return true;
    }
    return false;
}
