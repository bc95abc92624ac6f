/* Sentences for people: why something failed and what to do about it. */
#ifndef RECLAVE_HOST_WORKER_OUTCOME_H
#define RECLAVE_HOST_WORKER_OUTCOME_H

#include "abi/entry.h"
#include "abi/status.h"
#include "host/loader/loader.h"
#include "host/loader/message.h"

/* How long a call had and how long it took, in ns. limit 0: none. */
struct outcome_time {
    uint64_t limit_ns;
    uint64_t taken_ns;
};

/* Did the invocation end well? If not, why says how it ended. `status` is slot_invoke's, the
 * invocation holds what was asked and answered. */
bool outcome_ok(enum status status, const struct entry_invocation *invocation,
                struct outcome_time time, struct message *why);

/* What slot_load's status means. */
void outcome_of_load(enum status status, const struct slot_load *load, struct outcome_time time,
                     struct message *why);

#endif
