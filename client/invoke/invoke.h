/* The parts of reclave_invoke.h that share these objects. */
#ifndef RECLAVE_CLIENT_INVOKE_INVOKE_H
#define RECLAVE_CLIENT_INVOKE_INVOKE_H

#include "client/envelope/envelope.h"
#include "client/envelope/session.h"
#include "client/evidence/evidence.h"
#include "client/keeper/fleet.h"
#include "client/reclave_invoke.h"
#include "client/verifier.h"

/* Whose words an answer's claims must be. */
struct origin {
    struct attested_identity identity;
    uint8_t worker_id[32];
};

/*
 * Where a verified quote leads: keys, and what the verifier's policy demands of invocations.
 * Of a fleet, the identity is nobody's: it has the epoch's receiving key and the workers' policy,
 * which is what requests are encrypted to; whose words an answer is, a certificate says.
 */
struct reclave_enclave {
    struct attested_identity identity;
    uint8_t worker_id[32]; /* zero of a fleet */
    struct policy policy;

    bool is_fleet;
    struct fleet_keeper keeper; /* the rest of a fleet */
    struct fleet_epoch epoch;
    bool has_time; /* the verifier's; else the present */
    int64_t time;
};

struct reclave_request {
    const struct reclave_enclave *enclave;
    uint8_t bundle_sha256[32];
    uint8_t *message;
    size_t message_bytes;
    struct reclave_session *session; /* NULL: a single request */
    struct caller_pending pending;   /* of a single one */

    /* what the answer's claims are compared with */
    uint8_t nonce[NONCE_MAX];
    size_t nonce_bytes;
    uint8_t input_sha256[32];
    uint8_t strings_sha256[32];
};

struct reclave_session {
    const struct reclave_enclave *enclave;
    uint8_t bundle_sha256[32];
    uint8_t opening[CALLER_OPEN_BYTES];
    struct caller_session keys;
    struct origin worker; /* who opened it */
};

struct reclave_answer {
    struct caller_response response;
    struct reclave_claims claims;
    char text[RECLAVE_ERROR_BYTES];
};

/* Writes a sentence into error; always false, so that a step can `return fail(...)`. */
MUST_CHECK bool invoke_fail(char error[RECLAVE_ERROR_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
MUST_CHECK bool invoke_fail_status(char error[RECLAVE_ERROR_BYTES], const char *what,
                                   enum status status);

/* arguments, then variables, each with its NUL: one malloc; NULL: none, or (error) refused. */
MUST_CHECK bool invoke_strings(const struct reclave_invocation *invocation, char **strings,
                               size_t *bytes, char error[RECLAVE_ERROR_BYTES]);

/* Is this evidence of that enclave, and does the policy allow what it says? */
MUST_CHECK struct evidence_verdict invoke_check_policy(const struct policy *policy, bool of_fleet,
                                                       const struct evidence_claims *claims);

/* fleet.c: who answers. Of an enclave itself; of a fleet, the worker that this certificate of the
 * keeper's is about, which must be of the request's epoch or the next, and under the policy that
 * requests are for. */
MUST_CHECK struct evidence_verdict invoke_origin(const struct reclave_enclave *enclave,
                                                 const void *certificate, size_t bytes,
                                                 struct origin *out);
/* Is the enclave's key epoch one that the policy still accepts? Always true but of a fleet. */
MUST_CHECK bool invoke_epoch_is_fresh(const struct reclave_enclave *enclave,
                                      char error[RECLAVE_ERROR_BYTES]);

/* `from` as the public header has it. */
void invoke_show_claims(const struct evidence_claims *from, struct reclave_claims *to);

/* The public step of an evidence step. */
enum reclave_step invoke_step(enum evidence_step step);

#endif
