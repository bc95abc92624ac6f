/* The instructions that sandboxed code may consist of, as gcc names them. */
#ifndef RECLAVE_TOOLCHAIN_REWRITE_MNEMONIC_H
#define RECLAVE_TOOLCHAIN_REWRITE_MNEMONIC_H

#include "toolchain/rewrite/span.h"

enum mnemonic_kind {
    INSN_PLAIN,
    INSN_LEA,
    INSN_MOVABS, /* constant to register only */
    INSN_BIT,    /* a register index into memory reaches beyond the operand */
    INSN_PUSH,
    INSN_POP,
    INSN_CALL,
    INSN_JUMP,
    INSN_BRANCH, /* conditional */
    INSN_RETURN,
    INSN_STOP, /* ud2, hlt */
};

/* struct mnemonic .flags: what is written, if not the last operand and nothing else */
#define WRITES_NOTHING 0x01
#define WRITES_BOTH    0x02 /* both operands: never memory */
#define WRITES_AX      0x04 /* alone when WRITES_NOTHING is set, too */
#define WRITES_DX      0x08
#define WRITES_AX_ONE  0x10 /* AX and DX, when there is one operand: mul and its like */
/* whether a 32-bit destination's upper half is zero afterwards */
#define MAY_KEEP 0x20 /* may leave the destination as it was */
#define SHIFT    0x40 /* ... when its count is 0: unknown, or a multiple of 32 */
#define ZERO_64  0x80 /* a 64-bit destination's upper half, too */
/* carry, zero and their like */
#define READS_FLAGS 0x100
#define WRITES_FLAGS                                                                               \
    0x200 /* what they were before is lost to a compiler, if not to the machine                    \
           */

/* .sizes: suffixes that the name takes; 0: it is complete */
#define SIZE_B 1
#define SIZE_W 2
#define SIZE_L 4
#define SIZE_Q 8

struct mnemonic {
    const char *name;
    uint8_t sizes;
    uint8_t opcode_bytes; /* with escapes and prefixes that belong to it */
    uint8_t kind;         /* enum mnemonic_kind */
    uint16_t flags;
};

/* NULL: not listed. *size: operand size in bytes by the suffix; 0: by the operands. */
const struct mnemonic *mnemonic_find(struct span name, unsigned *size);

#endif
