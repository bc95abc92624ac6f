/*
 * Where L0 enters layer 2. Included last, after the module's own code, which
 * defines instantiate() and, for each export that the module has, EXPORT_*.
 */
#ifndef RECLAVE_SANDBOXED_CRT_ENTRY_H
#define RECLAVE_SANDBOXED_CRT_ENTRY_H

#include "sandboxed/crt/gates.h"
#include "sandboxed/crt/state.h"
#include "sandboxed/wasm/trap.h"

#ifdef BUFFER_ALLOCATE
#include "sandboxed/crt/buffer.h"
#endif

/* The first instruction of the text: RDI = enum crt_call. The result goes to
 * the RETURN gate as its argument. */
__asm__(".section .text.entry,\"ax\",@progbits\n"
        ".globl crt_enter\n"
        ".type crt_enter, @function\n"
        "crt_enter:\n"
        "    subq $8, %rsp\n"
        "    call crt_dispatch\n"
        "    addq $8, %rsp\n"
        "    movq %rax, %rdi\n"
        "    jmp gate2_return\n"
        ".size crt_enter, . - crt_enter\n"
        ".text\n");

u64 crt_dispatch(u64 call) __attribute__((used, externally_visible));

u64 crt_dispatch(u64 call)
{
    switch (call) {
    case CRT_INSTANTIATE:
        STATE->next_table = L2_TABLES_OFF;
        instantiate();
        return 0;
#ifdef EXPORT_INITIALIZE
    case CRT_INITIALIZE:
        EXPORT_INITIALIZE();
        return 0;
#endif
#ifdef EXPORT_WIZER
    case CRT_WIZER:
        EXPORT_WIZER();
        return 0;
#endif
#ifdef EXPORT_START
    case CRT_START:
#ifdef BUFFER_ALLOCATE
        start_with_buffer();
#else
        EXPORT_START();
#endif
        return 0;
#endif
#ifdef EXPORT_HANDLE
    case CRT_HANDLE:
        return EXPORT_HANDLE();
#endif
#ifdef EXPORT_AFTER_REWIND
    case CRT_AFTER_REWIND:
        EXPORT_AFTER_REWIND();
        return 0;
#endif
    default: /* L0 asks for what the bundle's header names only */
        gate2_trap(TRAP_RUNTIME);
    }
}

#endif
