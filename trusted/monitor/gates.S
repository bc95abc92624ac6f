/*
 * The gates (abi/gates.h). A gate that returns takes the return address off
 * the caller's stack with its first instruction: the only one that touches
 * memory of the caller's choosing, executed while everything is still the
 * caller's, so that a fault there is the caller's (trusted/monitor/fault.c).
 * Then the gate finds its slot from the GS base, which no layer can change,
 * checks who is calling and where it would return to, and does its work.
 *
 * R11 and RAX are scratch in every gate.
 */
#include "trusted/monitor/asm.h"
#include "abi/gates.h"
#include "abi/sfi.h"

    .text

/* R11 = thread block of the slot whose cage GS points to; RAX = enclave base. */
.macro FIND_BLOCK
    rdgsbase %r11
    leaq monitor_image - MON_IMAGE_OFF(%rip), %rax
    subq %rax, %r11
    shrq $SLOT_SHIFT, %r11              /* 1 + slot: zone 0 is the monitor's */
    shlq $20, %r11                      /* * SLOT_CONTROL_STRIDE */
    leaq SLOT_CONTROL_OFF - SLOT_CONTROL_STRIDE + CTL_TLS(%rax, %r11), %r11
.endm

.macro LEAVE reason
    movq $\reason, THREAD_LEAVE_REASON(%r11)
    jmp  layer_leave
.endm

.macro ONLY_FOR layer
    cmpq $\layer, THREAD_LAYER(%r11)
    jne  gate_misuse
.endm

/* A return address (reg) must be where a masked jump of the caller's could lead: the start of a
 * bundle of its own verified text. Computed from its code zone's base, like such a jump. */
.macro CHECK_ADDRESS reg, scratch, code, text_end
    testb $(SFI_BUNDLE_BYTES - 1), \reg\()b
    jnz  gate_misuse
    movq \reg, \scratch
    subq \code(%r11), \scratch
    subq $GATE_PAGE_BYTES, \scratch
    jb   gate_misuse
    addq $GATE_PAGE_BYTES, \scratch
    cmpq \text_end(%r11), \scratch
    jae  gate_misuse
.endm

.macro CHECK_L2_ADDRESS reg, scratch
    CHECK_ADDRESS \reg, \scratch, THREAD_L2_CODE, THREAD_L2_TEXT_END
.endm

.macro CHECK_L1_ADDRESS reg, scratch
    CHECK_ADDRESS \reg, \scratch, THREAD_L1_CODE, THREAD_L1_TEXT_END
.endm

FUNCTION(gate_misuse)
    FIND_BLOCK
    LEAVE LEAVE_MISUSE
END(gate_misuse)

/* ---- layer 2 -> layer 1 ------------------------------------------------ */

FUNCTION(gate2_wasi)
    popq %r10
    FIND_BLOCK
    ONLY_FOR 2
    CHECK_L2_ADDRESS %r10, %rax
    movq %r10, THREAD_CALLER_RIP(%r11)
    movq %rsp, THREAD_CALLER_RSP(%r11)
    movq %rbx, THREAD_CALLER_RBX(%r11)
    movq %rbp, THREAD_CALLER_RBP(%r11)
    movq %r12, THREAD_CALLER_R12(%r11)
    movq %r13, THREAD_CALLER_R13(%r11)
    movq %r15, THREAD_CALLER_R15(%r11)
    movq $1, THREAD_LAYER(%r11)
    movq THREAD_L1_CAGE(%r11), %rbx
    wrgsbase %rbx
    leaq L1_STACK_OFF + L1_STACK_MAX - 8(%rbx), %rsp
    movq THREAD_L1_CODE(%r11), %r14
    leaq GATE1_RETURN * GATE_ENTRY_BYTES(%r14), %rax
    movq %rax, (%rsp)
    movq THREAD_L1_ENTRY(%r11), %r11
    movq %rdx, %r10
    CLEAN_EXTENDED_STATE
    movq %r10, %rdx
    xorl %eax, %eax
    xorl %ebx, %ebx
    xorl %ebp, %ebp
    xorl %r10d, %r10d
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r15d, %r15d
    pushq $2
    popfq
    lfence
    jmp  *%r11
END(gate2_wasi)

FUNCTION(gate1_return)
    movq %rax, %rdi
    FIND_BLOCK
    ONLY_FOR 1
    cmpq $0, THREAD_CALLER_RIP(%r11)
    je   1f
    movq $2, THREAD_LAYER(%r11)
    movq THREAD_L2_CAGE(%r11), %rax
    wrgsbase %rax
    movq THREAD_L0_RSP(%r11), %rsp
    pushq $2
    popfq
    movq THREAD_CALLER_RSP(%r11), %rsp
    movq THREAD_CALLER_RBX(%r11), %rbx
    movq THREAD_CALLER_RBP(%r11), %rbp
    movq THREAD_CALLER_R12(%r11), %r12
    movq THREAD_CALLER_R13(%r11), %r13
    movq THREAD_L2_CODE(%r11), %r14
    movq THREAD_CALLER_R15(%r11), %r15
    movq THREAD_CALLER_RIP(%r11), %r10
    movq $0, THREAD_CALLER_RIP(%r11)
    jmp  back_to_layer
1:  movq %rdi, THREAD_LEAVE_VALUE(%r11)  /* L0 called it: boot */
    LEAVE LEAVE_RETURN
END(gate1_return)

/* RDI = result, R10 = where to; RSP and the kept registers are the layer's, the flags are
 * clean. Touches no memory: RSP is a value that the layer chose. */
FUNCTION(back_to_layer)
    CLEAN_EXTENDED_STATE
    movq %r10, %r11
    movq %rdi, %rax
    xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %edi, %edi
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    lfence
    jmp  *%r11
END(back_to_layer)

/* ---- leaving ------------------------------------------------------------ */

FUNCTION(gate2_return)
    movq %rax, %rdi
    FIND_BLOCK
    ONLY_FOR 2
    movq %rdi, THREAD_LEAVE_VALUE(%r11)
    LEAVE LEAVE_RETURN
END(gate2_return)

FUNCTION(gate2_trap)
    FIND_BLOCK
    ONLY_FOR 2
    movq %rdi, THREAD_LEAVE_VALUE(%r11)
    LEAVE LEAVE_TRAP
END(gate2_trap)

FUNCTION(gate1_trap)
    FIND_BLOCK
    ONLY_FOR 1
    movq %rdi, THREAD_LEAVE_VALUE(%r11)
    LEAVE LEAVE_TRAP1
END(gate1_trap)

FUNCTION(gate1_exit)
    FIND_BLOCK
    ONLY_FOR 1
    movq %rdi, THREAD_LEAVE_VALUE(%r11)
    LEAVE LEAVE_EXIT
END(gate1_exit)

/* ---- a layer -> L0's C ---------------------------------------------------- */

/* HANDLER(block, first, second, third argument) -> result */
.macro C_GATE name, layer, check, handler
FUNCTION(\name)
    popq %r10
    FIND_BLOCK
    ONLY_FOR \layer
    \check %r10, %rax
    movq %r10, THREAD_GATE_RIP(%r11)
    movq %rsp, THREAD_GATE_RSP(%r11)
    movq $\layer, THREAD_GATE_LAYER(%r11)
    movq $0, THREAD_LAYER(%r11)
    wrfsbase %r11
    wrgsbase %r11
    movq THREAD_L0_RSP(%r11), %rsp
    movq %rdx, %rcx
    movq %rsi, %r8
    movq %rdi, %rsi
    movq %r11, %rdi
    pushq $2
    popfq
    CLEAN_EXTENDED_STATE
    movq %r8, %rdx
    andq $-16, %rsp                     /* as C expects it; L0_RSP is not */
    lfence
    call \handler
    jmp  back_from_c
END(\name)
.endm

C_GATE gate2_grow,   2, CHECK_L2_ADDRESS, serve_grow
C_GATE gate2_data,   2, CHECK_L2_ADDRESS, serve_data
C_GATE gate1_commit, 1, CHECK_L1_ADDRESS, serve_commit
C_GATE gate1_random, 1, CHECK_L1_ADDRESS, serve_random
C_GATE gate1_write,  1, CHECK_L1_ADDRESS, serve_write

FUNCTION(back_from_c)
    movq %rax, %rdi
    pushq $2
    popfq
    rdgsbase %r11
    cmpq $0, THREAD_ABORT(%r11)          /* whoever lives in gates must end, too */
    jne  gate_aborted
    movq THREAD_GATE_LAYER(%r11), %rax
    movq %rax, THREAD_LAYER(%r11)
    movq THREAD_L1_CAGE(%r11), %rcx
    movq THREAD_L1_CODE(%r11), %r14
    cmpq $1, %rax
    cmovneq THREAD_L2_CAGE(%r11), %rcx
    cmovneq THREAD_L2_CODE(%r11), %r14
    movq THREAD_LINEAR_BASE(%r11), %rdx
    movq THREAD_GATE_RSP(%r11), %rsp
    movq THREAD_GATE_RIP(%r11), %r10
    wrfsbase %rdx
    wrgsbase %rcx
    jmp  back_to_layer
END(back_from_c)

FUNCTION(gate_aborted)
    LEAVE LEAVE_ABORTED
END(gate_aborted)

    .section .note.GNU-stack, "", @progbits
