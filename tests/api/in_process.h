/* The API without network and enclaves: requests as function calls, functions that are played. */
#ifndef RECLAVE_TESTS_API_IN_PROCESS_H
#define RECLAVE_TESTS_API_IN_PROCESS_H

#include "host/api/api.h"

struct in_process {
    char folder[64];
    struct database *database;
    struct api *api;
    char authorization[512]; /* of the tenant "guest" */
    char other[512];         /* ... "other" */
};

/* How often functions were run. Atomic. */
extern unsigned in_process_runs;
/* How many play "hold" now: they run until `in_process_release`. Atomic. */
extern unsigned in_process_held;
extern bool in_process_release;

/* The played function returns its parameters; {"play": "hold"} takes its time, "refuse" finds no
 * slot, {"play": "trap"} is a developer error. Ends the process on failure. */
void in_process_open(struct in_process *all);
void in_process_close(struct in_process *all);
/* Another daemon on the same database; `before`, if it is not NULL, while there is none. */
void in_process_restart(struct in_process *all, void (*before)(struct database *database));

struct in_request {
    const char *method, *target;
    const char *authorization;         /* NULL: none */
    const char *content_type, *secret; /* Content-Type, X-Require-Whisk-Auth; or NULL */
    const void *body;
    size_t body_bytes;
};

struct in_reply {
    unsigned status; /* 0: no route takes it, or the target is malformed */
    char *body;      /* malloc, NUL-terminated */
    size_t bytes;
};

void in_process_call(struct in_process *all, const struct in_request *request,
                     struct in_reply *reply);

#endif
