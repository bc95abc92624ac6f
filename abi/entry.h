/*
 * Everything that crosses between the host and L0: one struct per call.
 *
 * The host enters with the vDSO convention:
 *     RDI = enum entry_call, RSI = host address of the call's struct (or 0),
 *     RDX = its size in bytes; R8, R9 are ignored.
 * L0 leaves with EEXIT:
 *     RDI = enum status, RSI = RDX = 0, all other registers clean.
 *
 * Rules for every host pointer: wholly outside ELRANGE, no wrap-around,
 * aligned to 8 bytes. L0 reads and writes it in aligned 8-byte words
 * (INTEL-SA-00615, INTEL-SA-00657), so a buffer's capacity must be rounded up
 * to 8. A struct is copied in once, checked, then used; its OUT fields are
 * written once, at the end, also when the call is refused after decoding
 * (status in RDI; OUT fields are then zero unless said otherwise).
 *
 * L0 exits on the stack frame that the EENTER came from: an ERESUME must come from
 * the same RSP and RBP, as a loop around one enter() call gives.
 *
 * The slot is the TCS: TCS i is slot i's, there is no slot argument.
 */
#ifndef RECLAVE_ABI_ENTRY_H
#define RECLAVE_ABI_ENTRY_H

#include "abi/attest.h"
#include "abi/evidence.h"

#include <stdint.h>

/* Version of this header, gates.h and geometry.h together: bundles and images
 * name the one they were built for. */
#define RECLAVE_ABI_VERSION 2

/*
 * A call's number, the struct it takes, and the slot states it is legal in:
 *
 *   CSSA 0                             legal in          leaves the slot
 *   ENTRY_INIT        entry_init       any, once         unchanged
 *   ENTRY_BOOT        -                EMPTY             BOOTED
 *   ENTRY_LOAD        entry_load       BOOTED            LOADING
 *   ENTRY_FINISH_LOAD entry_invocation LOADING           READY, or DIRTY (no snapshot)
 *   ENTRY_INVOKE      entry_invocation READY             DIRTY (also when it refuses the strings)
 *   ENTRY_REWIND      entry_rewind     DIRTY             READY
 *   ENTRY_RESET       entry_rewind     LOADING READY DIRTY  BOOTED
 *   ENTRY_TRIM        entry_trim       BOOTED DIRTY      unchanged
 *   ENTRY_TRIM_ACCEPT entry_trim       BOOTED DIRTY      unchanged
 *   ENTRY_INVOKE_SEALED entry_envelope READY             DIRTY (READY when it refuses the header)
 *   ENTRY_SESSION_OPEN  entry_envelope READY             unchanged
 *   ENTRY_SIGN        entry_sign       any               unchanged
 *   ENTRY_REPORT      entry_report     any               unchanged
 *   ENTRY_ADMISSION   entry_admission  any, a worker     unchanged
 *   ENTRY_GRANT       entry_grant      any, a worker     unchanged
 *   ENTRY_KEEPER      entry_keeper     EMPTY, a keeper   unchanged
 *   ENTRY_STATS       entry_stats      any               unchanged
 *   ENTRY_NULL        -                any               unchanged
 *
 *   CSSA 1 (after an AEX; the interrupted frame is SSA[0])
 *   ENTRY_EXCEPTION   -   ST_OK: the frame now leads to L0, ERESUME;
 *                         ST_FAULT_RESUME: not the function's fault, repair, ERESUME;
 *                         ST_IN_MONITOR: interrupted in L0, ERESUME
 *   ENTRY_ABORT       -   ST_OK: the frame now leads to L0, ERESUME; the invocation
 *                         ends as OUTCOME_ABORTED_BY_HOST; ST_IN_MONITOR: ERESUME, ask again
 *                         (a gate under way may already end the invocation so)
 */
enum entry_call {
    ENTRY_INIT = 1,
    ENTRY_BOOT = 2,
    ENTRY_LOAD = 3,
    ENTRY_FINISH_LOAD = 4,
    ENTRY_INVOKE = 5,
    ENTRY_REWIND = 6,
    ENTRY_RESET = 7,
    ENTRY_STATS = 8,
    ENTRY_NULL = 9,
    ENTRY_TRIM = 10,
    ENTRY_TRIM_ACCEPT = 11,
    ENTRY_INVOKE_SEALED = 12,
    ENTRY_SESSION_OPEN = 13,
    ENTRY_SIGN = 14,
    ENTRY_REPORT = 15,
    ENTRY_ADMISSION = 16,
    ENTRY_GRANT = 17,
    ENTRY_KEEPER = 18,
    ENTRY_EXCEPTION = 0x101,
    ENTRY_ABORT = 0x102,
};

/* Hints that can only deny service when the host lies about them. */
#define INIT_RDTSC 1u /* RDTSC works in an enclave here (SGX2): fill the *_cycles fields */

/* Tenancy, fixed at ENTRY_INIT. Without it (sequential) all slots that hold a function hold
 * functions of one tenant: ENTRY_LOAD of another's is refused with ST_OTHER_TENANT. */
#define INIT_SHARED_TENANCY 2u

/* ENTRY_INVOKE is refused with ST_MUST_BE_SEALED: input comes encrypted (abi/envelope.h) only. */
#define INIT_ENCRYPTED_ONLY 4u

struct entry_init {
    uint64_t flags;      /* INIT_* */
    uint64_t page_limit; /* most pages that L0 may commit, 0: no limit but geometry's */
    uint64_t cpu_level;  /* 2, 3, 4: highest x86-64-vN that the host reports */
    uint64_t role;       /* enum attest_role: what the enclave's quotes say, from now on */
    uint8_t keeper[32];  /* worker_id of the keeper whose grants a worker takes; zero: none */
};

struct entry_load {
    uint64_t bundle; /* host address of the whole .rcl file, sealed (abi/sealed.h) or not */
    uint64_t bundle_bytes;
    uint64_t reserved;     /* must be 0 */
    uint64_t memory_limit; /* bytes; 0: the bundle's own maximum. Rounded down to 64 KiB */
    /* OUT. The host must restrict [offset, offset + bytes) from the enclave's
     * base to R|X before ENTRY_FINISH_LOAD; bytes = 0 where code is added RWX (SGX1). */
    uint64_t restrict_offset;
    uint64_t restrict_bytes;
    /* With ST_BUNDLE_CODE: enum verify_reason (abi/sfi.h) and the offending instruction's offset
     * from the code zone's base. */
    uint64_t verify_reason;
    uint64_t verify_offset;
    uint64_t needed_pages; /* with ST_BUNDLE_MEMORY: pages that were missing */
    uint8_t bundle_sha256[32];
    uint8_t wasm_sha256[32]; /* the owner's claim */
    uint8_t tenant[32];      /* SHA-256 of the owner's public key; zero: development tenant */
};

/* ENTRY_INVOKE; ENTRY_FINISH_LOAD uses the OUT fields (a trap in _initialize) and the
 * log buffer, and ignores input, strings and clocks. */
struct entry_invocation {
    uint64_t input;
    uint64_t input_bytes;   /* <= STDIO_MAX and what the slot can commit */
    uint64_t strings;       /* arguments, then NAME=VALUE pairs, each ending in NUL */
    uint64_t strings_bytes; /* <= L1_STRINGS_MAX */
    uint64_t arg_count;
    uint64_t env_count;
    uint64_t realtime_ns; /* host's clocks: untrusted, monotonic is clamped */
    uint64_t monotonic_ns;
    uint64_t output;       /* where stdout goes */
    uint64_t output_limit; /* <= STDIO_MAX; more written: TRAP_OUTPUT_LIMIT */
    uint64_t log;          /* where stderr goes; beyond the limit it is dropped and counted */
    uint64_t log_limit;
    uint64_t claims;      /* room for EVIDENCE_CLAIMS_MAX bytes; 0: no evidence is wanted */
    uint64_t nonce_bytes; /* the caller's nonce in the evidence: 0, or NONCE_MIN..NONCE_MAX */
    uint8_t nonce[NONCE_MAX];
    /* OUT */
    uint64_t claims_bytes;
    uint8_t leaf[32]; /* of the claims, in this slot's batch: see ENTRY_SIGN */
    uint64_t output_bytes;
    uint64_t log_bytes;
    uint64_t log_dropped;
    uint64_t outcome;       /* enum outcome */
    uint64_t trap;          /* enum trap */
    uint64_t fault_address; /* TRAP_MACHINE_FAULT: low 32 bits of the address, or 0 */
    int64_t exit_code;
    uint64_t counter; /* invocations of this slot since boot, refused ones and this one included */
    uint8_t snapshot_sha256[32]; /* S1's digest (FINISH_LOAD and INVOKE) */
    uint64_t surplus_pages;      /* committed for this slot beyond what S1 had: see entry_trim */
};

/*
 * An encrypted invocation. ENTRY_INVOKE_SEALED takes an envelope of kind REQUEST or SESSION_REQUEST
 * and answers with a RESPONSE or SESSION_RESPONSE, whatever the function did; ENTRY_SESSION_OPEN
 * takes a SESSION_OPEN and answers with a SESSION_OPENED.
 * Status: ST_ENVELOPE_*, ST_CONTEXT_UNKNOWN, ST_BATCH_FULL: there is no answer, nothing ran.
 * Any other failure to run (arguments refused, output too large for the answer) is in the answer,
 * where the caller can believe it.
 */
struct entry_envelope {
    uint64_t message;
    uint64_t message_bytes; /* <= ENVELOPE_BYTES_MAX */
    uint64_t answer;
    uint64_t answer_limit; /* at least ENVELOPE_ANSWER_MIN */
    uint64_t log;          /* stderr of a function whose manifest says that its logs are clear */
    uint64_t log_limit;    /* <= STDIO_MAX */
    uint64_t output_limit; /* <= STDIO_MAX */
    uint64_t realtime_ns;
    uint64_t monotonic_ns;
    /* OUT */
    uint64_t answer_bytes;
    uint64_t log_bytes;
    uint64_t log_dropped;
    uint64_t outcome; /* enum outcome, enum trap: no more than these two is told to the host */
    uint64_t trap;
    uint64_t counter;
    uint64_t surplus_pages;
    uint8_t leaf[32]; /* of the claims, which are in the answer */
};

#define ENVELOPE_BYTES_MAX  (STDIO_MAX + 0x20000u)
#define ENVELOPE_ANSWER_MIN 0x2000u

/* Signs the root of all claims that this slot has not signed yet (abi/evidence.h). The host, which
 * has the claims, makes the inclusion proofs. */
struct entry_sign {
    uint64_t root; /* room for EVIDENCE_ROOT_MAX bytes */
    /* OUT */
    uint64_t root_bytes;
    uint64_t leaves;
};

/* A worker asks its keeper for keys: abi/keeper.h, "admission". */
struct entry_admission {
    uint64_t reserved; /* must be 0 */
    /* OUT */
    uint8_t nonce[32];
};
struct entry_grant {
    uint64_t granted; /* struct worker_granted */
};

/* A keeper's command (abi/keeper.h), with buffers of exactly the sizes that it has there; a request
 * that it does not have is 0 with 0 bytes. Slots of a keeper stay EMPTY: ENTRY_BOOT is refused. One
 * at a time in the whole enclave, and of ENTRY_ADMISSION and ENTRY_GRANT likewise: ST_BUSY. */
struct entry_keeper {
    uint64_t command; /* enum keeper_command */
    uint64_t request;
    uint64_t request_bytes;
    uint64_t answer; /* the answer, or the new sealed state */
    uint64_t answer_limit;
    uint64_t time; /* seconds since 1970, the host's word: see CLAIM_EPOCH_BEGAN */
    /* OUT */
    uint64_t answer_bytes; /* 0 with every other status than ST_OK */
};

/* A report for a quoting enclave. */
struct entry_report {
    uint8_t challenge[CHALLENGE_BYTES]; /* of whoever wants the quote; zero: nobody's */
    uint8_t target[512];                /* struct sgx_targetinfo */
    /* OUT */
    uint8_t report[432]; /* struct sgx_report */
    struct attested_identity identity;
    uint8_t padding[7];
};

struct entry_rewind {
    uint64_t reserved; /* must be 0 */
    /* OUT */
    uint64_t pages_restored; /* pages copied or zeroed */
    uint64_t cycles;         /* inside L0 without the transitions; 0 without INIT_RDTSC */
    uint64_t surplus_pages;  /* ENTRY_RESET: as in entry_invocation, beyond what S0 had */
};

/*
 * Gives pages back that the slot committed beyond what its snapshot (S1 in DIRTY, S0 in BOOTED)
 * had. ENTRY_TRIM names one range of such pages; the host gives them the type TRIM
 * (SGX_IOC_ENCLAVE_MODIFY_TYPES), calls ENTRY_TRIM_ACCEPT, removes them
 * (SGX_IOC_ENCLAVE_REMOVE_PAGES) and begins again, until `bytes` is 0. Lazy images only; others
 * have nothing to trim. ST_TRIM_PERMISSIONS: ENTRY_TRIM_ACCEPT found a page that is not of type
 * TRIM; those accepted before it stay so (`bytes` tells how many, counted from the range's end).
 */
struct entry_trim {
    uint64_t reserved; /* must be 0 */
    /* OUT */
    uint64_t offset; /* from the enclave's base */
    uint64_t bytes;
};

struct entry_stats {
    uint64_t reserved; /* must be 0 */
    /* OUT */
    uint64_t state; /* enum slot_state of this TCS's slot */
    uint64_t invocations;
    uint64_t rewinds;
    uint64_t committed_pages; /* of the whole enclave, measured pages included */
    uint64_t slot_pages;      /* of this slot's regions */
    uint64_t snapshot_pages;  /* stored in this enclave, indices included */
    uint64_t shared_pages;    /* that more would be stored if slots shared no snapshots */
    uint64_t store_pages;     /* committed for the store, free ones included */
    uint64_t slots;
    uint8_t boot_id[16]; /* random per ENTRY_INIT */
};

enum slot_state {
    SLOT_EMPTY = 0,
    SLOT_BOOTED = 1,
    SLOT_LOADING = 2,
    SLOT_READY = 3,
    SLOT_RUNNING = 4,
    SLOT_DIRTY = 5,
    SLOT_POISONED = 6,
};

#endif
