/*
 * Into a bundle and out of it. While it runs, %fs is linear memory's base and %gs
 * the cage's: no C of the host runs then but the fault handler (arena.c), which
 * touches no TLS.
 */
#define ARCH_SET_GS   0x1001
#define ARCH_SET_FS   0x1002
#define SYS_arch_prctl 158

    .bss
    .balign 8
host_rsp:  .skip 8
host_fs:   .skip 8
guest_fs:  .skip 8

    .text
/* clobbers rax rcx rdx rsi rdi r11 */
.macro SET_BASE which, from
    movl $SYS_arch_prctl, %eax
    movl $\which, %edi
    movq \from, %rsi
    syscall
.endm

/* uint64_t arena_enter(rdi entry, rsi call, rdx stack_top, rcx linear, r8 cage, r9 return_gate):
 * RAX = trap, RDX = value */
    .globl arena_enter
    .type arena_enter, @function
arena_enter:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    pushq %r14 /* aligns */
    movq %rsp, host_rsp(%rip)
    movq %fs:0, %rax
    movq %rax, host_fs(%rip)
    movq %rcx, guest_fs(%rip)
    movq %rdi, %r12
    movq %rsi, %r13
    movq %rdx, %r14
    SET_BASE ARCH_SET_GS, %r8
    SET_BASE ARCH_SET_FS, guest_fs(%rip)
    leaq -8(%r14), %rsp
    movq %r9, (%rsp)
    movq %r13, %rdi
    movq %r12, %rax
    movq %r12, %r14
    andq $-0x20000000, %r14 /* the code zone, as SFI wants it */
    jmp *%rax
    .size arena_enter, . - arena_enter

/* Where gates that do not return and the fault handler go: RBX = trap, RBP = value. */
    .globl arena_leave
    .type arena_leave, @function
arena_leave:
    SET_BASE ARCH_SET_FS, host_fs(%rip)
    movq host_rsp(%rip), %rsp
    movq %rbx, %rax
    movq %rbp, %rdx
    cld
    popq %r14
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret
    .size arena_leave, . - arena_leave

/* From C that answers a gate: RDI = trap, RSI = value. */
    .globl arena_end
    .type arena_end, @function
arena_end:
    movq %rdi, %rbx
    movq %rsi, %rbp
    jmp arena_leave
    .size arena_end, . - arena_end

    .globl arena_gate_trap
arena_gate_trap:
    movq %rdi, %rbx
    xorl %ebp, %ebp
    jmp arena_leave

    .globl arena_gate_return
arena_gate_return:
    xorl %ebx, %ebx
    movq %rdi, %rbp
    jmp arena_leave

/* A gate that returns: C on the host's stack, then everything clean that a gate may change, so
 * that code which relies on more than the convention is caught. */
.macro GATE name, handler
    .globl \name
    .type \name, @function
\name:
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    pushq %rbp
    movq %rdi, %r12
    movq %rsi, %r13
    movq %rdx, %r14
    movq %rcx, %r15
    movq %rsp, %rbp
    movq %r8, %rbx
    SET_BASE ARCH_SET_FS, host_fs(%rip)
    movq host_rsp(%rip), %rsp
    movq %r12, %rdi
    movq %r13, %rsi
    movq %r14, %rdx
    movq %r15, %rcx
    movq %rbx, %r8
    call \handler
    movq %rax, %rbx
    SET_BASE ARCH_SET_FS, guest_fs(%rip)
    movq %rbx, %rax
    movq %rbp, %rsp
    popq %rbp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    movq $-1, %rcx
    movq %rcx, %rdx
    movq %rcx, %rsi
    movq %rcx, %rdi
    movq %rcx, %r8
    movq %rcx, %r9
    movq %rcx, %r10
    movq %rcx, %r11
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    pcmpeqd %xmm\n, %xmm\n
    .endr
    ret
    .size \name, . - \name
.endm

GATE arena_gate_wasi, arena_wasi
GATE arena_gate_grow, arena_grow
GATE arena_gate_data, arena_data

    .section .note.GNU-stack, "", @progbits
