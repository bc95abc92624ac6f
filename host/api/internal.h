/* Shared by the files of the API. */
#ifndef RECLAVE_HOST_API_INTERNAL_H
#define RECLAVE_HOST_API_INTERNAL_H

#include "host/api/api.h"
#include "host/store/activations.h"
#include "host/store/entities.h"
#include "host/store/users.h"

#define PAYLOAD_MAX     (1u << 20)  /* parameters, annotations and results; bytes of their JSON */
#define ACTION_BODY_MAX (72u << 20) /* 48 MiB of code in base64, and what surrounds it */
#define LIST_DEFAULT    30u
#define LIST_MAX        200u
#define SEQUENCE_MAX    50u /* actions */

struct throttle;
struct jobs;

struct api {
    struct api_options options;
    struct throttle *throttle;
    struct jobs *jobs;
    struct keeper *keeper; /* of the retention */
};

/* ---- refusals ------------------------------------------------------------ */

/* Why a request is not served: an HTTP status and OpenWhisk's sentence for it. */
struct refusal {
    unsigned status;
    struct message text;
};

/* Fills *no; always false, for `return deny(...)`. */
bool deny(struct refusal *no, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool deny_malformed(struct refusal *no, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* What the database says. ST_NOT_FOUND is 404. */
bool deny_status(struct refusal *no, enum status status, const struct message *why);
/* Ends the session: keeps what was written if `good`. Is all of it kept? */
bool finish(struct session *session, bool good, struct refusal *no);
/* The same for what the store's functions return. */
bool finish_status(struct session *session, enum status status, struct refusal *no);

extern const char not_found[], not_authorized[], conflict_exists[], conflict_collection[];

/* ---- one request --------------------------------------------------------- */

struct call {
    struct api *api;
    const struct http_request *request;
    struct http_response *response;
    struct user user;                             /* who asks */
    char authorization[UUID_BYTES + KEY_MAX + 1]; /* "uuid:key", for provide-api-key; wiped */
    struct user space;                            /* of the path: the user's own, or another's */
    bool own;
    struct refusal no;
};

/* Who is it, and which namespace does the path name (first capture)? On failure the answer is
 * given and the call is over. Another's namespace is let through: `own` is false then. Always
 * followed by call_end. */
bool call_begin(struct call *call, struct api *api, const struct http_request *request,
                struct http_response *response);
/* The same, and the namespace must be the user's own: 403. */
bool call_begin_own(struct call *call, struct api *api, const struct http_request *request,
                    struct http_response *response);
void call_end(struct call *call);
void call_refuse(struct call *call); /* answers with call->no */
/* "Authorization: Basic ..." to credentials; false: absent or malformed. */
bool parse_authorization(const char *header, struct credentials *out);
/* Only authenticates, for paths without namespace. */
bool call_authenticate(struct call *call, struct api *api, const struct http_request *request,
                       struct http_response *response);
/* The body as an object: 400. New reference. */
json_t *call_body(struct call *call);

/* ---- names --------------------------------------------------------------- */

bool is_entity_name(const char *name);
/* 400 with OpenWhisk's sentence. */
bool check_name(const char *name, struct refusal *no);

/* "/ns/pkg/name", "ns/pkg/name", "/ns/name", "pkg/name", "name"; "_" is the user's. */
struct full_name {
    char space[USER_NAME_MAX + 1], package[USER_NAME_MAX + 1], name[USER_NAME_MAX + 1];
};
bool parse_full_name(const char *text, const char *own_space, struct full_name *out,
                     struct refusal *no);
/* Of the captures behind the namespace: [package/]name. */
bool path_name(const struct call *call, const char **package, const char **name,
               struct refusal *no);

/* ---- parts of records ---------------------------------------------------- */

/* Checks [{"key": "...", "value": ...}, ...]; `init` may be there in parameters. NULL is fine. */
bool check_pairs(const json_t *pairs, const char *field, bool parameters, struct refusal *no);
/* first ++ second, the second's values count; either may be NULL. New reference. */
json_t *merge_pairs(const json_t *first, const json_t *second);
/* The value of a key; NULL: none. Borrowed. */
json_t *pair_value(const json_t *pairs, const char *key);
bool pair_true(const json_t *pairs, const char *key); /* as JavaScript sees it */
/* Sets or adds. */
bool set_pair(json_t *pairs, const char *key, json_t *value_new);
/* As an object; `init`: only those for the environment, else only the others. New reference. */
json_t *pairs_object(const json_t *pairs, bool init);
/* Fields that all records share, of a PUT body on an old summary (NULL: new): version, publish,
 * annotations. */
bool put_common(const json_t *body, const json_t *old, json_t *summary, struct refusal *no);
/* "parameters" of a PUT body; those of before, if it has none; []. New reference. */
json_t *put_parameters(const json_t *body, const json_t *old, struct refusal *no);
bool is_version(const char *text);
/* {"timeout", "memory", "logs", "concurrency"} of a body on those of before (or NULL: defaults). */
json_t *put_limits(const struct api *api, const json_t *body, const json_t *old,
                   struct refusal *no);
struct run_limits read_limits(const json_t *limits);
json_t *limits_description(const struct api *api);
bool fits(const json_t *value, size_t limit, const char *field, struct refusal *no);

/* The record of an entity: summary ++ namespace, name, updated, and parameters if it has them. New
 * reference. */
json_t *entity_record(const char *space, const struct entity *entity);

/* ---- lists --------------------------------------------------------------- */

struct page {
    unsigned limit, skip;
    bool count;
};
bool read_page(const struct call *call, const char *collection, struct page *out,
               struct refusal *no);
bool read_number(const struct http_request *request, const char *name, int64_t *out,
                 const char *collection, struct refusal *no);
/* Answers a list or a count of entities. */
void reply_list(struct call *call, enum entity_kind kind, const char *package,
                const char *collection);

/* ---- entities ------------------------------------------------------------ */

/* A session of each kind; 503 or 500 on failure. */
struct session *begin_read(struct call *call);
struct session *begin_write(struct call *call);
/* Of that kind, in that namespace. 404; 409 if the name is another kind's. */
bool get_entity(struct session *session, const struct user *space, enum entity_kind kind,
                const char *package, const char *name, bool with_code, struct entity *out,
                struct refusal *no);
/* For PUT: *out is the old one or a new one with its names. 409 if it is there and `overwrite` is
 * not set, or is of another kind. */
bool get_for_put(struct session *session, const struct user *space, enum entity_kind kind,
                 const char *package, const char *name, bool overwrite, struct entity *out,
                 struct refusal *no);

/* entity_put, with the row that lists show. */
MUST_CHECK enum status put_entity(struct session *session, const struct user *space,
                                  struct entity *entity);
/* The rows, by kind. New references. */
json_t *action_row(const char *space, const struct entity *entity);
json_t *package_row(const char *space, const struct entity *entity);
json_t *trigger_row(const char *space, const struct entity *entity);
json_t *rule_row(const char *space, const struct entity *entity);

/* ---- actions ------------------------------------------------------------- */

/* An action as somebody reaches it, perhaps through a package or a binding. */
struct resolved {
    struct user owner;
    struct entity action;
    json_t *parameters; /* the packages' ++ the action's */
};

/* `who` must be its owner, or the package be published: 403. Without code. */
bool resolve_action(struct session *session, const struct user *who, const struct full_name *name,
                    struct resolved *out, struct refusal *no);
void resolved_free(struct resolved *resolved);

bool is_binding(const struct entity *package);
bool is_published(const struct entity *entity);

/* Checks a sequence's components; *names: ["/ns/pkg/name"...] in full. New reference, NULL: no. */
json_t *check_components(struct session *session, const struct user *who,
                         const struct full_name *self, const json_t *components,
                         struct refusal *no);

/* ---- invocations --------------------------------------------------------- */

/* What somebody asks to run. */
struct invocation {
    const struct user *who;        /* whose activation it is */
    const struct full_name *name;  /* the action's */
    const struct resolved *action; /* copied; NULL: resolved when it begins */
    json_t *payload;               /* object; taken over */
    const char *cause;             /* activation ID or NULL */
    const char *transaction;       /* request ID */
    const char *api_key;           /* or NULL */
};

/* How an activation ended, for who waits. */
struct job_result {
    char id[ACTIVATION_ID_BYTES];
    bool done;        /* else: it goes on, and the ID is durable */
    unsigned refused; /* 429, 503: not run, and there is no record */
    enum run_status status;
    json_t *record;         /* as GET of the activation gives it; new reference */
    struct message trouble; /* the record could not be stored */
};

struct job;

/* Runs it and waits at most wait_ms. */
bool jobs_run(struct api *api, const struct invocation *invocation, uint64_t wait_ms,
              struct job_result *result, struct refusal *no);
/* Promises to run it, in the caller's transaction. NULL: no. */
struct job *job_prepare(struct api *api, struct session *session,
                        const struct invocation *invocation, char id[ACTIVATION_ID_BYTES],
                        struct refusal *no);
void job_start(struct api *api, struct job *job); /* once that is committed */
void job_drop(struct api *api, struct job *job);  /* if it is not; NULL is fine */

struct jobs *jobs_open(struct api *api);
MUST_CHECK enum status jobs_recover(struct api *api, struct message *why);
/* Begins nothing any more. */
void jobs_drain(struct jobs *jobs);
/* Waits for those that run. */
void jobs_close(struct jobs *jobs);

/* One action or sequence on its way through. */
struct work {
    struct api *api;
    struct user who;
    struct full_name name;
    struct resolved action; /* without a name: to be resolved */
    json_t *payload;
    char id[ACTIVATION_ID_BYTES], cause[ACTIVATION_ID_BYTES], transaction[HTTP_ID_BYTES];
    char *api_key;
    int64_t created; /* steady_now_ms */
    unsigned steps;  /* actions run so far */
    /* It was refused for now. true: leave it at that, without a record. */
    bool (*let_go)(struct work *work);
};
/* Runs it to its end and stores the activations. */
void work_run(struct work *work, struct job_result *result);
/* Only stores that it failed. */
void work_fail(struct work *work, const char *sentence, struct job_result *result);
void work_free(struct work *work);

/* An activation as GET gives it, and as lists do. New references. */
json_t *activation_record(const struct activation *activation);
json_t *activation_row(const struct activation *activation);
/* {"result", "size", "status", "success"}; `result` is borrowed. New reference. */
json_t *make_response(enum run_status status, json_t *result);

/* ---- limits of tenants --------------------------------------------------- */

struct throttle *throttle_open(void);
void throttle_close(struct throttle *throttle);
/* Counts `calls` against the rate of this minute: 429. */
bool throttle_rate(struct api *api, const struct user *user, unsigned calls, struct refusal *no);
/* One more in flight: 429. Each success is followed by throttle_leave. */
bool throttle_enter(struct api *api, const struct user *user, struct refusal *no);
/* The same without a limit. */
void throttle_count(struct api *api, int64_t namespace_id);
void throttle_leave(struct api *api, int64_t namespace_id);
uint64_t user_rate(const struct api *api, const struct user *user);
uint64_t user_concurrent(const struct api *api, const struct user *user);

/* ---- retention ----------------------------------------------------------- */

struct keeper *keeper_open(struct api *api);
void keeper_close(struct keeper *keeper);

/* ---- routes -------------------------------------------------------------- */

extern const struct http_route description_routes[], namespace_routes[], action_routes[],
    activation_routes[], package_routes[], trigger_routes[], rule_routes[], web_routes[],
    attest_routes[], other_routes[];

#endif
