/* What gcc's output is made of. */
#define CASES_SECTION verify_accept
#include "tests/verify/cases.inc"

accept arithmetic
        addl %eax, %ebx
        orq %rax, %r8
        adcw %ax, %bx
        sbbb %al, %r9b
        andl %gs:(%eax), %ebx
        subq %rcx, %gs:8(%ebx,%ecx,4)
done
accept arithmetic_immediate
        xorl $0x12345678, %eax
        cmpq $-1, %r15
        addw $0x1234, %bx
        subb $1, %al
        andl $1, 8(%rsp)
done
accept arithmetic_accumulator
        addb $1, %al
        addl $0x12345678, %eax
        cmpw $0x1234, %ax
        testq $0x1234, %rax
done
accept moves
        movl %eax, %ebx
        movb %sil, %dil
        movb %ah, %bl
        movw %ax, %r8w
        movq %r14, %rax
done
accept moves_immediate
        movl $1, %eax
        movb $1, %r9b
        movw $1, %ax
        movq $-1, %rax
done
accept move_immediate_64
        movabsq $0x1122334455667788, %r15
done
accept moves_memory
        movb $1, %gs:(%eax)
        movw $0x1234, (%rsp)
        movl $5, %gs:4(%r9d)
done
accept extensions
        movzbl %al, %ebx
        movzwl %ax, %ebx
        movsbq %sil, %rax
        movswl %ax, %ebx
        movslq %eax, %rbx
        movzbw %al, %bx
done
accept extensions_memory
        movzbl %gs:(%eax), %ebx
        movslq (%rsp), %rbx
        movswq %gs:(%eax), %rbx
done
accept lea_anything
        leaq 0x12345678(%rax,%rbx,8), %rcx
        leal (%rsp,%r14), %eax
        leaq 8(%rsp), %rax
done
accept lea_rip
        leaq 0(%rip), %rax
        leaq START(%rip), %r11
done
accept lea_absolute
        leal 0x1234(,%rax,4), %ebx
done
accept conditional_moves
        cmovel %eax, %ebx
        cmovaq (%rsp), %rbx
        cmovsw %ax, %bx
done
accept set_condition
        sete %al
        setne %dil
        setg %gs:(%eax)
done
accept exchanges
        xchgl %ebx, %ecx
        xchgb %al, %bl
        xchgq %rax, %r9
        xchgl %eax, %ecx
done
accept multiply
        imull %eax, %ebx
        imulq $1000, %rax, %rbx
        imulw $3, %ax, %bx
        mull %ebx
        mulb %cl
done
accept divide
        cltd
        idivl %ebx
        cqto
        divq (%rsp)
        cwtl
        cltq
done
accept unary
        notl %eax
        negq %rbx
        incw %ax
        decb %cl
        notl %gs:(%eax)
done
accept shifts
        shll $3, %eax
        sarq %cl, %rbx
        rolw $8, %ax
        rorb $1, %al
        shrl %eax
        rcrl $1, %eax
done
accept double_shifts
        shldl $3, %eax, %ebx
        shrdq %cl, %rax, %rbx
done
accept bits
        btl %eax, %ebx
        btsq $40, %rax
        btrl %ecx, %edx
        btcw $3, %ax
        btl $3, (%rsp)
done
accept bit_scans
        bsfl %eax, %ebx
        bsrq %rax, %rbx
        rep bsfl %eax, %ebx
        popcntl %eax, %ebx
        bswapl %eax
        bswapq %r9
done
accept stack
        pushq %rax
        pushq %rsp
        pushq $1
        pushq $0x12345678
        pushq 8(%rsp)
        popq %rbx
        popq %r11
done
accept push_r14
        pushq %r14
done
accept tests
        testl %eax, %eax
        testb $1, %gs:(%eax)
        testw $0x1234, (%rsp)
        cmpb %sil, %al
        cmpl %gs:(%eax), %ebx
done
accept nops
        nop
        .byte 0x66, 0x90
        .byte 0x0f, 0x1f, 0x00
        .byte 0x0f, 0x1f, 0x40, 0x00
        .byte 0x0f, 0x1f, 0x44, 0x00, 0x00
        .byte 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00
done
accept long_nops
        nopl 0(%rax)
        nopw 0x1000(%rax,%rax,1)
        .byte 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0
done
accept pause
        pause
done
accept trap
        ud2
done
accept high_bytes
        movb $1, %ah
        addb %bh, %dh
        movzbl %ch, %eax
done
accept prefetches
        prefetcht0 (%rsp)
        prefetchnta %gs:(%eax)
done
accept empty_slot
        nop
done
