/* Shared by the parts of the pool. One lock guards everything; nothing that waits is done under it.
 */
#ifndef RECLAVE_HOST_POOL_INTERNAL_H
#define RECLAVE_HOST_POOL_INTERNAL_H

#include "abi/attest.h"
#include "host/pool/pool.h"
#include "host/worker/client.h"

#include <pthread.h>
#include <semaphore.h>
#include <sys/types.h>

#define FUNCTION_BUCKETS 1024u
#define FUNCTIONS_KEPT   4096u /* records of functions that are in no slot and no call */

/* What the scheduler knows of a function. */
struct function {
    struct function *next;
    uint8_t id[32], tenant[32];
    uint64_t memory_limit;
    unsigned users;           /* calls and slots that point here */
    unsigned held;            /* slots that hold it, busy ones included */
    unsigned waiting;         /* calls */
    uint64_t run_us, load_us; /* running averages; 0: unknown */
};

enum pool_slot_state {
    POOL_SLOT_ABSENT, /* the worker is not up */
    POOL_SLOT_EMPTY,
    POOL_SLOT_WARM, /* free, `holds` is loaded */
    POOL_SLOT_BUSY, /* leased to a call, which alone uses `client` */
};

struct slot {
    struct worker *worker;
    unsigned index;
    enum pool_slot_state state;
    struct client *client;
    struct function *holds; /* NULL: empty */
    struct function
        *leased;      /* BUSY: of the call, which may be about to load it; NULL: being emptied */
    uint64_t used_at; /* pool->clock when last released */
    uint64_t invocations;
};

enum worker_state {
    WORKER_DOWN,
    WORKER_STARTING,
    WORKER_UP,
};

struct worker {
    struct pool *pool;
    unsigned index;
    pthread_t thread;
    bool started; /* thread */
    enum worker_state state;
    bool retiring;                /* no more leases; killed when the last one ends */
    pid_t pid;                    /* 0: none. Reaped by the worker's thread only, under the lock */
    uint8_t key_id[KEY_ID_BYTES]; /* of its enclave's receiving key, while it is up */
    unsigned leases;
    unsigned slot_count;
    struct slot slots[SLOTS_MAX];
    pthread_mutex_t control_lock;
    struct client *control; /* for STATS */
    uint64_t starts, up_since_ms;
};

/* The only place where a call can run: what it carries is encrypted to one enclave, or belongs to a
 * session in one slot of it. */
struct pin {
    struct worker *worker; /* NULL: anywhere */
    int slot;              /* -1: any of the worker's */
    uint64_t life;         /* worker->starts: the enclave ends with the process */
};

/* A call that waits. Whoever takes it from the queue says why and posts `wakeup`: from then on it
 * is its owner's alone, who need not wait for the lock to see what became of it. */
struct ticket {
    struct ticket *next;
    struct function *function;
    sem_t wakeup;
    struct slot *slot; /* leased to it */
    bool refused;      /* the pool closes */
    bool displaced;    /* by another party, from a full queue */
    uint64_t party, round;
    bool homeless; /* what it is pinned to is gone */
    bool errand;   /* asks the enclave something: any free slot will do, and stays as it is */
    struct pin pin;
    uint64_t since_us;
};

struct pool {
    struct pool_options options;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a worker came or went, a lease ended */
    bool closing;
    struct worker workers[POOL_WORKERS_MAX];
    struct function *functions[FUNCTION_BUCKETS];
    unsigned function_count;
    struct ticket *first, **last; /* by their rounds, then by arrival */
    unsigned queue;
    uint64_t round;  /* the latest that was served */
    uint64_t clock;  /* counts releases: for "used longest ago" */
    unsigned inside; /* calls in pool_invoke */
    struct pool_stats stats;
    struct message start_failure;
};

uint64_t pool_now_us(void);

/* functions.c; under the lock */
struct function *function_use(struct pool *pool, const struct pool_function *description);
void function_unuse(struct pool *pool, struct function *function);
void function_learn(uint64_t *average_us, uint64_t us);
void functions_free(struct pool *pool);

/* schedule.c; under the lock */
/* Leases slots to waiting calls, as far as there are any. Call it after every change. */
void schedule(struct pool *pool);
/* Puts the call where its party's turn is. False: the queue is full of calls whose turn is sooner.
 */
bool queue_ticket(struct pool *pool, struct ticket *ticket);
void unqueue_ticket(struct pool *pool, struct ticket *ticket);
/* Other slots of the worker that must be emptied before this one may load the function. */
unsigned slots_to_empty(const struct slot *slot, const struct function *function,
                        struct slot *out[SLOTS_MAX]);

/* What became of a slot that was used. */
enum slot_fate {
    FATE_GOOD,        /* holds the function that is in slot->holds, or nothing */
    FATE_SICK,        /* the enclave is not what it should be: replace the worker */
    FATE_WEDGED,      /* no answer: kill the worker */
    FATE_GONE,        /* the worker has died */
    FATE_GONE_UNSENT, /* ... before it could have read the request */
};

/* invoke.c */
/* Waits until the ticket has a slot or is out of luck, at most limit_ms. Under the lock, which it
 * gives up. */
void ticket_wait(struct pool *pool, struct ticket *ticket, uint64_t limit_ms);
/* One request to a leased slot's worker; head is taken over. Without the lock. */
enum slot_fate slot_ask(struct slot *slot, enum frame_type type, json_t *head, const void *body,
                        size_t bytes, uint64_t limit_ms, struct client_reply *reply,
                        struct message *why);
/* Under the lock: the slot is free again, or its worker is on the way out. */
void slot_give_back(struct slot *slot, enum slot_fate fate);

/* pin.c; under the lock */
/* Where must this call run? ST_ENVELOPE_FORMAT, ST_ENVELOPE_KEY, ST_CONTEXT_UNKNOWN: nowhere here.
 */
MUST_CHECK enum status pin_call(struct pool *pool, const struct pool_call *call, struct pin *out,
                                struct message *why);
/* Can it still run there? `function`: that must be in the slot for a session to live. */
bool pin_holds(const struct pin *pin, const struct function *function);
bool pin_allows(const struct pin *pin, const struct slot *slot);

/* sealed.c */
/* Which request carries this call; head: what it says (new reference). */
enum frame_type request_type(const struct pool_call *call);
json_t *request_head(const struct pool_call *call, const struct slot *slot);
/* Statuses of an answer that say nothing about the slot's health. */
bool refuses_request(enum status status);
/* Divides the body of an answer; a worker for which it returns false is not to be used. */
MUST_CHECK bool take_body(const struct pool_call *call, const struct slot *slot,
                          struct pool_result *result, struct client_reply *reply);

/* workers.c */
MUST_CHECK enum status workers_start(struct pool *pool, struct message *why);
/* Kills all and waits for their threads. */
void workers_stop(struct pool *pool);
/* Under the lock: the worker can no longer be trusted to do its work. */
void worker_retire(struct worker *worker);
/* Under the lock: kill -9, now. */
void worker_kill(struct worker *worker);

/* spawn.c: a worker process and `count` connected sockets. On failure nothing is left. */
MUST_CHECK enum status spawn_worker(const struct pool_options *options, unsigned count, pid_t *pid,
                                    int *sockets, struct message *why);

#endif
