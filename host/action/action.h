/*
 * A function as an OpenWhisk action.
 *
 * In: the parameters as one JSON object (or array) on stdin; the environment as far as the bundle
 * allows; the action's name as first argument. Out: the last line of stdout, if it is a JSON object
 * or array, is the result; lines before it, and stderr, are the log.
 *
 * Encrypted calls (docs/envelope.md) carry a message for the function's enclave in the parameter
 * "reclave_envelope", and their result the message that it answers with. Either kind of call may
 * ask for evidence. action/sealed.h has the fields.
 */
#ifndef RECLAVE_HOST_ACTION_ACTION_H
#define RECLAVE_HOST_ACTION_ACTION_H

#include "host/action/plain.h"
#include "host/action/store.h"
#include "host/pool/pool.h"

#define ACTION_PAYLOAD_MAX (1u << 20) /* of parameters, and of a result; OpenWhisk's */

/* OpenWhisk's statusCode. */
enum action_status {
    ACTION_SUCCESS = 0,           /* "success" */
    ACTION_APPLICATION_ERROR = 1, /* "application error": the result has "error" */
    ACTION_DEVELOPER_ERROR = 2,   /* "action developer error" */
    ACTION_INTERNAL_ERROR = 3,    /* "whisk internal error" */
};

const char *action_status_text(enum action_status status);

struct action_limits {
    uint64_t timeout_ms;   /* of initialisation, and of the run */
    uint64_t memory_bytes; /* of linear memory; 0: the bundle's own */
    uint64_t log_bytes;    /* of stdout lines and stderr together */
};

struct action_call {
    const struct stored *code;
    const char *name;     /* argument 0; "" is fine */
    const json_t *params; /* object or array; NULL: {} */
    struct plain text;    /* in place of params, without a tree: plain; or none */
    bool want_text;       /* the result need not be a tree */
    const json_t *env;    /* {"NAME": "value"}; or NULL */
    struct action_limits limits;
    uint64_t queue_timeout_ms; /* 0: limits.timeout_ms */
    uint64_t party;            /* as of pool_call */
};

struct action_result {
    enum action_status status;
    json_t
        *result; /* with errors {"error": "..."}; not NULL after action_run, unless there is text */
    char *text;  /* of a success, if that was wanted and it is plain; malloc, NUL-terminated */
    enum pool_end end; /* for those who answer 429 or 503 */
    bool timed_out;
    bool cold; /* was loaded for this call */
    uint64_t wait_us, init_us, run_us;
    char *out, *err; /* the log: lines of stdout, stderr; malloc, NUL-terminated, never NULL */
    size_t out_bytes, err_bytes;
    json_t *evidence; /* a file of docs/evidence.md in base64, or NULL */
    char bundle_sha256[65], snapshot_sha256[65];
};

/* Blocks. Always followed by action_result_free. */
void action_run(struct pool *pool, const struct action_call *call, struct action_result *result);
/* Only loads the function, as /init does: result {} or what is wrong with it. */
void action_load(struct pool *pool, const struct action_call *call, struct action_result *result);
void action_result_free(struct action_result *result);

#endif
