#include "base/status.h"

struct name {
    int value;
    const char *text;
};

static const struct name status_names[] = {
    {ST_OK, "ok"},
    {ST_INVALID_ARGUMENT, "invalid argument"},
    {ST_OUT_OF_RANGE, "value out of range"},
    {ST_NO_MEMORY, "out of memory"},
    {ST_IO, "input/output error"},
    {ST_NOT_FOUND, "not found"},
    {ST_UNSUPPORTED, "not supported here"},
    {ST_CORRUPT, "damaged or malformed data"},
    {ST_TIMEOUT, "timed out"},
    {ST_BUSY, "busy"},
    {ST_UNKNOWN_CALL, "the enclave has no such entry point"},
    {ST_NOT_INITIALISED, "the enclave is not initialised"},
    {ST_ALREADY_INITIALISED, "the enclave is initialised already"},
    {ST_BAD_POINTER, "a buffer is not wholly outside the enclave or not aligned"},
    {ST_BAD_LENGTH, "a length is wrong for this call"},
    {ST_SLOT_EMPTY, "the slot is empty"},
    {ST_SLOT_BOOTED, "the slot holds no function"},
    {ST_SLOT_LOADING, "the slot is loading a function"},
    {ST_SLOT_READY, "the slot is ready: this call needs another state"},
    {ST_SLOT_RUNNING, "the slot is running an invocation"},
    {ST_SLOT_DIRTY, "the slot has not been rewound"},
    {ST_SLOT_POISONED, "the slot is poisoned: destroy the enclave"},
    {ST_WRONG_CSSA, "this entry point is not for this SSA depth"},
    {ST_IN_MONITOR, "interrupted inside the monitor: resume first"},
    {ST_FAULT_RESUME, "the fault is not the function's: repair the page and resume"},
    {ST_NO_SNAPSHOT, "the slot has no snapshot to rewind to: reset it"},
    {ST_INPUT_TOO_LARGE, "the input is larger than the slot can take"},
    {ST_ENVIRONMENT_REFUSED, "an environment name is not in the bundle's allow-list"},
    {ST_POISONED_NOW, "the slot's integrity is broken: it is poisoned"},
    {ST_OTHER_TENANT,
     "the enclave serves another tenant: reset its slots, or start it with shared tenancy"},
    {ST_TRIM_PERMISSIONS, "the host did not give the page type TRIM to pages to be removed"},
    {ST_BUNDLE_MAGIC, "not a Reclave bundle"},
    {ST_BUNDLE_FORMAT, "unknown bundle format version"},
    {ST_BUNDLE_ABI, "the bundle was built for another ABI version"},
    {ST_BUNDLE_SFI, "the bundle was built for another SFI policy version"},
    {ST_BUNDLE_CPU, "the bundle needs a higher x86-64 level than this CPU has"},
    {ST_BUNDLE_LAYOUT, "the bundle's sizes and offsets contradict one another"},
    {ST_BUNDLE_SIGNATURE, "the bundle's signature is wrong"},
    {ST_BUNDLE_CODE, "the bundle's machine code breaks the SFI policy"},
    {ST_BUNDLE_MEMORY, "the bundle needs more memory than the enclave has"},
    {ST_BUNDLE_INIT, "the function's initialisation failed"},
    {ST_BUNDLE_MANIFEST, "the bundle's manifest is malformed"},
    {ST_BUNDLE_RANDOM, "the function drew random bytes while initialising"},
    {ST_CODE_PERMISSIONS, "the host did not make the function's code read-only"},
    {ST_SGX_NO_DEVICE, "no SGX device"},
    {ST_SGX_REFUSED, "the SGX driver refused"},
    {ST_SGX_ENTER, "entering the enclave faulted"},
    {ST_SGX_SIGSTRUCT, "the enclave's signature, measurement or attributes are refused"},
    {ST_SGX_REPORT, "not a report that an enclave of this machine made for the quoting enclave"},
    {ST_SGX_QUOTING, "the platform cannot make quotes"},
    {ST_ENVELOPE_FORMAT, "the encrypted message is malformed"},
    {ST_ENVELOPE_VERSION, "the encrypted message has an unknown format version"},
    {ST_ENVELOPE_SUITE, "the encrypted message uses an unknown suite of algorithms"},
    {ST_ENVELOPE_KEY, "the message is encrypted to a key that this enclave does not hold"},
    {ST_ENVELOPE_BUNDLE, "the encrypted message is meant for another function"},
    {ST_ENVELOPE_POLICY, "the encrypted message is meant for another enclave policy"},
    {ST_ENVELOPE_FORGED, "the encrypted message does not authenticate"},
    {ST_ENVELOPE_SEQUENCE, "the encrypted message is replayed or out of order"},
    {ST_ENVELOPE_BODY, "the encrypted message's body contradicts its own lengths"},
    {ST_CONTEXT_UNKNOWN, "no such session on this worker: open a new one"},
    {ST_SESSION_EXHAUSTED, "the session has served its last request: open a new one"},
    {ST_RESPONSE_SPENT, "the request has been answered already"},
    {ST_KEY_REJECTED, "the key is not a usable one"},
    {ST_SEALED_FORMAT, "the sealed file is malformed"},
    {ST_SEALED_VERSION, "the sealed file has an unknown format version"},
    {ST_SEALED_KEY, "the sealed file is under another key"},
    {ST_SEALED_FORGED, "the sealed file does not authenticate"},
    {ST_SEALED_DIGEST, "the sealed file does not contain the bundle that it names"},
    {ST_SEALED_STALE, "the sealed state is older than the one that must be there"},
    {ST_BATCH_FULL, "the evidence batch is full: sign it first"},
    {ST_MUST_BE_SEALED, "only encrypted input is taken here: use reclave invoke --encrypt"},
    {ST_BUNDLE_UNSIGNED,
     "the function demands encrypted input, so its owner must sign it: reclave build --key"},
    {ST_ANSWER_TOO_LARGE, "the output is larger than the answer may be"},
    {ST_QUOTE_FORMAT, "not a DCAP ECDSA quote of version 3, or ill-formed"},
    {ST_QUOTE_CHAIN, "the quote's certificates do not lead to the root"},
    {ST_QUOTE_REVOKED, "the quote's platform is revoked"},
    {ST_QUOTE_PLATFORM, "the platform policy has no level that the quote's platform meets"},
    {ST_QUOTE_QE, "not a quoting enclave that the platform policy accepts"},
    {ST_QUOTE_SIGNATURE, "the quote is not signed by its attestation key"},
    {ST_QUOTE_DEBUG, "the quote is of an enclave that can be debugged"},
    {ST_QUOTE_IDENTITY, "the quote does not bind the expected identity, role or challenge"},
    {ST_QUOTE_MEASUREMENT, "the quote is of an image that is not accepted here"},
    {ST_WRONG_ROLE, "this enclave has another role: workers run functions, keepers keep keys"},
    {ST_KEEPER_EMPTY, "the keeper is neither started nor restored"},
    {ST_KEEPER_READY, "the keeper is started or restored already"},
    {ST_KEEPER_POLICY, "the policy contradicts itself, or the keeper's terms"},
    {ST_KEEPER_SIGNATURE, "not signed by the owner who may decide this"},
    {ST_KEEPER_STALE, "older than what the keeper knows already"},
    {ST_KEEPER_CHALLENGE, "an admission nonce that is unknown or was used"},
    {ST_KEEPER_FULL, "the keeper's table is full"},
    {ST_KEEPER_REVOKED, "revoked"},
    {ST_KEEPER_OTHER, "meant for, or from, another keeper"},
    {ST_KEEPER_EXPIRED, "the platform policy's last epoch is over: sign a new one"},
    {ST_GRANT_FORGED, "the grant is not what that keeper made for this enclave"},
    {ST_NO_FUNCTION_KEY,
     "the bundle's function key was neither wrapped for this enclave nor granted"},
    {ST_FUNCTION_KEY_OWNER, "the bundle is not of the owner of the function key that opened it"},
};

static const struct name outcome_names[] = {
    {OUTCOME_NONE, "none"},
    {OUTCOME_OK, "ok"},
    {OUTCOME_FUNCTION_ERROR, "function-error"},
    {OUTCOME_TRAP, "trap"},
    {OUTCOME_REFUSED, "refused"},
    {OUTCOME_ABORTED_BY_HOST, "aborted-by-host"},
};

static const struct name trap_names[] = {
    {TRAP_NONE, "none"},
    {TRAP_MEMORY_OUT_OF_BOUNDS, "out of bounds memory access"},
    {TRAP_INTEGER_OVERFLOW, "integer overflow"},
    {TRAP_INTEGER_DIVIDE_BY_ZERO, "integer divide by zero"},
    {TRAP_INVALID_CONVERSION, "invalid conversion to integer"},
    {TRAP_UNREACHABLE, "unreachable executed"},
    {TRAP_INDIRECT_CALL, "undefined element or indirect call type mismatch"},
    {TRAP_TABLE_OUT_OF_BOUNDS, "out of bounds table access"},
    {TRAP_STACK_EXHAUSTED, "call stack exhausted"},
    {TRAP_OUTPUT_LIMIT, "output limit exceeded"},
    {TRAP_MACHINE_FAULT, "machine fault"},
    {TRAP_RUNTIME, "runtime fault"},
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *find(const struct name *names, unsigned long count, int value)
{
    for (unsigned long i = 0; i < count; i++)
        if (names[i].value == value)
            return names[i].text;
    return "unknown";
}

const char *status_text(enum status status)
{
    return find(status_names, COUNT(status_names), (int)status);
}

const char *outcome_name(enum outcome outcome)
{
    return find(outcome_names, COUNT(outcome_names), (int)outcome);
}

const char *trap_text(enum trap trap)
{
    return find(trap_names, COUNT(trap_names), (int)trap);
}
