/* One instruction, read or about to be written. */
#ifndef RECLAVE_TOOLCHAIN_REWRITE_INSN_H
#define RECLAVE_TOOLCHAIN_REWRITE_INSN_H

#include "toolchain/rewrite/mnemonic.h"
#include "toolchain/rewrite/operand.h"

#define OPERANDS_MAX 3

struct insn {
    const struct mnemonic *mnemonic;
    struct span name; /* with its suffix, as it is printed */
    unsigned size;    /* by the suffix: 1, 2, 4, 8; 0: none */
    unsigned count;
    struct operand operands[OPERANDS_MAX];
};

/* NULL, or what is wrong with "name operands". */
const char *insn_parse(struct span name, struct span arguments, struct insn *insn);
/* An instruction of our own; name must be listed. */
struct insn insn_make(const char *name, const struct operand *first, const struct operand *second);
void insn_print(const struct insn *insn, FILE *out);

/* Its memory operand; NULL: none. There is at most one. */
struct operand *insn_memory(struct insn *insn);
/* Does it access memory through that operand? */
bool insn_accesses(const struct insn *insn);
bool insn_writes_memory(const struct insn *insn);
bool insn_mentions(const struct insn *insn, unsigned reg);

/* Bit R: writes general register R / leaves its upper half zero, surely. */
uint32_t insn_writes(const struct insn *insn);
uint32_t insn_zeroes(const struct insn *insn);

/* No more bytes than this are its encoding. */
unsigned insn_length_at_most(const struct insn *insn);

#endif
