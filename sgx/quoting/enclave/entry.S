/*
 * EENTER: RAX = CSSA, RBX = TCS, RCX = address after the host's ENCLU, FS = GS = the thread page;
 * every other register is the host's. Leaves with RDI = status and every other register clean.
 */
#include "abi/geometry.h"
#include "abi/sgx_arch.h"

/* In the thread page. BearSSL's objects read the canary at %fs:0x28. */
#define THREAD_CANARY      0x28
#define THREAD_HOST_RSP    0x40
#define THREAD_HOST_RBP    0x48
#define THREAD_HOST_RETURN 0x50

    .section .rodata
    .balign 64
clean_xsave_area:                       /* XSTATE_BV = 0: XRSTOR initialises everything */
    .zero 24
    .long 0x1f80                        /* MXCSR */
    .zero 4096 - 28

    .macro CLEAN_EXTENDED_STATE
    movl $0xfffffdff, %eax              /* all but PKRU */
    movl $0xffffffff, %edx
    xrstor clean_xsave_area(%rip)
    .endm

    .text
    .globl qe_entry
    .hidden qe_entry
    .type qe_entry, @function
    .balign 32
qe_entry:
    cld
    testq %rax, %rax
    jne  deeper
    movq %rsp, %fs:THREAD_HOST_RSP
    movq %rbp, %fs:THREAD_HOST_RBP
    movq %rcx, %fs:THREAD_HOST_RETURN
    leaq qe_image + PLAIN_STACK + PLAIN_STACK_BYTES(%rip), %rsp
    xorl %ebp, %ebp
    pushq $2
    popfq                               /* AC, NT, DF and the arithmetic flags clear */
    movq %rdx, %r8
    CLEAN_EXTENDED_STATE
    movq %r8, %rdx
    lfence
    cmpq $0, %fs:THREAD_CANARY
    jne  1f
new_canary:
    rdrand %rax
    jnc  new_canary
    movb $0, %al                        /* a string cannot run through it */
    movq %rax, %fs:THREAD_CANARY
1:
    call qe_dispatch                    /* (call, request, bytes) */
    movq %rax, %r13
    CLEAN_EXTENDED_STATE
    leaq qe_image + PLAIN_STACK(%rip), %rdi
    movl $PLAIN_STACK_BYTES / 8, %ecx   /* what the call left there */
    xorl %eax, %eax
    rep stosq
    movq %r13, %rdi
    movq %fs:THREAD_HOST_RSP, %rsp
    movq %fs:THREAD_HOST_RBP, %rbp
    movq %fs:THREAD_HOST_RETURN, %rbx
    xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    xorl %r11d, %r11d
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r14d, %r14d
    xorl %r15d, %r15d
    lfence
    movl $ENCLU_EEXIT, %eax
    enclu
deeper:                                 /* no exception is handled inside: resume or give up */
    ud2
    .size qe_entry, . - qe_entry

    .section .note.GNU-stack, "", @progbits
