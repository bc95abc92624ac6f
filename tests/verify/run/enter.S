/* Into the cage and back. Registers of the code are in cage_registers, of the harness on its
 * own stack; the harness's %fs is its thread pointer. */
    .text

    .globl  cage_enter
    .type   cage_enter, @function
cage_enter:                             /* void cage_enter(void) */
    pushq   %rbx
    pushq   %rbp
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
    rdfsbase %rax
    movq    %rax, harness_fs(%rip)
    movq    %rsp, harness_rsp(%rip)
    movq    cage_fs(%rip), %rax
    wrfsbase %rax
    movq    cage_gs(%rip), %rax
    wrgsbase %rax
    movq    cage_registers + 8(%rip), %rcx
    movq    cage_registers + 16(%rip), %rdx
    movq    cage_registers + 24(%rip), %rbx
    movq    cage_registers + 40(%rip), %rbp
    movq    cage_registers + 48(%rip), %rsi
    movq    cage_registers + 56(%rip), %rdi
    movq    cage_registers + 64(%rip), %r8
    movq    cage_registers + 72(%rip), %r9
    movq    cage_registers + 80(%rip), %r10
    movq    cage_registers + 88(%rip), %r11
    movq    cage_registers + 96(%rip), %r12
    movq    cage_registers + 104(%rip), %r13
    movq    cage_registers + 112(%rip), %r14
    movq    cage_registers + 120(%rip), %r15
    movq    cage_registers(%rip), %rax
    pushfq
    orl     $0x100, (%rsp)              /* TF: a trap after each instruction from here on */
    popfq
    movq    cage_registers + 32(%rip), %rsp
    jmp     *cage_start(%rip)
    .globl  cage_entered
cage_entered:

/* Where signal handlers and gates lead. */
    .globl  cage_leave
cage_leave:
    movq    harness_fs(%rip), %rax
    wrfsbase %rax
    movq    harness_rsp(%rip), %rsp
    cld
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbp
    popq    %rbx
    ret

/* void cage_signal(int, siginfo_t *, void *): restores the harness's %fs around cage_observe. */
    .globl  cage_signal
    .type   cage_signal, @function
cage_signal:
    pushq   %rbx
    rdfsbase %rbx
    movq    %rbx, seen_fs(%rip)
    rdgsbase %rax
    movq    %rax, seen_gs(%rip)
    movq    harness_fs(%rip), %rax
    wrfsbase %rax
    call    cage_observe
    wrfsbase %rbx
    popq    %rbx
    ret

    .bss
    .balign 8
    .globl  cage_registers, cage_fs, cage_gs, cage_start, harness_fs, harness_rsp, seen_fs, seen_gs
cage_registers: .skip 128
cage_fs:        .skip 8
cage_gs:        .skip 8
cage_start:     .skip 8
harness_fs:     .skip 8
harness_rsp:    .skip 8
seen_fs:        .skip 8
seen_gs:        .skip 8
    .section .note.GNU-stack, "", @progbits
