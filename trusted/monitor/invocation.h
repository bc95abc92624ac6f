/* What plain and sealed invocations have in common: the way from strings and input in a slot to an
 * outcome. */
#ifndef RECLAVE_TRUSTED_MONITOR_INVOCATION_H
#define RECLAVE_TRUSTED_MONITOR_INVOCATION_H

#include "trusted/monitor/monitor.h"

/* How it ended, as L0 saw it. */
struct invocation_end {
    enum outcome outcome;
    enum trap trap;
    int64_t exit_code;
    uint64_t fault_address; /* TRAP_MACHINE_FAULT: low 32 bits of the address, or 0 */
};

/* What evidence says of an invocation beyond its end. The digests are zero of a request that the
 * enclave could not read. */
struct invocation_facts {
    bool wanted; /* else nothing is computed */
    const uint8_t *nonce;
    size_t nonce_bytes;
    uint8_t input_sha256[32];
    uint8_t strings_sha256[32];
};

/* Where the input is when it is its turn. */
struct input_source {
    uint64_t bytes;
    bool in_place; /* at the front of the slot's stdin already; else ... */
    uint64_t host; /* ... at this address of the host's */
};

/* The strings lie in layer 1's page: are they what layer 1 may see? Then the page tells it. */
MUST_CHECK enum status invocation_strings(struct slot *slot, uint32_t bytes, uint64_t arg_count,
                                          uint64_t env_count, struct invocation_facts *facts);
/* Runs it: the slot is RUNNING meanwhile and DIRTY afterwards. */
struct invocation_end invocation_run(struct slot *slot, const struct input_source *input,
                                     struct invocation_facts *facts);
/* In place of invocation_run: nothing runs, but the request counts, and evidence says which one it
 * was. input NULL: it could not be read. */
void invocation_refuse(struct slot *slot, const struct input_source *input,
                       struct invocation_facts *facts);
/* Encodes the claims and adds their leaf to the slot's batch; facts->wanted. The output is the
 * first output_bytes of the slot's stdout. */
MUST_CHECK enum status invocation_claims(struct slot *slot, const struct invocation_facts *facts,
                                         const struct invocation_end *end, uint64_t output_bytes,
                                         uint8_t claims[EVIDENCE_CLAIMS_MAX], size_t *bytes,
                                         uint8_t leaf[32]);

#endif
