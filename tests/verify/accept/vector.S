/* Scalar and vector floating point and integers up to SSE4.2. */
#define CASES_SECTION verify_accept
#include "tests/verify/cases.inc"

accept scalar
        movss (%rsp), %xmm0
        movsd %xmm0, %gs:(%eax)
        addss %xmm1, %xmm15
        mulsd %gs:8(%eax), %xmm9
        divss %xmm0, %xmm1
done
accept scalar_more
        sqrtsd %xmm0, %xmm1
        minss %xmm0, %xmm1
        maxsd (%rsp), %xmm1
        cmpltsd %xmm0, %xmm1
        ucomisd %xmm0, %xmm1
        comiss (%rsp), %xmm0
done
accept conversions
        cvtsi2sdl %eax, %xmm0
        cvtsi2ssq %rax, %xmm0
        cvttsd2si %xmm0, %eax
        cvttss2si (%rsp), %rax
        cvtsd2ss %xmm0, %xmm1
        cvtss2sd %xmm0, %xmm1
done
accept conversions_packed
        cvtdq2ps %xmm0, %xmm1
        cvttps2dq %xmm0, %xmm1
        cvtps2pd (%rsp), %xmm1
        cvtdq2pd %xmm0, %xmm1
done
accept between_files
        movd %eax, %xmm0
        movq %rax, %xmm1
        movd %xmm0, %ebx
        movq %xmm1, (%rsp)
        movq (%rsp), %xmm3
        movdqa %xmm0, %xmm1
done
accept packed_moves
        movaps %xmm0, (%rsp)
        movups %gs:(%eax), %xmm1
        movdqu %xmm1, %gs:(%eax)
        movlps (%rsp), %xmm0
        movhpd %xmm0, (%rsp)
        movhlps %xmm0, %xmm1
done
accept packed_integers
        paddd %xmm0, %xmm1
        pxor %xmm2, %xmm2
        pslld $3, %xmm0
        psrldq $8, %xmm9
        pshufd $0x1b, %xmm0, %xmm1
        pmuludq (%rsp), %xmm1
done
accept packed_logic
        andps %xmm0, %xmm1
        andnpd %xmm0, %xmm1
        orps RODATA(0)(%rip), %xmm1
        xorpd RODATA(CASE_RODATA - 16)(%rip), %xmm1
done
accept ssse3
        pshufb %xmm0, %xmm1
        pabsd %xmm0, %xmm1
        palignr $4, %xmm0, %xmm1
done
accept sse41
        roundsd $3, %xmm0, %xmm1
        roundss $1, (%rsp), %xmm1
        pmulld %xmm0, %xmm1
        blendvps %xmm0, %xmm1, %xmm2
        ptest %xmm0, %xmm1
done
accept sse41_lanes
        pextrd $1, %xmm0, %eax
        pinsrq $1, %rax, %xmm0
        pextrb $3, %xmm0, %gs:(%eax)
        pinsrb $3, (%rsp), %xmm0
done
accept sse41_lanes_more
        extractps $1, %xmm0, %eax
        insertps $0x10, (%rsp), %xmm0
        pextrw $1, %xmm0, %eax
        pinsrw $1, %eax, %xmm0
done
accept widening
        pmovzxbw (%rsp), %xmm0
        pmovsxdq %xmm0, %xmm1
        pmovzxbq RODATA(CASE_RODATA - 2)(%rip), %xmm1
done
accept masks
        pmovmskb %xmm0, %eax
        movmskpd %xmm0, %ebx
done
accept sse42
        pcmpgtq %xmm0, %xmm1
done
accept sse3
        haddps %xmm0, %xmm1
        movddup (%rsp), %xmm0
        lddqu (%rsp), %xmm1
        addsubpd %xmm0, %xmm1
done
