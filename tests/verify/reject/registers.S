/* Writes of reserved registers. Policy section 5. */
#define CASES_SECTION verify_reject
#include "tests/verify/cases.inc"

reject step_then_nothing, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        
done
reject step_then_nop, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        nop
done
reject step_then_step, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        subq $64, %rsp
done
reject step_then_lea, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        leaq (%rsp), %rax
done
reject step_then_far_access, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        movl 129(%rsp), %eax
done
reject step_then_far_access_below, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        movl -129(%rsp), %eax
done
reject step_then_other_access, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        movl %gs:(%eax), %eax
done
reject step_then_register_move, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        movq %rsp, %rax
done
reject step_then_long_nop, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        .byte 0x0f, 0x1f, 0x44, 0x24, 0
done
reject step_then_prefetch, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        prefetcht0 (%rsp)
done
reject step_then_shift_by_cl, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        shll %cl, (%rsp)
done
reject step_then_shift_by_0, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        .byte 0xc1, 0x24, 0x24, 0x00
done
reject step_then_bsf, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        bsfl (%rsp), %eax
done
reject step_then_jump, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        jmp START
done
reject step_then_jcc, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        je START
done
reject step_then_hlt_stop, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        ud2
done
reject step_then_late_probe, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        nop
        movl (%rsp), %eax
done
reject step_then_guard_first, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        guard
        jmp *%r11
done
reject step_then_rodata, VERIFY_STACK_UNPROBED
BAD     subq $64, %rsp
        movl RODATA(0)(%rip), %eax
done
reject step_by_lea_unprobed, VERIFY_STACK_UNPROBED
BAD     leaq -64(%rsp), %rsp
        movq %rax, %rbx
done
reject step_unprobed_into_next_bundle, VERIFY_STACK_UNPROBED
        .fill 28, 1, 0x90
BAD     subq $64, %rsp
        nop
done
reject second_step_unprobed, VERIFY_STACK_UNPROBED
        subq $64, %rsp
        pushq %rax
BAD     subq $64, %rsp
        nop
done
reject r14_mov, VERIFY_CODE_REGISTER
BAD     movq %rax, %r14
done
reject r14_mov_32, VERIFY_CODE_REGISTER
BAD     movl %eax, %r14d
done
reject r14_mov_16, VERIFY_CODE_REGISTER
BAD     movw %ax, %r14w
done
reject r14_mov_8, VERIFY_CODE_REGISTER
BAD     movb %al, %r14b
done
reject r14_immediate, VERIFY_CODE_REGISTER
BAD     movl $1, %r14d
done
reject r14_immediate_8, VERIFY_CODE_REGISTER
BAD     movb $1, %r14b
done
reject r14_immediate_64, VERIFY_CODE_REGISTER
BAD     movabsq $1, %r14
done
reject r14_immediate_c7, VERIFY_CODE_REGISTER
BAD     movq $1, %r14
done
reject r14_load, VERIFY_CODE_REGISTER
BAD     movq (%rsp), %r14
done
reject r14_add, VERIFY_CODE_REGISTER
BAD     addq $32, %r14
done
reject r14_add_reg, VERIFY_CODE_REGISTER
BAD     .byte 0x4c, 0x03, 0xf0
done
reject r14_lea, VERIFY_CODE_REGISTER
BAD     leaq (%rax), %r14
done
reject r14_pop, VERIFY_CODE_REGISTER
BAD     popq %r14
done
reject r14_xchg, VERIFY_CODE_REGISTER
BAD     xchgq %rax, %r14
done
reject r14_xchg_reg, VERIFY_CODE_REGISTER
BAD     .byte 0x4d, 0x87, 0xf0
done
reject r14_xchg_rm, VERIFY_CODE_REGISTER
BAD     .byte 0x4d, 0x87, 0xc6
done
reject r14_xchg_8, VERIFY_CODE_REGISTER
BAD     xchgb %al, %r14b
done
reject r14_cmov, VERIFY_CODE_REGISTER
BAD     cmoveq %rax, %r14
done
reject r14_setcc, VERIFY_CODE_REGISTER
BAD     sete %r14b
done
reject r14_movzx, VERIFY_CODE_REGISTER
BAD     movzbl %al, %r14d
done
reject r14_movsx, VERIFY_CODE_REGISTER
BAD     movsbq %al, %r14
done
reject r14_movsxd, VERIFY_CODE_REGISTER
BAD     movslq %eax, %r14
done
reject r14_imul, VERIFY_CODE_REGISTER
BAD     imulq %rax, %r14
done
reject r14_imul_immediate, VERIFY_CODE_REGISTER
BAD     imulq $3, %rax, %r14
done
reject r14_neg, VERIFY_CODE_REGISTER
BAD     negq %r14
done
reject r14_inc, VERIFY_CODE_REGISTER
BAD     incq %r14
done
reject r14_shift, VERIFY_CODE_REGISTER
BAD     shlq $1, %r14
done
reject r14_shift_cl, VERIFY_CODE_REGISTER
BAD     shrq %cl, %r14
done
reject r14_shift_0, VERIFY_CODE_REGISTER
BAD     shlq $0, %r14
done
reject r14_shld, VERIFY_CODE_REGISTER
BAD     shldq $1, %rax, %r14
done
reject r14_bswap, VERIFY_CODE_REGISTER
BAD     bswapq %r14
done
reject r14_bsf, VERIFY_CODE_REGISTER
BAD     bsfq %rax, %r14
done
reject r14_bts, VERIFY_CODE_REGISTER
BAD     btsq $5, %r14
done
reject r14_btr, VERIFY_CODE_REGISTER
BAD     btrq %rax, %r14
done
reject r14_popcnt, VERIFY_CODE_REGISTER
BAD     popcntq %rax, %r14
done
reject r14_movq, VERIFY_CODE_REGISTER
BAD     movq %xmm0, %r14
done
reject r14_cvt, VERIFY_CODE_REGISTER
BAD     cvttsd2si %xmm0, %r14
done
reject r14_pmovmskb, VERIFY_CODE_REGISTER
BAD     pmovmskb %xmm0, %r14d
done
reject r14_pextrw, VERIFY_CODE_REGISTER
BAD     pextrw $0, %xmm0, %r14d
done
reject r14_pextrb, VERIFY_CODE_REGISTER
BAD     pextrb $0, %xmm0, %r14d
done
reject r14_extractps, VERIFY_CODE_REGISTER
BAD     extractps $0, %xmm0, %r14d
done
reject r14_movmskpd, VERIFY_CODE_REGISTER
BAD     movmskpd %xmm0, %r14d
done
reject r14_xor, VERIFY_CODE_REGISTER
BAD     xorl %r14d, %r14d
done
reject r14_and, VERIFY_CODE_REGISTER
BAD     andl $-32, %r14d
done
reject r14_same_value, VERIFY_CODE_REGISTER
BAD     movq %r14, %r14
done
reject r14_as_target, VERIFY_CODE_REGISTER
BAD     addq %r11, %r14
done
reject rsp_mov, VERIFY_STACK_POINTER
BAD     movq %rax, %rsp
        pushq %rax
done
reject rsp_mov_rbp, VERIFY_STACK_POINTER
BAD     movq %rbp, %rsp
        pushq %rax
done
reject rsp_mov_32, VERIFY_STACK_POINTER
BAD     movl %eax, %esp
        pushq %rax
done
reject rsp_mov_16, VERIFY_STACK_POINTER
BAD     movw %ax, %sp
        pushq %rax
done
reject rsp_mov_8, VERIFY_STACK_POINTER
BAD     movb %al, %spl
        pushq %rax
done
reject rsp_immediate, VERIFY_STACK_POINTER
BAD     movl $1, %esp
        pushq %rax
done
reject rsp_immediate_8, VERIFY_STACK_POINTER
BAD     movb $1, %spl
        pushq %rax
done
reject rsp_immediate_64, VERIFY_STACK_POINTER
BAD     movabsq $1, %rsp
        pushq %rax
done
reject rsp_load, VERIFY_STACK_POINTER
BAD     movq (%rsp), %rsp
        pushq %rax
done
reject rsp_pop, VERIFY_STACK_POINTER
BAD     popq %rsp
        pushq %rax
done
reject rsp_leave, VERIFY_STACK_POINTER
BAD     leave
        pushq %rax
done
reject rsp_xchg, VERIFY_STACK_POINTER
BAD     xchgq %rax, %rsp
        pushq %rax
done
reject rsp_xchg_rm, VERIFY_STACK_POINTER
BAD     xchgq %rbx, %rsp
        pushq %rax
done
reject rsp_xchg_spl, VERIFY_STACK_POINTER
BAD     xchgb %bl, %spl
        pushq %rax
done
reject rsp_and, VERIFY_STACK_POINTER
BAD     andq $-16, %rsp
        pushq %rax
done
reject rsp_or, VERIFY_STACK_POINTER
BAD     orq $8, %rsp
        pushq %rax
done
reject rsp_xor, VERIFY_STACK_POINTER
BAD     xorl %esp, %esp
        pushq %rax
done
reject rsp_adc, VERIFY_STACK_POINTER
BAD     adcq $8, %rsp
        pushq %rax
done
reject rsp_sbb, VERIFY_STACK_POINTER
BAD     sbbq $8, %rsp
        pushq %rax
done
reject rsp_add_register, VERIFY_STACK_POINTER
BAD     addq %rax, %rsp
        pushq %rax
done
reject rsp_sub_register, VERIFY_STACK_POINTER
BAD     subq %rax, %rsp
        pushq %rax
done
reject rsp_sub_memory, VERIFY_STACK_POINTER
BAD     subq (%rsp), %rsp
        pushq %rax
done
reject rsp_add_32, VERIFY_STACK_POINTER
BAD     addl $8, %esp
        pushq %rax
done
reject rsp_sub_16, VERIFY_STACK_POINTER
BAD     subw $8, %sp
        pushq %rax
done
reject rsp_add_8, VERIFY_STACK_POINTER
BAD     addb $8, %spl
        pushq %rax
done
reject rsp_inc, VERIFY_STACK_POINTER
BAD     incq %rsp
        pushq %rax
done
reject rsp_dec, VERIFY_STACK_POINTER
BAD     decq %rsp
        pushq %rax
done
reject rsp_neg, VERIFY_STACK_POINTER
BAD     negq %rsp
        pushq %rax
done
reject rsp_shift, VERIFY_STACK_POINTER
BAD     shlq $1, %rsp
        pushq %rax
done
reject rsp_cmov, VERIFY_STACK_POINTER
BAD     cmoveq %rax, %rsp
        pushq %rax
done
reject rsp_setcc, VERIFY_STACK_POINTER
BAD     sete %spl
        pushq %rax
done
reject rsp_lea_other, VERIFY_STACK_POINTER
BAD     leaq 8(%rax), %rsp
        pushq %rax
done
reject rsp_lea_index, VERIFY_STACK_POINTER
BAD     leaq 8(%rsp,%rax), %rsp
        pushq %rax
done
reject rsp_lea_rip, VERIFY_STACK_POINTER
BAD     leaq 8(%rip), %rsp
        pushq %rax
done
reject rsp_lea_32, VERIFY_STACK_POINTER
BAD     leal 8(%rsp), %esp
        pushq %rax
done
reject rsp_lea_absolute, VERIFY_STACK_POINTER
BAD     leaq 8, %rsp
        pushq %rax
done
reject rsp_lea_r12, VERIFY_STACK_POINTER
BAD     leaq 8(%r12), %rsp
        pushq %rax
done
reject rsp_bswap, VERIFY_STACK_POINTER
BAD     bswapq %rsp
        pushq %rax
done
reject rsp_movzx, VERIFY_STACK_POINTER
BAD     movzbl %al, %esp
        pushq %rax
done
reject rsp_movsxd, VERIFY_STACK_POINTER
BAD     movslq %eax, %rsp
        pushq %rax
done
reject rsp_imul, VERIFY_STACK_POINTER
BAD     imulq $3, %rax, %rsp
        pushq %rax
done
reject rsp_bsf, VERIFY_STACK_POINTER
BAD     bsfq %rax, %rsp
        pushq %rax
done
reject rsp_btc, VERIFY_STACK_POINTER
BAD     btcq $4, %rsp
        pushq %rax
done
reject rsp_movq, VERIFY_STACK_POINTER
BAD     movq %xmm0, %rsp
        pushq %rax
done
reject rsp_cvt, VERIFY_STACK_POINTER
BAD     cvttss2si %xmm0, %rsp
        pushq %rax
done
reject rsp_pextrq, VERIFY_STACK_POINTER
BAD     pextrq $0, %xmm0, %rsp
        pushq %rax
done
reject rsp_popcnt, VERIFY_STACK_POINTER
BAD     popcntq %rax, %rsp
        pushq %rax
done
reject rsp_same_value, VERIFY_STACK_POINTER
BAD     movq %rsp, %rsp
        pushq %rax
done
reject step_0, VERIFY_STACK_STEP
BAD     addq $0, %rsp
        pushq %rax
done
reject step_too_large, VERIFY_STACK_STEP
BAD     subq $4097, %rsp
        pushq %rax
done
reject step_too_large_add, VERIFY_STACK_STEP
BAD     addq $4097, %rsp
        pushq %rax
done
reject step_too_large_negative, VERIFY_STACK_STEP
BAD     addq $-4097, %rsp
        pushq %rax
done
reject step_huge, VERIFY_STACK_STEP
BAD     subq $0x7fffffff, %rsp
        pushq %rax
done
reject step_minimum, VERIFY_STACK_STEP
BAD     subq $-0x80000000, %rsp
        pushq %rax
done
reject step_lea_0, VERIFY_STACK_STEP
BAD     leaq (%rsp), %rsp
        pushq %rax
done
reject step_lea_too_large, VERIFY_STACK_STEP
BAD     leaq 4097(%rsp), %rsp
        pushq %rax
done
reject step_lea_too_large_negative, VERIFY_STACK_STEP
BAD     leaq -4097(%rsp), %rsp
        pushq %rax
done
