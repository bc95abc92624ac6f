/*
 * Into layer 1 and back, as native.h says. While layer 1 runs, FS is not libc's, so
 * nothing here may use thread-local data; one call at a time.
 */
#define WORLD_ENTRY  0
#define WORLD_STACK  8
#define WORLD_CAGE   16
#define WORLD_LINEAR 24
#define WORLD_END    32

        .bss
        .balign 8
world:  .quad 0
host_rsp: .quad 0
host_fs: .quad 0
host_gs: .quad 0
layer_rsp: .quad 0

        .text
        .globl  native_enter
        .type   native_enter, @function
native_enter:
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        sub     $8, %rsp
        mov     %rdi, world(%rip)
        mov     %rsp, host_rsp(%rip)
        rdfsbase %rax
        mov     %rax, host_fs(%rip)
        rdgsbase %rax
        mov     %rax, host_gs(%rip)

        mov     WORLD_ENTRY(%rdi), %r11
        mov     WORLD_STACK(%rdi), %rsp
        mov     WORLD_LINEAR(%rdi), %rax
        wrfsbase %rax
        mov     WORLD_CAGE(%rdi), %rax
        wrgsbase %rax
        mov     %rsi, %rdi
        mov     %rdx, %rax
        mov     0(%rax), %rsi
        mov     8(%rax), %rdx
        mov     16(%rax), %rcx
        mov     24(%rax), %r8
        mov     32(%rax), %r9
        lea     -4096(%r11), %r14       /* the code zone, as the SFI policy has it */
        xor     %eax, %eax
        jmp     *%r11
        .size   native_enter, . - native_enter

/* RDI = value for native_enter's caller, RAX = enum native_end. */
leave:
        mov     host_fs(%rip), %rcx
        wrfsbase %rcx
        mov     host_gs(%rip), %rcx
        wrgsbase %rcx
        mov     host_rsp(%rip), %rsp
        mov     world(%rip), %rcx
        mov     %rax, WORLD_END(%rcx)
        mov     %rdi, %rax
        add     $8, %rsp
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret

.macro  LEAVING_GATE name, end
        .globl  \name
        .type   \name, @function
\name:
        mov     $\end, %eax
        jmp     leave
        .size   \name, . - \name
.endm

        LEAVING_GATE native_gate_return, 0
        LEAVING_GATE native_gate_exit, 1
        LEAVING_GATE native_gate_trap, 2

/* A C function of the arguments in RDI, RSI and RDX, on the host's stack; its result goes back in RAX. */
.macro  SERVING_GATE name, handler
        .globl  \name
        .type   \name, @function
\name:
        mov     %rsp, layer_rsp(%rip)
        mov     host_fs(%rip), %rcx
        wrfsbase %rcx
        mov     host_gs(%rip), %rcx
        wrgsbase %rcx
        mov     host_rsp(%rip), %rsp
        call    \handler
        mov     world(%rip), %rdx
        mov     WORLD_LINEAR(%rdx), %rcx
        wrfsbase %rcx
        mov     WORLD_CAGE(%rdx), %rcx
        wrgsbase %rcx
        mov     layer_rsp(%rip), %rsp
        ret
        .size   \name, . - \name
.endm

        SERVING_GATE native_gate_commit, native_commit
        SERVING_GATE native_gate_random, native_random
        SERVING_GATE native_gate_write, native_write

        .section .note.GNU-stack, "", @progbits
