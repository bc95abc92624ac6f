/*
 * Going into a layer and coming back. While a layer runs, %fs is its linear
 * memory, %gs its cage, R14 its code zone, and L0's stack pointer rests in the thread block.
 */
#include "trusted/monitor/asm.h"

    .text

/* void layer_enter(block = rdi, layer = rsi, entry = rdx, argument = rcx) */
FUNCTION(layer_enter)
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, THREAD_L0_RSP(%rdi)
    movq %rsi, THREAD_LAYER(%rdi)
    movq $LEAVE_NONE, THREAD_LEAVE_REASON(%rdi)
    movq $0, THREAD_CALLER_RIP(%rdi)
    movq $0, THREAD_ABORT(%rdi)
    movq THREAD_ENTRY_RSP(%rdi), %rsp
    movq THREAD_LINEAR_BASE(%rdi), %rax
    movq THREAD_L1_CAGE(%rdi), %r8
    movq THREAD_L1_CODE(%rdi), %r14
    cmpq $1, %rsi
    cmovneq THREAD_L2_CAGE(%rdi), %r8
    cmovneq THREAD_L2_CODE(%rdi), %r14
    movq %rdx, %r11
    movq %rcx, %rdi
    wrfsbase %rax
    wrgsbase %r8
    CLEAN_EXTENDED_STATE
    xorl %eax, %eax
    xorl %ebx, %ebx
    xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %ebp, %ebp
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r15d, %r15d
    lfence
    jmp  *%r11
END(layer_enter)

/* R11 = thread block; its leave_reason and leave_value are set. Returns from
 * the layer_enter() that is under way. */
FUNCTION(layer_leave)
    wrfsbase %r11
    wrgsbase %r11
    movq $0, THREAD_LAYER(%r11)
    movq THREAD_L0_RSP(%r11), %rsp
    movq $0, THREAD_L0_RSP(%r11)
    CLEAN_EXTENDED_STATE
    pushq $2
    popfq
    xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %edi, %edi
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    .globl layer_left
    .hidden layer_left
layer_left:
    lfence
    ret
END(layer_leave)

/* ERESUME lands here after ENTRY_EXCEPTION or ENTRY_ABORT rewrote SSA[0]:
 * every register is clean but R11 = thread block; FS = GS = thread block. */
FUNCTION(layer_stop)
    jmp  layer_leave
END(layer_stop)

    .section .note.GNU-stack, "", @progbits
