/*
 * Where L0 enters layer 1 (L1_ENTRY_OFF): RDI = call, RSI RDX RCX R8 R9 =
 * arguments, RSP = top of the stack - 8, which holds the address of the RETURN
 * gate. The errno goes to that gate as its argument and in RAX.
 */
        .section .text.l1_entry, "ax", @progbits
        .globl  l1_entry
        .type   l1_entry, @function
l1_entry:
        subq    $8, %rsp
        call    l1_dispatch
        addq    $8, %rsp
        movl    %eax, %edi
        ret
        .size   l1_entry, . - l1_entry

        .section .note.GNU-stack, "", @progbits
