/* A request frame's head, decoded: keys, types and ranges of docs/worker.md. */
#ifndef RECLAVE_HOST_WORKER_REQUEST_H
#define RECLAVE_HOST_WORKER_REQUEST_H

#include "abi/attest.h"
#include "abi/evidence.h"
#include "abi/status.h"
#include "host/loader/message.h"
#include "host/worker/frame.h"
#include "host/worker/strings.h"

#include <stdbool.h>
#include <stdint.h>

#define REQUEST_TIMEOUT_DEFAULT_MS 60000u
#define REQUEST_TIMEOUT_MAX_MS     (UINT64_C(1) << 32)
#define REQUEST_OUTPUT_DEFAULT     (UINT64_C(1) << 20)
#define REQUEST_LOG_DEFAULT        0x20000u /* what the smallest image holds */

struct request {
    enum frame_type type;
    uint32_t id;
    void *body; /* taken over from the frame */
    size_t body_bytes;

    unsigned protocol;        /* HELLO */
    unsigned slot;            /* all but HELLO, ABORT, SHUTDOWN */
    uint64_t timeout_ms;      /* LOAD, INVOKE, INVOKE_SEALED; 0: none */
    uint64_t log_limit;       /* LOAD, INVOKE, INVOKE_SEALED */
    uint64_t memory_limit;    /* LOAD; bytes, 0: the bundle's own */
    uint64_t output_limit;    /* INVOKE, INVOKE_SEALED */
    struct strings strings;   /* INVOKE */
    uint32_t target;          /* ABORT: the id of an INVOKE or LOAD of this connection */
    bool evidence;            /* INVOKE, INVOKE_SEALED */
    bool share_signature;     /* ... whose answer may wait for those of requests behind it */
    uint8_t nonce[NONCE_MAX]; /* INVOKE */
    size_t nonce_bytes;
    uint8_t challenge[CHALLENGE_BYTES]; /* QUOTE; zeros: nobody's */
};

/* Takes over what the frame owns, also on failure. Unknown keys are refused, as are values of
 * another type or range: ST_CORRUPT, and why names the key. */
MUST_CHECK enum status request_decode(struct frame *frame, unsigned slots, struct request *out,
                                      struct message *why);
void request_free(struct request *request);

#endif
