/* The API's runner: actions in the pool. */
#ifndef RECLAVE_HOST_DAEMON_API_RUNNER_H
#define RECLAVE_HOST_DAEMON_API_RUNNER_H

#include "host/action/store.h"
#include "host/api/runner.h"
#include "host/pool/pool.h"

struct api_runner;

/* Both borrowed until api_runner_close. NULL: no memory. */
struct api_runner *api_runner_open(struct pool *pool, struct store *store,
                                   uint64_t queue_timeout_ms);
/* Valid until then. */
const struct runner *api_runner_interface(const struct api_runner *runner);
void api_runner_close(struct api_runner *runner);

#endif
