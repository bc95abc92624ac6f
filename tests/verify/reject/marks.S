/* Stores to linear memory and marks that are none. Policy section 4.2. */
#define CASES_SECTION verify_reject
#include "tests/verify/cases.inc"

/* ---- layer 1 writes no linear memory ---- */

reject_read_only read_only_store, VERIFY_LINEAR_WRITE
BAD     movl %ebx, %fs:(%eax)
done
reject_read_only read_only_proven, VERIFY_LINEAR_WRITE
        movl %eax, %ecx
BAD     movups %xmm0, %fs:8(%rcx)
done
reject_read_only read_only_update, VERIFY_LINEAR_WRITE
BAD     incl %fs:(%eax)
done
reject_read_only read_only_bit, VERIFY_LINEAR_WRITE
BAD     btrl $3, %fs:(%eax)
done
reject_read_only read_only_setcc, VERIFY_LINEAR_WRITE
BAD     sete %fs:(%eax)
done
reject_read_only read_only_marked, VERIFY_LINEAR_WRITE
BAD     movl %ebx, %fs:(%eax)
        movl %eax, %r11d
        mark_rest
done
reject_read_only read_only_mark, VERIFY_MARK
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject unmarked_text_mark, VERIFY_MARK
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done

/* ---- a store without its mark ---- */

reject_marked store_then_stop, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        hlt
        movl %eax, %r11d
        mark_rest
done
reject_marked store_then_ud2, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        ud2
done
reject_marked store_then_jump, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        jmp 1f
1:      movl %eax, %r11d
        mark_rest
done
reject_marked store_then_branch, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        jz 1f
        movl %eax, %r11d
        mark_rest
1:
done
reject_marked store_then_long_branch, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        .byte 0x0f, 0x84, 0, 0, 0, 0
        movl %eax, %r11d
        mark_rest
done
reject_marked store_then_call, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        to_end 5
        call START
        movl %eax, %r11d
        mark_rest
done
reject_marked store_then_gate, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        to_end 5
        call GATE(1)
        movl %eax, %r11d
        mark_rest
done
reject_marked store_then_computed_jump, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        bundle
        guard
        jmp *%r11
        bundle
        movl %eax, %r11d
        mark_rest
done
reject_marked store_then_computed_call, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        to_end 13
        guard
        call *%r11
        movl %eax, %r11d
        mark_rest
done
reject_marked store_at_the_end, VERIFY_FALLS_OFF
BAD     movl %ebx, %fs:(%eax)
done_bare
reject_marked store_update, VERIFY_UNMARKED
BAD     addl $1, %fs:(%eax)
done
reject_marked store_bit, VERIFY_UNMARKED
BAD     btcl $1, %fs:(%eax)
done
reject_marked store_setcc, VERIFY_UNMARKED
BAD     setb %fs:(%eax)
done
reject_marked store_vector, VERIFY_UNMARKED
BAD     movhps %xmm0, %fs:(%eax)
done
reject_marked store_extract, VERIFY_UNMARKED
BAD     pextrb $1, %xmm0, %fs:(%eax)
done
reject_marked store_proven, VERIFY_UNMARKED
        movl %eax, %eax
BAD     movl %ebx, %fs:(%rax)
done

/* ---- the mark of another address ---- */

reject_marked mark_before, VERIFY_UNMARKED
        movl %eax, %r11d
        mark_rest
BAD     movl %ebx, %fs:(%eax)
done
reject_marked mark_of_another_base, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        movl %ecx, %r11d
        mark_rest
done
reject_marked mark_of_another_base_by_lea, VERIFY_UNMARKED
BAD     movl %ebx, %fs:8(%eax)
        mark 8(%rcx)
done
reject_marked mark_of_the_source, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%r11d)
        movl %ebx, %r11d
        mark_rest
done
reject_marked mark_of_another_index, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax,%ecx,4)
        mark (%rax,%rdx,4)
done
reject_marked mark_without_the_index, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax,%ecx,4)
        movl %eax, %r11d
        mark_rest
done
reject_marked mark_with_an_index, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        mark (%rax,%rcx,1)
done
reject_marked mark_without_the_base, VERIFY_UNMARKED
BAD     movl %ebx, %fs:8(%eax,%ecx,4)
        bundle
        mark 8(,%rcx,4)
done
reject_marked mark_of_another_scale, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax,%ecx,4)
        mark (%rax,%rcx,8)
done
reject_marked mark_of_a_constant, VERIFY_UNMARKED
BAD     movl %ebx, %fs:0x100(%eax)
        bundle
        mark 0x100
done
reject_marked mark_relative_to_rip, VERIFY_UNMARKED
BAD     addr32 movl %ebx, %fs:0x100
        bundle
        mark 0x100(%rip)
done
reject_marked mark_above, VERIFY_UNMARKED
BAD     movl %ebx, %fs:8(%eax)
        mark 9(%rax)
done
reject_marked mark_above_the_register, VERIFY_UNMARKED
BAD     movl %ebx, %fs:-1(%eax)
        movl %eax, %r11d
        mark_rest
done
reject_marked mark_too_far_below, VERIFY_UNMARKED
BAD     movl %ebx, %fs:61(%eax)
        movl %eax, %r11d
        mark_rest
done
reject_marked mark_too_far_below_a_vector, VERIFY_UNMARKED
BAD     movups %xmm0, %fs:49(%eax)
        movl %eax, %r11d
        mark_rest
done
reject_marked mark_too_far_below_a_byte, VERIFY_UNMARKED
BAD     movb $1, %fs:64(%eax)
        movl %eax, %r11d
        mark_rest
done
reject_marked mark_far_away, VERIFY_UNMARKED
BAD     movl %ebx, %fs:0x7fffffff(%eax)
        mark -0x80000000(%rax)
done
reject_marked mark_of_the_second_only, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        movl %ebx, %fs:8(%eax)
        mark 8(%rax)
done
reject_marked mark_of_the_upper_only, VERIFY_UNMARKED
BAD     movl %ebx, %fs:8(%eax)
        movl %ebx, %fs:(%eax)
        mark 8(%rax)
done
reject_marked mark_of_the_first_only, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        movl %ebx, %fs:56(%eax)
        bundle
        mark -8(%rax)
done

/* ---- stores that one mark cannot stand for ---- */

reject_marked two_bases, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        movl %ebx, %fs:(%ecx)
        bundle
        movl %eax, %r11d
        mark_rest
        movl %ecx, %r11d
        bundle
        movl %ecx, %r11d
        mark_rest
done
reject_marked two_bases_second_marked, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        movl %ebx, %fs:(%ecx)
        movl %ecx, %r11d
        mark_rest
done
reject_marked two_indices, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax,%ecx,4)
        movl %ebx, %fs:(%eax,%edx,4)
        bundle
        mark (%rax,%rcx,4)
done
reject_marked two_scales, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax,%ecx,4)
        movl %ebx, %fs:(%eax,%ecx,8)
        bundle
        mark (%rax,%rcx,4)
done
reject_marked span_too_wide, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        movl %ebx, %fs:61(%eax)
        bundle
        movl %eax, %r11d
        mark_rest
done
reject_marked span_too_wide_downwards, VERIFY_UNMARKED
BAD     movl %ebx, %fs:61(%eax)
        movl %ebx, %fs:(%eax)
        bundle
        movl %eax, %r11d
        mark_rest
done
reject_marked span_too_wide_by_a_vector, VERIFY_UNMARKED
BAD     movb $1, %fs:(%eax)
        movups %xmm0, %fs:49(%eax)
        bundle
        movl %eax, %r11d
        mark_rest
done

/* ---- a register changes before the mark ---- */

reject_marked base_written, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        movl %ecx, %eax
        movl %eax, %r11d
        mark_rest
done
reject_marked index_written, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax,%ecx,4)
        addl $4, %ecx
        bundle
        mark (%rax,%rcx,4)
done
reject_marked base_written_by_a_load, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        movl %fs:(%ecx), %eax
        movl %eax, %r11d
        mark_rest
done
reject_marked base_written_low, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        movb $0, %al
        movl %eax, %r11d
        mark_rest
done
reject_marked base_written_high, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%ecx)
        movb $0, %ch
        movl %ecx, %r11d
        mark_rest
done
reject_marked base_written_sil, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%esi)
        movb $0, %sil
        movl %esi, %r11d
        mark_rest
done
reject_marked base_written_in_16_bits, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        incw %ax
        movl %eax, %r11d
        mark_rest
done
reject_marked base_written_in_64_bits, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%r9d)
        addq $8, %r9
        movl %r9d, %r11d
        mark_rest
done
reject_marked base_written_by_mul, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        mull %ecx
        movl %eax, %r11d
        mark_rest
done
reject_marked base_written_by_div, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%edx)
        divl %ecx
        movl %edx, %r11d
        mark_rest
done
reject_marked base_written_by_cdq, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%edx)
        cltd
        movl %edx, %r11d
        mark_rest
done
reject_marked base_written_by_cwde, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        cwtl
        movl %eax, %r11d
        mark_rest
done
reject_marked base_written_by_accumulator_add, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        addl $0x12345, %eax
        movl %eax, %r11d
        mark_rest
done
reject_marked base_exchanged, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%ecx)
        xchgl %ecx, %edx
        movl %ecx, %r11d
        mark_rest
done
reject_marked base_exchanged_back, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%ecx)
        xchgl %edx, %ecx
        movl %ecx, %r11d
        mark_rest
done
reject_marked base_exchanged_with_rax, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        xchgl %eax, %r9d
        movl %eax, %r11d
        mark_rest
done
reject_marked base_swapped, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%ecx)
        bswapl %ecx
        movl %ecx, %r11d
        mark_rest
done
reject_marked base_popped, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%ecx)
        popq %rcx
        movl %ecx, %r11d
        mark_rest
done
reject_marked base_by_cmov, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%ecx)
        cmovel %edx, %ecx
        movl %ecx, %r11d
        mark_rest
done
reject_marked base_by_setcc, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%ecx)
        sete %cl
        movl %ecx, %r11d
        mark_rest
done
reject_marked base_by_bit_scan, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%ecx)
        bsfl %edx, %ecx
        movl %ecx, %r11d
        mark_rest
done
reject_marked base_by_conversion, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%ecx)
        cvttsd2si %xmm0, %ecx
        movl %ecx, %r11d
        mark_rest
done
reject_marked base_from_a_vector, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%ecx)
        movd %xmm0, %ecx
        movl %ecx, %r11d
        mark_rest
done
reject_marked base_by_pextrw, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%ecx)
        pextrw $1, %xmm0, %ecx
        movl %ecx, %r11d
        mark_rest
done
reject_marked base_by_lea, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%ecx)
        leal 4(%rcx), %ecx
        movl %ecx, %r11d
        mark_rest
done
reject_marked guard_is_used_again, VERIFY_UNMARKED
        movl %eax, %r11d
BAD     movl %ebx, %fs:8(%r11)
        movl %ecx, %r11d
        movl %fs:8(%r11), %edx
        bundle
        mark 8(%r11)
done
reject_marked guard_becomes_another_address, VERIFY_UNMARKED
BAD     movl %ebx, %fs:8(%r11d)
        mark 9(%r11)
done

/* ---- marks that are none ---- */

reject_marked mark_alone, VERIFY_MARK
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_without_shift, VERIFY_MARK
        movl %eax, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_without_address, VERIFY_MARK
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_twice, VERIFY_MARK
        movl %eax, %r11d
        mark_rest
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_shifted_twice, VERIFY_MARK
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_shifted_by_11, VERIFY_MARK
        movl %eax, %r11d
        shrl $11, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_shifted_by_44, VERIFY_MARK
        movl %eax, %r11d
        .byte 0x41, 0xc1, 0xeb, 44
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_shifted_arithmetically, VERIFY_MARK
        movl %eax, %r11d
        sarl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_shifted_left, VERIFY_MARK
        movl %eax, %r11d
        shll $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_shifted_in_64_bits, VERIFY_MARK
        movl %eax, %r11d
        shrq $SFI_MARK_SHIFT, %r11
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_shifted_in_8_bits, VERIFY_MARK
        movl %eax, %r11d
        shrb $SFI_MARK_SHIFT, %r11b
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_other_register_shifted, VERIFY_MARK
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r10d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_of_another_size, VERIFY_MARK
        leaq 8(%rax), %r11
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_of_16_bits, VERIFY_MARK
        leaw 8(%rax), %r11w
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_of_64_bits_moved, VERIFY_MARK
        movq %rax, %r11
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_of_another_destination, VERIFY_MARK
        leal 8(%rax), %r10d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_moved_elsewhere, VERIFY_MARK
        movl %r11d, %eax
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_moved_elsewhere_as_load, VERIFY_MARK
        .byte 0x41, 0x8b, 0xc3          /* movl %r11d, %eax */
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_loaded, VERIFY_MARK
        movl %fs:(%eax), %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_added, VERIFY_MARK
        addl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_added_as_load, VERIFY_MARK
        .byte 0x44, 0x03, 0xd8          /* addl %eax, %r11d */
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_loaded_from_the_stack, VERIFY_MARK
        movl 8(%rsp), %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_interrupted, VERIFY_MARK
        movl %eax, %r11d
        nop
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_interrupted_late, VERIFY_MARK
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
        addl $1, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_in_two_bundles, VERIFY_MARK
        to_end 7
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_shift_in_the_next_bundle, VERIFY_MARK
        to_end 3
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked jump_to_the_shift, VERIFY_TARGET
BAD     jmp 1f
        movl %eax, %r11d
1:      shrl $SFI_MARK_SHIFT, %r11d
        movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked jump_to_the_mark, VERIFY_TARGET
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
1:      movb $1, SFI_MARKS_OFF(%r14,%r11)
        bundle
BAD     jmp 1b
done_bare

/* ---- a mark for the store begins, and is not completed ---- */

reject_marked begun_and_dropped, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        movl %eax, %r11d
done
reject_marked begun_shifted_and_dropped, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
done
reject_marked begun_through_the_guard_and_dropped, VERIFY_UNMARKED
        movl %eax, %r11d
BAD     movl %ebx, %fs:(%r11)
        movl %r11d, %r11d
done
reject_marked begun_through_the_guard_and_interrupted, VERIFY_UNMARKED
        movl %eax, %r11d
BAD     movl %ebx, %fs:8(%r11)
        bundle
        leal 8(%r11), %r11d
        nop
        shrl $SFI_MARK_SHIFT, %r11d
        movl %r11d, %r11d
        mark_rest
done
reject_marked begun_through_the_guard_shifted_and_dropped, VERIFY_UNMARKED
        movl %eax, %r11d
BAD     movl %ebx, %fs:8(%r11)
        bundle
        leal 8(%r11), %r11d
        shrl $SFI_MARK_SHIFT, %r11d
        nop
        mark 8(%r11)
done
reject_marked begun_through_the_guard_in_two_bundles, VERIFY_UNMARKED
        movl %eax, %r11d
BAD     movl %ebx, %fs:8(%r11)
        to_end 4
        leal 8(%r11), %r11d
        shrl $SFI_MARK_SHIFT, %r11d
        movb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked begun_through_the_index_and_dropped, VERIFY_UNMARKED
BAD     movl %ebx, %fs:8(%eax,%r11d,4)
        leal 8(%rax,%r11,4), %r11d
        bundle
        mark 8(%rax,%r11,4)
done
reject_marked begun_interrupted_late, VERIFY_UNMARKED
BAD     movl %ebx, %fs:(%eax)
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
        movl %ecx, %eax
        movl %eax, %r11d
        bundle
        movl %eax, %r11d
        mark_rest
done
reject_marked begun_and_the_guard_changes, VERIFY_UNMARKED
        movl %eax, %r11d
BAD     movl %ebx, %fs:(%r11)
        leal (%r11), %r11d
        leal 4(%r11), %r11d
        bundle
        movl %r11d, %r11d
        mark_rest
done

/* ---- no other way to the marks ---- */

reject_marked mark_cleared, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $0, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_of_four_bytes, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movl $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_from_a_register, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb %al, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_by_subtraction, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     subb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_is_read, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     cmpb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_by_another_index, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r10)
done
reject_marked mark_by_another_base, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r13,%r11)
done
reject_marked mark_by_a_low_index, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%rbx)
done
reject_marked mark_by_a_low_base, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%rsi,%r11)
done
reject_marked mark_by_addition, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     addb $1, SFI_MARKS_OFF(%r14,%r11)
done
reject_marked mark_scaled, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF(%r14,%r11,2)
done
reject_marked mark_elsewhere, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF + 1(%r14,%r11)
done
reject_marked mark_elsewhere_by_256, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF + 0x100(%r14,%r11)
done
reject_marked mark_elsewhere_by_64_KiB, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF + 0x10000(%r14,%r11)
done
reject_marked mark_in_the_code_zone, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movb $1, SFI_MARKS_OFF - 0x10000000(%r14,%r11)
done
reject_marked mark_without_index, VERIFY_BASE
BAD     movb $1, SFI_MARKS_OFF(%r14)
done
reject_marked mark_longer, VERIFY_BASE
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
BAD     movw $1, SFI_MARKS_OFF(%r14,%r11)
done
