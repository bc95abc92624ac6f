/* Stores with their marks. Policy section 4.2. */
#define CASES_SECTION verify_accept
#include "tests/verify/cases.inc"

accept_marked mark_of_a_register
        movl %ebx, %fs:(%eax)
        movl %eax, %r11d
        mark_rest
done
accept_marked mark_of_an_extended_register
        movb $1, %fs:(%r9d)
        .byte 0x45, 0x8b, 0xd9          /* movl %r9d, %r11d, as a load */
        mark_rest
done
accept_marked mark_by_lea
        movl %ebx, %fs:8(%eax)
        mark 8(%rax)
done
accept_marked mark_by_lea_of_a_sum
        movsd %xmm0, %fs:-8(%eax,%ecx,8)
        bundle
        mark -8(%rax,%rcx,8)
done
accept_marked mark_by_lea_of_an_index
        movl %ebx, %fs:64(,%r10d,4)
        bundle
        mark 64(,%r10,4)
done
accept_marked mark_by_lea_of_a_constant
        addr32 movl %ebx, %fs:0x1000
        bundle
        mark 0x1000
done
accept_marked mark_of_a_proven_register
        movl %eax, %ecx
        movl %ebx, %fs:8(%rcx)
        bundle
        mark 8(%rcx)
done
accept_marked mark_through_the_guard_itself
        movl %eax, %r11d
        movl %ebx, %fs:8(%r11)
        bundle
        mark 8(%r11)
done
accept_marked mark_below
        movl %ebx, %fs:60(%eax)
        movl %eax, %r11d
        mark_rest
done
accept_marked mark_below_a_vector
        movups %xmm0, %fs:40(%eax)
        mark -8(%rax)
done
accept_marked mark_below_the_register
        movl %eax, %ecx
        movl %ebx, %fs:(%rcx)
        mark -60(%rcx)
done
accept_marked mark_of_several
        movl %ebx, %fs:60(%eax)
        movb $1, %fs:(%eax)
        movq %rdx, %fs:8(%eax)
        bundle
        movl %eax, %r11d
        mark_rest
done
accept_marked mark_of_short_and_proven
        movl %eax, %ecx
        movl %ebx, %fs:8(%rcx)
        movl %ebx, %fs:4(%ecx)
        bundle
        mark 4(%rcx)
done
accept_marked mark_of_what_is_read_and_written
        addl $1, %fs:(%eax)
        shlb $1, %fs:1(%eax)
        sete %fs:2(%eax)
        bundle
        btsl $3, %fs:4(%eax)
        negq %fs:8(%eax)
        bundle
        movl %eax, %r11d
        mark_rest
done
accept_marked others_between
        movl %ebx, %fs:(%eax)
        movl %ebx, %ecx
        pushq %rcx
        imull $3, %edx, %edx
        movq %rcx, %gs:(%eax)
        bundle
        movl %fs:(%edx), %esi
        subq $8, %rsp
        pushq %rsi
        movl %eax, %r11d
        mark_rest
done
accept_marked target_between
        jz 1f
        movl %ebx, %fs:(%eax)
1:      movl %ebx, %ecx
        movl %eax, %r11d
        mark_rest
done
accept_marked target_at_the_mark
        jz 1f
        movl %ebx, %fs:(%eax)
1:      movl %eax, %r11d
        mark_rest
done
accept_marked mark_without_a_store
        mark 4096(%rdx)
done
accept_marked another_mark_between
        movl %ebx, %fs:(%eax)
        movl %ecx, %r11d
        mark_rest
        bundle
        movl %eax, %r11d
        mark_rest
done
accept_marked address_and_mark_later
        movl %ebx, %fs:(%eax)
        movl %eax, %r11d                /* as a mark begins, but a guard */
        movl %fs:8(%r11), %ecx
        bundle
        movl %eax, %r11d
        shrl $SFI_MARK_SHIFT, %r11d
        movl %eax, %r11d
        mark_rest
done
accept_marked mark_through_the_scratch_index
        movl %ebx, %fs:8(%eax,%r11d,4)
        bundle
        mark 8(%rax,%r11,4)
done
accept_marked reads_need_no_mark
        movl %fs:(%eax), %ebx
        cmpl %ebx, %fs:8(%eax)
        testb $1, %fs:8(%eax)
        btl $3, %fs:8(%eax)
        bundle
        divl %fs:8(%eax)
        prefetcht0 %fs:8(%eax)
        pushq %fs:8(%eax)
done
accept_marked lea_for_itself
        leal 8(%rax), %r11d
        movl %ebx, %fs:(%eax)
        bundle
        leal 8(%rcx), %r11d             /* another register: no mark begins */
        leaq (%rax), %r11
        bundle
        leal 8(%rax), %ebx
        movl %eax, %r11d
        mark_rest
done
accept_marked shift_for_itself
        shrl $SFI_MARK_SHIFT, %r11d
        shrl $12, %eax
done
accept stores_are_free_without_marks
        movl %ebx, %fs:(%eax)
        movl %ecx, %eax
        jz 1f
1:      movl %eax, %fs:4(%ebx)
        leal 4(%rbx), %r11d
        shrl $SFI_MARK_SHIFT, %r11d
done
accept_read_only linear_memory_is_read
        movl %fs:(%eax), %ebx
        cmpl %ebx, %fs:8(%eax)
        mull %fs:8(%eax)
        movl %ebx, %gs:(%eax)
done
