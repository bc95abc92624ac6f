/* What proves a register and what does not. Policy section 4.1. */
#define CASES_SECTION verify_reject
#include "tests/verify/cases.inc"

reject unproven_by_mov_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        movq %rbx, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_mov_16, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        movw %bx, %ax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_mov_8, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        movb %bl, %al
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_mov_high_8, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        movb %bl, %ah
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_add_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        addq %rbx, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_lea_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        leaq (%rbx), %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_movabs, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        movabsq $0x100000000, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_mov_64_immediate, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        movq $-1, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_movsxd, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        movslq %ebx, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_movsx_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        movsbq %bl, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_pop, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        popq %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_xchg_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        xchgq %rbx, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_xchg_64_accumulator, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        xchgq %rcx, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_mul_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        mulq %rbx
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_mul_8, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        mulb %bl
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_cdqe, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        cltq
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_bsf, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        bsfl %ebx, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_bsr, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        bsrl %ebx, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_tzcnt, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        rep bsfl %ebx, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_shl_cl, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        shll %cl, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_shl_0, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        .byte 0xc1, 0xe0, 0x00
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_shl_32, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        shll $32, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_shld_cl, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        shldl %cl, %ebx, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_shld_0, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        shldl $0, %ebx, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_movq_from_vector, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        movq %xmm0, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_cvt_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        cvttsd2si %xmm0, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_setcc, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        sete %al
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_neg_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        negq %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_not_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        notq %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_inc_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        incq %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_shr_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        shrq $1, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_bswap_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        bswapq %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_cmov_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        cmoveq %rbx, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_pextrq, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        pextrq $1, %xmm0, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_imul_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        imulq %rbx, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_popcnt_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        popcntq %rbx, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_movzx_16, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        movzbw %bl, %ax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_add_16_accumulator, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        addw $0x1234, %ax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_and_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        andq $-1, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_bts_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        btsq $40, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_sbb_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        sbbq %rax, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject unproven_by_xor_64, VERIFY_NOT_EXTENDED
        movl %eax, %eax
        xorq %rax, %rax
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_cmp, VERIFY_NOT_EXTENDED
        cmpl %eax, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_test, VERIFY_NOT_EXTENDED
        testl %eax, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_nop_xchg, VERIFY_NOT_EXTENDED
        .byte 0x90 /* the encoding of xchgl %eax, %eax that writes nothing */
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_store, VERIFY_NOT_EXTENDED
        movl %eax, (%rsp)
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_other_register, VERIFY_NOT_EXTENDED
        movl %eax, %r8d
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_other_register_rex, VERIFY_NOT_EXTENDED
        movl %r8d, %r8d
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_bt, VERIFY_NOT_EXTENDED
        btl $1, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_mov_16, VERIFY_NOT_EXTENDED
        movw %ax, %ax
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_bsf, VERIFY_NOT_EXTENDED
        bsfl %ebx, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_tzcnt, VERIFY_NOT_EXTENDED
        rep bsfl %ebx, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_shl_cl, VERIFY_NOT_EXTENDED
        shll %cl, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_rol_32, VERIFY_NOT_EXTENDED
        roll $32, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_shrd_cl, VERIFY_NOT_EXTENDED
        shrdl %cl, %ebx, %eax
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_setcc, VERIFY_NOT_EXTENDED
        sete %al
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_push, VERIFY_NOT_EXTENDED
        pushq %rax
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_prefetch, VERIFY_NOT_EXTENDED
        prefetcht0 (%rsp)
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_lea_16, VERIFY_NOT_EXTENDED
        leaw (%rbx), %ax
BAD     movl %fs:8(%rax), %ebx
done
reject not_proven_by_mul_edx_only, VERIFY_NOT_EXTENDED
        cltd
BAD     movl %fs:8(%rax), %ebx
done
reject proof_ends_with_bundle, VERIFY_NOT_EXTENDED
        .fill 30, 1, 0x90
        movl %eax, %eax
BAD     movl %fs:(%rax), %ebx
done
reject proof_of_other_register, VERIFY_NOT_EXTENDED
        movl %eax, %ecx
BAD     movl %fs:(%rax), %ebx
done
reject proof_of_low_register, VERIFY_NOT_EXTENDED
        movl %eax, %eax
BAD     movl %fs:(%r8), %ebx
done
reject proof_after_access, VERIFY_NOT_EXTENDED
BAD     movl %fs:(%rax), %eax
        movl %eax, %eax
done
reject proof_after_call, VERIFY_NOT_EXTENDED
        .fill 25, 1, 0x90
        movl %eax, %eax
        call START
BAD     movl %fs:(%rax), %ebx
done
reject index_is_not_the_base, VERIFY_NOT_EXTENDED
        movl %ecx, %ecx
BAD     movl %fs:(%rax), %ecx
done
reject target_at_proven_access, VERIFY_TARGET
        movl %eax, %eax
1:      movl %fs:8(%rax), %ebx
BAD     jmp 1b
done
reject target_at_proven_access_forward, VERIFY_TARGET
BAD     je 1f
        movl %eax, %eax
1:      movl %fs:8(%rax), %ebx
done
reject target_between_proof_and_access, VERIFY_TARGET
        movl %eax, %eax
1:      nop
        movl %fs:8(%rax), %ebx
BAD     jne 1b
done
reject target_between_first_access_and_second, VERIFY_TARGET
        movl %eax, %eax
        movl %fs:8(%rax), %ebx
1:      movl %fs:16(%rax), %ebx
BAD     jne 1b
done
reject target_at_proven_store_at_bundle_end, VERIFY_TARGET
        .fill 25, 1, 0x90
        movl %eax, %eax
1:      movl %ebx, %fs:8(%rax)
        .byte 0x90
BAD     jmp 1b
done
reject call_to_proven_access, VERIFY_TARGET
        movl %eax, %eax
1:      movl %fs:8(%rax), %ebx
        to_end 5
BAD     call 1b
done
reject unproven_rdx_by_mul_64, VERIFY_NOT_EXTENDED
        movl %edx, %edx
        mulq %rbx
BAD     movl %fs:(%rdx), %ebx
done
reject unproven_rdx_by_cqto, VERIFY_NOT_EXTENDED
        movl %edx, %edx
        cqto
BAD     movl %fs:(%rdx), %ebx
done
reject unproven_rdx_by_cwd, VERIFY_NOT_EXTENDED
        movl %edx, %edx
        cwtd
BAD     movl %fs:(%rdx), %ebx
done
reject unproven_by_xchg_of_other_operand, VERIFY_NOT_EXTENDED
        movl %ecx, %ecx
        xchgq %rcx, %rbx
BAD     movl %fs:(%rcx), %eax
done
