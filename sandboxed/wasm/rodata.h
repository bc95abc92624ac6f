/*
 * The module's constant tables (data and element segments, function types) lie
 * behind the text in the code zone, which no segment base reaches. Every read
 * of them with a computed index goes through this file, so that the rule for
 * such reads has one place. Reads with a constant index are rip-relative.
 */
#ifndef RECLAVE_SANDBOXED_WASM_RODATA_H
#define RECLAVE_SANDBOXED_WASM_RODATA_H

#include "sandboxed/wasm/types.h"

typedef u64 unaligned_u64 __attribute__((aligned(1), may_alias));

ALWAYS_INLINE u64 rodata_u64(const void *at)
{
    return *(const unaligned_u64 *)at;
}

ALWAYS_INLINE u32 rodata_u32(const u32 *at)
{
    return *at;
}

ALWAYS_INLINE u8 rodata_u8(const u8 *at)
{
    return *at;
}

#endif
