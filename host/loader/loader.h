/*
 * The loader: creates an enclave from an image through the machine's driver
 * (sgx/driver.h) and makes the calls of abi/entry.h. It is untrusted, like
 * everything that calls it; what it gets wrong costs service, nothing else.
 *
 *   image_open -> enclave_create -> enclave_init
 *     -> slot_boot -> slot_load -> { slot_invoke -> slot_rewind }*
 *   -> enclave_destroy -> image_close
 *
 * Threads: creating, initialising and destroying an enclave is one thread's
 * business at a time, with no slot in use. A slot serves one thread at a time
 * (any thread, it may change between calls); different slots run in parallel.
 * Only slot_abort may be called while another thread is inside the slot.
 *
 * Buffers: what a pointer of a call leads to is read and written by the
 * enclave in aligned 8-byte words: addresses must be multiples of 8 and the
 * memory must reach to the next multiple of 8 behind the length given.
 * loader_buffer_alloc gives such memory. A call with a misaligned pointer
 * returns ST_BAD_POINTER without entering.
 *
 * Signals: the loader takes one real-time signal (KICK_SIGNAL) for itself.
 */
#ifndef RECLAVE_HOST_LOADER_LOADER_H
#define RECLAVE_HOST_LOADER_LOADER_H

#include "abi/entry.h"
#include "abi/status.h"
#include "host/loader/image.h"
#include "host/loader/message.h"
#include "sgx/driver.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KICK_SIGNAL (SIGRTMIN + 5)

/* ---- enclaves ---------------------------------------------------------- */

struct enclave;
struct slot;

struct enclave_options {
    const struct sgx_driver *driver; /* must outlive the enclave */
    /* Called after every few MiB added, in enclave_create's thread; may be NULL. */
    void (*progress)(void *context, uint64_t pages_done, uint64_t pages_total);
    void *progress_context;
};

/* The image may be closed once this has returned. On failure nothing is left behind and
 * `why` says what to do. ST_UNSUPPORTED: this CPU cannot hold such an enclave;
 * ST_SGX_REFUSED, ST_SGX_SIGSTRUCT, ST_NO_MEMORY, ST_INVALID_ARGUMENT. */
MUST_CHECK enum status enclave_create(const struct image *image,
                                      const struct enclave_options *options, struct enclave **out,
                                      struct message *why);
/* Every slot must be out. NULL is fine. */
void enclave_destroy(struct enclave *enclave);

/* What the enclave is told once and its quotes say from then on; zeroed is a plain worker. */
struct enclave_terms {
    uint64_t page_limit; /* most pages that it may commit, 0: no limit; quotes do not say it */
    bool shared_tenancy; /* slots may hold functions of different tenants at a time */
    bool encrypted_only; /* plain invocations are refused */
    bool keeper;         /* the role: a keeper of keys, not a worker; it takes none of the above */
    uint8_t keeper_id[32]; /* of a worker: whose grants it takes; zero: nobody's */
};

/* ENTRY_INIT, once. */
MUST_CHECK enum status enclave_init(struct enclave *enclave, const struct enclave_terms *terms);

unsigned enclave_slot_count(const struct enclave *enclave);
/* Owned by the enclave; index < enclave_slot_count. */
struct slot *enclave_slot(struct enclave *enclave, unsigned index);
uint64_t enclave_base(const struct enclave *enclave);
uint64_t enclave_bytes(const struct enclave *enclave); /* ELRANGE */
int enclave_fd(const struct enclave *enclave);         /* the driver's descriptor */
bool enclave_can_rdtsc(const struct enclave *enclave); /* INIT_RDTSC was given */

/* ---- calls -------------------------------------------------------------- */

/* How long boot, load's copy, rewind and reset may take before the loader asks to abort. */
#define SLOT_SERVICE_TIMEOUT_MS 60000u

/*
 * All calls return the enclave's own status (abi/entry.h says which), or
 *   ST_SGX_ENTER    the slot is lost: it cannot be entered, or a fault in it did not
 *                   go away. slot_fault() describes it; destroy the enclave.
 *   ST_TIMEOUT      L0 itself did not finish; the slot is lost as above
 *   ST_BAD_POINTER  a misaligned buffer
 * timeout_ms = 0: no limit.
 */
MUST_CHECK enum status slot_boot(struct slot *slot);

struct slot_load {
    const void *bundle;
    size_t bundle_bytes;
    uint64_t memory_limit; /* bytes; 0: the bundle's own maximum */
    uint64_t timeout_ms;   /* for the function's initialisation */
    void *log;             /* where stderr of the initialisation goes */
    size_t log_limit;
    /* OUT */
    uint64_t needed_pages;           /* with ST_BUNDLE_MEMORY */
    uint64_t verify_reason;          /* with ST_BUNDLE_CODE: enum verify_reason, abi/sfi.h */
    uint64_t verify_offset;          /* ... and where, from the code zone's base */
    uint8_t bundle_sha256[32];       /* zero unless the bundle was decoded */
    uint8_t wasm_sha256[32];         /* the owner's claim */
    uint8_t tenant[32];              /* zero: development tenant */
    struct entry_invocation initial; /* how initialisation ended: OUT fields; zero if not reached */
};

/* ENTRY_LOAD, restricting the code pages, ENTRY_FINISH_LOAD. After a failure the slot may be
 * LOADING or DIRTY: slot_reset, unless it says ST_SLOT_BOOTED. ST_SGX_REFUSED: the driver would
 * not restrict. */
MUST_CHECK enum status slot_load(struct slot *slot, struct slot_load *load);

/* ENTRY_INVOKE: the caller fills the IN fields except the clocks. An end by timeout or
 * slot_abort is ST_OK with OUTCOME_ABORTED_BY_HOST. */
MUST_CHECK enum status slot_invoke(struct slot *slot, struct entry_invocation *invocation,
                                   uint64_t timeout_ms);
/* ENTRY_INVOKE_SEALED: the caller fills the IN fields except the clocks. Timeouts as above: the
 * answer says so to the caller of the function. */
MUST_CHECK enum status slot_invoke_sealed(struct slot *slot, struct entry_envelope *envelope,
                                          uint64_t timeout_ms);
/* ENTRY_SESSION_OPEN. */
MUST_CHECK enum status slot_session_open(struct slot *slot, struct entry_envelope *envelope);
/* ENTRY_SIGN. `root`: EVIDENCE_ROOT_MAX bytes of a loader buffer. */
MUST_CHECK enum status slot_sign(struct slot *slot, void *root, uint64_t *root_bytes,
                                 uint64_t *leaves);
/* ENTRY_REPORT: the caller fills challenge and target. */
MUST_CHECK enum status slot_report(struct slot *slot, struct entry_report *report);
/* ENTRY_ADMISSION, ENTRY_GRANT (`granted`: struct worker_granted in a loader buffer), and
 * ENTRY_KEEPER: the caller fills the IN fields. */
MUST_CHECK enum status slot_ask_admission(struct slot *slot, uint8_t nonce[32]);
MUST_CHECK enum status slot_take_grant(struct slot *slot, const void *granted);
MUST_CHECK enum status slot_keeper_call(struct slot *slot, struct entry_keeper *call);
/* result may be NULL. */
MUST_CHECK enum status slot_rewind(struct slot *slot, struct entry_rewind *result);
MUST_CHECK enum status slot_reset(struct slot *slot, struct entry_rewind *result);
/* Gives back all pages that the slot (DIRTY or BOOTED) committed beyond what its snapshot had; see
 * struct entry_trim. *pages: how many, also on failure. */
MUST_CHECK enum status slot_trim(struct slot *slot, uint64_t *pages);
MUST_CHECK enum status slot_stats(struct slot *slot, struct entry_stats *result);
MUST_CHECK enum status slot_null(struct slot *slot);

/* Any call, as it stands in abi/entry.h; `argument` may be NULL. */
MUST_CHECK enum status slot_call(struct slot *slot, enum entry_call call, void *argument,
                                 size_t argument_bytes, uint64_t timeout_ms);

/* Any thread, any time: asks to end what runs in the slot, or the next call if nothing does,
 * until slot_clear_abort. Whoever uses it orders the two with a lock of its own. */
void slot_abort(struct slot *slot);
void slot_clear_abort(struct slot *slot);

/* ---- looking at a slot -------------------------------------------------- */

struct slot_counters {
    uint64_t transitions; /* EENTERs and ERESUMEs that the loader made */
    uint64_t exceptions;  /* AEXs that reached the loader as exceptions */
    uint64_t kicks;       /* times a timeout or abort broke the slot out */
};

/* Interrupts that the kernel resumes by itself are not seen here. Any thread. */
struct slot_counters slot_counters(const struct slot *slot);
bool slot_lost(const struct slot *slot);
/* Why it was lost: "exception 14 (page fault) at 0x..., code 0x...". Valid until the next call. */
const char *slot_fault(const struct slot *slot);

/* Zeroed, aligned for the enclave, with room to the next multiple of 8 behind `bytes`; NULL:
 * no memory. Free with free(). */
void *loader_buffer_alloc(size_t bytes);

#endif
