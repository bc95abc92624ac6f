/* Operands of instructions: AT&T text in, numbers out, and back. */
#ifndef RECLAVE_TOOLCHAIN_REWRITE_OPERAND_H
#define RECLAVE_TOOLCHAIN_REWRITE_OPERAND_H

#include "toolchain/rewrite/span.h"

#include <stdio.h>

/* General registers as the machine numbers them; 16 is rip. */
enum {
    REG_AX = 0,
    REG_CX = 1,
    REG_DX = 2,
    REG_SP = 4,
    REG_R11 = 11,
    REG_R14 = 14,
    REG_RIP = 16,
    REG_NONE = 17,
};

struct reg {
    uint8_t number;
    uint8_t bytes; /* 1, 2, 4, 8; 16: an xmm register */
    bool high;     /* ah, ch, dh, bh: number is that of ax .. bx */
};

enum operand_kind {
    OPERAND_REGISTER,
    OPERAND_IMMEDIATE,
    OPERAND_MEMORY,
    OPERAND_TARGET, /* a symbol, of a direct branch */
};

struct operand {
    enum operand_kind kind;
    bool indirect;      /* '*' before it */
    struct reg reg;     /* OPERAND_REGISTER */
    int64_t value;      /* immediate; displacement */
    struct span symbol; /* target; what a displacement is relative to, else empty */
    /* OPERAND_MEMORY */
    char segment;          /* 'f', 'g'; 0: none */
    uint8_t base, index;   /* register number or REG_NONE */
    uint8_t scale;         /* 1, 2, 4, 8 */
    uint8_t address_bytes; /* 8; 4: 32-bit registers, or %eiz */
};

/* NULL, or why this is not an operand that sandboxed code may have. */
const char *operand_parse(struct span text, struct operand *operand);
void operand_print(const struct operand *operand, FILE *out);

static inline bool operand_is_general(const struct operand *operand)
{
    return operand->kind == OPERAND_REGISTER && operand->reg.bytes != 16;
}

static inline bool operand_is_memory(const struct operand *operand)
{
    return operand->kind == OPERAND_MEMORY;
}

/* Does the operand name this general register, in any width or as part of an address? */
bool operand_mentions(const struct operand *operand, unsigned number);

struct operand operand_general(unsigned number, unsigned bytes);
struct operand operand_immediate(int64_t value);
/* disp(%rsp) */
struct operand operand_stack(int64_t disp);

#endif
