/*
 * Signal entry and return. The kernel enters a handler with whatever segment
 * bases, flags and dispatch selector the interrupted code had, an enclave's
 * perhaps: nothing written in C may run before the host's are back.
 */
#include "sgx/emu/layout.h"

    .text

    /* void emu_thunk(int sig, siginfo_t *info, void *uc) */
    .globl emu_thunk
    .type emu_thunk, @function
emu_thunk:
    endbr64
    push %rbx
    push $0x2 /* AC in particular: an enclave may have set it */
    popfq
    /* On a signal stack of ours, or on another (a thread that never entered)? */
    mov %rsp, %rbx
    mov emu_arena(%rip), %rax
    mov %rbx, %rcx
    sub %rax, %rcx
    cmp $EMU_ARENA_BYTES, %rcx
    jae .Lforeign
    and $-EMU_BLOCK_BYTES, %rbx

    rdfsbase %rax
    mov %rax, THREAD_SAVED_FS(%rbx)
    rdgsbase %rax
    mov %rax, THREAD_SAVED_GS(%rbx)
    mov THREAD_SELECTOR(%rbx), %al
    mov %al, THREAD_SAVED_SELECTOR(%rbx)
    movb $0, THREAD_SELECTOR(%rbx)
    mov THREAD_HOST_FS(%rbx), %rax
    wrfsbase %rax
    mov THREAD_HOST_GS(%rbx), %rax
    wrgsbase %rax

    mov %rbx, %rcx
    call emu_dispatch

    mov THREAD_SAVED_GS(%rbx), %rax
    wrgsbase %rax
    mov THREAD_SAVED_FS(%rbx), %rax
    wrfsbase %rax
    mov THREAD_SAVED_SELECTOR(%rbx), %al
    mov %al, THREAD_SELECTOR(%rbx)
    pop %rbx
    ret /* to emu_sigreturn */

.Lforeign:
    xor %ecx, %ecx
    call emu_dispatch
    pop %rbx
    ret
    .size emu_thunk, . - emu_thunk

    /* void emu_return(struct emu_thread *t, ucontext_t *frame): as if a handler that
     * interrupted *frame returned. Signals are blocked. */
    .globl emu_return
    .type emu_return, @function
emu_return:
    endbr64
    mov %rsi, %rsp
    mov THREAD_SAVED_GS(%rdi), %rax
    wrgsbase %rax
    mov THREAD_SAVED_FS(%rdi), %rax
    wrfsbase %rax
    mov THREAD_SAVED_SELECTOR(%rdi), %al
    mov %al, THREAD_SELECTOR(%rdi)
    /* fall through */

    /* The one system call that Syscall User Dispatch always lets pass: it
     * leaves the handler when the selector already says "block". */
    .globl emu_sigreturn, emu_sigreturn_end
emu_sigreturn:
    mov $15, %eax /* rt_sigreturn */
    syscall
    ud2
emu_sigreturn_end:
    .size emu_return, . - emu_return

    /* void emu_probe(void): a trap whose signal frame serves as the pattern for ours. */
    .globl emu_probe, emu_probe_enclu
    .type emu_probe, @function
emu_probe:
    endbr64
emu_probe_enclu:
    .byte 0x0f, 0x01, 0xd7 /* enclu */
    ret
    .size emu_probe, . - emu_probe

    .section .note.GNU-stack, "", @progbits
