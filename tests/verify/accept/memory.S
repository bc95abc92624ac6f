/* Memory operands and proofs. */
#define CASES_SECTION verify_accept
#include "tests/verify/cases.inc"

accept gs_forms
        movl %gs:(%eax), %ebx
        movl %gs:0x12345678(%r9d,%r10d,8), %ebx
        movl %gs:-8(%ebp), %eax
done
accept gs_absolute
        addr32 movl %gs:0x1000, %ebx
        addr32 movl %gs:(,%ecx,8), %ebx
done
accept gs_r14
        movl %gs:(%r14d), %eax
done
accept fs_short
        movl %fs:(%eax), %ebx
        movb %bl, %fs:(%r11d)
        movl %fs:8(%eax,%ecx,2), %ebx
done
accept stack_limits
        movl 0xffff(%rsp), %eax
        movl %eax, -0xffff(%rsp)
done
accept rodata_limits
        movl RODATA(0)(%rip), %eax
        movb RODATA(CASE_RODATA - 1)(%rip), %al
        movaps RODATA(CASE_RODATA - 16)(%rip), %xmm0
done
accept rodata_operands
        addsd RODATA(8)(%rip), %xmm0
        cmpl RODATA(4)(%rip), %eax
        cmpb $1, RODATA(4)(%rip)
done
accept rodata_pushed
        pushq RODATA(8)(%rip)
done
accept prefix_orders
        .byte 0x65, 0x67, 0x66, 0x8b, 0x00
        .byte 0x67, 0x66, 0x65, 0x8b, 0x00
        .byte 0x66, 0x65, 0x67, 0x41, 0x8b, 0x00
done
accept proven_by_mov
        movl %eax, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_lea
        leal 8(%rcx,%rdx), %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_add
        addl %ebx, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_immediate
        movl $5, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_load
        movl %gs:(%ebx), %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_accumulator
        addl $0x12345678, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_movzx_8
        movzbl %cl, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_movzx_64
        movzwq %cx, %rax
        movl %fs:8(%rax), %ebx
done
accept proven_by_shift
        shll $3, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_shift_1
        shrl %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_xor
        xorl %eax, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_cmov
        cmovel %ebx, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_mul
        mull %ebx
        movl %fs:8(%rax), %ebx
done
accept proven_by_cwde
        cwtl
        movl %fs:8(%rax), %ebx
done
accept proven_by_movd
        movd %xmm0, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_pmovmskb
        pmovmskb %xmm0, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_popcnt
        popcntl %ebx, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_xchg
        xchgl %eax, %ecx
        movl %fs:8(%rax), %ebx
done
accept proven_by_bswap
        bswapl %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_cvt
        cvttsd2si %xmm0, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_movsx
        movsbl %bl, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_imul
        imull $12, %ebx, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_neg
        negl %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_div
        divl %ebx
        movl %fs:8(%rax), %ebx
done
accept proven_by_xchg_modrm
        .byte 0x87, 0xc0
        movl %fs:8(%rax), %ebx
done
accept proven_by_shld
        shldl $3, %ebx, %eax
        movl %fs:8(%rax), %ebx
done
accept proven_by_self_load
        movl %eax, %eax
        movl %fs:(%rax), %eax
        movl %fs:8(%rax), %ebx
done
accept proven_edx_by_mul
        mull %ebx
        movl %fs:8(%rdx), %ebx
done
accept proven_edx_by_cdq
        cltd
        movl %fs:8(%rdx), %ebx
done
accept proof_survives_others
        movl %eax, %r11d
        nop
        movl %ebx, %ecx
        cmpl $3, %r11d
        movl %fs:LINEAR_DISP_MAX - 1(%r11), %ebx
done
accept proof_used_twice
        movl %eax, %r11d
        movl %fs:0(%r11), %ebx
        movl %ecx, %fs:4(%r11)
done
accept proof_behind_jcc
        movl %eax, %eax
        je START
        movl %fs:8(%rax), %ebx
done
accept target_at_proof
        je 1f
        nop
1:      movl %eax, %eax
        movl %fs:8(%rax), %ebx
        jne 1b
done
accept target_behind_proven_access
        movl %eax, %eax
        movl %fs:8(%rax), %ebx
1:      jne 1b
done
accept target_between_unused_proof
        movl %eax, %eax
1:      movl %ebx, %ecx
        jne 1b
done
accept target_before_second_proof
        movl %eax, %eax
1:      movl %ecx, %eax
        movl %fs:8(%rax), %ebx
        jne 1b
done
accept proof_fills_bundle
        .fill 25, 1, 0x90
        movl %eax, %eax
        movl %fs:8(%rax), %ebx
done
