/*
 * Each form of gcc's assembly and what becomes of it, side by side; and what is refused, with the
 * line that is named. Lines of the input are separated by '\n'; a tab before each line of output is
 * left out here.
 */
#include "toolchain/rewrite/rewrite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct form {
    const char *name, *in, *out;
};

#define MASK_AND_JUMP                                                                              \
    ".bundle_lock\n"                                                                               \
    "andl\t$268435424, %r11d\n"                                                                    \
    "addq\t%r14, %r11\n"                                                                           \
    "jmp\t*%r11\n"                                                                                 \
    ".bundle_unlock\n"
#define MASK_AND_CALL                                                                              \
    ".bundle_lock align_to_end\n"                                                                  \
    "andl\t$268435424, %r11d\n"                                                                    \
    "addq\t%r14, %r11\n"                                                                           \
    "call\t*%r11\n"                                                                                \
    ".bundle_unlock\n"
#define CALL(name)                                                                                 \
    ".bundle_lock align_to_end\n"                                                                  \
    "call\t" name "\n"                                                                             \
    ".bundle_unlock\n"
#define LOCK(lines) ".bundle_lock\n" lines ".bundle_unlock\n"

static const struct form memory_forms[] = {
    {"register to register", "movl %eax, %ecx", "movl\t%eax, %ecx\n"},
    {"linear memory: index alone", "movl %fs:(%rax), %ecx", "movl\t%fs:(%eax), %ecx\n"},
    {"linear memory: sum within 32 bits", "movsd %xmm1, %fs:-8(%rax,%rdx,8)",
     "movsd\t%xmm1, %fs:-8(%eax,%edx,8)\n"},
    {"linear memory: 32-bit registers", "movb $-19, %fs:0(%ebp)", "movb\t$-19, %fs:(%ebp)\n"},
    {"linear memory: index only", "movl %fs:1024(,%rax,4), %eax",
     "movl\t%fs:1024(,%eax,4), %eax\n"},
    {"linear memory: constant address", "movl %eax, %fs:1028", "movl\t%eax, %fs:1028(,%eiz)\n"},
    {"linear memory: address 0", "movl %eax, %fs:0", "movl\t%eax, %fs:(,%eiz)\n"},
    {"cage: constant address", "movq %gs:65552, %rax", "movq\t%gs:65552(,%eiz), %rax\n"},
    {"cage: computed", "addl $1, %gs:4(%r9,%rax,2)", "addl\t$1, %gs:4(%r9d,%eax,2)\n"},
    {"stack: direct", "movq %rax, 24(%rsp)", "movq\t%rax, 24(%rsp)\n"},
    {"stack: red zone", "movl -120(%rsp), %eax", "movl\t-120(%rsp), %eax\n"},
    {"stack: indexed", "movb $3, -120(%rsp,%rax)",
     "movl\t%esp, %r11d\nmovb\t$3, %gs:-120(%r11d,%eax,1)\n"},
    {"stack: far", "movl 70000(%rsp), %eax", "movl\t%esp, %r11d\nmovl\t%gs:70000(%r11d), %eax\n"},
    {"stack: through a pointer", "movl $1, 12(%rdi)", "movl\t$1, %gs:12(%edi)\n"},
    {"stack: through a pointer and an index", "leaq 8(%rsp), %rcx\nmovl (%rcx,%rax,4), %eax",
     "leaq\t8(%rsp), %rcx\nmovl\t%gs:(%ecx,%eax,4), %eax\n"},
    {"constant", "mulsd .LC0(%rip), %xmm0", "mulsd\t.LC0(%rip), %xmm0\n"},
    {"constant with offset", "movaps 16+table(%rip), %xmm2", "movaps\ttable+16(%rip), %xmm2\n"},
    {"address of a function", "leaq code_base(%rip), %rdx", "leaq\tcode_base(%rip), %rdx\n"},
    {"lea is no access", "leal -4(%rax,%rax,2), %edx", "leal\t-4(%rax,%rax,2), %edx\n"},
    {"lea of a sum without base", "leaq 0(,%rdx,8), %rax", "leaq\t(,%rdx,8), %rax\n"},
    {"large constant", "movabsq $281474976710658, %rax", "movabsq\t$281474976710658, %rax\n"},
    {"largest constant", "movabsq $18446744073709551615, %rax", "movabsq\t$-1, %rax\n"},
    {"rep bsf is one instruction", "rep bsfl %eax, %edx", "tzcntl\t%eax, %edx\n"},
    {"bit by register", "btrq %rax, %rdx", "btrq\t%rax, %rdx\n"},
    {"bit of memory by constant", "btl $3, %fs:(%rax)", "btl\t$3, %fs:(%eax)\n"},
};

static const struct form guard_forms[] = {
    {"guard", "movl %ebx, %r11d\nmovl %fs:12(%r11), %eax",
     LOCK("movl\t%ebx, %r11d\nmovl\t%fs:12(%r11), %eax\n")},
    {"guard of a store", "movl %r9d, %r11d\nmovw $5, %fs:2(%r11)",
     LOCK("movl\t%r9d, %r11d\nmovw\t$5, %fs:2(%r11)\n")},
    {"no guard behind a 32-bit write",
     "leal -16(%rbp), %ebx\nmovl %ebx, %r11d\n"
     "movl %esi, %fs:12(%r11)",
     LOCK("leal\t-16(%rbp), %ebx\nmovl\t%esi, %fs:12(%rbx)\n")},
    {"no guard behind movzb", "movzbl %al, %ecx\nmovl %ecx, %r11d\nmovl %fs:4(%r11), %edx",
     LOCK("movzbl\t%al, %ecx\nmovl\t%fs:4(%rcx), %edx\n")},
    {"no second guard of the same register",
     "movl %ebx, %r11d\nmovl %eax, %fs:4(%r11)\nmovl %ebx, %r11d\nmovl %ecx, %fs:8(%r11)",
     LOCK("movl\t%ebx, %r11d\nmovl\t%eax, %fs:4(%r11)\nmovl\t%ecx, %fs:8(%r11)\n")},
    {"a loaded pointer is proven",
     "movl %ebx, %r11d\nmovl %fs:4(%r11), %eax\nmovl %eax, %r11d\nmovl %fs:8(%r11), %ecx",
     LOCK("movl\t%ebx, %r11d\nmovl\t%fs:4(%r11), %eax\nmovl\t%fs:8(%rax), %ecx\n")},
    {"guard: the register has changed",
     "movl %ebx, %r11d\nmovl %eax, %fs:4(%r11)\naddq $8, %rbx\nmovl %ebx, %r11d\n"
     "movl %ecx, %fs:8(%r11)",
     LOCK("movl\t%ebx, %r11d\nmovl\t%eax, %fs:4(%r11)\n") "addq\t$8, %rbx\n" LOCK(
         "movl\t%ebx, %r11d\nmovl\t%ecx, %fs:8(%r11)\n")},
    {"guard: 64-bit write proves nothing",
     "movq %rax, %rbx\nmovl %ebx, %r11d\n"
     "movl %fs:4(%r11), %eax",
     "movq\t%rax, %rbx\n" LOCK("movl\t%ebx, %r11d\nmovl\t%fs:4(%r11), %eax\n")},
    {"guard: 8-bit write ends the proof",
     "movl $1, %ebx\nmovb %al, %bl\nmovl %ebx, %r11d\nmovl %fs:4(%r11), %eax",
     "movl\t$1, %ebx\nmovb\t%al, %bl\n" LOCK("movl\t%ebx, %r11d\nmovl\t%fs:4(%r11), %eax\n")},
    {"guard: a shift by %cl may do nothing",
     "sall %cl, %ebx\nmovl %ebx, %r11d\nmovl %fs:4(%r11), %eax",
     "sall\t%cl, %ebx\n" LOCK("movl\t%ebx, %r11d\nmovl\t%fs:4(%r11), %eax\n")},
    {"no guard behind a shift by a constant",
     "sall $2, %ebx\nmovl %ebx, %r11d\nmovl %fs:4(%r11), %eax",
     LOCK("sall\t$2, %ebx\nmovl\t%fs:4(%rbx), %eax\n")},
    {"guard: a bit scan may do nothing",
     "bsfl %eax, %ebx\nmovl %ebx, %r11d\nmovl %fs:4(%r11), %eax",
     "bsfl\t%eax, %ebx\n" LOCK("movl\t%ebx, %r11d\nmovl\t%fs:4(%r11), %eax\n")},
    {"guard: a division writes %edx",
     "movl $1, %edx\ndivl %ecx\nmovl %edx, %r11d\nmovl %fs:4(%r11), %eax",
     "movl\t$1, %edx\ndivl\t%ecx\n" LOCK("movl\t%edx, %r11d\nmovl\t%fs:4(%r11), %eax\n")},
    {"guard: a label comes between",
     "movl $1, %ebx\n.L3:\nmovl %ebx, %r11d\n"
     "movl %fs:4(%r11), %eax",
     "movl\t$1, %ebx\n.L3:\n" LOCK("movl\t%ebx, %r11d\nmovl\t%fs:4(%r11), %eax\n")},
    {"guard: a branch comes between",
     "movl $1, %ebx\nje .L3\nmovl %ebx, %r11d\n"
     "movl %fs:4(%r11), %eax",
     "movl\t$1, %ebx\nje\t.L3\n" LOCK("movl\t%ebx, %r11d\nmovl\t%fs:4(%r11), %eax\n")},
    {"guard: %r11 was needed in between",
     "movl %ebx, %r11d\nmovl %eax, %fs:4(%r11)\nmovb $3, (%rsp,%rax)\nmovl %ebx, %r11d\n"
     "movl %ecx, %fs:8(%r11)",
     LOCK("movl\t%ebx, %r11d\nmovl\t%eax, %fs:4(%r11)\n") "movl\t%esp, %r11d\n"
                                                          "movb\t$3, %gs:(%r11d,%eax,1)\n" LOCK(
                                                              "movl\t%ebx, %r11d\nmovl\t%ecx, "
                                                              "%fs:8(%r11)\n")},
};

static const struct form stack_forms[] = {
    {"a step before an access", "subq $24, %rsp\nmovq %rax, 8(%rsp)",
     LOCK("subq\t$24, %rsp\nmovq\t%rax, 8(%rsp)\n")},
    {"a step before a push", "subq $24, %rsp\npushq %rax", LOCK("subq\t$24, %rsp\npushq\t%rax\n")},
    {"a step before a pop", "addq $24, %rsp\npopq %rbx", LOCK("addq\t$24, %rsp\npopq\t%rbx\n")},
    {"a step before a call", "subq $8, %rsp\ncall f",
     ".bundle_lock align_to_end\nsubq\t$8, %rsp\ncall\tf\n.bundle_unlock\n"},
    {"a step before a return", "addq $8, %rsp\nret",
     LOCK("addq\t$8, %rsp\npopq\t%r11\n") MASK_AND_JUMP},
    {"a step waits, as lea", "addq $24, %rsp\nxorl %eax, %eax\npopq %rbx",
     "xorl\t%eax, %eax\n" LOCK("leaq\t24(%rsp), %rsp\npopq\t%rbx\n")},
    {"a step before a label",
     "subq $24, %rsp\n.L1:", LOCK("subq\t$24, %rsp\nmovq\t(%rsp), %r11\n") ".L1:\n"},
    {"a step before a branch", "subq $24, %rsp\njmp .L1",
     LOCK("subq\t$24, %rsp\nmovq\t(%rsp), %r11\n") "jmp\t.L1\n"},
    {"a step before its own address", "subq $24, %rsp\nmovq %rsp, %rdi",
     LOCK("subq\t$24, %rsp\nmovq\t(%rsp), %r11\n") "movq\t%rsp, %rdi\n"},
    {"a step before a far access", "subq $400, %rsp\nmovq %rax, 256(%rsp)",
     LOCK("subq\t$400, %rsp\nmovq\t(%rsp), %r11\n") "movq\t%rax, 256(%rsp)\n"},
    {"a step before an indexed access", "subq $24, %rsp\nmovb $1, (%rsp,%rax)",
     LOCK("subq\t$24, %rsp\nmovq\t(%rsp), %r11\n") "movl\t%esp, %r11d\n"
                                                   "movb\t$1, %gs:(%r11d,%eax,1)\n"},
    {"a step before a shift, which may do nothing", "subq $24, %rsp\nsall %cl, 8(%rsp)",
     LOCK("subq\t$24, %rsp\nmovq\t(%rsp), %r11\n") "sall\t%cl, 8(%rsp)\n"},
    {"a step before a computed call", "subq $8, %rsp\ncall *%rax",
     LOCK("subq\t$8, %rsp\nmovq\t(%rsp), %r11\n") "movl\t%eax, %r11d\n" MASK_AND_CALL},
    {"a large frame", "subq $9000, %rsp\npushq %rax",
     LOCK("subq\t$4096, %rsp\nmovq\t(%rsp), %r11\n") LOCK("subq\t$4096, %rsp\nmovq\t(%rsp), %r11\n")
         LOCK("subq\t$808, %rsp\npushq\t%rax\n")},
    {"a frame of the largest step", "subq $4096, %rsp\npushq %rax",
     LOCK("subq\t$4096, %rsp\npushq\t%rax\n")},
    {"a step by lea", "leaq -16(%rsp), %rsp\npushq %rax", LOCK("subq\t$16, %rsp\npushq\t%rax\n")},
};

static const struct form flow_forms[] = {
    {"return", "ret", "popq\t%r11\n" MASK_AND_JUMP},
    {"call", "call f", CALL("f")},
    {"call through the PLT that is not there", "call f@PLT", CALL("f")},
    {"call of a register", "call *%rdx", "movl\t%edx, %r11d\n" MASK_AND_CALL},
    {"call of memory", "call *%gs:8(%rax)", "movq\t%gs:8(%eax), %r11\n" MASK_AND_CALL},
    {"call of the stack", "call *16(%rsp)", "movq\t16(%rsp), %r11\n" MASK_AND_CALL},
    {"tail call", "jmp f", "jmp\tf\n"},
    {"tail call of a register", "jmp *%r8", "movl\t%r8d, %r11d\n" MASK_AND_JUMP},
    {"branches", "jnb .L2\njp .L3", "jnb\t.L2\njp\t.L3\n"},
    {"functions start bundles", ".type f, @function\nf:\nmovl $1, %eax\n.L1:",
     ".type\tf, @function\n.p2align\t5\nf:\nmovl\t$1, %eax\n.L1:\n"},
    {"padding of a call does not come before the function",
     ".type f, @function\nf:\ncall g\n.L1: call g",
     ".type\tf, @function\n.p2align\t5\nf:\nnop\n" CALL("g") ".L1:\n" CALL("g")},
    {"several statements on a line", "a: b: movl $1, %eax; ret # and a comment; hlt",
     "a:\nb:\nmovl\t$1, %eax\npopq\t%r11\n" MASK_AND_JUMP},
    {"constants",
     ".section .rodata.str1.1,\"aMS\",@progbits,1\n.string \"a;b#c\\\"\"\n"
     ".section .data.rel.ro.local,\"aw\"\n.quad f\n.quad 5\n.zero 8",
     ".section\t.rodata.str1.1,\"aMS\",@progbits,1\n.string\t\"a;b#c\\\"\"\n"
     ".section\t.data.rel.ro.local,\"aw\"\n.quad\tf\n.quad\t5\n.zero\t8\n"},
    {"what nobody needs", "#APP\n.file \"x.c\"\n.ident \"GCC\"\n.cfi_startproc\nnop", "nop\n"},
};

/* The output without tabs at the start of lines and without its first line. */
static void tidy(const struct rewrite_result *result, char *out, size_t room)
{
    const char *at = memchr(result->text, '\n', result->bytes);
    const char *end = result->text + result->bytes;
    size_t bytes = 0;

    assert_non_null(at);
    assert_memory_equal(result->text, "\t.bundle_align_mode\t5\n", 22);
    for (at++; at < end; at++)
        if (!(*at == '\t' && at[-1] == '\n')) {
            assert_true(bytes < room - 1);
            out[bytes++] = *at;
        }
    out[bytes] = '\0';
}

/* ---- marks ------------------------------------------------------------------------- */

#define MARK(address) LOCK(address ", %r11d\nshrl\t$12, %r11d\nmovb\t$1, 536870912(%r14,%r11,1)\n")

static const struct form mark_forms[] = {
    {"mark of a store", "movl %ebx, %fs:(%rax)\nret",
     "movl\t%ebx, %fs:(%eax)\n" MARK("movl\t%eax") "popq\t%r11\n" MASK_AND_JUMP},
    {"mark of a sum", "movsd %xmm1, %fs:-8(%rax,%rdx,8)",
     "movsd\t%xmm1, %fs:-8(%eax,%edx,8)\n" MARK("leal\t-8(%rax,%rdx,8)")},
    {"mark of an index", "movl %ebx, %fs:1024(,%rax,4)",
     "movl\t%ebx, %fs:1024(,%eax,4)\n" MARK("leal\t1024(,%rax,4)")},
    {"mark of a constant", "movl %eax, %fs:1028",
     "movl\t%eax, %fs:1028(,%eiz)\n" MARK("leal\t1028(,%riz)")},
    {"mark of a register that reaches", "movl %ebx, %fs:60(%rax)",
     "movl\t%ebx, %fs:60(%eax)\n" MARK("movl\t%eax")},
    {"mark of a register that does not reach", "movl %ebx, %fs:61(%rax)",
     "movl\t%ebx, %fs:61(%eax)\n" MARK("leal\t61(%rax)")},
    {"mark below a register", "movl %ebx, %fs:-4(%rax)",
     "movl\t%ebx, %fs:-4(%eax)\n" MARK("leal\t-4(%rax)")},
    {"a vector is 16 bytes", "movups %xmm1, %fs:49(%rax)",
     "movups\t%xmm1, %fs:49(%eax)\n" MARK("leal\t49(%rax)")},
    {"one mark for several stores",
     "movl %ebx, %fs:8(%rax)\nmovl %ecx, %edx\nmovb $1, %fs:(%rax)\nmovq %rcx, %fs:56(%rax)",
     "movl\t%ebx, %fs:8(%eax)\nmovl\t%ecx, %edx\nmovb\t$1, %fs:(%eax)\nmovq\t%rcx, "
     "%fs:56(%eax)\n" MARK("movl\t%eax")},
    {"two marks for what lies apart", "movl %ebx, %fs:(%rax)\nmovl %ebx, %fs:61(%rax)",
     "movl\t%ebx, %fs:(%eax)\n" MARK("movl\t%eax") "movl\t%ebx, %fs:61(%eax)\n" MARK(
         "leal\t61(%rax)")},
    {"two marks for two registers", "movl %ebx, %fs:(%rax)\nmovl %ebx, %fs:(%rcx)",
     "movl\t%ebx, %fs:(%eax)\n" MARK("movl\t%eax") "movl\t%ebx, %fs:(%ecx)\n" MARK("movl\t%ecx")},
    {"two marks for two scales", "movl %ebx, %fs:(%rax,%rcx,2)\nmovl %ebx, %fs:(%rax,%rcx,4)",
     "movl\t%ebx, %fs:(%eax,%ecx,2)\n" MARK("leal\t(%rax,%rcx,2)") "movl\t%ebx, "
                                                                   "%fs:(%eax,%ecx,4)\n" MARK(
                                                                       "leal\t(%rax,%rcx,4)")},
    {"before its register changes", "movl %ebx, %fs:(%rax)\nmovq %rcx, %rdx\nmovq %rcx, %rax",
     "movl\t%ebx, %fs:(%eax)\nmovq\t%rcx, %rdx\n" MARK("movl\t%eax") "movq\t%rcx, %rax\n"},
    {"before its index changes", "movl %ebx, %fs:(%rax,%rcx,4)\nmovl $1, %ecx",
     "movl\t%ebx, %fs:(%eax,%ecx,4)\n" MARK("leal\t(%rax,%rcx,4)") "movl\t$1, %ecx\n"},
    {"before %ah changes", "movl %ebx, %fs:(%rax)\nmovb %cl, %ah",
     "movl\t%ebx, %fs:(%eax)\n" MARK("movl\t%eax") "movb\t%cl, %ah\n"},
    {"before %edx changes without being named", "movl %ebx, %fs:(%rdx)\ncltd",
     "movl\t%ebx, %fs:(%edx)\n" MARK("movl\t%edx") "cltd\n"},
    {"before flags are written", "movl %ebx, %fs:(%rax)\naddl $1, %ecx\nje .L3",
     "movl\t%ebx, %fs:(%eax)\n" MARK("movl\t%eax") "addl\t$1, %ecx\nje\t.L3\n"},
    {"before a label",
     "movl %ebx, %fs:(%rax)\n.L3:", "movl\t%ebx, %fs:(%eax)\n" MARK("movl\t%eax") ".L3:\n"},
    {"before a jump", "movl %ebx, %fs:(%rax)\njmp .L3",
     "movl\t%ebx, %fs:(%eax)\n" MARK("movl\t%eax") "jmp\t.L3\n"},
    {"before a call", "movl %ebx, %fs:(%rax)\ncall f",
     "movl\t%ebx, %fs:(%eax)\n" MARK("movl\t%eax") CALL("f")},
    {"before ud2", "movl %ebx, %fs:(%rax)\nud2",
     "movl\t%ebx, %fs:(%eax)\n" MARK("movl\t%eax") "ud2\n"},
    {"before a step of the stack", "movl %ebx, %fs:(%rax)\naddq $8, %rsp\nret",
     "movl\t%ebx, %fs:(%eax)\n" MARK("movl\t%eax") LOCK("addq\t$8, %rsp\npopq\t%r11\n")
         MASK_AND_JUMP},
    {"a step held back keeps the mark's flags out", "addq $8, %rsp\nmovl %ebx, %fs:(%rax)\nret",
     "movl\t%ebx, %fs:(%eax)\n" MARK("movl\t%eax") LOCK("leaq\t8(%rsp), %rsp\npopq\t%r11\n")
         MASK_AND_JUMP},
    {"mark through a guard", "movl %ebx, %r11d\nmovl %eax, %fs:4(%r11)",
     LOCK("movl\t%ebx, %r11d\nmovl\t%eax, %fs:4(%r11)\n") MARK("movl\t%r11d")},
    {"mark through a guard that reaches too far", "movl %ebx, %r11d\nmovl %eax, %fs:64(%r11)",
     LOCK("movl\t%ebx, %r11d\nmovl\t%eax, %fs:64(%r11)\n") MARK("leal\t64(%r11)")},
    {"one mark through one guard",
     "movl %ebx, %r11d\nmovl %eax, %fs:4(%r11)\nmovl %ebx, %r11d\nmovl %ecx, %fs:8(%r11)",
     LOCK("movl\t%ebx, %r11d\nmovl\t%eax, %fs:4(%r11)\nmovl\t%ecx, %fs:8(%r11)\n")
         MARK("movl\t%r11d")},
    {"before the guard of another access",
     "movl %ebx, %r11d\nmovl %eax, %fs:4(%r11)\nmovl %ecx, %r11d\nmovl %fs:8(%r11), %edx",
     LOCK("movl\t%ebx, %r11d\nmovl\t%eax, %fs:4(%r11)\n") MARK("movl\t%r11d")
         LOCK("movl\t%ecx, %r11d\nmovl\t%fs:8(%r11), %edx\n")},
    {"mark through a proven register", "movl %ecx, %ebx\nmovl %ebx, %r11d\nmovl %eax, %fs:4(%r11)",
     LOCK("movl\t%ecx, %ebx\nmovl\t%eax, %fs:4(%rbx)\n") MARK("movl\t%ebx")},
    {"before the stack is copied to %r11",
     "movl %ebx, %r11d\nmovl %eax, %fs:4(%r11)\nmovb $3, (%rsp,%rax)",
     LOCK("movl\t%ebx, %r11d\nmovl\t%eax, %fs:4(%r11)\n")
         MARK("movl\t%r11d") "movl\t%esp, %r11d\nmovb\t$3, %gs:(%r11d,%eax,1)\n"},
    {"before the probe of a step",
     "subq $8, %rsp\nmovl %ebx, %r11d\nmovl %eax, %fs:4(%r11)\nmovq %rsp, %rax",
     LOCK("movl\t%ebx, %r11d\nmovl\t%eax, %fs:4(%r11)\n") MARK("movl\t%r11d")
         LOCK("leaq\t-8(%rsp), %rsp\nmovq\t(%rsp), %r11\n") "movq\t%rsp, %rax\n"},
    {"loads need none", "movl %fs:(%rax), %ebx\ncmpl %ebx, %fs:4(%rax)\nje .L3",
     "movl\t%fs:(%eax), %ebx\ncmpl\t%ebx, %fs:4(%eax)\nje\t.L3\n"},
    {"the cage needs none", "movl %ebx, %gs:(%rax)\nmovl %ebx, 8(%rsp)",
     "movl\t%ebx, %gs:(%eax)\nmovl\t%ebx, 8(%rsp)\n"},
    {"flags that are made anew may be read",
     "movl %ebx, %fs:(%rax)\nmovl %ebx, %eax\ntestl %ecx, %ecx\nsete %dl",
     "movl\t%ebx, %fs:(%eax)\n" MARK(
         "movl\t%eax") "movl\t%ebx, %eax\ntestl\t%ecx, %ecx\nsete\t%dl\n"},
};

static const struct rewrite_options plain = {0}, marked = {.marks = true};

static void check_forms(const struct form *forms, size_t count,
                        const struct rewrite_options *options)
{
    for (size_t i = 0; i < count; i++) {
        struct rewrite_result result;
        struct rewrite_problem problem;
        char out[4096];

        if (rewrite(forms[i].in, strlen(forms[i].in), options, &result, &problem) != ST_OK)
            fail_msg("%s: line %u: %s", forms[i].name, problem.line, problem.message);
        tidy(&result, out, sizeof(out));
        if (strcmp(out, forms[i].out) != 0)
            fail_msg("%s: became\n%sinstead of\n%s", forms[i].name, out, forms[i].out);
        rewrite_free(&result);
    }
}

#define CHECK_FORMS(group, options)                                                                \
    static void group##_become(void **state)                                                       \
    {                                                                                              \
        (void)state;                                                                               \
        check_forms(group, sizeof(group) / sizeof(group[0]), options);                             \
    }

CHECK_FORMS(memory_forms, &plain)
CHECK_FORMS(guard_forms, &plain)
CHECK_FORMS(stack_forms, &plain)
CHECK_FORMS(flow_forms, &plain)
CHECK_FORMS(mark_forms, &marked)

/* ---- refusals ---------------------------------------------------------------------- */

static const struct refusal {
    const char *in, *message;
    unsigned line;
} refusals[] = {
    {"nop\nsyscall", "not listed", 2},
    {"rdtsc", "not listed", 1},
    {"rep stosq", "not listed", 1},
    {"rep bsf", "not listed", 1},
    {"rep ret", "not listed", 1},
    {"rep movsb", "not listed", 1},
    {"movsq", "not listed", 1},
    {"lock addl $1, (%rax)", "not listed", 1},
    {"leave", "not listed", 1},
    {"vaddsd %xmm0, %xmm1, %xmm2", "not listed", 1},
    {"wrgsbase %rax", "not listed", 1},
    {"pushfq", "not listed", 1},
    {"loop .L1", "not listed", 1},
    {"jrcxz .L1", "not listed", 1},
    {"addr32 movl (%rax), %eax", "not listed", 1},
    {"ldmxcsr (%rsp)", "not listed", 1},
    {"fldt 8(%rsp)", "not listed", 1},
    {"movl %eax, counter(%rip)", "no variables", 1},
    {"addl $1, counter(%rip)", "no variables", 1},
    {"movl counter, %eax", "operand that only branches have", 1},
    {"movl counter(%rax), %eax", "must name a symbol if", 1},
    {"movq x@GOTPCREL(%rip), %rax", "form of symbol", 1},
    {"movabsl 4294967296, %eax", "not listed", 1},
    {"movabsq 4294967296, %rax", "not a displacement", 1},
    {"movl 4096, %eax", "without segment", 1},
    {"movl %fs:-4, %eax", "beyond linear memory", 1},
    {"movl %fs:8(%rsp), %eax", "based on the stack pointer", 1},
    {"movl %gs:8(%rsp), %eax", "segment for the stack pointer", 1},
    {"movl %es:8(%rax), %eax", "not", 1},
    {"movl (%rax,%rsp), %eax", "cannot be an index", 1},
    {"movl (%rsp,%rip), %eax", "cannot be an index", 1},
    {"movl (%rax,%ecx), %eax", "two widths", 1},
    {"movl (%rax,%rcx,3), %eax", "scale", 1},
    {"movl 5000000000(%rax), %eax", "32 bits", 1},
    {"movl 010(%rax), %eax", "displacement", 1},
    {"movl $f, %eax", "not a number", 1},
    {"movl %r11d, %eax", "rewriter's", 1},
    {"movq %r14, %rax", "rewriter's", 1},
    {"movl (%r14), %eax", "rewriter's", 1},
    {"movl %r14d, %r11d\nmovl %fs:4(%r11), %eax", "rewriter's", 1},
    {"movq %rax, %r11", "rewriter's", 1},
    {"call *%r11", "rewriter's", 1},
    {"movl %eax, %r11d\nmovl %ecx, %edx", "no plain access", 2},
    {"movl %eax, %r11d\n.L1:\nmovl %fs:4(%r11), %eax", "no access follows", 2},
    {"movl %eax, %r11d", "no access follows", 1},
    {"movl %eax, %r11d\nmovl 4(%r11), %eax", "not %fs:disp", 2},
    {"movl %eax, %r11d\nmovl %fs:4(%r11,%rcx), %eax", "not %fs:disp", 2},
    {"movl %eax, %r11d\nmovl %fs:-4(%r11), %eax", "out of range", 2},
    {"movl %eax, %r11d\nmovl %fs:1073741760(%r11), %eax", "out of range", 2},
    {"movl %eax, %r11d\nmovl %r11d, %fs:4(%r11)", "rewriter's", 2},
    {"movl %eax, %r11d\nmovq %fs:4(%r11), %rsp", "no plain access", 2},
    {"movl %eax, %r11d\njmp *%fs:4(%r11)", "no plain access", 2},
    {"movl %eax, %r11d\nmovl *%fs:4(%r11), %eax", "no plain access", 2},
    {"movl %eax, %r11d\nxchgl %eax, %fs:4(%r11)", "no plain access", 2},
    {"movl %eax, %r11d\nandl $255, %r11d\nmovl %fs:4(%r11), %eax", "no plain access", 2},
    {"movq %rax, %rsp", "other than by a constant step", 1},
    {"andq $-32, %rsp", "other than by a constant step", 1},
    {"leaq -8(%rbp), %rsp", "other than by a constant step", 1},
    {"leaq 8(%rsp,%rax), %rsp", "other than by a constant step", 1},
    {"addq %rax, %rsp", "other than by a constant step", 1},
    {"addl $8, %esp", "other than by a constant step", 1},
    {"popq %rsp", "other than by a constant step", 1},
    {"xchgq %rax, %rsp", "other than by a constant step", 1},
    {"xchgq %rsp, %rax", "other than by a constant step", 1},
    {"movb %al, %spl", "other than by a constant step", 1},
    {"subq $2000000, %rsp", "larger than 1 MiB", 1},
    {"popq 8(%rsp)", "pop to memory", 1},
    {"xchgl %eax, (%rdi)", "exchange", 1},
    {"btsl %eax, (%rdi)", "may lie anywhere", 1},
    {"leaq %fs:8(%rax), %rax", "not an address to compute", 1},
    {"ret $8", "drops arguments", 1},
    {"jmp *%eax", "computed jump", 1},
    {"jmp %rax", "not a target", 1},
    {"je *%rax", "not a target", 1},
    {"call 4096", "not a target", 1},
    {"movl *%eax, %ecx", "only branches have", 1},
    {"movl (%rax), (%rcx)", "two memory operands", 1},
    {"movl %eax, %mm0", "not a register", 1},
    {"movl %cr0, %eax", "not a register", 1},
    {"movl %ds, %eax", "not a register", 1},
    {"1: nop", "not a statement", 1},
    {"nop\n\n.long 5", "data in text", 3},
    {".byte 0x0f, 0x05", "data in text", 1},
    {".data", "not listed", 1},
    {".bss", "not listed", 1},
    {".comm x,4,4", "not listed", 1},
    {".macro x", "not listed", 1},
    {".rept 3", "not listed", 1},
    {".incbin \"x\"", "not listed", 1},
    {".include \"x\"", "not listed", 1},
    {".bundle_align_mode 0", "not listed", 1},
    {".bundle_lock", "not listed", 1},
    {".code32", "not listed", 1},
    {".section .data,\"aw\"", "not a section", 1},
    {".section .tbss,\"awT\",@nobits", "not a section", 1},
    {".section .rodata,\"ax\"", "not a section", 1},
    {".section .text,\"awx\"", "not a section", 1},
    {".section .textual,\"ax\"", "not a section", 1},
    {".section .rodata\nmovl $1, %eax", "outside of text", 2},
    {".section .rodata\n.quad (1+2)", "arguments", 2},
    {".section .rodata\n.string \"x", "does not end", 2},
    {".section .rodata\n.string \"x\" \"y\"", "arguments", 2},
    {".p2align 4,,10+x", "arguments", 1},
    {".type f, @gnu_indirect_function", "arguments", 1},
    {".set a, 5", "arguments", 1},
};

/* A mark changes flags: nobody may read what was in them before. */
static const struct refusal mark_refusals[] = {
    {"subl $1, %fs:(%rax)\nnop\nje .L3", "je reads flags that the mark of a store has changed", 3},
    {"movl %ebx, %fs:(%rax)\nje .L3", "reads flags", 2},
    {"cmpl $1, %ebx\nmovl %ebx, %fs:(%rax)\nmovl %ebx, %eax\nsete %cl", "reads flags", 4},
    {"cmpl $1, %ebx\nmovl %ebx, %fs:(%rax)\n.L4:\ncmovel %ebx, %ecx", "reads flags", 4},
    {"movl %ebx, %fs:(%rax)\nmovl %ebx, %eax\nadcl $0, %edx", "reads flags", 3},
    {"movl %ebx, %fs:(%rax)\nmovl %ebx, %eax\nmovl %edx, %r11d\nadcl $0, %fs:4(%r11)",
     "reads flags", 4},
    {"movl %ecx, %r11d\nmovl %ebx, %fs:4(%r11)\nadcl (%rsp,%rax), %edx", "reads flags", 3},
};

static void check_refusals(const struct refusal *first, size_t count,
                           const struct rewrite_options *options)
{
    for (size_t i = 0; i < count; i++) {
        const struct refusal *refusal = &first[i];
        struct rewrite_result result;
        struct rewrite_problem problem;

        if (rewrite(refusal->in, strlen(refusal->in), options, &result, &problem) != ST_UNSUPPORTED)
            fail_msg("accepted: %s", refusal->in);
        if (!strstr(problem.message, refusal->message) || problem.line != refusal->line)
            fail_msg("%s: line %u: %s", refusal->in, problem.line, problem.message);
        assert_null(result.text);
    }
}

static void refusals_name_the_line(void **state)
{
    (void)state;
    check_refusals(refusals, sizeof(refusals) / sizeof(refusals[0]), &plain);
}

static void flags_behind_marks_are_not_read(void **state)
{
    (void)state;
    check_refusals(mark_refusals, sizeof(mark_refusals) / sizeof(mark_refusals[0]), &marked);
    for (size_t i = 0; i < sizeof(mark_refusals) / sizeof(mark_refusals[0]); i++) {
        const char *in = mark_refusals[i].in;
        struct rewrite_result result;
        struct rewrite_problem problem;

        assert_int_equal(rewrite(in, strlen(in), &plain, &result, &problem), ST_OK);
        rewrite_free(&result);
    }
}

static void marks_are_counted(void **state)
{
    static const char text[] = "movl %eax, %fs:(%rbx)\nmovl %eax, %fs:4(%rbx)\nret\n";
    struct rewrite_result result;
    struct rewrite_problem problem;

    (void)state;
    assert_int_equal(rewrite(text, strlen(text), &marked, &result, &problem), ST_OK);
    assert_int_equal(result.counts.marks, 1);
    rewrite_free(&result);
    assert_int_equal(rewrite(text, strlen(text), &plain, &result, &problem), ST_OK);
    assert_int_equal(result.counts.marks, 0);
    rewrite_free(&result);
}

static void a_text_has_no_nul(void **state)
{
    static const char text[] = "nop\n\0nop\n";
    struct rewrite_result result;
    struct rewrite_problem problem;

    (void)state;
    assert_int_equal(rewrite(text, sizeof(text) - 1, &plain, &result, &problem), ST_UNSUPPORTED);
    assert_int_equal(rewrite(text, 4, &plain, &result, &problem), ST_OK);
    rewrite_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_forms_become), cmocka_unit_test(guard_forms_become),
        cmocka_unit_test(stack_forms_become),  cmocka_unit_test(flow_forms_become),
        cmocka_unit_test(mark_forms_become),   cmocka_unit_test(flags_behind_marks_are_not_read),
        cmocka_unit_test(marks_are_counted),   cmocka_unit_test(refusals_name_the_line),
        cmocka_unit_test(a_text_has_no_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
