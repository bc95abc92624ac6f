#include "host/action/env.h"

#include "abi/bundle.h"
#include "abi/gates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLES_MAX  4096u
#define RESERVED_BYTES 1024u /* of L1_STRINGS_MAX, for the arguments */

static bool is_text(const uint8_t *value, size_t bytes, const char *text)
{
    return bytes == strlen(text) && memcmp(value, text, bytes) == 0;
}

bool manifest_has(const void *bundle, size_t bytes, unsigned kind, const char *text)
{
    const uint8_t *at = (const uint8_t *)bundle + BUNDLE_HEADER_BYTES;
    struct bundle_header header;
    size_t left;

    if (bytes < sizeof(header))
        return false;
    memcpy(&header, bundle, sizeof(header));
    if (memcmp(header.magic, BUNDLE_MAGIC, sizeof(header.magic)) != 0)
        return false; /* a sealed one */
    left = header.manifest_bytes;
    if (left > BUNDLE_MANIFEST_MAX || left > bytes - BUNDLE_HEADER_BYTES)
        return false;
    while (left >= sizeof(struct bundle_field)) {
        struct bundle_field field;

        memcpy(&field, at, sizeof(field));
        at += sizeof(field);
        left -= sizeof(field);
        if (field.bytes > left)
            return false;
        if (field.kind == kind && is_text(at, field.bytes, text))
            return true;
        at += field.bytes;
        left -= field.bytes;
    }
    return false;
}

bool env_allowed(const void *bundle, size_t bytes, const char *name)
{
    return manifest_has(bundle, bytes, FIELD_ENV_ALLOW, "*") ||
           manifest_has(bundle, bytes, FIELD_ENV_ALLOW, name);
}

static bool usable(const char *name, const json_t *value)
{
    return name[0] && !strchr(name, '=') && json_is_string(value) &&
           strlen(json_string_value(value)) == json_string_length(value);
}

json_t *env_list(const void *bundle, size_t bytes, const json_t *variables)
{
    json_t *list = json_array();
    size_t used = RESERVED_BYTES;
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)variables, name, value)
    {
        size_t more = strlen(name) + json_string_length(value) + 2;
        char *text;

        if (!usable(name, value) || used + more > L1_STRINGS_MAX ||
            json_array_size(list) == VARIABLES_MAX || !env_allowed(bundle, bytes, name))
            continue;
        if (asprintf(&text, "%s=%s", name, json_string_value(value)) < 0)
            break;
        used += more;
        (void)json_array_append_new(list, json_string(text));
        free(text);
    }
    return list;
}
