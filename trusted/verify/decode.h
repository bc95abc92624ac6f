/* One instruction: from bytes to its form and operands. */
#ifndef RECLAVE_TRUSTED_VERIFY_DECODE_H
#define RECLAVE_TRUSTED_VERIFY_DECODE_H

#include "abi/status.h"
#include "trusted/verify/form.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes that decode() may read: more than the longest instruction has. */
#define DECODE_READS 32

/* struct insn .prefixes */
#define PREFIX_66    0x01 /* operand size */
#define PREFIX_67    0x02 /* address size */
#define PREFIX_F3    0x04
#define PREFIX_F2    0x08
#define PREFIX_FS    0x10
#define PREFIX_GS    0x20
#define PREFIX_OTHER 0x40 /* es, cs, ss, ds */

/* struct insn .base and .index beside the general registers 0..15 */
#define BASE_NONE  16
#define BASE_RIP   17
#define INDEX_NONE 16

struct insn {
    const struct form *form;
    uint8_t length;
    uint8_t prefixes;
    uint8_t size;       /* operand size in bytes; 0: no general operand */
    bool rex;           /* a REX prefix, with or without bits, is present */
    uint8_t opcode_reg; /* general register that the opcode names (OPCODE_REG, OPCODE_READ) */
    uint8_t reg;        /* ModRM.reg operand */
    uint8_t rm;         /* ModRM.rm operand when it is a register */
    bool memory;        /* ModRM.rm names memory: */
    uint8_t base;       /* general register, BASE_NONE or BASE_RIP */
    uint8_t index;      /* general register or INDEX_NONE */
    uint8_t scale;      /* of the index: 0..3, as encoded; 0 without one */
    int32_t disp;       /* sign-extended */
    int32_t imm;        /* sign-extended; the low half of an 8-byte immediate */
};

/*
 * Decodes the instruction at `code`, DECODE_READS bytes of which are readable.
 * Anything but an allowed form with prefixes that mean something is refused;
 * then *insn is unspecified.
 */
MUST_CHECK enum verify_reason decode(const uint8_t *code, struct insn *insn);

#endif
