/*
 * L0, the monitor: everything it knows about a slot, and the parts that work
 * on it. One slot is served by one thread at a time (slot and TCS are one to
 * one), so nothing here is locked but the few enclave-wide counters.
 */
#ifndef RECLAVE_TRUSTED_MONITOR_MONITOR_H
#define RECLAVE_TRUSTED_MONITOR_MONITOR_H

#include "abi/bundle.h"
#include "abi/entry.h"
#include "abi/gates.h"
#include "abi/geometry.h"
#include "abi/image.h"
#include "abi/sgx_arch.h"
#include "abi/status.h"
#include "trusted/attest/evidence.h"
#include "trusted/attest/session.h"
#include "trusted/keeper/ring.h"
#include "trusted/monitor/thread.h"
#include "trusted/snapshot/snapshot.h"

#include <bearssl/bearssl_rand.h>
#include <stdbool.h>
#include <stdint.h>

/* ---- the enclave ---------------------------------------------------------- */

/* Filled in by toolchain/image before measuring; constant. */
extern const struct image_layout image_layout;

struct enclave_state {
    uint32_t initialised; /* 0, 1 while ENTRY_INIT runs, 2 */
    bool rdtsc;
    uint32_t cpu_level;
    uint64_t page_limit;      /* most committed pages, all slots and the image */
    uint64_t committed_pages; /* atomic */
    uint8_t boot_id[16];
    bool shared_tenancy;
    bool encrypted_only;
    struct signing_key signing;
    struct receiving_key receiving;
    struct attested_identity identity;
    uint8_t policy_sha256[32];
    uint8_t keeper_id[32]; /* of a worker; zero: it takes no grants */
    struct key_ring ring;
    uint32_t tenant_lock;  /* of the next two */
    uint32_t tenant_slots; /* that hold a function of ... */
    uint8_t tenant[32];    /* ... this tenant: sequential tenancy */
    uint32_t store_pages;  /* committed: the store's prefix */
    struct snapshot_set snapshots;
};
extern struct enclave_state enclave;

uint8_t *enclave_base(void);

/* ---- a slot ----------------------------------------------------------------- */

/* The function that a slot holds: decoded from its bundle, never from the host again. */
struct function {
    uint32_t exports; /* BUNDLE_HAS_*; 0: none */
    uint32_t entry_offset;
    uint32_t code_pages; /* gates page included */
    uint32_t rodata_bytes;
    uint32_t stack_bytes;
    uint32_t tracking; /* BUNDLE_TRACK_* */
    uint64_t memory_max;
    uint64_t tables_max;
    uint32_t manifest_bytes;
    uint8_t bundle_sha256[32];
    uint8_t wasm_sha256[32];
    uint8_t tenant[32];
    uint8_t manifest[BUNDLE_MANIFEST_MAX];
};

/* Linear memory: linear.c. Page numbers count from the region's start. */
struct linear {
    uint32_t pages;       /* its size; it ends where the region's committed pages end */
    uint32_t low;         /* pages below are zero */
    uint32_t ready_pages; /* size at S1 */
    uint32_t ready_start; /* where its first page was when all of it was S1's; READY: where it is */
    bool unmarked;        /* something changed since that is not marked */
};

struct slot {
    uint32_t state; /* enum slot_state; first: entry.S writes it */
    uint32_t number;
    bool drew_random;                 /* random bytes were asked for before S1 */
    bool holds_tenant;                /* counted in enclave.tenant_slots */
    uint32_t committed[REGION_COUNT]; /* pages: each region's prefix */
    uint32_t at_boot[REGION_COUNT];   /* the same at S0 ... */
    uint32_t at_ready[REGION_COUNT];  /* ... and at S1 */
    uint32_t trim_region;             /* what ENTRY_TRIM has named: pages at the region's end */
    uint32_t trim_pages;
    struct linear linear;
    uint64_t output_limit, log_limit; /* of the invocation under way */
    uint64_t init_random_used;        /* bytes of the fixed stream before S1 */
    uint64_t last_monotonic_ns;
    uint64_t invocations, rewinds;
    const struct snapshot *boot;           /* S0 */
    const struct snapshot *function_ready; /* S1; NULL: none */
    struct function function;
    struct evidence_batch batch;   /* leaves of claims that nobody has signed yet */
    struct session_table sessions; /* with callers of this function */
    br_hmac_drbg_context random;
};
_Static_assert(sizeof(struct slot) <= CTL_SLOT_BYTES, "a slot fits its control block");

static inline struct slot *slot_of(struct thread_block *block)
{
    return (struct slot *)(void *)((uint8_t *)block - CTL_TLS + CTL_SLOT);
}

static inline struct thread_block *thread_of(struct slot *slot)
{
    return (struct thread_block *)(void *)((uint8_t *)slot - CTL_SLOT + CTL_TLS);
}

/* Every change of state but entry.S's: SLOT_POISONED is never left. */
static inline void slot_set_state(struct slot *slot, enum slot_state state)
{
    if (slot->state != SLOT_POISONED)
        slot->state = state;
}

uint8_t *slot_base(const struct slot *slot);
uint8_t *region_start(const struct slot *slot, unsigned region);
struct l1_page *slot_l1_page(const struct slot *slot);

/* ---- entry: dispatch.c -------------------------------------------------------- */

/* In RAX and RDX for entry.S: what the host gets, and SCRUB | the state that the slot takes
 * after the scrubbing exit; 0: an ordinary exit. */
struct dispatch_result {
    uint64_t status;
    uint64_t scrub_to;
};

struct dispatch_result monitor_dispatch(uint64_t call, uint64_t request, uint64_t bytes,
                                        uint64_t cssa, struct thread_block *block);

/* Handlers. The request struct is a copy inside; its OUT fields go back to the host
 * when a handler returns, whatever the status. */
MUST_CHECK enum status init_enclave(const struct entry_init *request);
MUST_CHECK enum status boot_slot(struct slot *slot);
MUST_CHECK enum status load_bundle(struct slot *slot, struct entry_load *request);
MUST_CHECK enum status finish_load(struct slot *slot, struct entry_invocation *request);
MUST_CHECK enum status invoke(struct slot *slot, struct entry_invocation *request);
MUST_CHECK enum status invoke_sealed(struct slot *slot, struct entry_envelope *request);
MUST_CHECK enum status open_session(struct slot *slot, struct entry_envelope *request);
MUST_CHECK enum status sign_batch(struct slot *slot, struct entry_sign *request);
MUST_CHECK enum status make_report(struct entry_report *request);
MUST_CHECK enum status ask_admission(struct entry_admission *request);
MUST_CHECK enum status take_grant(const struct entry_grant *request);
MUST_CHECK enum status keeper_call(struct entry_keeper *request);
void rewind_slot(struct slot *slot, struct entry_rewind *request);
void reset_slot(struct slot *slot, struct entry_rewind *request);
void report_stats(const struct slot *slot, struct entry_stats *request);
/* At CSSA 1. */
MUST_CHECK enum status handle_exception(struct slot *slot);
MUST_CHECK enum status handle_abort(struct slot *slot);

/* ---- border.c: the host's memory ----------------------------------------------- */

/* Is [address, address + bytes) wholly outside the enclave and aligned to 8?
 * The range is rounded up to 8 bytes, as the copies below touch it. */
bool border_outside(uint64_t address, uint64_t bytes);
/* The caller has checked with border_outside(). `bytes` need not be a multiple of 8. */
void border_copy_in(void *to, uint64_t from, uint64_t bytes);
void border_copy_out(uint64_t to, const void *from, uint64_t bytes);

/* ---- commit.c: the commit map --------------------------------------------------- */

/* Makes the region's first `pages` pages present, zeroed when new. ST_NO_MEMORY: beyond the
 * region's or the enclave's limit; nothing is lost, what was committed stays so. */
MUST_CHECK enum status commit_region(struct slot *slot, unsigned region, uint64_t pages);
/* Is the page at this address one that L0 accepted for this slot's layers? */
bool commit_covers(const struct slot *slot, uint64_t address);
void commit_at_boot(struct slot *slot);
/* The snapshot store's first `pages` pages. */
enum status commit_store(uint32_t pages);
/* Gives up the region's last page: ST_OK once the hardware says that it has type TRIM. */
MUST_CHECK enum status commit_drop_last(struct slot *slot, unsigned region);

/* ---- trim.c: pages beyond what the snapshot had ------------------------------------ */

uint64_t surplus_pages(const struct slot *slot);
MUST_CHECK enum status trim_plan(struct slot *slot, struct entry_trim *request);
MUST_CHECK enum status trim_accept(struct slot *slot, struct entry_trim *request);
void trim_forget(struct slot *slot); /* the plan, if there is one */

/* ---- tenancy.c --------------------------------------------------------------------- */

/* The function in the slot is its tenant's; ST_OTHER_TENANT: the enclave serves another. */
MUST_CHECK enum status tenant_enter(struct slot *slot);
void tenant_leave(struct slot *slot);

/* ---- linear.c: linear memory ends where its committed pages end ------------------ */

/* Sets the size without keeping contents; commits what is missing. */
MUST_CHECK enum status linear_place(struct slot *slot, uint64_t pages);
/* Grows by `pages`, keeping contents; new pages are zero. */
MUST_CHECK enum status linear_grow(struct slot *slot, uint64_t pages);
/* Ends an invocation's use: the size is `pages` (0: none), at the end of what is committed, with
 * any contents; what lies below is zero. Returns the number of pages zeroed. */
uint64_t linear_return(struct slot *slot, uint64_t pages);
uint8_t *linear_start(const struct slot *slot);
/* Committed pages may be fewer than before; contents do not matter. */
void linear_was_trimmed(struct slot *slot);
/* All of it is S1 from now on. */
void linear_is_ready(struct slot *slot);
/* L0 has written [address, address + bytes), which lies inside. */
void linear_mark(struct slot *slot, uint64_t address, uint64_t bytes);
/* Do the marks, and nothing else, tell what differs from S1 where linear memory lies now? */
bool linear_marks_suffice(const struct slot *slot);

/* ---- code.c: the code zone -------------------------------------------------------- */

/* Code pages [0, pages) become writable (again); all that are committed are filled with HLT. */
MUST_CHECK enum status code_open(struct slot *slot, uint32_t pages);
void code_write_gates(struct slot *slot);
/* EACCEPT of exactly R|X on every page; ST_CODE_PERMISSIONS when the host did not restrict. */
MUST_CHECK enum status code_seal(struct slot *slot);
void code_wipe(struct slot *slot);

/* ---- confine.c: the verifier's verdict ------------------------------------------- */

/* Layer 1's measured text; ST_BUNDLE_CODE: the image must not run. */
MUST_CHECK enum status verify_layer1(struct slot *slot);
/* The text in the slot's code zone; ST_BUNDLE_CODE fills the request's verify_* fields. */
MUST_CHECK enum status verify_function(struct slot *slot, struct entry_load *request);

/* ---- manifest.c, signature.c -------------------------------------------------------- */

MUST_CHECK enum status manifest_check(const uint8_t *manifest, uint32_t bytes);
bool manifest_allows_environment(const struct function *function, const char *name,
                                 uint32_t name_bytes);
/* Does the function take encrypted input only? */
bool manifest_demands_sealed(const struct function *function);
/* What becomes of the logs of encrypted invocations. */
enum manifest_logs { LOGS_ENCRYPTED, LOGS_NONE, LOGS_CLEAR };
enum manifest_logs manifest_logs(const struct function *function);
/* The version field's value; false when there is none. */
bool manifest_version(const uint8_t *manifest, uint32_t bytes, const uint8_t **value,
                      uint16_t *value_bytes);
MUST_CHECK enum status signature_check(const struct bundle_signature *signature,
                                       const struct function *function, uint8_t tenant[32]);

/* ---- identity.c --------------------------------------------------------------------- */

/* The enclave's keys and what they are bound to, at ENTRY_INIT. */
MUST_CHECK enum status identity_make(const struct entry_init *request);
/* What a request to the function in this slot must be meant for. It is encrypted to the key with
 * this ID: the enclave's own or an epoch's. key is storage for a copy; the caller wipes it. */
struct envelope_target slot_target(const struct slot *slot, const uint8_t key_id[KEY_ID_BYTES],
                                   struct receiving_key *key);
/* The receiving key with this ID, or the enclave's own: nothing else fits anyway. Wipe it. */
void receiving_key_for(const uint8_t key_id[KEY_ID_BYTES], struct receiving_key *key);

/* ---- keeper_calls.c ------------------------------------------------------------------ */

/* Does this keeper have its identity? It makes no reports before. */
bool keeper_is_ready(void);

/* ---- invoke.c ------------------------------------------------------------------------- */

MUST_CHECK enum status commit_input(struct slot *slot, uint64_t input_bytes,
                                    uint64_t strings_bytes);

/* ---- run.c: running a layer ------------------------------------------------------------ */

struct run_result {
    enum outcome outcome;
    enum trap trap;
    uint64_t value; /* result of the call, or exit code */
    bool exited;    /* by proc_exit */
};

/* Layer 2's entry with one enum crt_call, to its end. */
struct run_result run_function(struct slot *slot, uint64_t crt_call);
/* Layer 1's L1_BOOT. */
struct run_result run_l1_boot(struct slot *slot);

/* ---- l1page.c: what L0 tells layer 1 and reads back ----------------------------------- */

/* The state before S1: no input, fixed clocks. */
void l1_page_before_snapshot(struct slot *slot);
/* An invocation's clocks, limits and strings; the strings must be checked already. */
void l1_page_for_invocation(struct slot *slot, const struct entry_invocation *request);
/* Copies output and log to the host and fills the OUT fields. Whatever layer 1 claims to have
 * written is cut to what is committed and to the limits. */
void copy_results_out(struct slot *slot, struct entry_invocation *request);
/* The same counts, cut the same way, for results that do not go to the host. */
struct results {
    uint64_t output_bytes, log_bytes, log_dropped;
};
void results_of(const struct slot *slot, uint64_t output_limit, uint64_t log_limit,
                struct results *results);

/* ---- regions.c --------------------------------------------------------------------------- */

/* The views that a snapshot covers, as the slot lies now. */
void snapshot_views(const struct slot *slot, struct region_view *views);

/* ---- random.c ----------------------------------------------------------------------------- */

void random_seed(struct slot *slot);
void random_fill(struct slot *slot, void *to, uint32_t bytes);
/* Never from the fixed stream before S1. */
void random_fresh(struct slot *slot, void *to, size_t bytes);
struct random_source slot_random(struct slot *slot);
/* Straight from RDRAND. */
void random_hardware(void *to, uint32_t bytes);

/* ---- enclu.c: the instructions of an enclave ------------------------------------------------ */

/* Both return the leaf's status code (RAX); 0 is success. EMODPE has none. */
uint64_t enclu_eaccept(uint8_t *page, uint64_t flags);
void enclu_emodpe(uint8_t *page, uint64_t flags);
uint64_t read_tsc(void);

#endif
