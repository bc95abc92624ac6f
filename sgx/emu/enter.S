/*
 * emu_enter: __vdso_sgx_enter_enclave of the emulator. Same arguments, same
 * reports. EENTER and ERESUME take no trap: the registers are laid out as a
 * signal frame and emu_enter_context returns from it into the enclave.
 *
 * RBP is the anchor, as in the vDSO: the enclave must bring it back. Unlike
 * the vDSO, RSP and R12-R15 survive whatever the enclave left in them
 * (sgx/driver/enter.S adds the same on hardware).
 */
#include "abi/sgx_arch.h"
#include "sgx/emu/layout.h"

#define SAVED_BYTES 40 /* RBX, R12-R15 */
#define EINVAL      22
#define CLEAN_FLAGS 2 /* DF and AC, which an enclave may leave set, would trip up C */

    .text
    .globl emu_enter
    .type emu_enter, @function
emu_enter:
    .cfi_startproc
    endbr64
    push %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset rbp, 0
    mov %rsp, %rbp
    .cfi_def_cfa_register rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %ecx, %eax

.Lenter:
    cmp $ENCLU_EENTER, %eax
    jb .Linvalid
    cmp $ENCLU_ERESUME, %eax
    ja .Linvalid
    mov 16(%rbp), %rcx /* run: the seventh argument */
    mov $RUN_RESERVED, %ebx
1:  cmpq $0, (%rcx, %rbx)
    jne .Linvalid
    add $8, %rbx
    cmp $RUN_RESERVED_END, %rbx
    jne 1b
    mov RUN_TCS(%rcx), %rbx
    lea emu_aep(%rip), %rcx

    /* General registers in the order of ucontext's gregs, last first. */
    mov %rsp, %r10
    pushfq
    push %rcx /* RIP: as if about to execute the ENCLU below */
    push %r10
    push %rcx
    push %rax
    push %rdx
    push %rbx
    push %rbp
    push %rsi
    push %rdi
    push %r15
    push %r14
    push %r13
    push %r12
    push %r11
    push %r10
    push %r9
    push %r8
    mov %rsp, %rdi
    and $-16, %rsp
    cld
    call emu_enter_context
    ud2

    /* AEP: after an asynchronous exit the host resumes by executing this. */
    .globl emu_aep
emu_aep:
    .byte 0x0f, 0x01, 0xd7 /* enclu */
    /* EEXIT's usual target. */
    mov 16(%rbp), %rbx
    movl $ENCLU_EEXIT, RUN_FUNCTION(%rbx)
.Lreport:
    cmpq $0, RUN_USER_HANDLER(%rbx)
    jne .Luser_handler
    xor %eax, %eax
.Lout:
    lea -SAVED_BYTES(%rbp), %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    .cfi_remember_state
    .cfi_def_cfa rsp, 8
    pushq $CLEAN_FLAGS
    popfq
    ret
    .cfi_restore_state

.Linvalid:
    mov $-EINVAL, %eax
    jmp .Lout

    /* emu_report sends exceptions here: RAX leaf, RDI vector, RSI error code, RDX address. */
    .globl emu_exception
emu_exception:
    mov 16(%rbp), %rbx
    mov %eax, RUN_FUNCTION(%rbx)
    mov %di, RUN_VECTOR(%rbx)
    mov %si, RUN_ERROR(%rbx)
    mov %rdx, RUN_ADDRESS(%rbx)
    jmp .Lreport

    /* handler(rdi, rsi, rdx, rsp, r8, r9, run): > 0 is the next leaf, else the result. */
.Luser_handler:
    mov %rsp, %rcx
    mov %rsp, %r12
    and $-16, %rsp
    push %rbx
    pushq $CLEAN_FLAGS
    popfq
    push %rbx
    call *RUN_USER_HANDLER(%rbx)
    mov %r12, %rsp
    test %eax, %eax
    jle .Lout
    jmp .Lenter
    .cfi_endproc
    .size emu_enter, . - emu_enter

    .section .note.GNU-stack, "", @progbits
