/* Layer 1's one entry in C, called by entry.S with the arguments of GATE2_WASI (abi/gates.h). */
#ifndef RECLAVE_WASI_DISPATCH_H
#define RECLAVE_WASI_DISPATCH_H

#include <stdint.h>

/* Runs one call for the function, or L1_BOOT for L0; a WASI errno. Arguments are what the
 * function passed: wasm's i32 are cut to 32 bits here, missing ones are ignored. */
uint64_t l1_dispatch(uint64_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e);

#endif
