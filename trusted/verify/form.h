/*
 * The allow-list as data. Each opcode's cell says why it is refused, or which
 * form it has: its operands, what it reads and writes, and what may precede
 * it. A cell that nobody filled in is refused.
 */
#ifndef RECLAVE_TRUSTED_VERIFY_FORM_H
#define RECLAVE_TRUSTED_VERIFY_FORM_H

#include "abi/sfi.h"

#include <stdint.h>

/* Size of general registers and of memory operands with .width 0. Operand size prefixes
 * (66, REX.W) are accepted where they select among what the size lists. */
enum operand_size {
    SIZE_NONE = 0, /* no general operand */
    SIZE_B,        /* 8 bits */
    SIZE_V,        /* 32; 16 with 66; 64 with REX.W */
    SIZE_Y,        /* 32; 64 with REX.W */
    SIZE_D,        /* 32 */
    SIZE_Q,        /* 64 without REX.W */
    SIZE_WQ,       /* 64, REX.W required */
};

/* struct form .rm and .reg: 0, no such operand. (ModRM is present when .rm is not 0.) */
#define GENERAL 0x01 /* general register (or memory) */
#define VECTOR  0x02 /* xmm register (or memory) */
#define NARROW  0x04 /* a general register is 8 bits wide here whatever .size says */
#define IGNORED 0x08 /* encoded, but neither read nor written: no operand */
#define READ    0x10
#define WRITE   0x20
#define MEM     0x40 /* memory only */
#define REG     0x80 /* register only */

enum immediate {
    IMM_NONE = 0,
    IMM_B,     /* 1 byte */
    IMM_Z,     /* 4; 2 with 16-bit operands */
    IMM_V,     /* operand size */
    IMM_REL8,  /* branch displacement */
    IMM_REL32, /* ... */
};

/* struct form .flags */
#define OPCODE_REG   0x01 /* the opcode's low bits name a general register, which is written ... */
#define OPCODE_READ  0x02 /* ... or only read */
#define ZERO_NEVER   0x04 /* a 32-bit destination's upper half is not surely zeroed */
#define ZERO_COUNT   0x08 /* ... only when the immediate count is not 0 */
#define ZERO_ALWAYS  0x10 /* a 64-bit destination's upper half is zeroed, too */
#define PAD_PREFIXES 0x20 /* 66 and 2e may precede it and mean nothing (multi-byte nop) */

/* struct form .implicit: general registers written without being named */
#define RAX 0x1
#define RDX 0x4

enum kind {
    KIND_PLAIN = 0,
    KIND_STEP,     /* add or sub immediate: may move rsp */
    KIND_LEA,      /* no access; may move rsp */
    KIND_HINT,     /* prefetch: an operand as any, but no access that surely happens */
    KIND_NOP,      /* its memory operand is no access and is not looked at */
    KIND_BIT,      /* bit string when the operand is in memory */
    KIND_XCHG,     /* atomic when the operand is in memory */
    KIND_STACK,    /* push, pop */
    KIND_CALL,     /* direct */
    KIND_JUMP,     /* direct */
    KIND_JCC,      /* direct */
    KIND_CALL_REG, /* computed */
    KIND_JUMP_REG, /* computed */
    KIND_STOP,     /* always faults */
};

struct form {
    uint8_t size;     /* enum operand_size */
    uint8_t rm;       /* ModRM.rm operand */
    uint8_t reg;      /* ModRM.reg operand; 0 also where reg selects the instruction */
    uint8_t width;    /* bytes of the memory operand; 0: operand size */
    uint8_t imm;      /* enum immediate */
    uint8_t implicit; /* RAX, RDX */
    uint8_t flags;
    uint8_t kind; /* enum kind */
};

/* A cell below GROUP_FIRST is an enum verify_reason (0 stands for VERIFY_NOT_LISTED), below
 * FORM_FIRST a group, else a form. */
#define GROUP_FIRST 0x50
#define FORM_FIRST  0x70

/* Columns of the maps behind 0f: by mandatory prefix (66 may also be operand size). */
enum column { COLUMN_NONE, COLUMN_66, COLUMN_F3, COLUMN_F2, COLUMNS };

extern const struct form verify_forms[];
extern const uint8_t verify_groups[][8];      /* by ModRM.reg */
extern const uint8_t verify_map_1[256];       /* one-byte opcodes; mandatory prefixes: only */
extern const uint8_t verify_cell_pause;       /* ... f3 90 */
extern const uint8_t verify_map_0f[256][4];   /* by column */
extern const uint8_t verify_map_0f38[256][4]; /* ... */
extern const uint8_t verify_map_0f3a[256][4]; /* ... */

#endif
