/*
 * What the enclave would say of machine code, asked outside it: the same
 * verifier, compiled for the host. A verdict here protects nobody; the monitor
 * comes to its own. Programs above the toolchain see this header and nothing of
 * trusted/.
 */
#ifndef RECLAVE_TOOLCHAIN_VERIFY_VERDICT_H
#define RECLAVE_TOOLCHAIN_VERIFY_VERDICT_H

#include "abi/sfi.h"
#include "abi/status.h"
#include "toolchain/bundle/read.h"

#include <stddef.h>
#include <stdint.h>

enum sfi_layer {
    SFI_LAYER_RUNTIME = 1,
    SFI_LAYER_FUNCTION = 2,
};

/* The most text that fits a code zone, behind the gates page. */
#define VERDICT_TEXT_MAX (SFI_TEXT_END - SFI_TEXT_OFF)

struct verdict {
    enum verify_reason reason; /* VERIFY_OK: accepted; base/verify_reason.h has the words */
    uint32_t offset;           /* of the refused instruction, from the text's first byte */
    /* What is in the text; complete only when it is accepted. */
    uint32_t instructions;
    uint32_t direct_branches; /* jumps, conditional jumps, calls */
    uint32_t computed;        /* guards: masked jumps and calls */
    uint32_t proven;          /* guards: %fs by a register whose upper half is known to be zero */
    uint32_t stack_steps;     /* guards: probed changes of %rsp */
    uint32_t marks;           /* of linear memory */
    uint32_t gates_used;      /* bit N: a direct branch leads to gate N */
};

/* The text as if it lay right behind the gates page, with no read-only data. Any length:
 * ST_OUT_OF_RANGE for none and for more than VERDICT_TEXT_MAX. ST_NO_MEMORY. ST_OK whatever the
 * verdict. tracking: BUNDLE_TRACK_*; layer 1 writes no linear memory whatever it is. */
MUST_CHECK enum status verdict_of_text(const uint8_t *text, size_t bytes, enum sfi_layer layer,
                                       uint32_t tracking, struct verdict *verdict);

/* The code of a bundle that bundle_read has filled in, as ENTRY_LOAD looks at it; its
 * verify_offset is verdict->offset + SFI_TEXT_OFF. ST_NO_MEMORY. */
MUST_CHECK enum status verdict_of_bundle(const struct bundle_view *bundle, struct verdict *verdict);

/* "GATE2_WASI", ...: as in abi/gates.h; NULL beyond the layer's last gate. */
const char *gate_name(enum sfi_layer layer, unsigned gate);

#endif
