/* Shared by the engine's own files only. */
#ifndef RECLAVE_HOST_WORKER_ENGINE_INTERNAL_H
#define RECLAVE_HOST_WORKER_ENGINE_INTERNAL_H

#include "host/worker/engine.h"
#include "host/worker/samples.h"
#include "host/keeper/admission.h"
#include "sgx/quoting/quote.h"

#include <pthread.h>

/* What the host believes of a slot; the enclave decides. */
struct slot_record {
    struct slot *slot;
    bool booted, dirty;
    bool loaded;            /* written under the lock, by the slot's thread */
    uint64_t surplus_pages; /* of the last invocation: struct entry_invocation */

    /* The invocations whose evidence is not signed yet, as the enclave has them. */
    uint8_t leaves[EVIDENCE_BATCH_MAX][32];
    uint32_t leaf_count;
    bool has_leaf;         /* the last one is the last invocation's */
    uint32_t signed_count; /* leaves under `root`, which `leaves` still holds */
    uint64_t root_bytes;
    void *root; /* EVIDENCE_ROOT_MAX bytes of a loader buffer; NULL: not needed yet */

    pthread_mutex_t lock; /* guards everything below */
    uint8_t bundle_sha256[32], wasm_sha256[32], tenant[32], snapshot_sha256[32];
    uint64_t load_ns;
    uint64_t invocations, failed, resets, signatures, pages_trimmed;
    struct samples run_ns, rewind_ns, rewind_cycles, pages_restored;
    struct entry_stats pages;
};

struct engine {
    const struct sgx_driver *driver;
    struct enclave *enclave;
    bool lazy;
    uint64_t retain_pages;
    uint8_t mrenclave[32];
    uint64_t cold_create_ns;
    uint64_t null_ns; /* median of an empty call; 0: not measured */
    uint64_t start_ns, start_cycles;
    struct attested_identity identity;
    char *images_folder;
    pthread_mutex_t quoting_lock; /* guards opening it */
    struct quoting *quoting;      /* NULL: no quote was wanted yet */
    char *keeper_socket;          /* NULL: no keeper */
    struct enclave_policy keeper_policy;
    pthread_mutex_t certificate_lock; /* slot 0's thread writes, others read */
    struct worker_certificate certificate;
    uint64_t key_counter; /* of the keeper's state at the last grant */
    struct slot_record slots[SLOTS_MAX];
};

uint64_t engine_now_ns(void);
uint64_t engine_now_cycles(void);

/* A failed call's sentence, with the fault where the slot was lost. */
void engine_say_failed_call(const struct slot_record *record, const char *what, enum status status,
                            struct message *why);

/* engine_keeper.c. The keeper's name goes into the terms before ENTRY_INIT; then the first grant.
 */
MUST_CHECK enum status engine_name_keeper(const struct engine_options *options,
                                          struct enclave_terms *terms, struct message *why);
MUST_CHECK enum status engine_use_keeper(struct engine *engine,
                                         const struct engine_options *options,
                                         const struct enclave_terms *terms, struct message *why);

/* engine_attest.c */
MUST_CHECK enum status engine_open_quoting(struct engine *engine, struct message *why);
MUST_CHECK enum status engine_learn_identity(struct engine *engine, struct message *why);
void engine_note_leaf(struct slot_record *record, bool has_leaf, const uint8_t leaf[32]);
/* Signs what is pending before the enclave would refuse to go on; the caller has its answer. */
MUST_CHECK enum status engine_make_room(struct slot_record *record, struct message *why);

#endif
