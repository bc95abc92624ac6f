/* Instructions that are refused as a class. Policy section 8. */
#define CASES_SECTION verify_reject
#include "tests/verify/cases.inc"

reject syscall, VERIFY_KERNEL
BAD     syscall
done
reject sysret, VERIFY_KERNEL
BAD     sysretq
done
reject sysenter, VERIFY_KERNEL
BAD     sysenter
done
reject sysexit, VERIFY_KERNEL
BAD     sysexit
done
reject int_80, VERIFY_KERNEL
BAD     int $0x80
done
reject int3, VERIFY_KERNEL
BAD     int3
done
reject int1, VERIFY_KERNEL
BAD     .byte 0xf1
done
reject iret, VERIFY_KERNEL
BAD     iretq
done
reject enclu, VERIFY_KERNEL
BAD     .byte 0x0f, 0x01, 0xd7
done
reject encls, VERIFY_KERNEL
BAD     .byte 0x0f, 0x01, 0xcf
done
reject enclv, VERIFY_KERNEL
BAD     .byte 0x0f, 0x01, 0xc0
done
reject vmcall, VERIFY_KERNEL
BAD     vmcall
done
reject vmmcall, VERIFY_KERNEL
BAD     vmmcall
done
reject vmfunc, VERIFY_KERNEL
BAD     vmfunc
done
reject swapgs, VERIFY_KERNEL
BAD     swapgs
done
reject xgetbv, VERIFY_KERNEL
BAD     xgetbv
done
reject xsetbv, VERIFY_KERNEL
BAD     xsetbv
done
reject stac, VERIFY_KERNEL
BAD     stac
done
reject clac, VERIFY_KERNEL
BAD     clac
done
reject rdtscp, VERIFY_KERNEL
BAD     rdtscp
done
reject wrpkru, VERIFY_KERNEL
BAD     wrpkru
done
reject rdpkru, VERIFY_KERNEL
BAD     rdpkru
done
reject monitor, VERIFY_KERNEL
BAD     monitor
done
reject mwait, VERIFY_KERNEL
BAD     mwait
done
reject xend, VERIFY_KERNEL
BAD     xend
done
reject sgdt, VERIFY_KERNEL
BAD     sgdt (%rsp)
done
reject lgdt, VERIFY_KERNEL
BAD     lgdt (%rsp)
done
reject invlpg, VERIFY_KERNEL
BAD     invlpg (%rsp)
done
reject getsec, VERIFY_KERNEL
BAD     .byte 0x0f, 0x37
done
reject rsm, VERIFY_KERNEL
BAD     rsm
done
reject invpcid, VERIFY_KERNEL
BAD     .byte 0x66, 0x0f, 0x38, 0x82, 0x04, 0x24
done
reject uiret, VERIFY_KERNEL
BAD     .byte 0xf3, 0x0f, 0x01, 0xec
done
reject in_al, VERIFY_PRIVILEGED
BAD     inb $0x60, %al
done
reject out_dx, VERIFY_PRIVILEGED
BAD     outl %eax, %dx
done
reject insb, VERIFY_PRIVILEGED
BAD     insb
done
reject outsl, VERIFY_PRIVILEGED
BAD     outsl
done
reject mov_from_cr, VERIFY_PRIVILEGED
BAD     movq %cr3, %rax
done
reject mov_to_dr, VERIFY_PRIVILEGED
BAD     movq %rax, %dr7
done
reject wrmsr, VERIFY_PRIVILEGED
BAD     wrmsr
done
reject rdmsr, VERIFY_PRIVILEGED
BAD     rdmsr
done
reject wbinvd, VERIFY_PRIVILEGED
BAD     wbinvd
done
reject clts, VERIFY_PRIVILEGED
BAD     clts
done
reject sldt, VERIFY_PRIVILEGED
BAD     sldt %eax
done
reject str, VERIFY_PRIVILEGED
BAD     str %eax
done
reject verr, VERIFY_PRIVILEGED
BAD     verr %ax
done
reject wrgsbase, VERIFY_SEGMENT
BAD     wrgsbase %rax
done
reject wrfsbase, VERIFY_SEGMENT
BAD     wrfsbase %rax
done
reject rdgsbase, VERIFY_SEGMENT
BAD     rdgsbase %rax
done
reject rdfsbase, VERIFY_SEGMENT
BAD     rdfsbase %eax
done
reject mov_to_gs, VERIFY_SEGMENT
BAD     movl %eax, %gs
done
reject mov_to_fs, VERIFY_SEGMENT
BAD     movl %eax, %fs
done
reject mov_to_ss, VERIFY_SEGMENT
BAD     movl %eax, %ss
done
reject mov_from_gs, VERIFY_SEGMENT
BAD     movl %gs, %eax
done
reject push_fs, VERIFY_SEGMENT
BAD     pushq %fs
done
reject pop_fs, VERIFY_SEGMENT
BAD     popq %fs
done
reject push_gs, VERIFY_SEGMENT
BAD     pushq %gs
done
reject pop_gs, VERIFY_SEGMENT
BAD     popq %gs
done
reject lss, VERIFY_SEGMENT
BAD     lss (%rsp), %eax
done
reject lfs, VERIFY_SEGMENT
BAD     lfs (%rsp), %eax
done
reject lgs, VERIFY_SEGMENT
BAD     lgs (%rsp), %eax
done
reject lar, VERIFY_SEGMENT
BAD     lar %eax, %eax
done
reject lsl, VERIFY_SEGMENT
BAD     lsl %eax, %eax
done
reject pushf, VERIFY_FLAGS
BAD     pushfq
done
reject popf, VERIFY_FLAGS
BAD     popfq
done
reject std, VERIFY_FLAGS
BAD     std
done
reject cld, VERIFY_FLAGS
BAD     cld
done
reject sti, VERIFY_FLAGS
BAD     sti
done
reject cli, VERIFY_FLAGS
BAD     cli
done
reject sahf, VERIFY_FLAGS
BAD     sahf
done
reject lahf, VERIFY_FLAGS
BAD     lahf
done
reject cmc, VERIFY_FLAGS
BAD     cmc
done
reject stc, VERIFY_FLAGS
BAD     stc
done
reject ldmxcsr, VERIFY_STATE
BAD     ldmxcsr (%rsp)
done
reject stmxcsr, VERIFY_STATE
BAD     stmxcsr (%rsp)
done
reject fxsave, VERIFY_STATE
BAD     fxsave (%rsp)
done
reject fxrstor, VERIFY_STATE
BAD     fxrstor (%rsp)
done
reject xsave, VERIFY_STATE
BAD     xsave (%rsp)
done
reject xrstor, VERIFY_STATE
BAD     xrstor (%rsp)
done
reject xrstor64, VERIFY_STATE
BAD     xrstor64 (%rsp)
done
reject xsaveopt, VERIFY_STATE
BAD     xsaveopt (%rsp)
done
reject xsavec, VERIFY_STATE
BAD     xsavec (%rsp)
done
reject xrstors, VERIFY_STATE
BAD     xrstors (%rsp)
done
reject xsaves, VERIFY_STATE
BAD     xsaves (%rsp)
done
reject lfence, VERIFY_STATE
BAD     lfence
done
reject mfence, VERIFY_STATE
BAD     mfence
done
reject clflush, VERIFY_STATE
BAD     clflush (%rsp)
done
reject incssp, VERIFY_SEGMENT
BAD     incsspd %eax
done
reject rdssp, VERIFY_STATE
BAD     rdsspq %rax
done
reject endbr64, VERIFY_STATE
BAD     endbr64
done
reject bndmk, VERIFY_STATE
BAD     .byte 0xf3, 0x0f, 0x1b, 0x04, 0x24
done
reject xbegin, VERIFY_STATE
BAD     .byte 0xc7, 0xf8, 0, 0, 0, 0
done
reject xabort, VERIFY_STATE
BAD     xabort $1
done
reject cpuid, VERIFY_IDENTITY
BAD     cpuid
done
reject rdtsc, VERIFY_IDENTITY
BAD     rdtsc
done
reject rdpmc, VERIFY_IDENTITY
BAD     rdpmc
done
reject rdrand, VERIFY_IDENTITY
BAD     rdrand %eax
done
reject rdseed, VERIFY_IDENTITY
BAD     rdseed %rax
done
reject rdpid, VERIFY_IDENTITY
BAD     rdpid %rax
done
reject senduipi, VERIFY_IDENTITY
BAD     .byte 0xf3, 0x0f, 0xc7, 0xf0
done
reject movsb, VERIFY_STRING
BAD     movsb
done
reject movsq, VERIFY_STRING
BAD     movsq
done
reject rep_movsb, VERIFY_STRING
BAD     rep movsb
done
reject stosb, VERIFY_STRING
BAD     stosb
done
reject rep_stosq, VERIFY_STRING
BAD     rep stosq
done
reject lodsb, VERIFY_STRING
BAD     lodsb
done
reject scasb, VERIFY_STRING
BAD     repne scasb
done
reject cmpsb, VERIFY_STRING
BAD     repe cmpsb
done
reject movs_with_gs, VERIFY_STRING
BAD     .byte 0x65, 0x67, 0xa4
done
reject xlat, VERIFY_STRING
BAD     xlat
done
reject xlat_gs, VERIFY_STRING
BAD     .byte 0x65, 0x67, 0xd7
done
reject rep_xstore, VERIFY_STRING
BAD     .byte 0xf3, 0x0f, 0xa7, 0xc0
done
reject call_far, VERIFY_FAR
BAD     lcall *(%rsp)
done
reject jmp_far, VERIFY_FAR
BAD     ljmp *(%rsp)
done
reject retf, VERIFY_FAR
BAD     lret
done
reject retf_imm, VERIFY_FAR
BAD     lret $8
done
reject ptr_far_jump, VERIFY_FAR
BAD     .byte 0xea, 0, 0, 0, 0, 0, 0
done
reject ptr_far_call, VERIFY_FAR
BAD     .byte 0x9a, 0, 0, 0, 0, 0, 0
done
reject fld, VERIFY_X87
BAD     fldl (%rsp)
done
reject fld1, VERIFY_X87
BAD     fld1
done
reject fstp, VERIFY_X87
BAD     fstpt (%rsp)
done
reject fnstenv, VERIFY_X87
BAD     fnstenv (%rsp)
done
reject fldcw, VERIFY_X87
BAD     fldcw (%rsp)
done
reject fwait, VERIFY_X87
BAD     fwait
done
reject fninit, VERIFY_X87
BAD     fninit
done
reject emms, VERIFY_MMX
BAD     emms
done
reject mmx_move, VERIFY_MMX
BAD     movq %mm0, %mm1
done
reject mmx_add, VERIFY_MMX
BAD     paddb %mm0, %mm1
done
reject mmx_from_general, VERIFY_MMX
BAD     movd %eax, %mm0
done
reject mmx_shuffle, VERIFY_MMX
BAD     pshufb %mm0, %mm1
done
reject mmx_shift, VERIFY_MMX
BAD     psllq $3, %mm0
done
reject mmx_from_xmm, VERIFY_MMX
BAD     movdq2q %xmm0, %mm0
done
reject xmm_from_mmx, VERIFY_MMX
BAD     movq2dq %mm0, %xmm0
done
reject mmx_convert, VERIFY_MMX
BAD     cvtpi2ps %mm0, %xmm0
done
reject mmx_mask_move, VERIFY_IMPLICIT_LIST
BAD     maskmovq %mm0, %mm1
done
reject vex_2, VERIFY_VECTOR
BAD     vaddps %xmm0, %xmm1, %xmm2
done
reject vex_3, VERIFY_VECTOR
BAD     vfmadd231ps %xmm0, %xmm1, %xmm2
done
reject vzeroupper, VERIFY_VECTOR
BAD     vzeroupper
done
reject gather, VERIFY_VECTOR
BAD     vgatherdps %xmm0, (%rsp,%xmm1), %xmm2
done
reject evex, VERIFY_VECTOR
BAD     {evex} vaddps %zmm0, %zmm1, %zmm2
done
reject scatter, VERIFY_VECTOR
BAD     vscatterdps %zmm0, (%rsp,%zmm1){%k1}
done
reject mulx, VERIFY_VECTOR
BAD     mulxl %eax, %r14d, %ebx
done
reject andn_bmi, VERIFY_VECTOR
BAD     andnl %eax, %ebx, %ecx
done
reject xop, VERIFY_VECTOR
BAD     .byte 0x8f, 0xe8, 0x78, 0xa2, 0xc1, 0x20
done
reject vldmxcsr, VERIFY_VECTOR
BAD     vldmxcsr (%rsp)
done
reject rex2_jmpabs, VERIFY_VECTOR
BAD     .byte 0xd5, 0x00, 0xa1, 0, 0, 0, 0, 0, 0, 0, 0
done
reject cmpxchg, VERIFY_ATOMIC
BAD     cmpxchgl %eax, (%rsp)
done
reject cmpxchg_register, VERIFY_ATOMIC
BAD     cmpxchgl %eax, %ebx
done
reject xadd, VERIFY_ATOMIC
BAD     xaddl %eax, %ebx
done
reject xadd_r14, VERIFY_ATOMIC
BAD     xaddq %r14, %rbx
done
reject xchg_memory, VERIFY_ATOMIC
BAD     xchgl %eax, (%rsp)
done
reject xchg_memory_byte, VERIFY_ATOMIC
BAD     xchgb %al, (%rsp)
done
reject cmpxchg16b, VERIFY_ATOMIC
BAD     cmpxchg16b (%rsp)
done
reject movnti, VERIFY_CACHE
BAD     movnti %eax, (%rsp)
done
reject movntps, VERIFY_CACHE
BAD     movntps %xmm0, (%rsp)
done
reject movntdq, VERIFY_CACHE
BAD     movntdq %xmm0, (%rsp)
done
reject movntdqa, VERIFY_CACHE
BAD     movntdqa (%rsp), %xmm0
done
reject clflushopt, VERIFY_CACHE
BAD     clflushopt (%rsp)
done
reject prefetchw, VERIFY_CACHE
BAD     prefetchw (%rsp)
done
reject movdiri, VERIFY_CACHE
BAD     .byte 0x0f, 0x38, 0xf9, 0x04, 0x24
done
reject movdir64b, VERIFY_CACHE
BAD     .byte 0x66, 0x0f, 0x38, 0xf8, 0x04, 0x24
done
reject umwait, VERIFY_CACHE
BAD     .byte 0xf2, 0x0f, 0xae, 0xf0
done
reject cldemote, VERIFY_CACHE
BAD     .byte 0x0f, 0x1c, 0x04, 0x24
done
reject aesenc, VERIFY_EXTENSION
BAD     aesenc %xmm0, %xmm1
done
reject pclmul, VERIFY_EXTENSION
BAD     pclmulqdq $0, %xmm0, %xmm1
done
reject sha256, VERIFY_EXTENSION
BAD     sha256msg1 %xmm0, %xmm1
done
reject movbe, VERIFY_EXTENSION
BAD     movbe (%rsp), %eax
done
reject crc32, VERIFY_EXTENSION
BAD     crc32l %eax, %ebx
done
reject adcx, VERIFY_EXTENSION
BAD     adcxl %eax, %ebx
done
reject lzcnt, VERIFY_EXTENSION
BAD     lzcntl %eax, %ebx
done
reject now3d, VERIFY_EXTENSION
BAD     pfadd %mm0, %mm1
done
reject insertq, VERIFY_EXTENSION
BAD     insertq %xmm0, %xmm1
done
reject wrss, VERIFY_EXTENSION
BAD     .byte 0x0f, 0x38, 0xf6, 0x04, 0x24
done
reject pusha, VERIFY_LEGACY
BAD     .byte 0x60
done
reject aam, VERIFY_LEGACY
BAD     .byte 0xd4, 0x0a
done
reject into, VERIFY_LEGACY
BAD     .byte 0xce
done
reject alias_82, VERIFY_LEGACY
BAD     .byte 0x82, 0xc0, 0x01
done
reject salc, VERIFY_LEGACY
BAD     .byte 0xd6
done
reject daa, VERIFY_LEGACY
BAD     .byte 0x27
done
reject ud0, VERIFY_NOT_LISTED
BAD     .byte 0x0f, 0xff, 0x04, 0x24
done
reject ud1, VERIFY_NOT_LISTED
BAD     .byte 0x0f, 0xb9, 0x04, 0x24
done
reject test_alias, VERIFY_NOT_LISTED
BAD     .byte 0xf7, 0xc8, 1, 0, 0, 0
done
reject shift_alias, VERIFY_NOT_LISTED
BAD     .byte 0xc1, 0xf0, 0x01
done
reject setcc_extension, VERIFY_NOT_LISTED
BAD     .byte 0x0f, 0x94, 0xc8
done
reject mov_extension, VERIFY_NOT_LISTED
BAD     .byte 0xc7, 0xc8, 0, 0, 0, 0
done
reject bit_extension, VERIFY_NOT_LISTED
BAD     .byte 0x0f, 0xba, 0xc0, 1
done
reject inc_extension, VERIFY_NOT_LISTED
BAD     .byte 0xfe, 0xd0
done
reject ff_7, VERIFY_NOT_LISTED
BAD     .byte 0xff, 0xf8
done
reject push_register_long, VERIFY_NOT_LISTED
BAD     .byte 0xff, 0xf0
done
reject lea_of_register, VERIFY_NOT_LISTED
BAD     .byte 0x48, 0x8d, 0xc0
done
reject reserved_nop, VERIFY_NOT_LISTED
BAD     .byte 0x0f, 0x19, 0x04, 0x24
done
reject prefetch_extension, VERIFY_NOT_LISTED
BAD     .byte 0x0f, 0x18, 0x7c, 0x24, 0
done
reject prefetch_register, VERIFY_NOT_LISTED
BAD     .byte 0x0f, 0x18, 0xc0
done
reject unused_0f_04, VERIFY_NOT_LISTED
BAD     .byte 0x0f, 0x04
done
reject unused_0f38, VERIFY_NOT_LISTED
BAD     .byte 0x66, 0x0f, 0x38, 0x0c, 0xc1
done
reject unused_0f3a, VERIFY_NOT_LISTED
BAD     .byte 0x66, 0x0f, 0x3a, 0x00, 0xc1, 1
done
reject movlpd_of_register, VERIFY_NOT_LISTED
BAD     .byte 0x66, 0x0f, 0x12, 0xc1
done
reject lddqu_of_register, VERIFY_NOT_LISTED
BAD     .byte 0xf2, 0x0f, 0xf0, 0xc1
done
reject ud2_with_66, VERIFY_NOT_LISTED
BAD     .byte 0x66, 0x0f, 0x0b
done
reject movmskps_memory, VERIFY_NOT_LISTED
BAD     .byte 0x0f, 0x50, 0x04, 0x24
done
reject shift_x_memory, VERIFY_NOT_LISTED
BAD     .byte 0x66, 0x0f, 0x71, 0x14, 0x24, 1
done
reject enter, VERIFY_IMPLICIT_LIST
BAD     enter $16, $0
done
reject moffs_load, VERIFY_IMPLICIT_LIST
BAD     movabs 0x1122334455667788, %eax
done
reject moffs_store, VERIFY_IMPLICIT_LIST
BAD     movabs %al, 0x1122334455667788
done
reject moffs_gs, VERIFY_IMPLICIT_LIST
BAD     .byte 0x65, 0x67, 0xa1, 0, 0, 0, 0
done
reject pop_memory, VERIFY_IMPLICIT_LIST
BAD     popq (%rsp)
done
reject maskmovdqu, VERIFY_IMPLICIT_LIST
BAD     maskmovdqu %xmm0, %xmm1
done
reject maskmovdqu_gs, VERIFY_IMPLICIT_LIST
BAD     .byte 0x65, 0x67, 0x66, 0x0f, 0xf7, 0xc8
done
reject pcmpestri, VERIFY_IMPLICIT_LIST
BAD     pcmpestri $0, %xmm0, %xmm1
done
