/*
 * Tables and references, in REGION_L2_TABLES of the cage.
 *
 * A function reference is {code, type}: code is the function's offset in the
 * code zone; type is 0 for null, else 1 + the first index of an equal function
 * type, which toolchain/bundle defines for type N as FUNC_TYPE_N. Both are plain
 * numbers, the same at any load address. Nobody makes external references here,
 * so they are always null.
 *
 * Tables lie one behind the other in index order, each with room to grow:
 * table_capacity elements, rounded up to whole pages. toolchain/bundle computes
 * the same layout for the bundle's header.
 */
#ifndef RECLAVE_SANDBOXED_WASM_TABLE_H
#define RECLAVE_SANDBOXED_WASM_TABLE_H

#include "abi/geometry.h"
#include "sandboxed/crt/gates.h"
#include "sandboxed/wasm/rodata.h"
#include "sandboxed/wasm/trap.h"
#include "sandboxed/wasm/types.h"

typedef void (*wasm_rt_function_ptr_t)(void);

typedef struct {
    u32 func;
    u32 func_type;
} wasm_rt_funcref_t;

typedef u32 wasm_rt_externref_t;

typedef struct {
    wasm_rt_funcref_t IN_CAGE *data;
    u32 max_size, size; /* elements */
} wasm_rt_funcref_table_t;

typedef struct {
    wasm_rt_externref_t IN_CAGE *data;
    u32 max_size, size;
} wasm_rt_externref_table_t;

#undef NULL
#define NULL                         0
#define wasm_rt_funcref_null_value   ((wasm_rt_funcref_t){0, 0})
#define wasm_rt_externref_null_value ((wasm_rt_externref_t)0)

/* The code zone's first byte. */
extern const char code_base[] __attribute__((visibility("hidden")));

#define CODE_OFFSET(function) ((u32)((u64)(function) - (u64)code_base))

/* ref.func; instance is wasm2c's third member, of which there is one only. */
#define FUNCREF(type_index, function, instance)                                                    \
    ((wasm_rt_funcref_t){CODE_OFFSET(function), FUNC_TYPE_##type_index})

/* wasm2c repeats the table's entry as first argument of the callee: dropped. */
#define CALL_INDIRECT(table, function_type, type_index, i, instance, ...)                          \
    ((LIKELY((i) < table.size && table.data[i].func_type == FUNC_TYPE_##type_index) ||             \
      TRAP(CALL_INDIRECT)),                                                                        \
     ((function_type)(code_base + table.data[i].func))(__VA_ARGS__))

ALWAYS_INLINE void check_elements(u64 start, u64 count, u64 size)
{
    if (UNLIKELY(start + count > size))
        gate2_trap(TRAP_TABLE_OUT_OF_BOUNDS);
}

/*
 * One item of an element segment: the bytes of the table's element. The code is linked at
 * address 0, so the linker's value for a function is its offset in the code zone, which fits
 * the lower half.
 */
typedef u64 wasm_elem_segment_expr_t;
#define ELEMENT(type_index, function, module_offset)                                               \
    ((u64)(function) + ((u64)FUNC_TYPE_##type_index << 32))
#define NULL_ELEMENT 0

_Static_assert(sizeof(wasm_elem_segment_expr_t) == sizeof(wasm_rt_funcref_t) &&
                   offsetof(wasm_rt_funcref_t, func_type) == 4,
               "items are elements");

OUT_OF_LINE void table_init_funcrefs(const wasm_rt_funcref_table_t IN_CAGE *table,
                                     const wasm_elem_segment_expr_t *segment, u32 segment_size,
                                     u32 to, u32 from, u32 count)
{
    check_elements(from, count, segment_size);
    check_elements(to, count, table->size);
    rodata_copy(GATE2_DATA_CAGE | (u64)&table->data[to], &segment[from],
                count * sizeof(wasm_rt_funcref_t));
}

#define funcref_table_init(table, segment, segment_size, to, from, count, instance, types)         \
    table_init_funcrefs(table, segment, segment_size, to, from, count)

ALWAYS_INLINE void externref_table_init(const wasm_rt_externref_table_t IN_CAGE *table,
                                        u32 segment_size, u32 to, u32 from, u32 count)
{
    check_elements(from, count, segment_size);
    check_elements(to, count, table->size);
    for (u32 i = 0; i < count; i++)
        table->data[to + i] = wasm_rt_externref_null_value;
}

/* The pages that [L2_TABLES_OFF, end of the table's element `size`) takes. */
#define TABLE_PAGES(table, size)                                                                   \
    (((u64) & (table)->data[size] - L2_TABLES_OFF + PAGE_BYTES - 1) / PAGE_BYTES)

#define DEFINE_TABLE(type)                                                                         \
    ALWAYS_INLINE void type##_allocate(wasm_rt_##type##_table_t IN_CAGE *table, u32 size,          \
                                       u32 max_size, u64 IN_CAGE *next)                            \
    {                                                                                              \
        u32 limit = size > CONFIG_TABLE_GROWTH ? size : CONFIG_TABLE_GROWTH;                       \
        table->data = (wasm_rt_##type##_t IN_CAGE *)*next; /* L0 has committed it, zeroed */       \
        table->size = size;                                                                        \
        table->max_size = max_size < limit ? max_size : limit;                                     \
        *next = L2_TABLES_OFF + TABLE_PAGES(table, table->max_size) * PAGE_BYTES;                  \
    }                                                                                              \
    OUT_OF_LINE u32 wasm_rt_grow_##type##_table(wasm_rt_##type##_table_t IN_CAGE *table,           \
                                                u32 delta, wasm_rt_##type##_t init)                \
    {                                                                                              \
        u32 old = table->size;                                                                     \
        if (delta > table->max_size - old)                                                         \
            return UINT32_MAX;                                                                     \
        if (delta && !gate2_grow(GROW_TABLES, TABLE_PAGES(table, old + delta)))                    \
            return UINT32_MAX;                                                                     \
        for (u32 i = old; i < old + delta; i++)                                                    \
            table->data[i] = init;                                                                 \
        table->size = old + delta;                                                                 \
        return old;                                                                                \
    }                                                                                              \
    ALWAYS_INLINE wasm_rt_##type##_t type##_table_get(                                             \
        const wasm_rt_##type##_table_t IN_CAGE *table, u32 i)                                      \
    {                                                                                              \
        check_elements(i, 1, table->size);                                                         \
        return table->data[i];                                                                     \
    }                                                                                              \
    ALWAYS_INLINE void type##_table_set(const wasm_rt_##type##_table_t IN_CAGE *table, u32 i,      \
                                        wasm_rt_##type##_t value)                                  \
    {                                                                                              \
        check_elements(i, 1, table->size);                                                         \
        table->data[i] = value;                                                                    \
    }                                                                                              \
    OUT_OF_LINE void type##_table_fill(const wasm_rt_##type##_table_t IN_CAGE *table, u32 to,      \
                                       wasm_rt_##type##_t value, u32 count)                        \
    {                                                                                              \
        check_elements(to, count, table->size);                                                    \
        for (u32 i = 0; i < count; i++)                                                            \
            table->data[to + i] = value;                                                           \
    }                                                                                              \
    OUT_OF_LINE void type##_table_copy(const wasm_rt_##type##_table_t IN_CAGE *to_table,           \
                                       const wasm_rt_##type##_table_t IN_CAGE *from_table, u32 to, \
                                       u32 from, u32 count)                                        \
    {                                                                                              \
        check_elements(to, count, to_table->size);                                                 \
        check_elements(from, count, from_table->size);                                             \
        if (to <= from) /* tables do not overlap one another: indices decide */                    \
            for (u32 i = 0; i < count; i++)                                                        \
                to_table->data[to + i] = from_table->data[from + i];                               \
        else                                                                                       \
            for (u32 i = count; i > 0; i--)                                                        \
                to_table->data[to + i - 1] = from_table->data[from + i - 1];                       \
    }

DEFINE_TABLE(funcref)
DEFINE_TABLE(externref)

/* Called in table order by instantiate() only. */
#define wasm_rt_allocate_funcref_table(table, size, max)                                           \
    funcref_allocate(table, size, max, &STATE->next_table)
#define wasm_rt_allocate_externref_table(table, size, max)                                         \
    externref_allocate(table, size, max, &STATE->next_table)

#endif
