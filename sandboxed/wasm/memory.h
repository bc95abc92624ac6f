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
 * An access at index + offset must not wrap at 4 GiB. Where there is no offset, the address is a
 * 32-bit number whatever the compiler makes of the sum, and the rewriter may cut it to 32 bits.
 * Where there is one, the access names the index register itself, behind the guard that
 * toolchain/rewrite knows: gcc could not be kept from adding up otherwise.
 *
 * Constant addresses and offsets beyond LINEAR_DISP_MAX are checked. (GCC 12 would write a constant
 * address above 2 GiB without its segment, as MOVABS.)
 */
ALWAYS_INLINE bool is_checked(u32 index, u64 offset)
{
    return __builtin_constant_p(index) || offset >= LINEAR_DISP_MAX;
}

ALWAYS_INLINE bool is_plain(u32 index, u64 offset)
{
    return offset == 0 || is_checked(index, offset);
}

ALWAYS_INLINE void check_reach(u32 index, u64 offset)
{
    if (is_checked(index, offset) && UNLIKELY(index + offset >= LINEAR_MAX))
        gate2_trap(TRAP_MEMORY_OUT_OF_BOUNDS);
}

#define GUARDED(access) "movl %k[index], %%r11d\n\t" access
#define AT_OFFSET       "%%fs:%c[offset](%%r11)"

/* load: the instruction that also extends; register: constraint and width of its result */
#define DEFINE_LOAD(name, in_memory, extended, result, load, constraint, width)                    \
    ALWAYS_INLINE result linear_##name(u32 index, u64 offset)                                      \
    {                                                                                              \
        typedef in_memory unaligned __attribute__((aligned(1), may_alias));                        \
        result value;                                                                              \
        check_reach(index, offset);                                                                \
        if (is_plain(index, offset))                                                               \
            return (result)(extended) * (volatile unaligned IN_LINEAR *)(index + offset);          \
        __asm__ volatile(GUARDED(load " " AT_OFFSET ", %" width "[value]")                         \
                         : [value] "=" constraint(value)                                           \
                         : [index] "r"(index), [offset] "i"(offset));                              \
        return value;                                                                              \
    }

/* A store without offset. With marks (policy 4.2) by assembler, as all others: a mark changes
 * flags, and gcc keeps none over an assembler statement, but it would over a store of its own. */
#ifdef RECLAVE_TRACK_MARKS
#define STORE_PLAIN(type, address, store, constraint, width, value)                                \
    __asm__ volatile(store " %" width "1, %0"                                                      \
                     : "=m"(*(type IN_LINEAR *)(address))                                          \
                     : constraint(value))
#else
#define STORE_PLAIN(type, address, store, constraint, width, value)                                \
    (*(volatile type IN_LINEAR *)(address) = (value))
#endif

#define DEFINE_STORE(name, in_memory, value_type, store, constraint, width)                        \
    ALWAYS_INLINE void linear_##name(u32 index, u64 offset, value_type value)                      \
    {                                                                                              \
        typedef in_memory unaligned __attribute__((aligned(1), may_alias));                        \
        check_reach(index, offset);                                                                \
        if (is_plain(index, offset))                                                               \
            STORE_PLAIN(unaligned, index + offset, store, constraint, width, (in_memory)value);    \
        else                                                                                       \
            __asm__ volatile(                                                                      \
                GUARDED(store " %" width "[value], " AT_OFFSET)                                    \
                :                                                                                  \
                : [index] "r"(index), [offset] "i"(offset), [value] constraint((in_memory)value)); \
    }

DEFINE_LOAD(i32_load, u32, u32, u32, "movl", "r", "k")
DEFINE_LOAD(i64_load, u64, u64, u64, "movq", "r", "q")
DEFINE_LOAD(f32_load, f32, f32, f32, "movss", "x", "")
DEFINE_LOAD(f64_load, f64, f64, f64, "movsd", "x", "")
DEFINE_LOAD(i32_load8_s, s8, s32, u32, "movsbl", "r", "k")
DEFINE_LOAD(i64_load8_s, s8, s64, u64, "movsbq", "r", "q")
DEFINE_LOAD(i32_load8_u, u8, u32, u32, "movzbl", "r", "k")
DEFINE_LOAD(i64_load8_u, u8, u64, u64, "movzbl", "r", "k")
DEFINE_LOAD(i32_load16_s, s16, s32, u32, "movswl", "r", "k")
DEFINE_LOAD(i64_load16_s, s16, s64, u64, "movswq", "r", "q")
DEFINE_LOAD(i32_load16_u, u16, u32, u32, "movzwl", "r", "k")
DEFINE_LOAD(i64_load16_u, u16, u64, u64, "movzwl", "r", "k")
DEFINE_LOAD(i64_load32_s, s32, s64, u64, "movslq", "r", "q")
DEFINE_LOAD(i64_load32_u, u32, u64, u64, "movl", "r", "k")
DEFINE_STORE(i32_store, u32, u32, "movl", "ri", "k")
DEFINE_STORE(i64_store, u64, u64, "movq", "re", "q")
DEFINE_STORE(f32_store, f32, f32, "movss", "x", "")
DEFINE_STORE(f64_store, f64, f64, "movsd", "x", "")
DEFINE_STORE(i32_store8, u8, u32, "movb", "qi", "b")
DEFINE_STORE(i32_store16, u16, u32, "movw", "ri", "w")
DEFINE_STORE(i64_store8, u8, u64, "movb", "qi", "b")
DEFINE_STORE(i64_store16, u16, u64, "movw", "ri", "w")
DEFINE_STORE(i64_store32, u32, u64, "movl", "ri", "k")

/* wasm2c writes an address as "(u64)(index)" or "(u64)(index) + offset": taken apart here. A
 * module has one memory: the first argument says nothing. */
#define ADDRESS_OF_CAST(type)       ADDRESS_OF_INDEX
#define ADDRESS_OF_INDEX(index)     (index), 0
#define CALL(function, ...)         function(__VA_ARGS__)
#define LOAD(name, address)         CALL(linear_##name, ADDRESS_OF_CAST address)
#define STORE(name, address, value) CALL(linear_##name, ADDRESS_OF_CAST address, value)

#define i32_load(m, a)       LOAD(i32_load, a)
#define i64_load(m, a)       LOAD(i64_load, a)
#define f32_load(m, a)       LOAD(f32_load, a)
#define f64_load(m, a)       LOAD(f64_load, a)
#define i32_load8_s(m, a)    LOAD(i32_load8_s, a)
#define i64_load8_s(m, a)    LOAD(i64_load8_s, a)
#define i32_load8_u(m, a)    LOAD(i32_load8_u, a)
#define i64_load8_u(m, a)    LOAD(i64_load8_u, a)
#define i32_load16_s(m, a)   LOAD(i32_load16_s, a)
#define i64_load16_s(m, a)   LOAD(i64_load16_s, a)
#define i32_load16_u(m, a)   LOAD(i32_load16_u, a)
#define i64_load16_u(m, a)   LOAD(i64_load16_u, a)
#define i64_load32_s(m, a)   LOAD(i64_load32_s, a)
#define i64_load32_u(m, a)   LOAD(i64_load32_u, a)
#define i32_store(m, a, v)   STORE(i32_store, a, v)
#define i64_store(m, a, v)   STORE(i64_store, a, v)
#define f32_store(m, a, v)   STORE(f32_store, a, v)
#define f64_store(m, a, v)   STORE(f64_store, a, v)
#define i32_store8(m, a, v)  STORE(i32_store8, a, v)
#define i32_store16(m, a, v) STORE(i32_store16, a, v)
#define i64_store8(m, a, v)  STORE(i64_store8, a, v)
#define i64_store16(m, a, v) STORE(i64_store16, a, v)
#define i64_store32(m, a, v) STORE(i64_store32, a, v)

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

/* A block in one statement, so that one mark stands for it. `to` is in range: no guard. */
ALWAYS_INLINE void store_block(u64 to, wide a, wide b, wide c, wide d)
{
    __asm__ volatile("movups %[a], %%fs:(%q[to])\n\t"
                     "movups %[b], %%fs:16(%q[to])\n\t"
                     "movups %[c], %%fs:32(%q[to])\n\t"
                     "movups %[d], %%fs:48(%q[to])"
                     :
                     : [to] "r"(to), [a] "x"(a), [b] "x"(b), [c] "x"(c), [d] "x"(d)
                     : "memory");
}

OUT_OF_LINE void linear_fill(u64 to, u8 value, u64 bytes)
{
    u64 pattern = value * 0x0101010101010101u;
    wide block = {pattern, pattern};

    for (; bytes >= BLOCK_BYTES; to += BLOCK_BYTES, bytes -= BLOCK_BYTES)
        store_block(to, block, block, block, block);
    for (; bytes >= sizeof(word); to += sizeof(word), bytes -= sizeof(word))
        linear_i64_store((u32)to, 0, pattern);
    for (; bytes; to++, bytes--)
        linear_i32_store8((u32)to, 0, value);
}

ALWAYS_INLINE void copy_block(u64 to, u64 from)
{
    wide a = LINEAR_AT(wide, from);
    wide b = LINEAR_AT(wide, from + 16);
    wide c = LINEAR_AT(wide, from + 32);
    wide d = LINEAR_AT(wide, from + 48);

    store_block(to, a, b, c, d);
}

ALWAYS_INLINE void copy_word(u64 to, u64 from)
{
    linear_i64_store((u32)to, 0, LINEAR_AT(word, from));
}

ALWAYS_INLINE void copy_byte(u64 to, u64 from)
{
    linear_i32_store8((u32)to, 0, LINEAR_AT(u8, from));
}

/* Each block is loaded whole before it is stored: right for every overlap with to <= from. */
OUT_OF_LINE void linear_copy_upwards(u64 to, u64 from, u64 bytes)
{
    for (; bytes >= BLOCK_BYTES; to += BLOCK_BYTES, from += BLOCK_BYTES, bytes -= BLOCK_BYTES)
        copy_block(to, from);
    for (; bytes >= sizeof(word); to += sizeof(word), from += sizeof(word), bytes -= sizeof(word))
        copy_word(to, from);
    for (; bytes; to++, from++, bytes--)
        copy_byte(to, from);
}

/* From the end backwards: right for every overlap with to >= from. */
OUT_OF_LINE void linear_copy_downwards(u64 to, u64 from, u64 bytes)
{
    for (; bytes >= BLOCK_BYTES; bytes -= BLOCK_BYTES)
        copy_block(to + bytes - BLOCK_BYTES, from + bytes - BLOCK_BYTES);
    for (; bytes >= sizeof(word); bytes -= sizeof(word))
        copy_word(to + bytes - sizeof(word), from + bytes - sizeof(word));
    for (; bytes; bytes--)
        copy_byte(to + bytes - 1, from + bytes - 1);
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
