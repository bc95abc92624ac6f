/* Why a verification ended: the step and a sentence. Filled in by whoever notices, once. */
#ifndef RECLAVE_CLIENT_FAILURE_H
#define RECLAVE_CLIENT_FAILURE_H

#include "abi/status.h"
#include "client/reclave_client.h"

struct failure {
    enum reclave_step step;
    char reason[RECLAVE_ERROR_BYTES];
};

/* Notes step and reason; always false, so that a check can `return reject_at(...)`. The reason may
 * quote untrusted text: what is not printable ASCII becomes '?'. */
MUST_CHECK bool reject_at(struct failure *failure, enum reclave_step step, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
