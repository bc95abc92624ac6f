/*
 * libreclave-client, second part: functions in verified enclaves.
 *
 *   reclave_enclave_verify     a quote that the verifier accepts, and the keys that it binds
 *   reclave_fleet_verify       a keeper's quote instead, which speaks for all its workers
 *   reclave_request_new        a request that only this enclave can read
 *   reclave_request_answer     its answer, checked: which function ran, where, on what, with what
 * end reclave_session_*          many requests in order to one enclave, a tenth of the cost each
 *   reclave_verify_evidence    what somebody else was shown: evidence against a quote
 *   reclave_bundle_seal        a function that only this enclave can read
 *
 * The messages go to and from the enclave by any means (docs/worker.md is one). Whoever carries
 * them can drop, delay and repeat them, see their lengths, and no more; what was changed is
 * refused.
 *
 * Conventions of reclave/client.h. Objects made here are freed with the function named after them,
 * which takes NULL and wipes secrets. One thread at a time uses an object; an enclave may be
 * shared.
 */
#ifndef RECLAVE_INVOKE_H
#define RECLAVE_INVOKE_H

#include "client/reclave_client.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RECLAVE_IDENTITY_BYTES     145  /* docs/evidence.md: role, keys, boot ID, policy digest */
#define RECLAVE_EVIDENCE_BYTES_MAX 2048 /* an evidence file */

#define RECLAVE_CERTIFICATE_BYTES_MAX 640                /* of a fleet's worker */
#define RECLAVE_FLEET_BYTES_MAX       (2u * 1024 * 1024) /* a keeper's description */
#define RECLAVE_INPUT_BYTES_MAX       (64u * 1024 * 1024)
#define RECLAVE_NONCE_BYTES_MIN       8
#define RECLAVE_NONCE_BYTES_MAX       64

/* ---- enclaves ---- */

struct reclave_enclave;

/* Verifies the quote, and that it binds this identity as a worker's. True: *enclave is the
 * caller's; what the verifier's policy says of tenants, bundles and snapshots is checked with each
 * answer. False: *enclave is NULL, *verdict says why. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool
reclave_enclave_verify(const struct reclave_verifier *verifier, const void *quote,
                       size_t quote_bytes, const void *identity, size_t identity_bytes,
                       struct reclave_verdict *verdict, struct reclave_enclave **enclave);
RECLAVE_PUBLIC void reclave_enclave_free(struct reclave_enclave *enclave);

/* ---- fleets ---- */

/* Which workers of the keeper's requests are for, as `reclave worker` was started. */
struct reclave_fleet_options {
    bool shared_tenancy;
    bool encrypted_only;
    /* The highest reclave_fleet_counter() that the caller has seen of this keeper: a lower one
     * means that the keeper's state was rolled back. 0: this is the first. */
    uint64_t oldest_counter;
    /* DANGER: a policy that names no "keeper_owner" accepts any. The owner decides which platforms
     * get the fleet's keys: for those who send nothing secret, or look at it themselves. */
    bool any_owner;
};

/*
 * Verifies what `reclave keeper describe` wrote: the keeper's quote, its owner and platform policy,
 * and that this epoch's receiving key is certified by it. True: *fleet stands for whichever worker
 * serves; requests, sessions and sealed bundles are made for it as for an enclave, and nothing of
 * that depends on how many there are. Its answers need the worker's certificate:
 * reclave_request_answer_from, reclave_session_open_from. Collateral: the verifier's; if it has
 * none, the description's. False: *fleet is NULL, *verdict says why. options NULL: all zero.
 */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool
reclave_fleet_verify(const struct reclave_verifier *verifier, const void *description, size_t bytes,
                     const struct reclave_fleet_options *options, struct reclave_verdict *verdict,
                     struct reclave_enclave **fleet);
/* Of the keeper's state; it only grows. */
RECLAVE_PUBLIC uint64_t reclave_fleet_counter(const struct reclave_enclave *fleet);

/* ---- one invocation ---- */

/* Padding of messages: none, to the next power of two, or to the next multiple of a power of two
 * from 16 to 1,048,576. */
#define RECLAVE_PAD_NONE         0u
#define RECLAVE_PAD_POWER_OF_TWO 1u

/* All pointers are the caller's, for the length of the call. */
struct reclave_invocation {
    const void *input; /* stdin, at most RECLAVE_INPUT_BYTES_MAX */
    size_t input_bytes;
    const void *nonce; /* goes into the evidence, readable by the host; NULL: none */
    size_t nonce_bytes;
    const char *const *args; /* the first should be the function's name */
    size_t arg_count;
    const char *const *env; /* NAME=VALUE */
    size_t env_count;
    uint32_t padding;        /* of the request: RECLAVE_PAD_* */
    uint32_t answer_padding; /* of the answer */
};

/* What the enclave states of an invocation (docs/evidence.md). Texts are static. */
struct reclave_claims {
    uint8_t nonce[RECLAVE_NONCE_BYTES_MAX];
    size_t nonce_bytes;
    uint8_t boot_id[16];
    uint8_t worker_id[32];
    uint8_t tenant[32];
    uint8_t bundle_sha256[32];
    uint8_t wasm_sha256_claimed[32]; /* the OWNER's word */
    uint8_t snapshot_sha256[32];
    uint8_t policy_sha256[32];
    uint64_t slot;
    uint64_t counter;
    uint8_t input_sha256[32];
    uint8_t strings_sha256[32];
    uint8_t output_sha256[32];
    const char *outcome; /* "ok", "function-error", "trap", "refused", "aborted-by-host" */
    const char *trap;    /* the specification's words; NULL: it did not trap */
    bool has_exit_code;
    int64_t exit_code;
};

struct reclave_request;
struct reclave_answer;

/* Encrypts a single request for a function. False: `error` says what is wrong with it. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool
reclave_request_new(const struct reclave_enclave *enclave, const uint8_t bundle_sha256[32],
                    const struct reclave_invocation *invocation, struct reclave_request **request,
                    char error[RECLAVE_ERROR_BYTES]);
RECLAVE_PUBLIC void reclave_request_free(struct reclave_request *request);

/* What is to be sent; the request's. */
RECLAVE_PUBLIC const void *reclave_request_message(const struct reclave_request *request,
                                                   size_t *bytes);

/*
 * Decrypts the answer and checks that its claims are this enclave's, of this function, on this
 * input, these arguments and this nonce, with this output, and allowed by the policy. False: no
 * word of it is to be believed; a message that was refused changes nothing, a good one may still
 * come. One answer is accepted.
 */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool reclave_request_answer(struct reclave_request *request,
                                                              const void *message, size_t bytes,
                                                              struct reclave_answer **answer,
                                                              char error[RECLAVE_ERROR_BYTES]);
/* ... of a fleet's worker, with the keeper's certificate for it, which came with the answer (of a
 * session's request, with the answer to its opening: it is not looked at again). `error` begins
 * with the name of the step that rejected it. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool
reclave_request_answer_from(struct reclave_request *request, const void *message, size_t bytes,
                            const void *certificate, size_t certificate_bytes,
                            struct reclave_answer **answer, char error[RECLAVE_ERROR_BYTES]);
RECLAVE_PUBLIC void reclave_answer_free(struct reclave_answer *answer);

/* The function ran and ended well. */
RECLAVE_PUBLIC bool reclave_answer_ok(const struct reclave_answer *answer);
/* A sentence about how it ended; the answer's. */
RECLAVE_PUBLIC const char *reclave_answer_text(const struct reclave_answer *answer);
RECLAVE_PUBLIC const struct reclave_claims *
reclave_answer_claims(const struct reclave_answer *answer);
/* stdout, and stderr unless the function's logs are not encrypted; the answer's. */
RECLAVE_PUBLIC const void *reclave_answer_output(const struct reclave_answer *answer,
                                                 size_t *bytes);
RECLAVE_PUBLIC const void *reclave_answer_log(const struct reclave_answer *answer, size_t *bytes);

/* The evidence file that the host gave for this answer, with the claims, which only the answer has:
 * now others can verify it. False: it is not evidence of this answer's form. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool
reclave_answer_evidence(const struct reclave_answer *answer, const void *file, size_t bytes,
                        uint8_t complete[RECLAVE_EVIDENCE_BYTES_MAX], size_t *complete_bytes);

/* ---- sessions ---- */

struct reclave_session;

/* A session with the function. The enclave must outlive it. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool reclave_session_new(const struct reclave_enclave *enclave,
                                                           const uint8_t bundle_sha256[32],
                                                           struct reclave_session **session,
                                                           char error[RECLAVE_ERROR_BYTES]);
RECLAVE_PUBLIC void reclave_session_free(struct reclave_session *session);
/* The opening to be sent; the session's. */
RECLAVE_PUBLIC const void *reclave_session_message(const struct reclave_session *session,
                                                   size_t *bytes);
/* Takes the enclave's answer to it. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool reclave_session_open(struct reclave_session *session,
                                                            const void *message, size_t bytes,
                                                            char error[RECLAVE_ERROR_BYTES]);
/* ... of a fleet's worker, which the session then belongs to. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool reclave_session_open_from(struct reclave_session *session,
                                                                 const void *message, size_t bytes,
                                                                 const void *certificate,
                                                                 size_t certificate_bytes,
                                                                 char error[RECLAVE_ERROR_BYTES]);
/* The next request; the one before must have its answer. When the enclave says ST_CONTEXT_UNKNOWN
 * (409) instead, the session is over, and nobody knows whether its last request was executed. The
 * session must outlive the request. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool
reclave_session_request(struct reclave_session *session,
                        const struct reclave_invocation *invocation,
                        struct reclave_request **request, char error[RECLAVE_ERROR_BYTES]);

/* ---- evidence ---- */

/* What is known of the invocation. NULL demands nothing; an empty input is a pointer and 0. */
struct reclave_expectation {
    const void *nonce;
    size_t nonce_bytes;
    const void *input;
    size_t input_bytes;
    const void *output;
    size_t output_bytes;
    bool has_strings; /* args and env are those below */
    const char *const *args;
    size_t arg_count;
    const char *const *env;
    size_t env_count;
    bool only_ok; /* other outcomes than "ok" are rejected */
};

/* The quote, then the evidence rooted in it, then what is expected and what the policy says of
 * tenants, bundles, snapshots and enclave policies. Steps as reclave_verify_quote's, then
 * evidence_*. claims may be NULL; they are proven only when the verdict is to accept. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool
reclave_verify_evidence(const struct reclave_verifier *verifier, const void *quote,
                        size_t quote_bytes, const void *evidence, size_t evidence_bytes,
                        const struct reclave_expectation *expected, struct reclave_verdict *verdict,
                        struct reclave_claims *claims);

/* The same of a fleet: the worker's certificate stands for its quote. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool
reclave_fleet_evidence(const struct reclave_enclave *fleet, const void *certificate,
                       size_t certificate_bytes, const void *evidence, size_t evidence_bytes,
                       const struct reclave_expectation *expected, struct reclave_verdict *verdict,
                       struct reclave_claims *claims);

/* ---- functions ---- */

#define RECLAVE_FUNCTION_KEY_BYTES 32

/* The whole .rcl file, encrypted. `key` NULL: a fresh one, which nobody else will know; else the
 * function's own. `enclave` NULL: only holders of that key can read it (a keeper's workers).
 * *sealed is malloc'ed. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool
reclave_bundle_seal(const struct reclave_enclave *enclave, const void *bundle, size_t bytes,
                    const uint8_t bundle_sha256[32], const uint8_t key[RECLAVE_FUNCTION_KEY_BYTES],
                    void **sealed, size_t *sealed_bytes, char error[RECLAVE_ERROR_BYTES]);

#ifdef __cplusplus
}
#endif

#endif
