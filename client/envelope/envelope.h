/*
 * Encrypted requests and responses, the caller's side. Formats: abi/envelope.h.
 *
 * The caller first verifies a quote whose REPORTDATA binds the receiving key and the policy
 * (client/evidence/evidence.h, evidence_check_identity), and only then encrypts to that key.
 *
 * A single request may be served by any enclave that holds the receiving key, and a hostile host
 * may have it executed more than once; each execution is answered under keys of its own, and one
 * answer is accepted. A session's requests are executed once each, in order.
 */
#ifndef RECLAVE_CLIENT_ENVELOPE_ENVELOPE_H
#define RECLAVE_CLIENT_ENVELOPE_ENVELOPE_H

#include "abi/envelope.h"
#include "abi/status.h"

#include <stddef.h>
#include <stdint.h>

/* To whom, and what is to run there. */
struct caller_target {
    uint8_t receiving_key[RECEIVING_KEY_BYTES];
    uint8_t bundle_sha256[32];
    uint8_t policy_sha256[32];
};

/* One invocation. All pointers are the caller's; zero sizes go with NULL. */
struct caller_request {
    const uint8_t *nonce; /* goes into the evidence, visible to the host */
    size_t nonce_bytes;   /* 0, or NONCE_MIN..NONCE_MAX */
    const char *strings;  /* arguments, then NAME=VALUE pairs, each with its NUL */
    size_t strings_bytes; /* <= L1_STRINGS_MAX */
    uint32_t arg_count;
    uint32_t env_count;
    const uint8_t *input;
    size_t input_bytes;        /* <= STDIO_MAX */
    uint32_t padding;          /* of the request; PAD_* (abi/envelope.h) */
    uint32_t response_padding; /* of the answer */
};

/* A decrypted answer: caller_response_free wipes and frees it. */
struct caller_response {
    struct response_body head;
    const uint8_t *output; /* head.output_bytes */
    const uint8_t *log;    /* head.log_bytes */
    const uint8_t *claims; /* head.claims_bytes: check them with client/evidence */
    uint8_t *plain;
    size_t plain_bytes;
};

/* What is needed to read the answer to one request. Secret: caller_pending_wipe. */
struct caller_pending {
    uint8_t enc[HPKE_ENC_BYTES];
    uint8_t secret[16];
    uint32_t usable; /* 1 until an answer was accepted */
};

/* *message is allocated, free() it. ST_OUT_OF_RANGE: a size beyond its limit; ST_INVALID_ARGUMENT:
 * an unusable padding or nonce length; ST_KEY_REJECTED: an unusable receiving key. */
MUST_CHECK enum status caller_request_seal(const struct caller_target *target,
                                           const struct caller_request *request, uint8_t **message,
                                           size_t *message_bytes, struct caller_pending *pending);

/* One answer only: ST_RESPONSE_SPENT for a second one. Others as in abi/status.h, 400 and on; a
 * message that is refused changes nothing. */
MUST_CHECK enum status caller_response_open(struct caller_pending *pending, const uint8_t *message,
                                            size_t message_bytes, struct caller_response *response);

void caller_response_free(struct caller_response *response);
void caller_pending_wipe(struct caller_pending *pending);

#endif
