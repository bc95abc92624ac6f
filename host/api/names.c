#include "host/api/internal.h"

#include <stdio.h>
#include <string.h>

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* OpenWhisk's EntityName: \A([\w]|[\w][\w@ .&-]{0,254}[\w@.&-])\z */
bool is_entity_name(const char *name)
{
    size_t length = strlen(name);

    if (length == 0 || length > USER_NAME_MAX || !is_word(name[0]))
        return false;
    for (size_t i = 1; i < length; i++)
        if (!is_word(name[i]) && !strchr("@ .&-", name[i]))
            return false;
    return name[length - 1] != ' ';
}

bool check_name(const char *name, struct refusal *no)
{
    if (strlen(name) > USER_NAME_MAX)
        return deny(no, 400, "The name of the entity is longer than allowed: %zu > %d.",
                    strlen(name), USER_NAME_MAX);
    if (!is_entity_name(name))
        return deny(no, 400, "The name of the entity contains illegal characters.");
    return true;
}

/* The next part of "a/b/c"; false: it is no name. */
static bool take_part(const char **text, char out[USER_NAME_MAX + 1])
{
    size_t length = strcspn(*text, "/");

    if (length > USER_NAME_MAX)
        return false;
    memcpy(out, *text, length);
    out[length] = 0;
    *text += length + ((*text)[length] == '/');
    return strcmp(out, "_") == 0 || is_entity_name(out);
}

bool parse_full_name(const char *text, const char *own_space, struct full_name *out,
                     struct refusal *no)
{
    char parts[3][USER_NAME_MAX + 1];
    const char *rest = text + (text[0] == '/');
    unsigned count = 0, first = 0;
    bool good = rest[0] != 0;

    while (good && *rest) {
        good = count < 3 && rest[strlen(rest) - 1] != '/' && take_part(&rest, parts[count]);
        count++;
    }
    /* without a leading slash, two parts are a package and a name */
    if (good && (text[0] == '/' || count == 3))
        first = 1;
    if (!good || count <= first)
        return deny_malformed(no, "'%.300s' is not a valid name: /namespace/[package/]name", text);
    snprintf(out->space, sizeof(out->space), "%s",
             first == 0 || strcmp(parts[0], "_") == 0 ? own_space : parts[0]);
    snprintf(out->package, sizeof(out->package), "%s", count - first == 2 ? parts[first] : "");
    snprintf(out->name, sizeof(out->name), "%s", parts[count - 1]);
    return true;
}

bool path_name(const struct call *call, const char **package, const char **name, struct refusal *no)
{
    const struct http_request *request = call->request;
    unsigned count = request->capture_count;

    if (count != 2 && count != 3)
        return deny(no, 404, "%s", not_found);
    *package = count == 3 ? request->captures[1] : "";
    *name = request->captures[count - 1];
    if (count == 3 && !check_name(*package, no))
        return false;
    return check_name(*name, no);
}
