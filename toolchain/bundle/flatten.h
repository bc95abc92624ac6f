/* Looks into the assembler's and the linker's ELF files. */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_FLATTEN_H
#define RECLAVE_TOOLCHAIN_BUNDLE_FLATTEN_H

#include "toolchain/bundle/compile.h"

/*
 * The code must work at any address although it is linked at 0: text refers to
 * symbols relative to itself only (PC32, PLT32); constant data may contain
 * function addresses (64), which are then offsets in the code zone. ST_UNSUPPORTED
 * names the first relocation that breaks this.
 */
MUST_CHECK enum status flatten_check_relocations(const struct text *object,
                                                 const struct complaint *complaint);

/* Cuts .text, .rodata and .crt_info out of the linked file (sandboxed/crt/bundle.ld). */
MUST_CHECK enum status flatten(const struct text *linked, struct flat_code *flat,
                               const struct complaint *complaint);

#endif
