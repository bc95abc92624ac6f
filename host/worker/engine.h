/*
 * One enclave with what a worker needs around it: image choice, timing,
 * statistics. Used in process by `reclave run` and by the worker's server.
 *
 * Threads: engine_open and engine_close are one thread's business. Each slot
 * serves one thread at a time; engine_stats and engine_abort may be called by
 * any thread at any time in between.
 */
#ifndef RECLAVE_HOST_WORKER_ENGINE_H
#define RECLAVE_HOST_WORKER_ENGINE_H

#include "abi/entry.h"
#include "abi/status.h"
#include "host/keeper/admission.h"
#include "host/loader/loader.h"
#include "host/loader/message.h"
#include "sgx/driver.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum engine_pages {
    ENGINE_PAGES_AUTO, /* lazy, or eager on a CPU without SGX2 */
    ENGINE_PAGES_LAZY,
    ENGINE_PAGES_EAGER,
};

struct engine_options {
    const char *images_folder;
    enum sgx_choice backend;
    const struct sgx_cpu *emulated_cpu; /* NULL: the default one */
    enum engine_pages pages;
    /* Eager: which image. Lazy: most memory that the enclave may commit. 0: default (eager:
     * 256 MiB; lazy: what the CPU's EPC holds). */
    uint64_t enclave_mib;
    /* Memory that a slot may keep beyond what its function's snapshot had, in MiB; what an
     * invocation makes it commit above that is given back before the rewind. */
    uint64_t retain_mib;
    bool shared_tenancy;       /* slots may hold functions of different tenants at a time */
    bool encrypted_only;       /* plain invocations are refused by the enclave */
    const char *keeper_socket; /* the keeper whose grants the enclave takes; NULL: nobody's */
    bool quote_early;          /* what quotes need is opened now, as far as this machine has it */
    bool measure_calls;        /* measure the cost of an empty call when opening */
    void (*progress)(void *context, uint64_t pages_done, uint64_t pages_total);
    void *progress_context;
};

struct engine;

/* Creates and initialises the enclave and boots slot 0. */
MUST_CHECK enum status engine_open(const struct engine_options *options, struct engine **out,
                                   struct message *why);
/* No slot in use. NULL is fine. */
void engine_close(struct engine *engine);

unsigned engine_slots(const struct engine *engine);

/* Boots the slot if need be and loads a function: the slot is READY. After a failure it is
 * BOOTED and empty again (if it can be), and why says what to do. ST_SLOT_READY: it holds
 * a function already; reset first. */
MUST_CHECK enum status engine_load(struct engine *engine, unsigned slot, struct slot_load *load,
                                   struct message *why);

/* One invocation. True: it ended well. False: why says how it ended, the status and the OUT
 * fields tell programs. What was written to output and log is there in either case. Then call
 * engine_rewind, whatever came of it. */
bool engine_invoke(struct engine *engine, unsigned slot, struct entry_invocation *invocation,
                   uint64_t timeout_ms, enum status *status, struct message *why);

/* Makes the slot READY if an invocation left it DIRTY; ST_OK and no work otherwise. */
MUST_CHECK enum status engine_rewind(struct engine *engine, unsigned slot, struct message *why);

/* Forgets the function: the slot is BOOTED. ST_OK and no work if it holds none. */
MUST_CHECK enum status engine_reset(struct engine *engine, unsigned slot, struct message *why);

/* ---- attestation (docs/attestation.md, docs/evidence.md) ---- */

/* Who the enclave is: what quotes bind. Owned by the engine. */
const struct attested_identity *engine_identity(const struct engine *engine);

/* Which of its requests are encrypted to it (docs/envelope.md). False: no SHA-256. */
MUST_CHECK bool engine_key_id(const struct engine *engine, uint8_t key_id[KEY_ID_BYTES]);

/* Does the enclave take a keeper's grants? */
bool engine_has_keeper(const struct engine *engine);
/* A new grant if the keeper has anything new: an epoch, function keys. Slot 0's thread, now and
 * then (KEEPER_POLL_SECONDS). On failure the enclave has what it had before. */
MUST_CHECK enum status engine_renew_keys(struct engine *engine, struct message *why);
#define KEEPER_POLL_SECONDS 10
/* The keeper's word for this enclave (client/keeper/fleet.h); count 0: there is none. Any thread.
 * Asked for after an invocation, it is good for the key that the request came to. */
struct worker_certificate engine_certificate(struct engine *engine);

/* A quote and what a verifier needs with it. Zeroed members: this machine does not have it. */
struct engine_quote {
    uint8_t *quote;
    size_t quote_bytes;
    char *collateral; /* JSON, or NULL: the verifier asks the platform's vendor */
    char *root_pem;   /* what the collateral counts under, or NULL: the vendor's own root */
    const char *by;   /* who vouches, for people; the engine's */
};

/* Through the slot's thread; challenge: of whoever asked, zeros: nobody did. */
MUST_CHECK enum status engine_quote(struct engine *engine, unsigned slot,
                                    const uint8_t challenge[CHALLENGE_BYTES],
                                    struct engine_quote *out, struct message *why);
void engine_quote_free(struct engine_quote *quote);

/* One encrypted invocation. True: it ended well, as far as the host is told. Else as
 * engine_invoke; with a status of ST_OK there is an answer in either case. Then engine_rewind. */
bool engine_invoke_sealed(struct engine *engine, unsigned slot, struct entry_envelope *envelope,
                          uint64_t timeout_ms, enum status *status, struct message *why);

MUST_CHECK enum status engine_session_open(struct engine *engine, unsigned slot,
                                           struct entry_envelope *envelope, struct message *why);

/* The evidence of the slot's last invocation, plain (with its claims) or encrypted (claims_bytes
 * 0: its caller has them). One signature covers it and all that were not signed yet.
 * ST_NOT_FOUND: the last invocation left no claims. */
MUST_CHECK enum status engine_evidence(struct engine *engine, unsigned slot, const void *claims,
                                       size_t claims_bytes, uint8_t file[EVIDENCE_FILE_MAX],
                                       size_t *file_bytes, struct message *why);

/* The same in two steps, so that one signature serves several: engine_leaf names the last
 * invocation in the batch, engine_sign signs all that is pending, engine_compose makes the evidence
 * of one of it, until the next invocation. */
MUST_CHECK enum status engine_leaf(struct engine *engine, unsigned slot, uint32_t *leaf,
                                   struct message *why);
/* Is there room for another one before the batch must be signed? */
bool engine_batch_has_room(struct engine *engine, unsigned slot);
MUST_CHECK enum status engine_sign(struct engine *engine, unsigned slot, struct message *why);
MUST_CHECK enum status engine_compose(struct engine *engine, unsigned slot, uint32_t leaf,
                                      const void *claims, size_t claims_bytes,
                                      uint8_t file[EVIDENCE_FILE_MAX], size_t *file_bytes,
                                      struct message *why);

/* See slot_abort and slot_clear_abort. */
void engine_abort(struct engine *engine, unsigned slot);
void engine_clear_abort(struct engine *engine, unsigned slot);

/* Asks the enclave for its page counts, which engine_stats then reports. The slot's thread. */
MUST_CHECK enum status engine_refresh(struct engine *engine, unsigned slot);

/* The latest invocation's and the latest rewind's call into the enclave and back; 0: none yet. */
struct engine_times {
    uint64_t run_us, rewind_us;
};
struct engine_times engine_last_times(struct engine *engine, unsigned slot);

/* What `reclave run --stats` prints and the worker answers: facts of the enclave and of one
 * slot in one flat object (docs/worker.md lists the keys). A new reference, or NULL without
 * memory. */
json_t *engine_stats(struct engine *engine, unsigned slot);

#endif
