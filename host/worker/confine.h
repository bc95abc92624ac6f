/* What a worker can still do once it has everything: compute, and answer on the sockets it holds.
 */
#ifndef RECLAVE_HOST_WORKER_CONFINE_H
#define RECLAVE_HOST_WORKER_CONFINE_H

#include "abi/status.h"
#include "host/loader/message.h"

#include <stdbool.h>

/*
 * For all threads of the process, for good (seccomp): no new descriptor of any kind, so no file, no
 * network, no device; no new program or process; no look at other processes. What stays: memory,
 * threads, timers, signals to itself, SGX's ioctls, and reading and writing what is open. Also: no
 * core dumps, no debugger. Code run by the enclave is not concerned: it makes no system calls.
 *
 * reaches_keeper: it may go on to connect Unix sockets, and no others, for a keeper's new keys.
 * Which of them, a filter of system calls cannot tell.
 */
MUST_CHECK enum status confine_worker(bool reaches_keeper, struct message *why);

#endif
