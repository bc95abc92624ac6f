/*
 * The weak enclave's only page, position-independent, linked into the test as
 * data: weak_code .. weak_code_end. Entry at its first byte.
 */
#include "abi/sgx_arch.h"
#include "tests/sgx/weak_enclave.h"

#define GPRSGX_URSP 144
#define GPRSGX_URBP 152

    .macro ENCLU
    .byte 0x0f, 0x01, 0xd7
    .endm

    .section .rodata
    .balign 4096
    .globl weak_code, weak_code_end
weak_code:
    mov %rcx, %r10              /* the exit's address */
    mov %rax, %r12
    shl $12, %r12
    lea 0x2000(%rbx, %r12), %r12 /* end of SSA[CSSA]: WEAK_SSA is TCS + 0x1000 */
    cmp $OP_COUNT_MAX, %rdi
    jae bad
    lea operations(%rip), %r11
    movslq (%r11, %rdi, 4), %r9
    add %r11, %r9
    jmp *%r9

bad:
    mov $-1, %rdi
leave:
    /* An ERESUME may have come from another host frame than the EENTER. */
    mov (GPRSGX_URSP - GPRSGX_BYTES)(%r12), %rsp
    mov (GPRSGX_URBP - GPRSGX_BYTES)(%r12), %rbp
leave_as_is:
    mov %r10, %rbx
    mov $ENCLU_EEXIT, %eax
    ENCLU
    ud2

op_cssa:
    mov %rax, %rdi
    mov %r10, %rsi
    jmp leave
op_peek:
    mov (%rsi), %rdi
    jmp leave
op_poke:
    mov %rdx, (%rsi)
    xor %edi, %edi
    jmp leave
op_enclu:
    mov %rsi, %r9
    mov 0(%r9), %rax
    mov 8(%r9), %rbx
    mov 16(%r9), %rcx
    mov 24(%r9), %rdx
    ENCLU
enclu_done:
    mov %rax, %rdi
    lahf
    movzx %ah, %esi
    jmp leave
op_step_enclu:
    mov %rsi, %r9
    mov 0(%r9), %rax
    mov 8(%r9), %rbx
    mov 16(%r9), %rcx
    mov 24(%r9), %rdx
    ENCLU
    nop
    jmp enclu_done
op_jump:
    jmp *%rsi
op_count:
    mov %r10, %rbx
1:  dec %rsi
    jnz 1b
    mov (GPRSGX_URSP - GPRSGX_BYTES)(%r12), %rsp
    mov (GPRSGX_URBP - GPRSGX_BYTES)(%r12), %rbp
    mov $ENCLU_EEXIT, %eax
    ENCLU
op_spin:
    xor %edi, %edi
1:  inc %rdi
    cmpq $0, (%rsi)
    je 1b
    jmp leave

op_registers:
    movabs $PATTERN, %rax
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    mov $(\n + 1), %ecx
    movq %rcx, %xmm\n
    .endr
    imul $2, %rax, %rcx
    imul $3, %rax, %rdx
    imul $4, %rax, %rbx
    imul $5, %rax, %rsp
    imul $6, %rax, %rbp
    imul $7, %rax, %rsi
    imul $8, %rax, %rdi
    imul $9, %rax, %r8
    imul $10, %rax, %r9
    imul $11, %rax, %r10
    imul $12, %rax, %r11
    imul $13, %rax, %r12
    imul $14, %rax, %r13
    imul $15, %rax, %r14
    imul $16, %rax, %r15
    .globl weak_registers_ud2
weak_registers_ud2:
    ud2

op_bases:
    rdfsbase %rdi
    rdgsbase %rsi
    jmp leave
op_set_bases:
    wrfsbase %rsi
    wrgsbase %rdx
    ud2
    jmp op_bases
op_flags:
    /* No stack of our own: use the two words below SSA's end that nobody needs. */
    lea weak_code + WEAK_DATA + 0x800(%rip), %rsp
    push %rsi
    popfq
    ud2

op_exit_dirty:
    mov %rdx, %rdi
    mov %r8, %rsi
    mov $0xdead, %r12d
    mov $0xdead, %r13d
    mov $0xdead, %r14d
    mov $0xdead, %r15d
    jmp leave_as_is
op_exit_flag:
    std
    xor %edi, %edi
    jmp leave
op_push:
    push %rsi
    push %rdx
    xor %edi, %edi
    jmp leave_as_is
op_skip:
    add %rdx, (4096 - GPRSGX_BYTES + GPRSGX_RIP)(%rsi)
    xor %edi, %edi
    jmp leave

op_fault:
    cmp $FAULT_COUNT, %rsi
    jae bad
    lea faults(%rip), %r11
    movslq (%r11, %rsi, 4), %r9
    add %r11, %r9
    jmp *%r9

fault_de:
    xor %edx, %edx
    xor %ecx, %ecx
    div %ecx
fault_db: /* #DB after each of the four instructions from NOP to POPFQ */
    lea weak_code + WEAK_DATA + 0x700(%rip), %rsp
    pushfq
    orq $0x100, (%rsp)
    popfq
    nop
    pushfq
    andq $~0x100, (%rsp)
    popfq
    xor %edi, %edi
    jmp leave
fault_bp:
    int3
    xor %edi, %edi
    jmp leave
fault_ud:
    ud2
    xor %edi, %edi
    jmp leave
fault_gp:
    movabs $0x8000000000000000, %rax
    mov (%rax), %rax
fault_mf:
    fninit
    lea weak_code + WEAK_DATA + 0x700(%rip), %r9
    movw $0x0300, (%r9) /* all x87 exceptions unmasked */
    fldcw (%r9)
    fld1
    fldz
    fdivrp
    fwait
fault_ac:
    lea weak_code + WEAK_DATA + 0x700(%rip), %rsp
    pushfq
    orq $0x40000, (%rsp)
    popfq
    mov 1(%rsp), %rax
fault_xm:
    lea weak_code + WEAK_DATA + 0x700(%rip), %r9
    movl $0x1d80, (%r9) /* all but the zero-divide exception masked */
    ldmxcsr (%r9)
    mov $1, %eax
    cvtsi2sd %eax, %xmm0
    xorpd %xmm1, %xmm1
    divsd %xmm1, %xmm0
fault_syscall:
    mov $39, %eax /* getpid */
    syscall
    xor %edi, %edi
    jmp leave
fault_int80:
    mov $20, %eax
    int $0x80
    xor %edi, %edi
    jmp leave
fault_int:
    int $0x21
    xor %edi, %edi
    jmp leave
fault_in:
    in $0x60, %al
    xor %edi, %edi
    jmp leave

    .balign 4
operations:
    .long op_cssa - operations, op_peek - operations, op_poke - operations
    .long op_enclu - operations, op_jump - operations, op_fault - operations
    .long op_count - operations, op_spin - operations, op_registers - operations
    .long op_bases - operations, op_set_bases - operations, op_exit_dirty - operations
    .long op_push - operations, op_skip - operations, op_flags - operations
    .long op_step_enclu - operations, op_exit_flag - operations
faults:
    .long fault_de - faults, fault_db - faults, fault_bp - faults, fault_ud - faults
    .long fault_gp - faults, fault_mf - faults, fault_ac - faults, fault_xm - faults
    .long fault_syscall - faults, fault_int80 - faults, fault_int - faults, fault_in - faults
    .balign 4096
weak_code_end:

    .section .note.GNU-stack, "", @progbits
