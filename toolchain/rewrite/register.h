/* Names of registers. */
#ifndef RECLAVE_TOOLCHAIN_REWRITE_REGISTER_H
#define RECLAVE_TOOLCHAIN_REWRITE_REGISTER_H

#include "toolchain/rewrite/operand.h"

/* name: without '%'. False: not a register that sandboxed code may name. */
bool register_parse(struct span name, struct reg *reg);
void register_print(struct reg reg, FILE *out);

#endif
