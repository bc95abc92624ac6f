/* What has run (activations), and what was promised to run and has not ended (pending). */
#ifndef RECLAVE_HOST_STORE_ACTIVATIONS_H
#define RECLAVE_HOST_STORE_ACTIVATIONS_H

#include "host/store/database.h"

#include <jansson.h>

#define ACTIVATION_ID_BYTES 33 /* 32 hexadecimal digits and NUL */

/* The time, then 80 random bits: new ones are near one another in the index. */
MUST_CHECK enum status activation_id_make(char id[ACTIVATION_ID_BYTES]);

struct activation {
    char id[ACTIVATION_ID_BYTES];
    const char *name; /* "action" or "package/action" */
    int64_t start;    /* ms */
    /* Without response and logs; with "statusCode". */
    json_t *summary;
    json_t *response; /* {"result", "size", "status", "success"} */
    json_t *logs;     /* array */
};

MUST_CHECK enum status activation_add(struct session *session, int64_t namespace_id,
                                      const struct activation *activation);
/* ST_NOT_FOUND. The three JSON values are new references: activation_free. name is NULL. */
MUST_CHECK enum status activation_get(struct session *session, int64_t namespace_id, const char *id,
                                      struct activation *out);
void activation_free(struct activation *activation);

struct activation_filter {
    int64_t namespace_id;
    const char *name;    /* NULL: any */
    int64_t since, upto; /* ms, inclusive; 0 and INT64_MAX: any */
    unsigned limit, skip;
    bool whole; /* response and logs as well */
};

/* Newest first. */
MUST_CHECK enum status
activation_list(struct session *session, const struct activation_filter *filter,
                bool (*visit)(const struct activation *activation, void *context), void *context);
MUST_CHECK enum status activation_count(struct session *session,
                                        const struct activation_filter *filter, int64_t *count);

/* Deletes at most `at_most` that are older than `before` (ms), or of a namespace that has more than
 * `keep` (0: any number). *deleted: how many; fewer than at_most: none is left. */
MUST_CHECK enum status activation_expire(struct session *session, int64_t before, int64_t keep,
                                         unsigned at_most, unsigned *deleted);

/* ---- pending ---- */

/* `started`: from now on it may have run; it is never begun again. */
MUST_CHECK enum status pending_add(struct session *session, int64_t namespace_id, const char *id,
                                   bool started, const json_t *request);
MUST_CHECK enum status pending_start(struct session *session, const char *id);
/* Not there: fine. */
MUST_CHECK enum status pending_remove(struct session *session, const char *id);
/* In the order of their IDs; with the namespace's name. */
MUST_CHECK enum status pending_list(struct session *session,
                                    void (*visit)(void *context, int64_t namespace_id,
                                                  const char *namespace_name, const char *id,
                                                  bool started, const json_t *request),
                                    void *context);

#endif
