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

enum status manifest_check(const uint8_t *manifest, uint32_t bytes)
{
    struct bundle_field field;
    uint32_t names = 0;
    uint32_t versions = 0;
    uint32_t at = 0;
    bool malformed;

    for (; next_field(manifest, bytes, &at, &field, &malformed); at += field.bytes) {
        if (memchr(manifest + at, 0, field.bytes))
            return ST_BUNDLE_MANIFEST;
        names += field.kind == FIELD_NAME;
        versions += field.kind == FIELD_VERSION;
        if (field.kind > FIELD_TOOLCHAIN && field.kind < 0x8000)
            return ST_BUNDLE_MANIFEST;
    }
    return malformed || names != 1 || versions != 1 ? ST_BUNDLE_MANIFEST : ST_OK;
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
