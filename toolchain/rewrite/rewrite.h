/*
 * The assembly rewriter: gcc's assembly for sandboxed code in, assembly that
 * keeps to the SFI policy (docs/sfi-policy.md) out. Nobody trusts it: what
 * the assembler makes of its output is verified. It refuses what it does not
 * know; nothing is passed through unseen.
 *
 * Input: what gcc -O2 -S writes with the flags of mk/sandboxed.mk, AT&T syntax,
 * and assembler statements of the same kind. Besides, a guard that inline assembly
 * (sandboxed/wasm) uses, directly before its access:
 *
 *   movl %eX, %r11d            linear memory at the 32-bit number in X plus disp,
 *   OP %fs:disp(%r11) ...      without wrapping
 *
 * What accesses mean after rewriting:
 *   %fs:         the address is cut to 32 bits; whoever forms an address that
 *                may exceed them uses the guard above
 *   %gs:         the same
 *   no segment   an address in the layer's own cage, that is on the stack: read
 *                through %gs; or a constant relative to %rip, which is only read
 *
 * Output: for clang's integrated assembler; GNU as has no align_to_end.
 */
#ifndef RECLAVE_TOOLCHAIN_REWRITE_REWRITE_H
#define RECLAVE_TOOLCHAIN_REWRITE_REWRITE_H

#include "abi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rewrite_problem {
    unsigned line;     /* of the input, from 1; 0: no line is to blame */
    char message[200]; /* a sentence without full stop */
};

struct rewrite_options {
    bool marks; /* each store to linear memory is followed by its mark: BUNDLE_TRACK_MARK */
};

struct rewrite_counts {
    uint32_t instructions; /* of the input */
    uint32_t guards;       /* accesses behind a guard instruction of their own */
    uint32_t elided;       /* accesses that need none: the register was proven already */
    uint32_t marks;        /* of stores to linear memory */
    uint32_t probes;       /* loads inserted to probe the stack */
    uint32_t calls, returns, computed;
};

struct rewrite_result {
    char *text; /* malloc; not NUL-terminated */
    size_t bytes;
    struct rewrite_counts counts;
};

/*
 * ST_OK: release *result with rewrite_free. ST_UNSUPPORTED: the input has what must not be in
 * sandboxed code or what the rewriter does not know, see *problem. ST_NO_MEMORY.
 */
MUST_CHECK enum status rewrite(const char *text, size_t bytes,
                               const struct rewrite_options *options, struct rewrite_result *result,
                               struct rewrite_problem *problem);
void rewrite_free(struct rewrite_result *result);

#endif
