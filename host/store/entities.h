/*
 * What a tenant has named: actions, packages, triggers, rules. One name, one entity, whatever its
 * kind; package "" holds what is in no package.
 *
 * `summary` is the record without namespace, name, updated, parameters and code; `row` what lists
 * show of it, without updated.
 */
#ifndef RECLAVE_HOST_STORE_ENTITIES_H
#define RECLAVE_HOST_STORE_ENTITIES_H

#include "host/store/database.h"

#include <jansson.h>

enum entity_kind {
    ENTITY_ACTION = 1, /* stored numbers: never changed */
    ENTITY_PACKAGE = 2,
    ENTITY_TRIGGER = 3,
    ENTITY_RULE = 4,
};

struct entity_key {
    int64_t namespace_id;
    const char *package, *name;
};

struct entity {
    int64_t id; /* set by entity_get; entity_put replaces that one, 0: a new one */
    enum entity_kind kind;
    char *package, *name;
    int64_t updated; /* ms; set by entity_put */
    char *link;      /* a rule's trigger, a binding's "namespace/package"; or NULL */
    json_t *summary, *parameters;
    json_t *row; /* an object; only entity_put reads it */
    char *code;  /* text as uploaded; NULL: none, or not asked for */
    size_t code_bytes;
};

/* ST_NOT_FOUND. The caller frees *out with entity_free, in any case. */
MUST_CHECK enum status entity_get(struct session *session, const struct entity_key *key,
                                  bool with_code, struct entity *out);
/* Inserts, or replaces what entity_get returned with the same id. Sets id and updated. With an id
 * and code NULL, the code stays as it is. */
MUST_CHECK enum status entity_put(struct session *session, int64_t namespace_id,
                                  struct entity *entity);
MUST_CHECK enum status entity_delete(struct session *session, int64_t id);
void entity_free(struct entity *entity);

struct entity_filter {
    int64_t namespace_id;
    enum entity_kind kind;
    const char *package; /* NULL: any; "": in none */
    unsigned limit, skip;
};

/* Newest first; each with entity->parameters and code NULL. `visit` false ends it. */
MUST_CHECK enum status entity_list(struct session *session, const struct entity_filter *filter,
                                   bool (*visit)(const struct entity *entity, void *context),
                                   void *context);
/* The same, without taking JSON apart: each row's text, an object that is not empty, with
 * "updated". */
MUST_CHECK enum status entity_rows(struct session *session, const struct entity_filter *filter,
                                   bool (*visit)(void *context, int64_t updated, const char *row,
                                                 size_t bytes),
                                   void *context);
/* Limit and skip are not looked at. */
MUST_CHECK enum status entity_count(struct session *session, const struct entity_filter *filter,
                                    int64_t *count);
/* All of `kind` whose link is this, in the namespace; as entity_list, with parameters. */
MUST_CHECK enum status entity_linked(struct session *session, int64_t namespace_id,
                                     enum entity_kind kind, const char *link,
                                     bool (*visit)(const struct entity *entity, void *context),
                                     void *context);
/* Deletes what is in a package. */
MUST_CHECK enum status entity_delete_package(struct session *session, int64_t namespace_id,
                                             const char *package);

#endif
