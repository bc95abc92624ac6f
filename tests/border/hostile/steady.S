/*
 * int enter_steady(enter, rdi, rsi, rdx, leaf, run, stack_top)
 *
 * enter_shim() on a stack of the target's own. L0 leaves with the stack pointers of the EENTER
 * also when the frame was resumed from elsewhere; so all entries of a target are made from one
 * place.
 */
        .text
        .globl  enter_steady
        .type   enter_steady, @function
enter_steady:
        .cfi_startproc
        endbr64
        push    %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rbp, 0
        mov     %rsp, %rbp
        .cfi_def_cfa_register %rbp
        mov     16(%rbp), %rsp
        call    enter_shim
        mov     %rbp, %rsp
        pop     %rbp
        .cfi_def_cfa %rsp, 8
        ret
        .cfi_endproc
        .size   enter_steady, . - enter_steady
        .section .note.GNU-stack, "", @progbits
