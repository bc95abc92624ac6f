/*
 * The enclave's only entry point and its exits.
 *
 * EENTER: RAX = CSSA, RCX = address after the host's ENCLU, FS = GS = thread
 * block; every other register is the host's. The stack is ours from the first
 * push on. The exits leave clean registers, RDI = enum status.
 */
#include "trusted/monitor/asm.h"

    .section .rodata
    .balign 64
clean_xsave_area:                       /* XSTATE_BV = 0: XRSTOR initialises everything */
    .globl clean_xsave_area
    .hidden clean_xsave_area
    .zero 24
    .long 0x1f80                        /* MXCSR, read even so (SDM 1, 13.8.1) */
    .zero 4096 - 28                     /* large enough for any enabled component */

    .text

FUNCTION(monitor_entry)
    cld
    rdgsbase %r10                       /* the thread block; TCS.OGSBASE, measured */
    cmpq $0, %rax
    jne  1f

    movq %rsp, THREAD_HOST_RSP(%r10)
    movq %rbp, THREAD_HOST_RBP(%r10)
    movq %rcx, THREAD_HOST_RETURN(%r10)
    leaq CTL_STACK + CTL_STACK_BYTES - CTL_TLS(%r10), %rsp
    jmp  2f
1:
    cmpq $1, %rax
    jne  bad_depth
    movq %rsp, THREAD_XHOST_RSP(%r10)
    movq %rbp, THREAD_XHOST_RBP(%r10)
    movq %rcx, THREAD_XHOST_RETURN(%r10)
    leaq CTL_XSTACK + CTL_XSTACK_BYTES - CTL_TLS(%r10), %rsp
2:
    xorl %ebp, %ebp
    pushq %rax                          /* CSSA, for the way out */
    pushq $2
    popfq                               /* AC, NT, DF and the arithmetic flags clear */
    movq %rdx, %r9
    movq %rax, %r8
    CLEAN_EXTENDED_STATE
    movq %r9, %rdx
    movq %r8, %rcx
    lfence

    cmpq $0, THREAD_CANARY(%r10)
    jne  3f
new_canary:
    rdrand %rax
    jnc  new_canary
    movb $0, %al                        /* a string cannot run through it */
    movq %rax, THREAD_CANARY(%r10)
3:
    /* monitor_dispatch(call, request, bytes, cssa, block) */
    movq %r10, %r8
    xorl %eax, %eax
    xorl %ebx, %ebx
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    xorl %r11d, %r11d
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r14d, %r14d
    xorl %r15d, %r15d
    subq $8, %rsp                       /* 16-byte alignment at the call */
    call monitor_dispatch
    addq $8, %rsp
    popq %rcx                           /* CSSA */
    movl %eax, %edi
    movl %edx, %r12d                    /* struct dispatch_result: see monitor.h */
    rdgsbase %r10
    testq %rcx, %rcx
    jne  exit_exception
    testl %r12d, %r12d
    jne  exit_scrubbing

    CLEAN_EXTENDED_STATE
exit_normal:
    movq THREAD_HOST_RSP(%r10), %rsp
    movq THREAD_HOST_RBP(%r10), %rbp
    movq THREAD_HOST_RETURN(%r10), %rbx
    jmp  leave_enclave

exit_exception:
    CLEAN_EXTENDED_STATE
    movq THREAD_XHOST_RSP(%r10), %rsp
    movq THREAD_XHOST_RBP(%r10), %rbp
    movq THREAD_XHOST_RETURN(%r10), %rbx

leave_enclave:                          /* RBX = target, RDI = status, RSP and RBP the host's */
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
    ud2
END(monitor_entry)

bad_depth:                              /* NSSA = 2: hardware never gets here */
    ud2

/*
 * The tail of a rewind or reset, and of capturing a snapshot. All data is
 * restored; what is left is in registers, on L0's stacks, in the thread block
 * and in the SSA frames. The order matters: registers first, so that an AEX
 * from here on stores clean ones; the SSA frames last; only then does the slot
 * get its new state (R12B, an enum slot_state). EDI = status is kept.
 * No stack is used. SSA[0] keeps the host's RSP and RBP, which EENTER put there:
 * until EEXIT an AEX returns them to the host, which may need a stack.
 */
#define SSA_FRAME_BYTES   (SSA_FRAME_PAGES * PAGE_BYTES)
#define HOST_STACK_IN_SSA (SSA_FRAME_BYTES - GPRSGX_BYTES + GPRSGX_URSP)

FUNCTION(exit_scrubbing)
    movl %edi, %r13d
    CLEAN_EXTENDED_STATE
    xorl %eax, %eax
    xorl %ebx, %ebx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %ebp, %ebp
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r11d, %r11d
    xorl %r14d, %r14d
    xorl %r15d, %r15d
    movq THREAD_HOST_RSP(%r10), %rsp    /* off our stack before it is wiped */
    leaq CTL_STACK - CTL_TLS(%r10), %rdi
    movl $CTL_STACK_BYTES / 8, %ecx
    rep stosq
    leaq CTL_XSTACK - CTL_TLS(%r10), %rdi
    movl $CTL_XSTACK_BYTES / 8, %ecx
    rep stosq
    leaq THREAD_SCRUB_FROM(%r10), %rdi
    movl $THREAD_SCRUB_BYTES / 8, %ecx
    rep stosq
    .globl scrub_ssa
    .hidden scrub_ssa
scrub_ssa:
    leaq CTL_SSA - CTL_TLS(%r10), %rdi
    movl $HOST_STACK_IN_SSA / 8, %ecx
    rep stosq
    addq $16, %rdi                      /* URSP, URBP: an AEX gives them back to the host */
    movl $(SSA_FRAMES * SSA_FRAME_BYTES - HOST_STACK_IN_SSA - 16) / 8, %ecx
    rep stosq
    movzbl %r12b, %r12d                 /* without SCRUB */
    movl %r12d, CTL_SLOT - CTL_TLS(%r10) /* struct slot: state comes first */
    movl %r13d, %edi
    jmp  exit_normal
END(exit_scrubbing)

    .section .note.GNU-stack, "", @progbits
