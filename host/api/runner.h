/*
 * What the API needs of those who run functions. The daemon's runner is a pool of enclaves; tests
 * have one of their own.
 */
#ifndef RECLAVE_HOST_API_RUNNER_H
#define RECLAVE_HOST_API_RUNNER_H

#include "abi/status.h"
#include "host/http/http.h"
#include "host/loader/message.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* OpenWhisk's statusCode. */
enum run_status {
    RUN_SUCCESS = 0,
    RUN_APPLICATION_ERROR = 1,
    RUN_DEVELOPER_ERROR = 2,
    RUN_INTERNAL_ERROR = 3,
};

struct run_limits {
    uint64_t timeout_ms, memory_bytes, log_bytes;
};

/* An action's code as it was uploaded. */
struct run_code {
    char digest[65];   /* SHA-256 of entry and text: what runners cache by */
    const char *entry; /* `main`; or NULL */
    /* Text of the code, malloc'ed; asked for only if the runner does not have it. */
    enum status (*fetch)(void *context, char **text, size_t *bytes, struct message *why);
    void *context;
};

struct run_call {
    const struct run_code *code;
    const char *name;     /* the action's */
    const json_t *params; /* object or array */
    const json_t *env;    /* {"NAME": "value"} */
    struct run_limits limits;
    uint64_t party; /* the namespace that asks: machines are shared fairly among them */
};

struct run_result {
    enum run_status status;
    json_t *result;   /* never NULL; with errors {"error": "..."} */
    unsigned refused; /* 429 or 503: it has not run and may be tried again; 0: no */
    bool timed_out, cold;
    uint64_t wait_us, init_us, run_us;
    json_t *out, *err;   /* lines of the log as arrays of strings, never NULL */
    json_t *annotations; /* [{"key", "value"}] to add to the activation, or NULL */
};

struct runner {
    void *context;
    /* Is this code that can run? Compiles it if need be: seconds. ST_CORRUPT, ST_OUT_OF_RANGE,
     * ST_NOT_FOUND, ST_UNSUPPORTED: the code is at fault, why says how; ST_BUSY: try later. */
    enum status (*admit)(void *context, const char *text, size_t bytes, const char *entry,
                         const char digest[65], struct message *why);
    /* Blocks. Always followed by run_result_free. */
    void (*run)(void *context, const struct run_call *call, struct run_result *result);
    /* Quotes of the enclaves, as docs/http-api.md has the endpoint's parameters and answer. New
     * reference; NULL: why names the parameter that is wrong, or is empty: there are none. */
    json_t *(*attest)(void *context, const struct http_request *request, struct message *why);
};

void run_result_free(struct run_result *result);

#endif
