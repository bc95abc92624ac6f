/*
 * The module's constant data (data and element segments) lies in the read-only
 * data zone, which no segment base reaches. Code reads single constants there,
 * at addresses that the linker fixes; whatever is longer, or where the address
 * is computed, L0 copies: this file is the one way.
 */
#ifndef RECLAVE_SANDBOXED_WASM_RODATA_H
#define RECLAVE_SANDBOXED_WASM_RODATA_H

#include "abi/geometry.h"
#include "sandboxed/crt/gates.h"
#include "sandboxed/wasm/trap.h"
#include "sandboxed/wasm/types.h"

/* The read-only data zone's first byte. */
extern const char rodata_base[] __attribute__((visibility("hidden")));

/* target: an address in linear memory, or GATE2_DATA_CAGE | an offset in the cage's tables. The
 * caller has checked both ranges. */
ALWAYS_INLINE void rodata_copy(u64 target, const void *from, u64 bytes)
{
    if (bytes && !gate2_data(target, (u64)from - (u64)rodata_base, bytes))
        gate2_trap(TRAP_RUNTIME);
}

#endif
