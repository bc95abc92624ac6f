#include "cli/keeper_function_policy.h"

#include "cli/hex.h"

#include <jansson.h>
#include <string.h>

static enum status wrong(const char *member, const char *expected, struct message *why)
{
    message_set(why, "\"%s\" must be %s", member, expected);
    return ST_CORRUPT;
}

static enum status take_measured(const json_t *list, struct function_policy *out,
                                 struct message *why)
{
    size_t count = json_array_size(list);

    if (!json_is_array(list) || count > RELEASE_MEASURED_MAX)
        return wrong("mrenclave", "a list of at most 4 measurements", why);
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (!text || !hex_parse(text, out->measured[i], sizeof(out->measured[i])))
            return wrong("mrenclave", "a list of measurements, 64 hexadecimal digits each", why);
    }
    out->measured_count = (uint32_t)count;
    return ST_OK;
}

static enum status take_number(const json_t *value, const char *member, uint64_t most,
                               uint64_t *out, struct message *why)
{
    json_int_t number = json_integer_value(value);

    if (!json_is_integer(value) || number < 0 || (uint64_t)number > most)
        return wrong(member, "a number that is not negative and in range", why);
    *out = (uint64_t)number;
    return ST_OK;
}

static enum status take_flag(const json_t *value, const char *member, uint32_t flag,
                             struct function_policy *out, struct message *why)
{
    if (!json_is_boolean(value))
        return wrong(member, "true or false", why);
    if (json_is_true(value))
        out->flags |= flag;
    return ST_OK;
}

static enum status take_member(const char *name, const json_t *value, struct function_policy *out,
                               struct message *why)
{
    uint64_t number = 0;
    enum status status;

    if (strcmp(name, "serial") == 0)
        return take_number(value, name, INT64_MAX, &out->serial, why);
    if (strcmp(name, "mrenclave") == 0)
        return take_measured(value, out, why);
    if (strcmp(name, "mrsigner") == 0)
        return json_is_string(value) && hex_parse(json_string_value(value), out->mrsigner, 32)
                   ? ST_OK
                   : wrong(name, "64 hexadecimal digits", why);
    if (strcmp(name, "isv_prod_id") == 0) {
        status = take_number(value, name, UINT16_MAX, &number, why);
        out->isv_prod_id = (uint16_t)number;
        return status;
    }
    if (strcmp(name, "min_isv_svn") == 0) {
        status = take_number(value, name, UINT16_MAX, &number, why);
        out->isv_svn = (uint16_t)number;
        return status;
    }
    if (strcmp(name, "sequential") == 0)
        return take_flag(value, name, FUNCTION_NEEDS_SEQUENTIAL, out, why);
    if (strcmp(name, "encrypted_only") == 0)
        return take_flag(value, name, FUNCTION_NEEDS_ENCRYPTED, out, why);
    message_set(why, "there is no member \"%s\"", name);
    return ST_CORRUPT;
}

enum status function_policy_read(const char *path, struct function_policy *out, struct message *why)
{
    json_error_t error;
    json_t *policy = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    enum status status = ST_OK;
    const char *name;
    json_t *value;

    memset(out, 0, sizeof(*out));
    out->serial = 1;
    if (!json_is_object(policy)) {
        message_set(why, "not a JSON object: %.300s", policy ? "" : error.text);
        json_decref(policy);
        return ST_CORRUPT;
    }
    json_object_foreach(policy, name, value) if (status == ST_OK) status =
        take_member(name, value, out, why);
    json_decref(policy);
    return status;
}
