/*
 * The one status enum of the project. It crosses the enclave's border (in
 * RDI after EEXIT) and the worker socket, so numbers are never reused.
 * base/status.h turns a value into text.
 */
#ifndef RECLAVE_ABI_STATUS_H
#define RECLAVE_ABI_STATUS_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum status {
    ST_OK = 0,

    /* 1..: general, any layer of the host or of L0 */
    ST_INVALID_ARGUMENT = 1, /* a caller broke the contract of a function */
    ST_OUT_OF_RANGE = 2,     /* a length or offset overflows or exceeds its limit */
    ST_NO_MEMORY = 3,        /* host memory, or no enclave pages left */
    ST_IO = 4,               /* errno holds the cause */
    ST_NOT_FOUND = 5,
    ST_UNSUPPORTED = 6,
    ST_CORRUPT = 7, /* a file or message contradicts its own format */
    ST_TIMEOUT = 8,
    ST_BUSY = 9,

    /* 100..: the enclave refuses a call; the slot's state is unchanged (but see ENTRY_INVOKE) */
    ST_UNKNOWN_CALL = 100,
    ST_NOT_INITIALISED = 101, /* ENTRY_INIT has not run */
    ST_ALREADY_INITIALISED = 102,
    ST_BAD_POINTER = 103, /* not wholly outside the enclave, or misaligned */
    ST_BAD_LENGTH = 104,
    ST_SLOT_EMPTY = 110, /* the call needs another state: see abi/entry.h */
    ST_SLOT_BOOTED = 111,
    ST_SLOT_LOADING = 112,
    ST_SLOT_READY = 113,
    ST_SLOT_RUNNING = 114,
    ST_SLOT_DIRTY = 115,
    ST_SLOT_POISONED = 116,
    ST_WRONG_CSSA = 117,   /* the call is not for this depth */
    ST_IN_MONITOR = 118,   /* interrupted in L0 or a gate: ERESUME, try again */
    ST_FAULT_RESUME = 119, /* not the function's doing: repair the page, ERESUME */
    ST_NO_SNAPSHOT = 120,  /* nothing to rewind to: reset */
    ST_INPUT_TOO_LARGE = 121,
    ST_ENVIRONMENT_REFUSED = 122, /* a name is not in the bundle's allow-list */
    ST_POISONED_NOW = 123,        /* this call found the slot's integrity broken */
    ST_OTHER_TENANT = 124,        /* another slot holds another tenant's function */
    ST_TRIM_PERMISSIONS = 125,    /* the host did not give a page the type TRIM */

    /* 200..: the enclave refuses a bundle */
    ST_BUNDLE_MAGIC = 200,
    ST_BUNDLE_FORMAT = 201, /* format version: rebuild */
    ST_BUNDLE_ABI = 202,    /* ABI version: rebuild */
    ST_BUNDLE_SFI = 203,    /* SFI policy version: rebuild */
    ST_BUNDLE_CPU = 204,    /* needs a higher CPU level */
    ST_BUNDLE_LAYOUT = 205, /* sizes or offsets contradict one another */
    ST_BUNDLE_SIGNATURE = 206,
    ST_BUNDLE_CODE = 207,   /* the machine code breaks the SFI policy */
    ST_BUNDLE_MEMORY = 208, /* needs more memory than the slot can commit */
    ST_BUNDLE_INIT = 209,   /* instantiation or _initialize trapped */
    ST_BUNDLE_MANIFEST = 210,
    ST_BUNDLE_RANDOM = 212, /* drew random bytes before the snapshot, has no reclave_after_rewind */
    ST_CODE_PERMISSIONS = 211, /* the host did not restrict the code pages to RX */

    /* 300..: the machine (sgx/) */
    ST_SGX_NO_DEVICE = 300,
    ST_SGX_REFUSED = 301,   /* an ioctl failed; errno holds the cause */
    ST_SGX_ENTER = 302,     /* EENTER or ERESUME faulted */
    ST_SGX_SIGSTRUCT = 303, /* EINIT refused measurement, signature or attributes */
    ST_SGX_REPORT = 304,    /* the quoting enclave: no report for it from this machine */
    ST_SGX_QUOTING = 305,   /* the platform's quoting library is absent or failed */

    /* 400..: an encrypted message (abi/envelope.h) is refused; nothing of it was used */
    ST_ENVELOPE_FORMAT = 400,   /* magic, kind, reserved bytes or lengths */
    ST_ENVELOPE_VERSION = 401,  /* another version of the format */
    ST_ENVELOPE_SUITE = 402,    /* another HPKE suite than the one there is */
    ST_ENVELOPE_KEY = 403,      /* encrypted to a key that this enclave does not hold */
    ST_ENVELOPE_BUNDLE = 404,   /* meant for another function */
    ST_ENVELOPE_POLICY = 405,   /* meant for an enclave under another policy */
    ST_ENVELOPE_FORGED = 406,   /* does not authenticate */
    ST_ENVELOPE_SEQUENCE = 407, /* replayed or out of order in its session */
    ST_ENVELOPE_BODY = 408,     /* authentic, but its body contradicts itself */
    ST_CONTEXT_UNKNOWN = 409,   /* no such session here: open a new one */
    ST_SESSION_EXHAUSTED = 410, /* the session has served its last request: open a new one */
    ST_RESPONSE_SPENT = 411,    /* this request has been answered already */
    ST_KEY_REJECTED = 412,      /* a public key or secret scalar is not usable */

    /* 420..: a sealed bundle, a wrapped key or a sealed state (abi/sealed.h) is refused */
    ST_SEALED_FORMAT = 420,  /* magic, reserved bytes or lengths */
    ST_SEALED_VERSION = 421, /* another version of the format */
    ST_SEALED_KEY = 422,     /* under another key than the one given */
    ST_SEALED_FORGED = 423,  /* does not authenticate: changed, reordered or cut off */
    ST_SEALED_DIGEST = 424,  /* the contents are not the bundle that the header names */
    ST_SEALED_STALE = 425,   /* a state older than the one that must be there: rolled back */

    /* 430..: evidence (abi/evidence.h) */
    ST_BATCH_FULL = 430, /* sign what is pending first */

    /* 440..: confidentiality */
    ST_MUST_BE_SEALED = 440,   /* the function, or the enclave, takes encrypted input only */
    ST_BUNDLE_UNSIGNED = 441,  /* demands encrypted input, and has no owner's signature */
    ST_ANSWER_TOO_LARGE = 442, /* in an answer: the output does not fit */

    /* 450..: another enclave's quote is refused (trusted/attest/quote_check.h) */
    ST_QUOTE_FORMAT = 450,      /* not a DCAP ECDSA quote of version 3, or its copy is ill-formed */
    ST_QUOTE_CHAIN = 451,       /* its certificates do not lead to the root */
    ST_QUOTE_REVOKED = 452,     /* its platform, or the issuer, is revoked by the platform policy */
    ST_QUOTE_PLATFORM = 453,    /* its platform is not in the policy, or below its least versions */
    ST_QUOTE_QE = 454,          /* not the right quoting enclave, or too old, or not vouched for */
    ST_QUOTE_SIGNATURE = 455,   /* not signed by the attestation key */
    ST_QUOTE_DEBUG = 456,       /* of an enclave that can be debugged */
    ST_QUOTE_IDENTITY = 457,    /* does not bind the identity, role, terms or challenge expected */
    ST_QUOTE_MEASUREMENT = 458, /* of an image that is not accepted here */

    /* 470..: keepers and grants (abi/keeper.h) */
    ST_WRONG_ROLE = 470,        /* a worker's call to a keeper, or the reverse */
    ST_KEEPER_EMPTY = 471,      /* neither started nor restored */
    ST_KEEPER_READY = 472,      /* started or restored already */
    ST_KEEPER_POLICY = 473,     /* the policy contradicts itself, or this keeper's terms */
    ST_KEEPER_SIGNATURE = 474,  /* not signed by the one who may decide this */
    ST_KEEPER_STALE = 475,      /* older than what is known already */
    ST_KEEPER_CHALLENGE = 476,  /* a nonce that is unknown or was used */
    ST_KEEPER_FULL = 477,       /* a table has no free entry */
    ST_KEEPER_REVOKED = 478,    /* the worker or the function key is revoked */
    ST_KEEPER_OTHER = 479,      /* meant for, or from, another keeper */
    ST_KEEPER_EXPIRED = 480,    /* the platform policy's last epoch is over: renew it */
    ST_GRANT_FORGED = 481,      /* not what that keeper made for this enclave */
    ST_NO_FUNCTION_KEY = 482,   /* a sealed bundle's key was neither wrapped nor granted */
    ST_FUNCTION_KEY_OWNER = 483 /* the bundle is not of the owner of the key that opened it */
};

/* How one invocation ended, as L0 saw it. Only TRAP and FUNCTION_ERROR are
 * the function's own doing. */
enum outcome {
    OUTCOME_NONE = 0,
    OUTCOME_OK = 1,
    OUTCOME_FUNCTION_ERROR = 2, /* non-zero exit or return; see exit_code */
    OUTCOME_TRAP = 3,           /* see trap */
    OUTCOME_REFUSED = 4,
    OUTCOME_ABORTED_BY_HOST = 5,
};

/* Why a function trapped; names as in the WebAssembly specification's tests. */
enum trap {
    TRAP_NONE = 0,
    TRAP_MEMORY_OUT_OF_BOUNDS = 1,
    TRAP_INTEGER_OVERFLOW = 2,
    TRAP_INTEGER_DIVIDE_BY_ZERO = 3,
    TRAP_INVALID_CONVERSION = 4,
    TRAP_UNREACHABLE = 5,
    TRAP_INDIRECT_CALL = 6, /* undefined element, null or wrong type */
    TRAP_TABLE_OUT_OF_BOUNDS = 7,
    TRAP_STACK_EXHAUSTED = 8,
    TRAP_OUTPUT_LIMIT = 9,   /* wrote more than the limit of stdout or stderr */
    TRAP_MACHINE_FAULT = 10, /* native code faulted outside wasm's rules */
    TRAP_RUNTIME = 11,       /* layer 1 broke its contract with L0 */
    TRAP_COUNT
};

#endif
