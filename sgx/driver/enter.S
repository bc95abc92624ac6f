/*
 * __vdso_sgx_enter_enclave keeps RBX, RBP and RSP for its caller, but leaves
 * R12-R15, DF and AC to the enclave. C needs them back.
 */
    .text
    .globl sgx_hardware_enter
    .type sgx_hardware_enter, @function
sgx_hardware_enter:
    .cfi_startproc
    endbr64
    push %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset rbp, 0
    mov %rsp, %rbp
    .cfi_def_cfa_register rbp
    push %r12
    push %r13
    push %r14
    push %r15
    push 16(%rbp) /* run, and alignment: */
    push 16(%rbp)
    call *sgx_vdso_enter(%rip)
    lea -32(%rbp), %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    .cfi_def_cfa rsp, 8
    pushq $0x2
    popfq
    ret
    .cfi_endproc
    .size sgx_hardware_enter, . - sgx_hardware_enter

    .section .note.GNU-stack, "", @progbits
