/*
 * The hostile runtime's entry, and attacks that a compiler would not write: by hand, in the form
 * that docs/sfi-policy.md demands, for clang's assembler (bundle alignment).
 */
#include "abi/gates.h"
#include "abi/geometry.h"
#include "abi/sfi.h"
#include "tests/border/hostile-l1/orders.h"

    .bundle_align_mode SFI_BUNDLE_SHIFT

/* To the offset in the code zone, or the address in it, that R11 holds. */
.macro JUMP_R11
    .bundle_lock
    andl $SFI_BRANCH_MASK, %r11d
    addq %r14, %r11
    jmp *%r11
    .bundle_unlock
.endm

.macro CALL_R11
    .bundle_lock align_to_end
    andl $SFI_BRANCH_MASK, %r11d
    addq %r14, %r11
    call *%r11
    .bundle_unlock
.endm

.macro CALL label
    .bundle_lock align_to_end
    call \label
    .bundle_unlock
.endm

.macro RETURN
    popq %r11
    JUMP_R11
.endm

/* A step of the stack pointer is followed by its probe. */
.macro STEP operation, bytes, probe
    .bundle_lock
    \operation $\bytes, %rsp
    movq \probe(%rsp), %r11
    .bundle_unlock
.endm

.macro FUNCTION name
    .p2align SFI_BUNDLE_SHIFT, SFI_PAD_BYTE
    .globl \name
    .hidden \name
    .type \name, @function
\name:
.endm

    .section .text.l1_entry, "ax", @progbits
FUNCTION l1_entry
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    por %xmm\n, %xmm0
    .endr
    .irp register, rax, rbp, r10, r12, r13, r15
    orq %\register, %rbx
    .endr
    movl $ENTRY_SEEN_OFF, %eax
    movdqu %xmm0, %gs:(%eax)
    movq %rbx, %gs:16(%eax)
    pushq %rax
    CALL hostile_dispatch
    popq %rcx
    movl %eax, %edi
    RETURN
    .size l1_entry, . - l1_entry

    .text

/* ---- accesses ----------------------------------------------------------------------- */

/* void attack_access(form, first, second, out): RBX, RCX for the form; what it loads comes
 * back in RAX or XMM0, and both hold what it stores. out: an offset in the cage. */
FUNCTION attack_access
    pushq %rbx
    pushq %rbp
    movl %ecx, %ebp
    movq %rsi, %rbx
    movq %rdx, %rcx
    movabsq $STORED_BYTE * 0x0101010101010101, %rax
    movq %rax, %xmm0
    punpcklqdq %xmm0, %xmm0
    shll $6, %edi
    leaq access_forms(%rip), %r11
    addq %rdi, %r11
    JUMP_R11
    .p2align SFI_BUNDLE_SHIFT, SFI_PAD_BYTE
access_done:
    movq %rax, %gs:(%ebp)
    movdqu %xmm0, %gs:8(%ebp)
    popq %rbp
    popq %rbx
    RETURN


.macro ONE number, instruction:vararg
    .org access_forms + 64 * \number, SFI_PAD_BYTE
    \instruction
    jmp access_done
.endm

.macro FAR number, instruction:vararg
    .org access_forms + 64 * \number, SFI_PAD_BYTE
    .bundle_lock
    movl %ebx, %r11d
    \instruction
    .bundle_unlock
    jmp access_done
.endm

    .p2align 6, SFI_PAD_BYTE
access_forms:
    ONE ACCESS_LOAD_8, movzbl %gs:(%ebx), %eax
    ONE ACCESS_LOAD_16, movzwl %gs:(%ebx), %eax
    ONE ACCESS_LOAD_32, movl %gs:(%ebx), %eax
    ONE ACCESS_LOAD_64, movq %gs:(%ebx), %rax
    ONE ACCESS_LOAD_128, movdqu %gs:(%ebx), %xmm0
    ONE ACCESS_STORE_8, movb %al, %gs:(%ebx)
    ONE ACCESS_STORE_16, movw %ax, %gs:(%ebx)
    ONE ACCESS_STORE_32, movl %eax, %gs:(%ebx)
    ONE ACCESS_STORE_64, movq %rax, %gs:(%ebx)
    ONE ACCESS_STORE_128, movdqu %xmm0, %gs:(%ebx)
    ONE ACCESS_LOAD_SUM, movq %gs:0x7fffffff(%ebx,%ecx,8), %rax
    ONE ACCESS_STORE_SUM, movq %rax, %gs:0x7fffffff(%ebx,%ecx,8)
    .org access_forms + 64 * ACCESS_LOAD_PUSH, SFI_PAD_BYTE
    pushq %gs:(%ebx)
    popq %rax
    jmp access_done
    ONE ACCESS_ADD, addq %rax, %gs:(%ebx)
    ONE ACCESS_SET_BIT, btsq $63, %gs:(%ebx)
    ONE ACCESS_LINEAR_LOAD, movq %fs:(%ebx), %rax
    ONE ACCESS_LINEAR_LOAD_128, movdqu %fs:(%ebx), %xmm0
    ONE ACCESS_LINEAR_SUM, movq %fs:0x7fffffff(%ebx,%ecx,8), %rax
    FAR ACCESS_FAR_LOAD, movq %fs:LINEAR_DISP_MAX - 1(%r11), %rax
    FAR ACCESS_FAR_LOAD_128, movdqu %fs:LINEAR_DISP_MAX - 1(%r11), %xmm0
    ONE ACCESS_STACK_LOAD_UP, movq SFI_STACK_DISP_MAX(%rsp), %rax
    ONE ACCESS_STACK_LOAD_DOWN, movq -SFI_STACK_DISP_MAX(%rsp), %rax
    ONE ACCESS_STACK_STORE_UP, movq %rax, SFI_STACK_DISP_MAX(%rsp)
    ONE ACCESS_STACK_STORE_DOWN, movq %rax, -SFI_STACK_DISP_MAX(%rsp)

/* ---- registers full of one value ---------------------------------------------------- */

/* XMM0 to XMM15 from RAX, and flags as different from clean ones as arithmetic can make them. */
.macro FILL_VECTORS
    movq %rax, %xmm0
    punpcklqdq %xmm0, %xmm0
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movdqa %xmm0, %xmm\n
    .endr
    divps %xmm1, %xmm1      /* leaves exceptions in MXCSR, too */
.endm

.macro FILL_GENERAL registers:vararg
    .irp register, \registers
    movq %rax, %\register
    .endr
.endm

/* ---- calls of gates ----------------------------------------------------------------- */

/* void attack_gate(offset, a, b, c, out): everything wild but the arguments; afterwards every
 * register goes to out: RAX RCX RDX RSI RDI R8 R9 R10, all vectors ORed, RBX RBP R12 R13 R15. */
FUNCTION attack_gate
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r15
    movl %r8d, %ebp
    movq %rdi, %r11
    movq %rsi, %rdi
    movq %rdx, %rsi
    movq %rcx, %rdx
    movabsq $0xfedcba9876543210, %rax
    FILL_VECTORS
    FILL_GENERAL rbx, rcx, r8, r9, r10, r12, r13, r15
    CALL_R11
    movq %rax, %gs:(%ebp)
    movq %rcx, %gs:8(%ebp)
    movq %rdx, %gs:16(%ebp)
    movq %rsi, %gs:24(%ebp)
    movq %rdi, %gs:32(%ebp)
    movq %r8, %gs:40(%ebp)
    movq %r9, %gs:48(%ebp)
    movq %r10, %gs:56(%ebp)
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    por %xmm\n, %xmm0
    .endr
    movdqu %xmm0, %gs:64(%ebp)
    movq %rbx, %gs:80(%ebp)
    movq %r12, %gs:88(%ebp)
    movq %r13, %gs:96(%ebp)
    movq %r15, %gs:104(%ebp)
    popq %r15
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    RETURN

/* void attack_jump(offset, value): all registers hold the value; not to return. */
FUNCTION attack_jump
    movq %rdi, %r11
    movq %rsi, %rax
    FILL_VECTORS
    FILL_GENERAL rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r12, r13, r15
    cmpq $1, %rax
    JUMP_R11

/* void attack_return(offset, a, b, address, rbx): the gate is jumped to with this return address. */
FUNCTION attack_return
    movq %rdi, %r11
    movq %rsi, %rdi
    movq %rdx, %rsi
    pushq %rcx
    movq %r8, %rbx
    movq %r8, %rbp
    JUMP_R11

/* The immediate's bytes are movq (%rbx), %rax; jmp .+3: on to what follows the movabs. Whoever
 * comes that way leaves what it read in the cage: with the results, and on the stack. */
    .p2align SFI_BUNDLE_SHIFT, SFI_PAD_BYTE
hidden:
    movabsq $0x90909003eb038b48, %rcx
    jmp hidden_found
hidden_found:
    pushq %rax
    pushq %rax
    movl $RESULT_OFF, %ecx
    movq %rax, %gs:(%ecx)
    jmp gate1_return

FUNCTION attack_hidden
    leaq hidden + 2(%rip), %rax
    RETURN

/* ---- the stack pointer -------------------------------------------------------------- */

.macro MOVE number, body:vararg
    .org stack_moves + 128 * \number, SFI_PAD_BYTE
1:
    \body
    decq %rdx
    jnz 1b
    jmp stack_moved
.endm

/* void attack_stack(move, count, offset, a, b, pushes) */
FUNCTION attack_stack
    testq %r9, %r9
    jz 2f
1:  pushq %r9
    decq %r9
    jnz 1b
2:  movq %rdx, %r9          /* where it goes in the end */
    movq %rsi, %rdx
    movq %r8, %rsi
    shll $7, %edi
    leaq stack_moves(%rip), %r11
    addq %rdi, %r11
    movq %rcx, %rdi
    JUMP_R11
    .p2align SFI_BUNDLE_SHIFT, SFI_PAD_BYTE
stack_moved:
    movq %r9, %r11
    JUMP_R11

    .p2align 7, SFI_PAD_BYTE
stack_moves:
    MOVE STACK_PUSH, pushq %r9
    MOVE STACK_POP, popq %rax
    MOVE STACK_STEP_DOWN, STEP subq, SFI_STACK_STEP_MAX, 0
    MOVE STACK_STEP_UP, STEP addq, SFI_STACK_STEP_MAX, 0
    MOVE STACK_BYTE_DOWN, STEP subq, 1, 0
    MOVE STACK_BYTE_UP, STEP addq, 1, 0
    MOVE STACK_BELOW, STEP subq, 8, SFI_PROBE_DISP_MAX
    MOVE STACK_ABOVE, STEP addq, 8, -SFI_PROBE_DISP_MAX
    .org stack_moves + 128 * STACK_CALL, SFI_PAD_BYTE
1:
    CALL 2f
2:
    decq %rdx
    jnz 1b
    jmp stack_moved

#ifdef BREAKS_POLICY
/* What the verifier must not let through: an address instead of an offset. */
FUNCTION unconfined
    movq (%rdi), %rax
    RETURN
#endif

    .section .note.GNU-stack, "", @progbits
