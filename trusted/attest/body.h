/* The plaintexts inside envelopes (abi/envelope.h): authentic, but written by a caller who may be
 * hostile. */
#ifndef RECLAVE_TRUSTED_ATTEST_BODY_H
#define RECLAVE_TRUSTED_ATTEST_BODY_H

#include "abi/envelope.h"
#include "abi/status.h"

#include <stddef.h>
#include <stdint.h>

/* Points into the plaintext. Arguments and variables are not looked at here: monitor/strings.c
 * does. */
struct request_view {
    struct request_body head;
    const uint8_t *strings;
    const uint8_t *input;
};

/* ST_ENVELOPE_BODY: lengths that contradict one another or exceed L1_STRINGS_MAX or STDIO_MAX, an
 * unknown version, an unusable response_padding, padding that is not zero. */
MUST_CHECK enum status request_body_read(const uint8_t *plain, size_t bytes,
                                         struct request_view *out);

/* How long a response's plaintext is: content_bytes for the struct and its parts, padded_bytes with
 * what the request asked for. The caller writes the parts and zeroes the rest. ST_OUT_OF_RANGE when
 * lengths exceed STDIO_MAX or EVIDENCE_CLAIMS_MAX. */
MUST_CHECK enum status response_body_bytes(const struct response_body *head, uint32_t padding,
                                           uint64_t *content_bytes, uint64_t *padded_bytes);

#endif
