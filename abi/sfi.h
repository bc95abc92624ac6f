/*
 * SFI policy, version 2: the numbers that the verifier, the rewriter, the
 * monitor and tools share. docs/sfi-policy.md is the policy itself and names
 * these constants; geometry.h places the zones; gates.h counts the gates.
 *
 * This header has no code; it is included by C and by assembly.
 */
#ifndef RECLAVE_ABI_SFI_H
#define RECLAVE_ABI_SFI_H

#include "abi/gates.h"
#include "abi/geometry.h"

#define SFI_POLICY_VERSION 2

/* ---- code zone -------------------------------------------------------- */

/* Offsets from the code zone's base, which is r14. Text: the gates page, then
 * verified text, then SFI_PAD_BYTE to the end of the last committed page. */
#define SFI_TEXT_OFF     GATE_PAGE_BYTES /* where verified text starts */
#define SFI_TEXT_END     CODE_TEXT_MAX   /* 256 MiB: no masked target lies at or above it */
#define SFI_RODATA_OFF   CODE_RODATA_OFF
#define SFI_RODATA_MAX   0x10000000
#define SFI_CODE_ZONE    0x20000000 /* text zone and read-only data zone */
#define SFI_PAD_BYTE     0xf4       /* HLT: raises #GP in an enclave */
#define SFI_BUNDLE_BYTES 32
#define SFI_BUNDLE_SHIFT 5
/* andl $SFI_BRANCH_MASK, %r11d; addq %r14, %r11; jmp|call *%r11 */
#define SFI_BRANCH_MASK 0x0fffffe0

/* ---- registers, as the machine numbers them ----------------------------- */

#define SFI_REG_RSP     4
#define SFI_REG_SCRATCH 11 /* holds the target of a computed jump or call */
#define SFI_REG_CODE    14 /* code zone's base; never written */

/* ---- memory operands ---------------------------------------------------- */

#define SFI_ACCESS_MAX 64 /* no access, explicit or implicit, is wider */
/* disp(%rsp): |disp| is at most this. */
#define SFI_STACK_DISP_MAX 0xffff
/* %fs:disp(%reg) with %reg proven zero-extended: 0 <= disp < LINEAR_DISP_MAX (geometry.h) */

/*
 * Marks (BUNDLE_TRACK_MARK): leal|movl of the written address to %r11d; shrl $12, %r11d;
 * movb $1, SFI_MARKS_OFF(%r14,%r11). A mark stands for its page of linear memory and the
 * SFI_MARK_TAIL - 1 bytes behind it, so stores need not be told whether they cross a page.
 */
#define SFI_MARKS_OFF  0x20000000 /* from the code zone's base: SLOT_MARKS - SLOT_CODE */
#define SFI_MARK_SHIFT 12
#define SFI_MARK_TAIL  64

/* add, sub $imm, %rsp and lea imm(%rsp), %rsp: 1 <= |imm| <= SFI_STACK_STEP_MAX ... */
#define SFI_STACK_STEP_MAX 4096
/* ... and the next instruction is a push, a pop, a direct call, or has a
 * memory operand disp(%rsp) with |disp| at most this. */
#define SFI_PROBE_DISP_MAX 128

#ifndef __ASSEMBLER__

/* Why code is refused. Numbers cross the enclave's border: never reused. */
enum verify_reason {
    VERIFY_OK = 0,
    VERIFY_REQUEST = 1, /* sizes or offsets of the request contradict one another */

    /* 10..: encoding */
    VERIFY_TRUNCATED = 10,      /* an instruction runs past the end of text */
    VERIFY_CROSSES_BUNDLE = 11, /* ... or past the end of its bundle */
    VERIFY_PREFIX = 12,         /* repeated, misplaced, without effect or not listed here */
    VERIFY_NOT_LISTED = 13,     /* no such instruction, or none that is allowed */
    VERIFY_LEGACY = 14,         /* undefined in 64-bit mode */

    /* 20..: instructions refused as a class */
    VERIFY_KERNEL = 20,     /* enters or asks the kernel, VMM or SGX: syscall, int, enclu */
    VERIFY_PRIVILEGED = 21, /* for ring 0: in, out, lgdt, mov cr */
    VERIFY_SEGMENT = 22,    /* reads or writes a segment register or base */
    VERIFY_FLAGS = 23,      /* control flags: popf, std, sti */
    VERIFY_STATE = 24,      /* extended or control state: xrstor, ldmxcsr, wrpkru */
    VERIFY_IDENTITY = 25,   /* illegal in an enclave or not repeatable: cpuid, rdtsc, rdrand */
    VERIFY_STRING = 26,     /* movs, stos, lods, cmps, scas, xlat */
    VERIFY_FAR = 27,        /* far call, jmp, ret, pointers */
    VERIFY_X87 = 28,
    VERIFY_MMX = 29,
    VERIFY_VECTOR = 30,    /* VEX, EVEX, XOP, REX2 encodings */
    VERIFY_ATOMIC = 31,    /* lock, xadd, cmpxchg, xchg with memory */
    VERIFY_CACHE = 32,     /* fences, flushes, non-temporal, monitor */
    VERIFY_EXTENSION = 33, /* beyond x86-64-v2: AES, SHA, MOVBE */

    /* 40..: memory operands */
    VERIFY_BASE = 40,         /* not %gs, %fs, %rsp or %rip relative */
    VERIFY_ADDRESS_SIZE = 41, /* %gs without 0x67, or 0x67 without a segment */
    VERIFY_INDEX = 42,        /* an index register where none may be */
    VERIFY_STACK_BASE = 43,   /* %rsp or %rip under a segment */
    VERIFY_DISPLACEMENT = 44,
    VERIFY_NOT_EXTENDED = 45,  /* %fs:disp(%reg): upper half of %reg not proven zero */
    VERIFY_RODATA_RANGE = 46,  /* disp(%rip) outside the read-only data */
    VERIFY_RODATA_WRITE = 47,  /* disp(%rip) is written */
    VERIFY_BIT_INDEX = 48,     /* bt, bts, btr, btc: register index into memory */
    VERIFY_IMPLICIT_LIST = 49, /* enter, maskmov, moffs, pop to memory */
    VERIFY_LINEAR_WRITE = 54,  /* layer 1 writes linear memory */
    VERIFY_UNMARKED = 55,      /* a store to linear memory whose mark does not follow */
    VERIFY_MARK = 56,          /* a mark that is none: its three instructions are not in place */

    /* 50..: registers */
    VERIFY_CODE_REGISTER = 50,  /* writes r14 */
    VERIFY_STACK_POINTER = 51,  /* writes rsp, by other means than 5.2 of the policy lists */
    VERIFY_STACK_STEP = 52,     /* step is 0 or larger than SFI_STACK_STEP_MAX */
    VERIFY_STACK_UNPROBED = 53, /* no access through %rsp right after the step */

    /* 60..: control flow */
    VERIFY_RETURN = 60,
    VERIFY_INDIRECT = 61,       /* jump or call through memory or another register than r11 */
    VERIFY_UNMASKED = 62,       /* jump or call through r11 without mask and base right before */
    VERIFY_COUNTED_BRANCH = 63, /* loop, jrcxz */
    VERIFY_CALL_UNALIGNED = 64, /* a call does not end its bundle */
    VERIFY_TARGET = 65, /* no instruction starts there, or it is inside a guarded sequence */
    VERIFY_TARGET_OUTSIDE = 66, /* neither in this text nor a gate's entry */
    VERIFY_FALLS_OFF = 67,      /* control can pass the end of text */
    VERIFY_REASON_COUNT
};

#endif
#endif
