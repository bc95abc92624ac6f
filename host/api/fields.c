/* The parts that records of all kinds share. */
#include "host/api/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool fits(const json_t *value, size_t limit, const char *field, struct refusal *no)
{
    size_t bytes = value ? json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY) : 0;

    if (bytes <= limit)
        return true;
    return deny(no, 413, "%s larger than allowed: %zu > %zu bytes.", field, bytes, limit);
}

/* ---- pairs: [{"key": "...", "value": ...}] ---- */

bool check_pairs(const json_t *pairs, const char *field, bool parameters, struct refusal *no)
{
    size_t index;
    json_t *pair;

    if (!pairs)
        return true;
    if (!json_is_array(pairs))
        return deny_malformed(no, "%s must be a list of {\"key\", \"value\"}", field);
    json_array_foreach(pairs, index, pair)
    {
        const json_t *init = json_object_get(pair, "init");
        const char *key = http_json_text(pair, "key");

        if (!key || !key[0])
            return deny_malformed(no, "%s: a key must be a string that is not empty", field);
        if (!json_object_get(pair, "value") && !parameters)
            return deny_malformed(no, "%s: '%.100s' has no value", field, key);
        if (init && !json_is_boolean(init))
            return deny_malformed(no, "%s: \"init\" must be true or false", field);
    }
    return fits(pairs, PAYLOAD_MAX, field, no);
}

static json_t *find_pair(const json_t *pairs, const char *key)
{
    size_t index;
    json_t *pair;

    json_array_foreach(pairs, index, pair)
    {
        const char *name = json_string_value(json_object_get(pair, "key"));

        if (name && strcmp(name, key) == 0)
            return pair;
    }
    return NULL;
}

json_t *pair_value(const json_t *pairs, const char *key)
{
    return json_object_get(find_pair(pairs, key), "value");
}

bool pair_true(const json_t *pairs, const char *key)
{
    const json_t *value = pair_value(pairs, key);

    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_NULL:
    case JSON_FALSE:
        return false;
    case JSON_INTEGER:
        return json_integer_value(value) != 0;
    case JSON_REAL:
        return json_real_value(value) != 0;
    case JSON_STRING:
        return json_string_length(value) > 0;
    default:
        return true;
    }
}

bool set_pair(json_t *pairs, const char *key, json_t *value_new)
{
    json_t *pair = find_pair(pairs, key);

    if (pair)
        return json_object_set_new(pair, "value", value_new) == 0;
    return json_array_append_new(pairs, json_pack("{s:s, s:o}", "key", key, "value", value_new)) ==
           0;
}

/* What is stored of a pair: nothing but key, value and init. */
static json_t *clean_pair(const json_t *pair)
{
    json_t *value = json_object_get(pair, "value");
    json_t *clean = json_pack("{s:O, s:o}", "key", json_object_get(pair, "key"), "value",
                              value ? json_incref(value) : json_null());

    if (json_is_true(json_object_get(pair, "init")))
        (void)json_object_set_new(clean, "init", json_true());
    return clean;
}

/* Large lists would take quadratic time with find_pair: an index of the keys goes along. */
json_t *merge_pairs(const json_t *first, const json_t *second)
{
    const json_t *const lists[] = {first, second};
    json_t *merged = json_array(), *index = json_object();
    bool good = merged && index;

    for (unsigned i = 0; i < 2 && good; i++) {
        size_t at;
        json_t *pair;

        json_array_foreach(lists[i], at, pair)
        {
            const char *key = json_string_value(json_object_get(pair, "key"));
            const json_t *old = json_object_get(index, key);

            if (old) {
                good = json_array_set_new(merged, (size_t)json_integer_value(old),
                                          clean_pair(pair)) == 0;
            } else {
                good = json_object_set_new(
                           index, key, json_integer((json_int_t)json_array_size(merged))) == 0 &&
                       json_array_append_new(merged, clean_pair(pair)) == 0;
            }
            if (!good)
                break;
        }
    }
    json_decref(index);
    if (good)
        return merged;
    json_decref(merged);
    return NULL;
}

json_t *pairs_object(const json_t *pairs, bool init)
{
    json_t *object = json_object();
    size_t index;
    json_t *pair;

    json_array_foreach(pairs, index, pair)
    {
        if (json_is_true(json_object_get(pair, "init")) == init)
            (void)json_object_set(object, json_string_value(json_object_get(pair, "key")),
                                  json_object_get(pair, "value"));
    }
    return object;
}

/* ---- versions ---- */

static const char *skip_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits >= 1 && digits <= 9 ? text + digits : NULL;
}

bool is_version(const char *text)
{
    for (unsigned i = 0; i < 3 && text; i++) {
        text = skip_number(text);
        if (text && i < 2)
            text = *text == '.' ? text + 1 : NULL;
    }
    return text && !*text;
}

static bool put_version(const json_t *body, const json_t *old, json_t *summary, struct refusal *no)
{
    const json_t *wanted = json_object_get(body, "version");
    const char *text = http_json_text(body, "version");
    unsigned major = 0, minor = 0, patch = 0;
    char next[40];

    if (wanted && !json_is_null(wanted)) {
        if (!text || !is_version(text))
            return deny_malformed(no, "version must be three numbers, \"1.0.0\"");
        return json_object_set_new(summary, "version", json_string(text)) == 0;
    }
    text = json_string_value(json_object_get(old, "version"));
    if (text)
        (void)sscanf(text, "%u.%u.%u", &major, &minor, &patch);
    snprintf(next, sizeof(next), "%u.%u.%u", major, minor, patch + 1);
    return json_object_set_new(summary, "version", json_string(next)) == 0;
}

/* ---- common fields ---- */

/* A field that is null counts as absent: clients send that. */
static json_t *field(const json_t *body, const char *name)
{
    json_t *value = json_object_get(body, name);

    return json_is_null(value) ? NULL : value;
}

static bool put_publish(const json_t *body, const json_t *old, json_t *summary, struct refusal *no)
{
    json_t *publish = field(body, "publish");

    if (publish && !json_is_boolean(publish))
        return deny_malformed(no, "publish must be true or false");
    if (!publish)
        publish = json_object_get(old, "publish");
    return json_object_set_new(summary, "publish", json_boolean(json_is_true(publish))) == 0;
}

static json_t *without_keys(json_t *pairs, const json_t *keys)
{
    json_t *kept = json_array();
    size_t index;
    json_t *pair, *key;

    json_array_foreach(pairs, index, pair)
    {
        bool drop = false;
        size_t at;

        json_array_foreach(keys, at, key)
        {
            drop = drop || json_equal(key, json_object_get(pair, "key"));
        }
        if (!drop)
            (void)json_array_append(kept, pair);
    }
    json_decref(pairs);
    return kept;
}

static bool put_annotations(const json_t *body, const json_t *old, json_t *summary,
                            struct refusal *no)
{
    json_t *fresh = field(body, "annotations"), *drop = field(body, "delAnnotations");
    json_t *merged;
    size_t index;
    json_t *key;

    if (!check_pairs(fresh, "annotations", false, no))
        return false;
    if (drop && (!json_is_array(drop) || json_array_size(drop) > 1000))
        return deny_malformed(no, "delAnnotations must be a list of at most 1000 strings");
    json_array_foreach(drop, index, key)
    {
        if (!json_is_string(key))
            return deny_malformed(no, "delAnnotations must be a list of strings");
    }
    merged = merge_pairs(json_object_get(old, "annotations"), fresh);
    if (merged && drop)
        merged = without_keys(merged, drop);
    if (!merged || json_object_set(summary, "annotations", merged) != 0) {
        json_decref(merged);
        return deny(no, 500, "out of memory");
    }
    json_decref(merged);
    return fits(merged, PAYLOAD_MAX, "annotations", no);
}

bool put_common(const json_t *body, const json_t *old, json_t *summary, struct refusal *no)
{
    return put_version(body, old, summary, no) && put_publish(body, old, summary, no) &&
           put_annotations(body, old, summary, no);
}

json_t *put_parameters(const json_t *body, const json_t *old, struct refusal *no)
{
    json_t *fresh = field(body, "parameters");

    if (!check_pairs(fresh, "parameters", true, no))
        return NULL;
    return merge_pairs(fresh ? fresh : old, NULL);
}

json_t *entity_record(const char *space, const struct entity *entity)
{
    json_t *record = json_copy(entity->summary);
    char path[2 * USER_NAME_MAX + 2];

    snprintf(path, sizeof(path), "%s%s%s", space, entity->package[0] ? "/" : "", entity->package);
    (void)json_object_del(record, "_function");
    (void)json_object_set_new(record, "namespace", json_string(path));
    (void)json_object_set_new(record, "name", json_string(entity->name));
    (void)json_object_set_new(record, "updated", json_integer(entity->updated));
    if (entity->parameters)
        (void)json_object_set(record, "parameters", entity->parameters);
    return record;
}
