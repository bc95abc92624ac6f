/*
 * Modules of the wasm executor for OpenWhisk ("WOW") take their input in a buffer of their own:
 *
 *   wasm_memory_buffer_allocate_space(bytes)       makes it
 *   get_wasm_memory_buffer_pointer() -> address    the input goes there, _start runs (its argument
 * 0 is the get_wasm_memory_buffer_len() -> bytes          input's length), and the result is there
 * afterwards
 *
 * So stdin goes into the buffer before _start, and what is in it afterwards becomes the last line
 * of stdout. Included by entry.h for modules that export all three.
 */
#ifndef RECLAVE_SANDBOXED_CRT_BUFFER_H
#define RECLAVE_SANDBOXED_CRT_BUFFER_H

#include "sandboxed/crt/gates.h"
#include "sandboxed/wasm/memory.h"
#include "sandboxed/wasm/trap.h"

/* WASI takes its structures in linear memory. These bytes are borrowed from the module and given
 * back: it may well use them. */
#define BORROWED       16u
#define BORROWED_WORDS 8u
#define FILE_SIZE      32u /* in WASI's filestat, of 64 bytes */

struct borrowed {
    u64 words[BORROWED_WORDS];
};

OUT_OF_LINE void borrow(struct borrowed *saved)
{
    for (u32 i = 0; i < BORROWED_WORDS; i++)
        saved->words[i] = linear_i64_load(BORROWED + 8 * i, 0);
}

OUT_OF_LINE void give_back(const struct borrowed *saved)
{
    for (u32 i = 0; i < BORROWED_WORDS; i++)
        linear_i64_store(BORROWED + 8 * i, 0, saved->words[i]);
}

/* One iovec; the count of bytes read goes behind it. */
OUT_OF_LINE void read_input(u32 address, u32 bytes)
{
    struct borrowed saved;

    borrow(&saved);
    linear_i32_store(BORROWED, 0, address);
    linear_i32_store(BORROWED + 4, 0, bytes);
    (void)gate2_wasi(WASI_FD_READ, 0, BORROWED, 1, BORROWED + 8, 0);
    give_back(&saved);
}

OUT_OF_LINE u64 input_bytes(void)
{
    struct borrowed saved;
    u64 bytes;

    borrow(&saved);
    (void)gate2_wasi(WASI_FD_FILESTAT_GET, 0, BORROWED, 0, 0, 0);
    bytes = linear_i64_load(BORROWED + FILE_SIZE, 0);
    give_back(&saved);
    return bytes;
}

OUT_OF_LINE void set_piece(u32 index, u32 address, u32 bytes)
{
    linear_i32_store(BORROWED + 8 * index, 0, address);
    linear_i32_store(BORROWED + 8 * index + 4, 0, bytes);
}

/* A line of its own: what the module wrote before may end without a newline. */
OUT_OF_LINE void write_result(u32 address, u32 bytes)
{
    u32 newline = BORROWED + 24, count = BORROWED + 32;

    set_piece(0, newline, 1);
    set_piece(1, address, bytes);
    set_piece(2, newline, 1);
    linear_i32_store8(newline, 0, '\n');
    (void)gate2_wasi(WASI_FD_WRITE, 1, BORROWED, 3, count, 0);
}

OUT_OF_LINE void start_with_buffer(void)
{
    u64 bytes = input_bytes();

    if (bytes > LINEAR_MAX)
        gate2_trap(TRAP_MEMORY_OUT_OF_BOUNDS);
    BUFFER_ALLOCATE((u32)bytes);
    read_input(BUFFER_POINTER(), (u32)bytes);
    EXPORT_START();
    write_result(BUFFER_POINTER(), BUFFER_LENGTH());
}

#endif
