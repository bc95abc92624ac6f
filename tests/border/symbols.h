/* Addresses in the monitor of the build under test, from its ELF symbol table. */
#ifndef RECLAVE_TESTS_BORDER_SYMBOLS_H
#define RECLAVE_TESTS_BORDER_SYMBOLS_H

#include <stdint.h>

/* Offset of a symbol (local ones too) from the enclave's base; the test fails without it. */
uint64_t monitor_symbol(const char *name);
/* The first ENCLU at or after an offset from the enclave's base. */
uint64_t monitor_enclu_after(uint64_t offset);

#endif
