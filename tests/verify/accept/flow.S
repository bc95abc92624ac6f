/* The stack pointer and control flow. */
#define CASES_SECTION verify_accept
#include "tests/verify/cases.inc"

accept step_and_load
        subq $4096, %rsp
        movq (%rsp), %r11
done
accept step_and_store
        subq $64, %rsp
        movq %rax, 128(%rsp)
done
accept step_and_store_below
        addq $64, %rsp
        movq %rax, -128(%rsp)
done
accept step_and_pop
        addq $4096, %rsp
        popq %rbx
done
accept step_and_push
        subq $8, %rsp
        pushq %rbx
done
accept step_by_lea
        leaq 8(%rsp), %rsp
        popq %r11
done
accept step_by_lea_down
        leaq -4096(%rsp), %rsp
        movq (%rsp), %r11
done
accept step_negative_immediate
        addq $-128, %rsp
        cmpb $0, (%rsp)
done
accept step_long_immediate
        .byte 0x48, 0x81, 0xec, 8, 0, 0, 0
        pushq $1
done
accept steps
        subq $4096, %rsp
        movq (%rsp), %r11
        subq $4096, %rsp
        movq (%rsp), %r11
done
accept rsp_as_value
        movq %rsp, %rax
        leaq 16(%rsp), %rbx
        movl %gs:(%eax), %ecx
        cmpq %rsp, %rax
        pushq %rsp
done
accept step_and_call
        .fill 23, 1, 0x90
        subq $8, %rsp
        call START
done
accept step_probed_in_next_bundle
        .fill 28, 1, 0x90
        subq $8, %rsp
        pushq %rax
done
accept return_sequence
        popq %r11
        guard
        jmp *%r11
done_bare
accept computed_jump_at_bundle_end
        .fill 19, 1, 0x90
        guard
        jmp *%r11
done_bare
accept computed_call
        .fill 19, 1, 0x90
        guard
        call *%r11
done
accept direct_call
        to_end 5
        call 1f
        hlt
1:      nop
done
accept gate_calls
        to_end 5
        call GATE(0)
        to_end 5
        call GATE(CASE_GATES - 1)
done
accept gate_jumps
        je GATE(1)
        jmp GATE(2)
done_bare
accept jumps
1:      je 1b
        jne 2f
        jmp 1b
        .fill 200, 1, 0x90
2:      jg 1b
        jmp 2b
done_bare
accept jump_to_mask
1:      guard
        jmp *%r11
        jmp 1b
done_bare
accept jump_to_last
        jmp 1f
        nop
1:      hlt
done_bare
accept jump_to_itself
1:      jmp 1b
done_bare
accept jump_from_guard_start
        movl $5, %r11d
        andl $SFI_BRANCH_MASK, %r11d
        je START
done
accept unused_guard
        guard
        movl %eax, %ebx
done
accept guard_after_unused_mask
        andl $SFI_BRANCH_MASK, %r11d
        guard
        jmp *%r11
done_bare
accept nops_and_ud2
        .fill 30, 1, 0x90
        ud2
done_bare
accept ends_in_middle_of_bundle
        .fill 40, 1, 0x90
        ud2
done_bare
accept single_hlt
        hlt
done_bare
accept single_ud2
        ud2
done_bare
accept data_like_code_is_code
        .byte 0xb8, 0x0f, 0x05, 0x0f, 0x05
done
accept pointer_of_function
        leaq 1f(%rip), %rax
        .balign 32, 0x90
1:      hlt
done_bare
