/* Shared by engine.c and stats.c only. */
#ifndef RECLAVE_HOST_WORKER_ENGINE_INTERNAL_H
#define RECLAVE_HOST_WORKER_ENGINE_INTERNAL_H

#include "host/worker/engine.h"
#include "host/worker/samples.h"

#include <pthread.h>

/* What the host believes of a slot; the enclave decides. */
struct slot_record {
    struct slot *slot;
    bool booted, loaded, dirty;
    uint64_t surplus_pages; /* of the last invocation: struct entry_invocation */

    pthread_mutex_t lock; /* guards everything below */
    uint8_t bundle_sha256[32], wasm_sha256[32], tenant[32], snapshot_sha256[32];
    uint64_t load_ns;
    uint64_t invocations, failed, resets, pages_trimmed;
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
    struct slot_record slots[SLOTS_MAX];
};

uint64_t engine_now_ns(void);
uint64_t engine_now_cycles(void);

#endif
