/*
 * Linear memory through %fs.
 *
 * A load or store is one access at %fs:(index + offset). Everything from the
 * end of linear memory to the end of what index and offset can reach is never
 * committed, so the machine's page fault is the bounds check (abi/geometry.h);
 * L0 turns it into a trap. Accesses are volatile: an out-of-bounds load traps
 * also when its value is not used.
 */
#ifndef RECLAVE_SANDBOXED_WASM_MEMORY_H
#define RECLAVE_SANDBOXED_WASM_MEMORY_H

#include "abi/geometry.h"
#include "sandboxed/crt/gates.h"
#include "sandboxed/wasm/rodata.h"
#include "sandboxed/wasm/trap.h"
#include "sandboxed/wasm/types.h"

#define WASM_PAGE_BYTES 0x10000u

typedef struct {
    u64 size; /* bytes */
    u32 pages, max_pages;
} wasm_rt_memory_t;

/*
 * Index 2^32 - 1 and an offset just below LINEAR_DISP_MAX is as far as the guard reaches.
 * For the usual small constant offset the compiler proves the check away. A constant address
 * beyond any linear memory is refused at once: GCC 12 would write it as an absolute address
 * without its segment (MOVABS), which toolchain/bundle refuses to assemble.
 */
ALWAYS_INLINE void check_reach(u64 address)
{
    if (UNLIKELY(address >= 0xffffffffu + (u64)LINEAR_DISP_MAX) ||
        (__builtin_constant_p(address) && address >= LINEAR_MAX))
        gate2_trap(TRAP_MEMORY_OUT_OF_BOUNDS);
}

#define DEFINE_LOAD(name, in_memory, extended, result)                                             \
    ALWAYS_INLINE result linear_##name(u64 address)                                                \
    {                                                                                              \
        typedef in_memory unaligned __attribute__((aligned(1), may_alias));                        \
        check_reach(address);                                                                      \
        return (result)(extended) * (volatile unaligned IN_LINEAR *)address;                       \
    }

#define DEFINE_STORE(name, in_memory, value_type)                                                  \
    ALWAYS_INLINE void linear_##name(u64 address, value_type value)                                \
    {                                                                                              \
        typedef in_memory unaligned __attribute__((aligned(1), may_alias));                        \
        check_reach(address);                                                                      \
        *(volatile unaligned IN_LINEAR *)address = (in_memory)value;                               \
    }

DEFINE_LOAD(i32_load, u32, u32, u32)
DEFINE_LOAD(i64_load, u64, u64, u64)
DEFINE_LOAD(f32_load, f32, f32, f32)
DEFINE_LOAD(f64_load, f64, f64, f64)
DEFINE_LOAD(i32_load8_s, s8, s32, u32)
DEFINE_LOAD(i64_load8_s, s8, s64, u64)
DEFINE_LOAD(i32_load8_u, u8, u32, u32)
DEFINE_LOAD(i64_load8_u, u8, u64, u64)
DEFINE_LOAD(i32_load16_s, s16, s32, u32)
DEFINE_LOAD(i64_load16_s, s16, s64, u64)
DEFINE_LOAD(i32_load16_u, u16, u32, u32)
DEFINE_LOAD(i64_load16_u, u16, u64, u64)
DEFINE_LOAD(i64_load32_s, s32, s64, u64)
DEFINE_LOAD(i64_load32_u, u32, u64, u64)
DEFINE_STORE(i32_store, u32, u32)
DEFINE_STORE(i64_store, u64, u64)
DEFINE_STORE(f32_store, f32, f32)
DEFINE_STORE(f64_store, f64, f64)
DEFINE_STORE(i32_store8, u8, u32)
DEFINE_STORE(i32_store16, u16, u32)
DEFINE_STORE(i64_store8, u8, u64)
DEFINE_STORE(i64_store16, u16, u64)
DEFINE_STORE(i64_store32, u32, u64)

/* A module has one memory: the first argument of wasm2c's calls says nothing. */
#define i32_load(m, a)       linear_i32_load(a)
#define i64_load(m, a)       linear_i64_load(a)
#define f32_load(m, a)       linear_f32_load(a)
#define f64_load(m, a)       linear_f64_load(a)
#define i32_load8_s(m, a)    linear_i32_load8_s(a)
#define i64_load8_s(m, a)    linear_i64_load8_s(a)
#define i32_load8_u(m, a)    linear_i32_load8_u(a)
#define i64_load8_u(m, a)    linear_i64_load8_u(a)
#define i32_load16_s(m, a)   linear_i32_load16_s(a)
#define i64_load16_s(m, a)   linear_i64_load16_s(a)
#define i32_load16_u(m, a)   linear_i32_load16_u(a)
#define i64_load16_u(m, a)   linear_i64_load16_u(a)
#define i64_load32_s(m, a)   linear_i64_load32_s(a)
#define i64_load32_u(m, a)   linear_i64_load32_u(a)
#define i32_store(m, a, v)   linear_i32_store(a, v)
#define i64_store(m, a, v)   linear_i64_store(a, v)
#define f32_store(m, a, v)   linear_f32_store(a, v)
#define f64_store(m, a, v)   linear_f64_store(a, v)
#define i32_store8(m, a, v)  linear_i32_store8(a, v)
#define i32_store16(m, a, v) linear_i32_store16(a, v)
#define i64_store8(m, a, v)  linear_i64_store8(a, v)
#define i64_store16(m, a, v) linear_i64_store16(a, v)
#define i64_store32(m, a, v) linear_i64_store32(a, v)

/* ---- memory.size, memory.grow -------------------------------------------- */

ALWAYS_INLINE void wasm_rt_allocate_memory(wasm_rt_memory_t IN_CAGE *memory, u32 pages,
                                           u32 max_pages)
{
    memory->pages = pages; /* L0 has committed header.memory_initial */
    memory->max_pages = max_pages;
    memory->size = (u64)pages * WASM_PAGE_BYTES;
}

OUT_OF_LINE u32 wasm_rt_grow_memory(wasm_rt_memory_t IN_CAGE *memory, u32 delta)
{
    u32 old = memory->pages;

    if (delta > memory->max_pages - old)
        return UINT32_MAX;
    if (delta && !gate2_grow(GROW_LINEAR, (u64)delta * (WASM_PAGE_BYTES / PAGE_BYTES)))
        return UINT32_MAX;
    memory->pages = old + delta;
    memory->size = (u64)memory->pages * WASM_PAGE_BYTES;
    return old;
}

/* ---- bulk operations ------------------------------------------------------ */

typedef u64 wide __attribute__((vector_size(16), aligned(1), may_alias));
typedef u64 word __attribute__((aligned(1), may_alias));

#define LINEAR_AT(type, address) (*(type IN_LINEAR *)(u64)(address))
#define BLOCK_BYTES              (4 * sizeof(wide))

/* Two 32-bit operands cannot overflow 64 bits. */
ALWAYS_INLINE void check_range(u64 start, u64 bytes, u64 size)
{
    if (UNLIKELY(start + bytes > size))
        gate2_trap(TRAP_MEMORY_OUT_OF_BOUNDS);
}

OUT_OF_LINE void linear_fill(u64 to, u8 value, u64 bytes)
{
    u64 pattern = value * 0x0101010101010101u;
    wide block = {pattern, pattern};

    for (; bytes >= BLOCK_BYTES; to += BLOCK_BYTES, bytes -= BLOCK_BYTES) {
        LINEAR_AT(wide, to) = block;
        LINEAR_AT(wide, to + 16) = block;
        LINEAR_AT(wide, to + 32) = block;
        LINEAR_AT(wide, to + 48) = block;
    }
    for (; bytes >= sizeof(word); to += sizeof(word), bytes -= sizeof(word))
        LINEAR_AT(word, to) = pattern;
    for (; bytes; to++, bytes--)
        LINEAR_AT(u8, to) = value;
}

/* Each block is loaded whole before it is stored: right for every overlap with to <= from. */
OUT_OF_LINE void linear_copy_upwards(u64 to, u64 from, u64 bytes)
{
    for (; bytes >= BLOCK_BYTES; to += BLOCK_BYTES, from += BLOCK_BYTES, bytes -= BLOCK_BYTES) {
        wide a = LINEAR_AT(wide, from);
        wide b = LINEAR_AT(wide, from + 16);
        wide c = LINEAR_AT(wide, from + 32);
        wide d = LINEAR_AT(wide, from + 48);

        LINEAR_AT(wide, to) = a;
        LINEAR_AT(wide, to + 16) = b;
        LINEAR_AT(wide, to + 32) = c;
        LINEAR_AT(wide, to + 48) = d;
    }
    for (; bytes >= sizeof(word); to += sizeof(word), from += sizeof(word), bytes -= sizeof(word))
        LINEAR_AT(word, to) = LINEAR_AT(word, from);
    for (; bytes; to++, from++, bytes--)
        LINEAR_AT(u8, to) = LINEAR_AT(u8, from);
}

/* From the end backwards: right for every overlap with to >= from. */
OUT_OF_LINE void linear_copy_downwards(u64 to, u64 from, u64 bytes)
{
    for (; bytes >= BLOCK_BYTES; bytes -= BLOCK_BYTES) {
        u64 t = to + bytes - BLOCK_BYTES, f = from + bytes - BLOCK_BYTES;
        wide a = LINEAR_AT(wide, f);
        wide b = LINEAR_AT(wide, f + 16);
        wide c = LINEAR_AT(wide, f + 32);
        wide d = LINEAR_AT(wide, f + 48);

        LINEAR_AT(wide, t) = a;
        LINEAR_AT(wide, t + 16) = b;
        LINEAR_AT(wide, t + 32) = c;
        LINEAR_AT(wide, t + 48) = d;
    }
    for (; bytes >= sizeof(word); bytes -= sizeof(word))
        LINEAR_AT(word, to + bytes - sizeof(word)) = LINEAR_AT(word, from + bytes - sizeof(word));
    for (; bytes; bytes--)
        LINEAR_AT(u8, to + bytes - 1) = LINEAR_AT(u8, from + bytes - 1);
}

ALWAYS_INLINE void memory_fill(const wasm_rt_memory_t IN_CAGE *memory, u32 to, u32 value, u32 bytes)
{
    check_range(to, bytes, memory->size);
    linear_fill(to, (u8)value, bytes);
}

ALWAYS_INLINE void memory_copy(const wasm_rt_memory_t IN_CAGE *to_memory,
                               const wasm_rt_memory_t IN_CAGE *from_memory, u32 to, u32 from,
                               u32 bytes)
{
    check_range(to, bytes, to_memory->size);
    check_range(from, bytes, from_memory->size);
    if (to <= from)
        linear_copy_upwards(to, from, bytes);
    else
        linear_copy_downwards(to, from, bytes);
}

/* segment_bytes is 0 once the segment has been dropped. */
ALWAYS_INLINE void memory_init(const wasm_rt_memory_t IN_CAGE *memory, const u8 *segment,
                               u32 segment_bytes, u32 to, u32 from, u32 bytes)
{
    check_range(from, bytes, segment_bytes);
    check_range(to, bytes, memory->size);
    rodata_copy(to, segment + from, bytes);
}

/* An active data segment at instantiation. */
#define LOAD_DATA(memory, to, segment, bytes) memory_init(&(memory), segment, bytes, to, 0, bytes)

#endif
