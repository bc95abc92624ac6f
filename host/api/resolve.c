/* From a name to an action: through packages and bindings, as far as the asker may. */
#include "host/api/internal.h"

#include <stdio.h>
#include <string.h>

bool is_binding(const struct entity *package)
{
    return package->link != NULL;
}

bool is_published(const struct entity *entity)
{
    return json_is_true(json_object_get(entity->summary, "publish"));
}

void resolved_free(struct resolved *resolved)
{
    entity_free(&resolved->action);
    json_decref(resolved->parameters);
    *resolved = (struct resolved){0};
}

/* Who owns the namespace of that name; the asker's own needs no look. */
static bool find_owner(struct session *session, const struct user *who, const char *name,
                       struct user *out, struct refusal *no)
{
    enum status status;

    *out = *who;
    if (strcmp(name, who->name) == 0)
        return true;
    status = user_find(session, name, out);
    if (status == ST_NOT_FOUND) /* like one that is there and closed */
        return deny(no, 403, "%s", not_authorized);
    return status == ST_OK ? true : deny_status(no, status, NULL);
}

/* "namespace/package" */
static bool split_link(const char *link, char space[USER_NAME_MAX + 1],
                       char package[USER_NAME_MAX + 1])
{
    const char *slash = strchr(link, '/');

    if (!slash || slash - link > USER_NAME_MAX || strlen(slash + 1) > USER_NAME_MAX)
        return false;
    snprintf(space, USER_NAME_MAX + 1, "%.*s", (int)(slash - link), link);
    snprintf(package, USER_NAME_MAX + 1, "%s", slash + 1);
    return true;
}

/* The package that holds the actions: itself, or what it is bound to. *parameters: of all. */
static bool open_package(struct session *session, const struct user *who, const char *space,
                         const char *name, struct user *owner, char package[USER_NAME_MAX + 1],
                         json_t **parameters, struct refusal *no)
{
    struct entity outer = {0}, inner = {0};
    char provider[USER_NAME_MAX + 1];
    bool good = find_owner(session, who, space, owner, no) &&
                get_entity(session, owner, ENTITY_PACKAGE, "", name, false, &outer, no);

    snprintf(package, USER_NAME_MAX + 1, "%s", name);
    if (good && owner->id != who->id && !is_published(&outer))
        good = deny(no, 403, "%s", not_authorized);
    if (good && is_binding(&outer)) {
        /* its owner's rights count: a published binding is a way to what its owner may use */
        struct user holder = *owner;

        good = split_link(outer.link, provider, package) &&
               find_owner(session, &holder, provider, owner, no) &&
               get_entity(session, owner, ENTITY_PACKAGE, "", package, false, &inner, no);
        if (good && owner->id != holder.id && !is_published(&inner))
            good = deny(no, 403, "%s", not_authorized);
    }
    if (good)
        *parameters = merge_pairs(inner.parameters, outer.parameters);
    entity_free(&outer);
    entity_free(&inner);
    return good;
}

bool resolve_action(struct session *session, const struct user *who, const struct full_name *name,
                    struct resolved *out, struct refusal *no)
{
    char package[USER_NAME_MAX + 1] = "";
    json_t *inherited = NULL;
    bool good;

    *out = (struct resolved){0};
    if (name->package[0]) {
        good = open_package(session, who, name->space, name->package, &out->owner, package,
                            &inherited, no);
    } else {
        good = find_owner(session, who, name->space, &out->owner, no);
        if (good && out->owner.id != who->id)
            good = deny(no, 403, "%s", not_authorized);
    }
    good = good && get_entity(session, &out->owner, ENTITY_ACTION, package, name->name, false,
                              &out->action, no);
    if (good)
        out->parameters = merge_pairs(inherited, out->action.parameters);
    json_decref(inherited);
    if (good && out->parameters)
        return true;
    resolved_free(out);
    return false;
}

/* ---- sequences ---- */

static bool is_sequence(const struct entity *action)
{
    const char *kind =
        json_string_value(json_object_get(json_object_get(action->summary, "exec"), "kind"));

    return kind && strcmp(kind, "sequence") == 0;
}

static bool same_name(const struct full_name *a, const struct full_name *b)
{
    return !strcmp(a->space, b->space) && !strcmp(a->package, b->package) &&
           !strcmp(a->name, b->name);
}

/* How many actions it comes to, through sequences within; 0: no. */
static unsigned count_actions(struct session *session, const struct user *who,
                              const struct full_name *self, const json_t *components,
                              unsigned depth, json_t *names, struct refusal *no)
{
    unsigned total = 0;
    size_t index;
    json_t *component;

    json_array_foreach(components, index, component)
    {
        const char *text = json_string_value(component);
        struct resolved action;
        struct full_name name;
        unsigned inner = 1;

        if (!text || strlen(text) != json_string_length(component)) {
            deny_malformed(no, "components must be a list of names");
            return 0;
        }
        if (!parse_full_name(text, who->name, &name, no))
            return 0;
        if (same_name(&name, self)) {
            deny(no, 400, "Sequence may not refer to itself.");
            return 0;
        }
        if (!resolve_action(session, who, &name, &action, no)) {
            if (no->status == 404)
                deny(no, 400, "Sequence component does not exist.");
            return 0;
        }
        if (is_sequence(&action.action))
            inner =
                depth == 0
                    ? SEQUENCE_MAX + 1
                    : count_actions(session, &action.owner, self,
                                    json_object_get(json_object_get(action.action.summary, "exec"),
                                                    "components"),
                                    depth - 1, NULL, no);
        resolved_free(&action);
        if (inner == 0)
            return 0;
        total += inner;
        if (total > SEQUENCE_MAX) {
            deny(no, 400, "Sequence composition is too long (more than %u actions).", SEQUENCE_MAX);
            return 0;
        }
        if (names)
            (void)json_array_append_new(
                names, name.package[0]
                           ? json_sprintf("/%s/%s/%s", name.space, name.package, name.name)
                           : json_sprintf("/%s/%s", name.space, name.name));
    }
    if (total == 0)
        deny_malformed(no, "a sequence needs components");
    return total;
}

json_t *check_components(struct session *session, const struct user *who,
                         const struct full_name *self, const json_t *components, struct refusal *no)
{
    json_t *names = json_array();

    if (json_is_array(components) && json_array_size(components) <= SEQUENCE_MAX &&
        count_actions(session, who, self, components, 8, names, no) > 0)
        return names;
    if (no->status == 0)
        deny(no, 400,
             json_is_array(components)
                 ? "Sequence composition is too long."
                 : "The request content was malformed:\ncomponents must be a list of names");
    json_decref(names);
    return NULL;
}
