/* Control flow. Policy section 6. */
#define CASES_SECTION verify_reject
#include "tests/verify/cases.inc"

reject jump_after_guard_through_other_register, VERIFY_INDIRECT
        guard
BAD     jmp *%rbx
done
reject mask_only, VERIFY_UNMASKED
        andl $SFI_BRANCH_MASK, %r11d
BAD     jmp *%r11
done
reject base_only, VERIFY_UNMASKED
        addq %r14, %r11
BAD     jmp *%r11
done
reject mask_and_base_swapped, VERIFY_UNMASKED
        addq %r14, %r11
        andl $SFI_BRANCH_MASK, %r11d
BAD     jmp *%r11
done
reject mask_64_bit, VERIFY_UNMASKED
        andq $SFI_BRANCH_MASK, %r11
        addq %r14, %r11
BAD     jmp *%r11
done
reject mask_wrong_register, VERIFY_UNMASKED
        andl $SFI_BRANCH_MASK, %r10d
        addq %r14, %r11
BAD     jmp *%r11
done
reject mask_ebx, VERIFY_UNMASKED
        .byte 0x81, 0xe3
        .long SFI_BRANCH_MASK
        addq %r14, %r11
BAD     jmp *%r11
done
reject mask_too_wide, VERIFY_UNMASKED
        andl $0x1fffffe0, %r11d
        addq %r14, %r11
BAD     jmp *%r11
done
reject mask_unaligned, VERIFY_UNMASKED
        andl $0x0ffffff0, %r11d
        addq %r14, %r11
BAD     jmp *%r11
done
reject mask_by_byte_immediate, VERIFY_UNMASKED
        andl $-32, %r11d
        addq %r14, %r11
BAD     jmp *%r11
done
reject mask_lower_byte_wrong, VERIFY_UNMASKED
        andl $0x0fffff60, %r11d
        addq %r14, %r11
BAD     jmp *%r11
done
reject mask_by_or, VERIFY_UNMASKED
        orl $SFI_BRANCH_MASK, %r11d
        addq %r14, %r11
BAD     jmp *%r11
done
reject base_wrong_register, VERIFY_UNMASKED
        andl $SFI_BRANCH_MASK, %r11d
        addq %r13, %r11
BAD     jmp *%r11
done
reject base_32_bit, VERIFY_UNMASKED
        andl $SFI_BRANCH_MASK, %r11d
        addl %r14d, %r11d
BAD     jmp *%r11
done
reject base_subtracted, VERIFY_UNMASKED
        andl $SFI_BRANCH_MASK, %r11d
        subq %r14, %r11
BAD     jmp *%r11
done
reject base_twice, VERIFY_UNMASKED
        andl $SFI_BRANCH_MASK, %r11d
        addq %r14, %r11
        addq %r14, %r11
BAD     jmp *%r11
done
reject nop_in_guard, VERIFY_UNMASKED
        andl $SFI_BRANCH_MASK, %r11d
        nop
        addq %r14, %r11
BAD     jmp *%r11
done
reject nop_behind_guard, VERIFY_UNMASKED
        guard
        nop
BAD     jmp *%r11
done
reject overwritten_behind_guard, VERIFY_UNMASKED
        guard
        movq %rax, %r11
BAD     jmp *%r11
done
reject guard_used_twice, VERIFY_UNMASKED
        guard
        jmp *%r11
BAD     jmp *%r11
done
reject guard_across_bundles_at_mask, VERIFY_UNMASKED
        .fill 25, 1, 0x90
        andl $SFI_BRANCH_MASK, %r11d
        addq %r14, %r11
BAD     jmp *%r11
done
reject guard_across_bundles_at_base, VERIFY_UNMASKED
        .fill 22, 1, 0x90
        andl $SFI_BRANCH_MASK, %r11d
        addq %r14, %r11
BAD     jmp *%r11
done
reject target_in_guard_at_base, VERIFY_TARGET
        andl $SFI_BRANCH_MASK, %r11d
1:      addq %r14, %r11
        jmp *%r11
BAD     jmp 1b
done
reject target_in_guard_at_jump, VERIFY_TARGET
        andl $SFI_BRANCH_MASK, %r11d
        addq %r14, %r11
1:      jmp *%r11
BAD     je 1b
done
reject target_in_guard_forward, VERIFY_TARGET
BAD     je 1f
        andl $SFI_BRANCH_MASK, %r11d
        addq %r14, %r11
1:      jmp *%r11
done
reject target_in_guard_at_call, VERIFY_TARGET
        to_end 13
        andl $SFI_BRANCH_MASK, %r11d
        addq %r14, %r11
1:      call *%r11
BAD     jmp 1b
done
reject target_within_instruction, VERIFY_TARGET
        movl $0x0000050f, %eax
BAD     jmp START + 1
done
reject target_within_later_instruction, VERIFY_TARGET
BAD     jne 1f + 2
1:      movl $0x0000050f, %eax
done
reject target_is_own_displacement, VERIFY_TARGET
BAD     .byte 0xeb, 0xff
done
reject target_within_far_bundle, VERIFY_TARGET
BAD     jmp 1f + 1
        .fill 300, 1, 0x90
        .balign 32, 0x90
1:      movl $1, %eax
done
reject call_target_within_instruction, VERIFY_TARGET
        movl $0x0000050f, %eax
        to_end 5
BAD     call START + 3
done
reject target_at_text_end, VERIFY_TARGET_OUTSIDE
BAD     jmp 1f
        hlt
1:
done_bare
reject target_behind_text, VERIFY_TARGET_OUTSIDE
BAD     jmp START + 64
done
reject target_before_text, VERIFY_TARGET_OUTSIDE
BAD     jmp START - 32
done
reject target_gate_middle, VERIFY_TARGET_OUTSIDE
BAD     jmp GATE(0) + 1
done
reject target_gate_half, VERIFY_TARGET_OUTSIDE
BAD     jmp GATE(2) + 16
done
reject target_gate_beyond_count, VERIFY_TARGET_OUTSIDE
BAD     jmp GATE(CASE_GATES)
done
reject target_last_of_gates_page, VERIFY_TARGET_OUTSIDE
BAD     jmp GATE(127)
done
reject target_before_code_zone, VERIFY_TARGET_OUTSIDE
BAD     jmp GATE(-1)
done
reject target_rodata, VERIFY_TARGET_OUTSIDE
BAD     jmp RODATA(0)
done
reject target_far_away, VERIFY_TARGET_OUTSIDE
BAD     .byte 0xe9, 0xff, 0xff, 0xff, 0x7f
done
reject target_far_below, VERIFY_TARGET_OUTSIDE
BAD     .byte 0x0f, 0x85, 0, 0, 0, 0x80
done
reject call_gate_beyond_count, VERIFY_TARGET_OUTSIDE
        to_end 5
BAD     call GATE(CASE_GATES)
done
reject call_unaligned, VERIFY_CALL_UNALIGNED
BAD     call START
done
reject call_one_byte_early, VERIFY_CALL_UNALIGNED
        .fill 26, 1, 0x90
BAD     call START
        nop
done
reject gate_call_unaligned, VERIFY_CALL_UNALIGNED
BAD     call GATE(0)
done
reject computed_call_unaligned, VERIFY_CALL_UNALIGNED
        guard
BAD     call *%r11
done
reject ret, VERIFY_RETURN
BAD     ret
done
reject ret_immediate, VERIFY_RETURN
BAD     ret $8
done
reject rep_ret, VERIFY_RETURN
BAD     rep ret
done
reject bnd_ret, VERIFY_RETURN
BAD     bnd ret
done
reject jump_memory, VERIFY_INDIRECT
BAD     jmp *(%rsp)
done
reject jump_gs_memory, VERIFY_INDIRECT
BAD     jmp *%gs:(%eax)
done
reject jump_rip_memory, VERIFY_INDIRECT
BAD     jmp *RODATA(0)(%rip)
done
reject call_memory, VERIFY_INDIRECT
BAD     call *(%rsp)
done
reject call_gs_memory, VERIFY_INDIRECT
BAD     call *%gs:8(%eax)
done
reject jump_rax, VERIFY_INDIRECT
BAD     jmp *%rax
done
reject call_rax, VERIFY_INDIRECT
BAD     call *%rax
done
reject jump_r14, VERIFY_INDIRECT
BAD     jmp *%r14
done
reject jump_rsp, VERIFY_INDIRECT
BAD     jmp *%rsp
done
reject jump_rbx, VERIFY_INDIRECT
BAD     jmp *%rbx
done
reject jump_unmasked, VERIFY_UNMASKED
BAD     jmp *%r11
done
reject call_unmasked, VERIFY_UNMASKED
BAD     call *%r11
done
reject loop, VERIFY_COUNTED_BRANCH
BAD     loop .
done
reject loope, VERIFY_COUNTED_BRANCH
BAD     loope .
done
reject loopne, VERIFY_COUNTED_BRANCH
BAD     loopne .
done
reject jrcxz, VERIFY_COUNTED_BRANCH
BAD     jrcxz .
done
reject jecxz, VERIFY_COUNTED_BRANCH
BAD     jecxz .
done
reject mask_second_byte_wrong, VERIFY_UNMASKED
        andl $0x0fff7fe0, %r11d
        addq %r14, %r11
BAD     jmp *%r11
done
reject mask_third_byte_wrong, VERIFY_UNMASKED
        andl $0x0f7fffe0, %r11d
        addq %r14, %r11
BAD     jmp *%r11
done
