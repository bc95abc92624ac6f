/* The parts of reclave_invoke.h that share these objects. */
#ifndef RECLAVE_CLIENT_INVOKE_INVOKE_H
#define RECLAVE_CLIENT_INVOKE_INVOKE_H

#include "client/envelope/envelope.h"
#include "client/envelope/session.h"
#include "client/evidence/evidence.h"
#include "client/reclave_invoke.h"
#include "client/verifier.h"

/* Where a verified quote leads: keys, and what the verifier's policy demands of invocations. */
struct reclave_enclave {
    struct attested_identity identity;
    uint8_t worker_id[32];
    struct policy policy;
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
MUST_CHECK struct evidence_verdict invoke_check_policy(const struct policy *policy,
                                                       const struct evidence_claims *claims);

/* `from` as the public header has it. */
void invoke_show_claims(const struct evidence_claims *from, struct reclave_claims *to);

/* The public step of an evidence step. */
enum reclave_step invoke_step(enum evidence_step step);

#endif
