/*
 * The verifier: decides whether machine code keeps to the SFI policy
 * (docs/sfi-policy.md) and so cannot leave its cage. Bytes in, verdict out.
 *
 * Time is linear in the text, nothing is allocated, nothing is kept between
 * calls, nothing but the text and the caller's scratch is touched. The text
 * must not change during the call. Everything that the policy does not list
 * is refused.
 */
#ifndef RECLAVE_TRUSTED_VERIFY_VERIFY_H
#define RECLAVE_TRUSTED_VERIFY_VERIFY_H

#include "abi/sfi.h"
#include "abi/status.h"
#include "base/verify_reason.h"

#include <stdint.h>

/* What pass 1 leaves for pass 2 about one bundle; bit i is the bundle's byte i. */
struct verify_bundle {
    uint32_t targets;  /* instructions that a direct branch may lead to */
    uint32_t branches; /* direct branches that start here */
};

/* Elements of scratch that a text of `bytes` needs: a quarter of its size. */
#define VERIFY_SCRATCH_COUNT(bytes) (((uint64_t)(bytes) + SFI_BUNDLE_BYTES - 1) / SFI_BUNDLE_BYTES)

/* What the text may do to linear memory (policy, section 4.2). */
enum verify_linear {
    VERIFY_LINEAR_READ_ONLY = 0, /* nothing: layer 1 */
    VERIFY_LINEAR_FREE,          /* write it: BUNDLE_TRACK_COPY */
    VERIFY_LINEAR_MARKED,        /* write it, each store followed by its mark: BUNDLE_TRACK_MARK */
    VERIFY_LINEAR_COUNT
};

struct verify_request {
    const uint8_t *text;
    uint32_t text_bytes;   /* > 0 */
    uint32_t text_offset;  /* of text[0] in the code zone; a multiple of 32, behind the gates */
    uint32_t rodata_bytes; /* readable at SFI_RODATA_OFF */
    uint32_t gate_count;   /* of the layer: GATE1_COUNT or GATE2_COUNT */
    enum verify_linear linear;
    struct verify_bundle *scratch;
    uint64_t scratch_count; /* at least VERIFY_SCRATCH_COUNT(text_bytes) */
};

struct verify_result {
    enum verify_reason reason;
    uint32_t offset; /* of the refused instruction, from text[0]; 0 with VERIFY_REQUEST */
    /* Complete only with VERIFY_OK. */
    uint32_t instructions;
    uint32_t computed;    /* masked jumps and calls */
    uint32_t proven;      /* accesses of linear memory by a proven register */
    uint32_t stack_steps; /* probed changes of %rsp */
    uint32_t direct;      /* jumps, conditional jumps, calls */
    uint32_t marks;       /* of linear memory */
    uint32_t gates_used;  /* bit N: a direct branch leads to gate N */
};

/* Returns result->reason. */
MUST_CHECK enum verify_reason verify_text(const struct verify_request *request,
                                          struct verify_result *result);

#endif
