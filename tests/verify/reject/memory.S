/* Memory operands. Policy section 4. */
#define CASES_SECTION verify_reject
#include "tests/verify/cases.inc"

reject plain_load, VERIFY_BASE
BAD     movl (%rax), %ebx
done
reject plain_store, VERIFY_BASE
BAD     movl %ebx, (%rax)
done
reject plain_rbp, VERIFY_BASE
BAD     movl 8(%rbp), %eax
done
reject plain_r14, VERIFY_BASE
BAD     movl 8(%r14), %eax
done
reject plain_r11, VERIFY_BASE
BAD     movb $1, (%r11)
done
reject plain_absolute, VERIFY_BASE
BAD     movl 0x1000, %eax
done
reject plain_index, VERIFY_BASE
BAD     movl (,%rax,4), %eax
done
reject plain_base_index, VERIFY_BASE
BAD     addl %eax, (%rax,%r12)
done
reject plain_push_memory, VERIFY_BASE
BAD     pushq (%rax)
done
reject plain_prefetch, VERIFY_BASE
BAD     prefetcht0 (%rax)
done
reject plain_vector, VERIFY_BASE
BAD     movups (%rax), %xmm0
done
reject plain_vector_store, VERIFY_BASE
BAD     movaps %xmm0, (%rdi)
done
reject plain_cmov, VERIFY_BASE
BAD     cmovel (%rax), %ebx
done
reject plain_setcc, VERIFY_BASE
BAD     sete (%rax)
done
reject plain_bt_immediate, VERIFY_BASE
BAD     btl $3, (%rax)
done
reject plain_imul, VERIFY_BASE
BAD     imull $3, (%rax), %ebx
done
reject plain_div, VERIFY_BASE
BAD     divl (%rax)
done
reject plain_shift, VERIFY_BASE
BAD     shll $1, (%rax)
done
reject plain_convert, VERIFY_BASE
BAD     cvtsi2sdl (%rax), %xmm0
done
reject plain_popcnt, VERIFY_BASE
BAD     popcntl (%rax), %eax
done
reject plain_pextr, VERIFY_BASE
BAD     pextrb $1, %xmm0, (%rax)
done
reject plain_movsxd, VERIFY_BASE
BAD     movslq (%rax), %rbx
done
reject plain_test, VERIFY_BASE
BAD     testb $1, (%rax)
done
reject plain_movq, VERIFY_BASE
BAD     movq %xmm0, (%rax)
done
reject plain_proven, VERIFY_BASE
BAD     movl (%r12), %eax
done
reject rbp_no_base_form, VERIFY_BASE
BAD     .byte 0x8b, 0x45, 0x00
done
reject r13_disp0, VERIFY_BASE
BAD     .byte 0x41, 0x8b, 0x45, 0x00
done
reject gs_64_bit, VERIFY_ADDRESS_SIZE
BAD     movl %gs:(%rax), %ebx
done
reject gs_64_bit_absolute, VERIFY_ADDRESS_SIZE
BAD     movl %gs:0x1000, %ebx
done
reject gs_64_bit_negative, VERIFY_ADDRESS_SIZE
BAD     movl %gs:-8, %eax
done
reject gs_64_bit_stack, VERIFY_ADDRESS_SIZE
BAD     movl %gs:(%rsp), %eax
done
reject gs_rip, VERIFY_ADDRESS_SIZE
BAD     movl %gs:0(%rip), %eax
done
reject gs_64_bit_proven, VERIFY_ADDRESS_SIZE
        movl %eax, %eax
BAD     movl %gs:(%rax), %ebx
done
reject no_segment_32_bit, VERIFY_ADDRESS_SIZE
BAD     movl (%eax), %ebx
done
reject stack_32_bit, VERIFY_ADDRESS_SIZE
BAD     movl (%esp), %ebx
done
reject eip_relative, VERIFY_ADDRESS_SIZE
BAD     movl 0(%eip), %ebx
done
reject no_segment_32_bit_store, VERIFY_ADDRESS_SIZE
BAD     movl %ebx, 4(%eax,%ecx)
done
reject stack_index, VERIFY_INDEX
BAD     movl (%rsp,%rax), %ebx
done
reject stack_index_scaled, VERIFY_INDEX
BAD     movl %ebx, 8(%rsp,%rax,8)
done
reject stack_index_r12, VERIFY_INDEX
BAD     movl (%rsp,%r12), %ebx
done
reject gs_esp, VERIFY_STACK_BASE
BAD     movl %gs:(%esp), %eax
done
reject gs_esp_index, VERIFY_STACK_BASE
BAD     movl %gs:(%esp,%eax), %eax
done
reject gs_eip, VERIFY_STACK_BASE
BAD     movl %gs:0(%eip), %eax
done
reject fs_esp, VERIFY_STACK_BASE
BAD     movl %fs:(%esp), %eax
done
reject fs_rsp, VERIFY_STACK_BASE
BAD     movl %fs:(%rsp), %eax
done
reject fs_rip, VERIFY_STACK_BASE
BAD     movl %fs:0(%rip), %eax
done
reject fs_eip, VERIFY_STACK_BASE
BAD     movl %fs:0(%eip), %eax
done
reject fs_absolute, VERIFY_BASE
BAD     movl %fs:0x28, %eax
done
reject fs_absolute_negative, VERIFY_BASE
BAD     movl %fs:-8, %eax
done
reject fs_only_index, VERIFY_BASE
BAD     movl %fs:(,%rax,8), %eax
done
reject stack_displacement_low, VERIFY_DISPLACEMENT
BAD     movl -0x10000(%rsp), %eax
done
reject stack_displacement_high, VERIFY_DISPLACEMENT
BAD     movl 0x10000(%rsp), %eax
done
reject stack_displacement_store, VERIFY_DISPLACEMENT
BAD     movl %eax, 0x7fffffff(%rsp)
done
reject stack_displacement_minimum, VERIFY_DISPLACEMENT
BAD     movl -0x80000000(%rsp), %eax
done
reject stack_displacement_vector, VERIFY_DISPLACEMENT
BAD     movaps 0x10000(%rsp), %xmm0
done
reject fs_unproven, VERIFY_NOT_EXTENDED
BAD     movl %fs:(%rax), %ebx
done
reject fs_unproven_store, VERIFY_NOT_EXTENDED
BAD     movl %ebx, %fs:8(%r11)
done
reject fs_unproven_r14, VERIFY_NOT_EXTENDED
BAD     movl %fs:(%r14), %eax
done
reject rodata_below, VERIFY_RODATA_RANGE
BAD     movl RODATA(-1)(%rip), %eax
done
reject rodata_behind, VERIFY_RODATA_RANGE
BAD     movl RODATA(CASE_RODATA - 3)(%rip), %eax
done
reject rodata_behind_by_vector, VERIFY_RODATA_RANGE
BAD     movaps RODATA(CASE_RODATA - 15)(%rip), %xmm0
done
reject rodata_behind_by_double, VERIFY_RODATA_RANGE
BAD     addsd RODATA(CASE_RODATA - 7)(%rip), %xmm0
done
reject rodata_behind_by_quad, VERIFY_RODATA_RANGE
BAD     movq RODATA(CASE_RODATA - 7)(%rip), %rax
done
reject rodata_behind_by_one, VERIFY_RODATA_RANGE
BAD     movzbl RODATA(CASE_RODATA)(%rip), %eax
done
reject rip_text, VERIFY_RODATA_RANGE
BAD     movl 0(%rip), %eax
done
reject rip_gates, VERIFY_RODATA_RANGE
BAD     movl START - 4096(%rip), %eax
done
reject rip_far, VERIFY_RODATA_RANGE
BAD     movl 0x7fffffff(%rip), %eax
done
reject rip_negative, VERIFY_RODATA_RANGE
BAD     movl -0x80000000(%rip), %eax
done
reject rip_prefetch, VERIFY_RODATA_RANGE
BAD     prefetcht0 0(%rip)
done
reject rip_push, VERIFY_RODATA_RANGE
BAD     pushq 0(%rip)
done
reject rodata_store, VERIFY_RODATA_WRITE
BAD     movl %eax, RODATA(0)(%rip)
done
reject rodata_add, VERIFY_RODATA_WRITE
BAD     addl $1, RODATA(0)(%rip)
done
reject rodata_setcc, VERIFY_RODATA_WRITE
BAD     sete RODATA(0)(%rip)
done
reject rodata_movaps, VERIFY_RODATA_WRITE
BAD     movaps %xmm0, RODATA(0)(%rip)
done
reject rodata_bts, VERIFY_RODATA_WRITE
BAD     btsl $1, RODATA(0)(%rip)
done
reject rodata_inc, VERIFY_RODATA_WRITE
BAD     incl RODATA(0)(%rip)
done
reject rodata_pextrd, VERIFY_RODATA_WRITE
BAD     pextrd $1, %xmm0, RODATA(0)(%rip)
done
reject rodata_shift, VERIFY_RODATA_WRITE
BAD     shrl %cl, RODATA(0)(%rip)
done
reject rodata_not, VERIFY_RODATA_WRITE
BAD     notb RODATA(0)(%rip)
done
reject rodata_shld, VERIFY_RODATA_WRITE
BAD     shldl $3, %eax, RODATA(0)(%rip)
done
reject text_store, VERIFY_RODATA_WRITE
BAD     movl %eax, 0(%rip)
done
reject rodata_movq, VERIFY_RODATA_WRITE
BAD     movq %xmm0, RODATA(0)(%rip)
done
reject rodata_movss, VERIFY_RODATA_WRITE
BAD     movss %xmm0, RODATA(0)(%rip)
done
reject rodata_movhps, VERIFY_RODATA_WRITE
BAD     movhps %xmm0, RODATA(0)(%rip)
done
reject rodata_mov_immediate, VERIFY_RODATA_WRITE
BAD     movb $1, RODATA(0)(%rip)
done
reject bt_memory, VERIFY_BIT_INDEX
BAD     btl %eax, (%rsp)
done
reject bts_memory, VERIFY_BIT_INDEX
BAD     btsq %rax, (%rsp)
done
reject btr_memory, VERIFY_BIT_INDEX
BAD     btrl %eax, %gs:(%ebx)
done
reject btc_memory, VERIFY_BIT_INDEX
BAD     btcw %ax, (%rsp)
done
reject fs_index, VERIFY_INDEX
        movl %eax, %eax
        movl %ecx, %ecx
BAD     movl %fs:(%rax,%rcx), %ebx
done
reject fs_displacement_negative, VERIFY_DISPLACEMENT
        movl %eax, %eax
BAD     movl %fs:-1(%rax), %ebx
done
reject fs_displacement_limit, VERIFY_DISPLACEMENT
        movl %eax, %eax
BAD     movl %fs:LINEAR_DISP_MAX(%rax), %ebx
done
reject fs_displacement_huge, VERIFY_DISPLACEMENT
        movl %eax, %eax
BAD     movl %fs:0x7fffffff(%rax), %ebx
done
