/*
 * int enter_shim(enter, rdi, rsi, rdx, leaf, run)
 *
 * The vDSO's entry leaves all registers but RBX, RBP and RSP as the enclave
 * left them. A well-behaved L0 zeroes them; either way the C caller's
 * callee-saved registers and control words are restored here.
 */
        .text
        .globl  enter_shim
        .type   enter_shim, @function
        .balign 16
enter_shim:
        .cfi_startproc
        endbr64
        push    %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rbp, 0
        mov     %rsp, %rbp
        .cfi_def_cfa_register %rbp
        push    %rbx
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        sub     $8, %rsp
        stmxcsr (%rsp)
        fnstcw  4(%rsp)

        mov     %rdi, %rax              /* enter */
        mov     %rsi, %rdi
        mov     %rdx, %rsi
        mov     %rcx, %rdx
        mov     %r8d, %ecx              /* leaf */
        mov     %r9, %r10               /* run, the seventh argument: on the stack */
        xor     %r8d, %r8d
        xor     %r9d, %r9d
        sub     $8, %rsp                /* keeps the stack 16-byte aligned at the call */
        push    %r10
        call    *%rax
        add     $16, %rsp

        cld
        ldmxcsr (%rsp)
        fldcw   4(%rsp)
        add     $8, %rsp
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbx
        pop     %rbp
        .cfi_def_cfa %rsp, 8
        ret
        .cfi_endproc
        .size   enter_shim, . - enter_shim
        .section .note.GNU-stack,"",@progbits
