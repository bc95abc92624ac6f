/*
 * A pool of workers: N processes with one enclave each, M slots in each enclave. A call names a
 * function and an input; the pool finds the best slot, loads the function if it is not there, and
 * runs it.
 *
 * Which slot, in this order:
 *   warm    a free slot that holds the function
 *   wait    if every slot that holds it is busy, but will be free sooner than loading takes
 *   cold    a free slot that holds nothing
 *   switch  the free slot used longest ago, whose function is forgotten (RESET)
 * Waiting calls are served in rounds: one of each party (pool_call), then the next one of each; in
 * one round, and of one party, in the order of their arrival. But one that finds its function warm
 * may overtake others while the first of them has waited no longer than POOL_PATIENCE_US. When the
 * queue is full, a call whose round comes sooner takes the place of the last one.
 *
 * A worker that dies, does not answer in time or reports broken integrity is killed and replaced;
 * the calls that ran in it end with POOL_WORKER_LOST, all others go on. A call that finds its
 * worker dead before its INVOKE was sent tries another one; once it was sent it is never repeated:
 * one call is at most one invocation.
 *
 * Threads: everything here may be called by any thread at any time, except
 * pool_close.
 * Nothing here is trusted; what the enclave guarantees, it guarantees whatever this code does.
 */
#ifndef RECLAVE_HOST_POOL_POOL_H
#define RECLAVE_HOST_POOL_POOL_H

#include "abi/attest.h"
#include "abi/geometry.h"
#include "abi/status.h"
#include "host/loader/message.h"
#include "host/pool/histogram.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POOL_WORKERS_MAX   64u
#define POOL_PATIENCE_US   20000u
#define POOL_SESSION_BYTES 48u

enum pool_tenancy {
    POOL_SEQUENTIAL, /* an enclave holds functions of one tenant at a time */
    POOL_SHARED,
};

struct pool_options {
    /* How to start a worker: program and arguments, ended by NULL; "--clients N" and "--confine"
     * are added. Borrowed until pool_close. */
    const char *const *worker_command;
    unsigned workers;     /* 1..POOL_WORKERS_MAX */
    unsigned queue_limit; /* calls that may wait for a slot; 0: 256 */
    enum pool_tenancy tenancy;
    bool unconfined; /* for debugging only: without --confine */
};

struct pool;

/* Starts the workers and returns without waiting for them: calls wait. */
MUST_CHECK enum status pool_open(const struct pool_options *options, struct pool **out,
                                 struct message *why);
/* Waits until one worker is there. ST_TIMEOUT; ST_IO: a worker failed to start, why says how. */
MUST_CHECK enum status pool_wait_ready(struct pool *pool, uint64_t timeout_ms, struct message *why);
/* Refuses new calls and those that wait, lets running ones end for grace_ms, ends all workers.
 * Calls that are still inside return POOL_WORKER_LOST before this returns; later ones POOL_CLOSING.
 */
void pool_stop(struct pool *pool, unsigned grace_ms);
/* pool_stop, if that has not been; then frees it. No other thread uses it any more. NULL is fine.
 */
void pool_close(struct pool *pool, unsigned grace_ms);

/* ---- functions ----------------------------------------------------------- */

/* A bundle as the pool sees it. Signature included: the same code of two owners is two functions.
 */
struct pool_function {
    uint8_t id[32]; /* SHA-256 of the whole file */
    uint8_t
        tenant[32]; /* SHA-256 of the owner's public key as the file claims it; zeros: unsigned */
    const void *bundle; /* borrowed during each call */
    size_t bundle_bytes;
    uint64_t memory_limit; /* bytes of linear memory; 0: the bundle's own. Part of the identity */
    bool sealed;           /* docs/sealed.md: whose it is, only an enclave can tell */
    uint8_t recipient[KEY_ID_BYTES]; /* of a sealed one: the key it is for; zeros: a keeper's */
};

/* Fills in what the bytes tell. ST_CORRUPT: neither a bundle nor a sealed one. */
MUST_CHECK enum status pool_function_describe(const void *bundle, size_t bytes,
                                              struct pool_function *out);

/* ---- calls --------------------------------------------------------------- */

struct pool_call {
    struct pool_function function;
    const void *input;
    size_t input_bytes;
    const json_t *args;               /* list of strings, or NULL */
    const json_t *env;                /* list of "NAME=VALUE", or NULL */
    uint64_t timeout_ms;              /* of the invocation; at least 1 */
    uint64_t init_timeout_ms;         /* of loading; 0: timeout_ms */
    uint64_t queue_timeout_ms;        /* longest wait for a slot; 0: timeout_ms */
    uint64_t output_limit, log_limit; /* bytes */
    uint64_t party; /* on whose behalf: queues are shared fairly among parties. 0: nobody in
                       particular */
    bool load_only; /* make it warm, run nothing: POOL_DONE with OUTCOME_NONE */
    /* The input is a message of docs/envelope.md; args and env are in it. It runs where its key is:
     * a request in the enclave that it is encrypted to (or anywhere, if the pool knows no worker
     * of that key: a keeper's), a session's in the slot in which the session was opened. */
    bool sealed;
    const char *session; /* of a session's request: pool_result.session of its opening */
    bool evidence;       /* wanted; a signature each */
    const char *nonce;   /* in it, hexadecimal, of plain calls; NULL: none */
};

enum pool_end {
    POOL_DONE,        /* the function ran; `outcome` says how that ended */
    POOL_REFUSED,     /* not run: input, environment or limits are not acceptable */
    POOL_LOAD_FAILED, /* not run: the enclave refused the bundle, or its initialisation failed */
    POOL_QUEUE_FULL,  /* not run: too many calls wait (429) */
    POOL_NO_SLOT,     /* not run: none became free in time (503) */
    POOL_CLOSING,     /* not run (503) */
    POOL_WORKER_LOST, /* unknown whether it ran; no answer will come */
};

enum pool_temperature {
    POOL_WARM,
    POOL_COLD,
    POOL_SWITCH,
};

struct pool_result {
    enum pool_end end;
    enum status status;   /* the worker's, or ST_OK */
    struct message why;   /* a sentence unless all went well */
    enum outcome outcome; /* with POOL_DONE */
    char trap[64];        /* of OUTCOME_TRAP: the specification's words */
    int exit_code;        /* of OUTCOME_FUNCTION_ERROR */
    uint8_t *output;      /* output_bytes, log_bytes of log, evidence_bytes; or NULL */
    size_t output_bytes, log_bytes, evidence_bytes; /* sealed: output is the encrypted answer */
    bool opened;                                    /* it was a session's opening */
    char session[POOL_SESSION_BYTES];               /* ... and where the session lives */
    uint64_t log_dropped;
    enum pool_temperature temperature;
    uint64_t queued_us, load_us, run_us; /* waiting for a slot; reset and load; the invocation */
    char bundle_sha256[65], snapshot_sha256[65]; /* "" unless known */
    json_t *answer;                              /* the head of the worker's answer. NULL: none */
};

/* Runs one invocation and blocks until it has ended. result->end is returned as well. Always
 * followed by pool_result_free. */
enum pool_end pool_invoke(struct pool *pool, const struct pool_call *call,
                          struct pool_result *result);
void pool_result_free(struct pool_result *result);

/* ---- attestation ---------------------------------------------------------- */

#define POOL_EVERY_WORKER (-1)

/* A quote of each worker's enclave, or of one's, answering the challenge (64 hexadecimal digits;
 * NULL: nobody's): a list of {"worker": number, "quote", "identity", "collateral", "root": base64,
 * the last two "" where the machine does not issue them, "vouched_by"}. Waits at most timeout_ms
 * for free slots; workers that have none, or give no quote, are left out. New reference; NULL: no
 * memory. */
json_t *pool_quotes(struct pool *pool, int worker, const char *challenge, uint64_t timeout_ms);
/* Can an enclave of this pool open it? Of a sealed function that is wrapped for one: only that; of
 * others it is not known before, and this says yes. */
bool pool_can_read(struct pool *pool, const struct pool_function *function);

/* ---- looking at it ------------------------------------------------------- */

#define POOL_OUTCOMES 6 /* of enum outcome */

struct pool_stats {
    unsigned workers, workers_up;
    unsigned slots, slots_empty, slots_warm, slots_busy;
    unsigned queue, queue_limit;
    uint64_t restarts; /* workers that ended unasked */
    uint64_t ends[POOL_WORKER_LOST + 1];
    uint64_t outcomes[POOL_OUTCOMES];
    uint64_t temperatures[POOL_SWITCH + 1];
    struct histogram queued, load, run, rewind; /* microseconds */
};

void pool_stats(struct pool *pool, struct pool_stats *out);
/* Each worker with its slots, for people and `reclave top`; asks the workers for their enclave
 * pages. New reference; NULL: no memory. */
json_t *pool_describe(struct pool *pool);
/* Changes what SIGHUP may change. */
void pool_set_queue_limit(struct pool *pool, unsigned queue_limit);

#endif
