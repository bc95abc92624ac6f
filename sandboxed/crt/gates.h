/* The gates that layer 2 calls (abi/gates.h); the linker script places them. */
#ifndef RECLAVE_SANDBOXED_CRT_GATES_H
#define RECLAVE_SANDBOXED_CRT_GATES_H

#include "abi/gates.h"
#include "sandboxed/wasm/types.h"

#define GATE __attribute__((visibility("hidden")))

GATE u64 gate2_wasi(u64 call, u64 a, u64 b, u64 c, u64 d, u64 e);
GATE u64 gate2_grow(u64 what, u64 pages);
GATE u64 gate2_data(u64 target, u64 offset, u64 bytes);

#endif
