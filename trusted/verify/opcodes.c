/* The opcode maps: one cell per opcode, every refusal visible. */
#include "trusted/verify/form.h"

#define FORM(name, ...)  F_##name,
#define GROUP(name, ...) G_##name,
enum {
    FORMS_BEGIN = FORM_FIRST - 1,
#include "trusted/verify/forms.def"
    FORMS_END
};
enum {
    GROUPS_BEGIN = GROUP_FIRST - 1,
#include "trusted/verify/groups.def"
    GROUPS_END
};
#undef FORM
#undef GROUP

_Static_assert(VERIFY_REASON_COUNT <= GROUP_FIRST, "a reason fits a cell");
_Static_assert(GROUPS_END <= FORM_FIRST, "a group fits a cell");
_Static_assert(FORMS_END <= 0x100, "a form fits a cell");

#define FORM(name, ...) {__VA_ARGS__},
const struct form verify_forms[] = {
#include "trusted/verify/forms.def"
};
#undef FORM

/* clang-format off */
#define KERNEL     VERIFY_KERNEL
#define PRIVILEGED VERIFY_PRIVILEGED
#define SEGMENT    VERIFY_SEGMENT
#define FLAGS      VERIFY_FLAGS
#define STATE      VERIFY_STATE
#define IDENTITY   VERIFY_IDENTITY
#define STRING     VERIFY_STRING
#define FAR        VERIFY_FAR
#define X87        VERIFY_X87
#define MMX        VERIFY_MMX
#define VECTORS    VERIFY_VECTOR
#define ATOMIC     VERIFY_ATOMIC
#define CACHE      VERIFY_CACHE
#define EXTENSION  VERIFY_EXTENSION
#define PREFIX     VERIFY_PREFIX /* by then a REX prefix, or one of its kind, went before */
#define LEGACY     VERIFY_LEGACY
#define NOT_LISTED VERIFY_NOT_LISTED
#define LIST       VERIFY_IMPLICIT_LIST

#define GROUP(name, ...) {__VA_ARGS__},
const uint8_t verify_groups[][8] = {
#include "trusted/verify/groups.def"
};
#undef GROUP

/* add or adc sbb and sub xor: rm,reg; reg,rm; acc,imm */
#define ARITHMETIC(op)                                                                         \
    [op] = F_RMB_REGB, [(op) + 1] = F_RMV_REGV, [(op) + 2] = F_REGB_RMB,                       \
    [(op) + 3] = F_REGV_RMV, [(op) + 4] = F_ACCB_IMM, [(op) + 5] = F_ACCV_IMM

const uint8_t verify_map_1[256] = {
    ARITHMETIC(0x00), /* add */       [0x06 ... 0x07] = LEGACY,    /* push, pop es */
    ARITHMETIC(0x08), /* or */        [0x0e] = LEGACY,             /* push cs */
    [0x0f] = NOT_LISTED,              /* the escape: handled before this map */
    ARITHMETIC(0x10), /* adc */       [0x16 ... 0x17] = LEGACY,    /* push, pop ss */
    ARITHMETIC(0x18), /* sbb */       [0x1e ... 0x1f] = LEGACY,    /* push, pop ds */
    ARITHMETIC(0x20), /* and */       [0x26] = PREFIX, [0x27] = LEGACY, /* es, daa */
    ARITHMETIC(0x28), /* sub */       [0x2e] = PREFIX, [0x2f] = LEGACY, /* cs, das */
    ARITHMETIC(0x30), /* xor */       [0x36] = PREFIX, [0x37] = LEGACY, /* ss, aaa */
    [0x38] = F_CMPB, [0x39] = F_CMPV, [0x3a] = F_CMPB, [0x3b] = F_CMPV,
    [0x3c] = F_CMPB_ACC, [0x3d] = F_CMPV_ACC, [0x3e] = PREFIX, [0x3f] = LEGACY, /* ds, aas */
    [0x40 ... 0x4f] = PREFIX,         /* REX */
    [0x50 ... 0x57] = F_PUSH_REG,     [0x58 ... 0x5f] = F_POP_REG,
    [0x60 ... 0x61] = LEGACY,         /* pusha, popa */
    [0x62] = VECTORS,                 /* EVEX */
    [0x63] = F_MOVSXD,                [0x64 ... 0x67] = PREFIX,    /* fs gs 66 67 */
    [0x68] = F_PUSH_IMMZ,             [0x69] = F_IMUL_IMMZ,
    [0x6a] = F_PUSH_IMMB,             [0x6b] = F_IMUL_IMMB,
    [0x6c ... 0x6f] = PRIVILEGED,     /* ins, outs */
    [0x70 ... 0x7f] = F_JCC_8,
    [0x80] = G_ARITHMETIC_B,          [0x81] = G_ARITHMETIC_V,
    [0x82] = LEGACY,                  [0x83] = G_ARITHMETIC_VB,
    [0x84] = F_CMPB,                  [0x85] = F_CMPV,             /* test */
    [0x86] = F_XCHGB,                 [0x87] = F_XCHGV,
    [0x88] = F_STB, [0x89] = F_STV,   [0x8a] = F_LDB, [0x8b] = F_LDV, /* mov */
    [0x8c] = SEGMENT,                 [0x8e] = SEGMENT,            /* mov segment */
    [0x8d] = F_LEA,                   [0x8f] = G_POP_OR_XOP,
    [0x90] = F_NOP,                   [0x91 ... 0x97] = F_XCHG_ACC,
    [0x98] = F_CWDE,                  [0x99] = F_CDQ,
    [0x9a] = FAR,                     [0x9b] = X87,                /* call far, wait */
    [0x9c ... 0x9f] = FLAGS,          /* pushf popf sahf lahf */
    [0xa0 ... 0xa3] = LIST,           /* mov moffs */
    [0xa4 ... 0xa7] = STRING,         /* movs, cmps */
    [0xa8] = F_CMPB_ACC,              [0xa9] = F_CMPV_ACC,         /* test */
    [0xaa ... 0xaf] = STRING,         /* stos, lods, scas */
    [0xb0 ... 0xb7] = F_MOVB_IMM,     [0xb8 ... 0xbf] = F_MOVV_IMM,
    [0xc0] = G_SHIFT_B_IMM,           [0xc1] = G_SHIFT_V_IMM,
    [0xc2 ... 0xc3] = VERIFY_RETURN,  [0xc4 ... 0xc5] = VECTORS,   /* ret; VEX */
    [0xc6] = G_MOV_B,                 [0xc7] = G_MOV_V,
    [0xc8] = LIST,                    [0xc9] = VERIFY_STACK_POINTER, /* enter, leave */
    [0xca ... 0xcb] = FAR,            [0xcc ... 0xcd] = KERNEL,    /* retf; int3, int */
    [0xce] = LEGACY,                  [0xcf] = KERNEL,             /* into; iret */
    [0xd0] = G_SHIFT_B_1,             [0xd1] = G_SHIFT_V_1,
    [0xd2] = G_SHIFT_B_CL,            [0xd3] = G_SHIFT_V_CL,
    [0xd4] = LEGACY,                  [0xd5] = VECTORS,            /* aam; REX2 */
    [0xd6] = LEGACY,                  [0xd7] = STRING,             /* salc; xlat */
    [0xd8 ... 0xdf] = X87,
    [0xe0 ... 0xe3] = VERIFY_COUNTED_BRANCH, /* loopne loope loop jrcxz */
    [0xe4 ... 0xe7] = PRIVILEGED,     /* in, out */
    [0xe8] = F_CALL_32,               [0xe9] = F_JMP_32,
    [0xea] = FAR,                     [0xeb] = F_JMP_8,
    [0xec ... 0xef] = PRIVILEGED,     /* in, out */
    [0xf0] = PREFIX, [0xf2 ... 0xf3] = PREFIX, [0xf1] = KERNEL,    /* lock, rep; int1 */
    [0xf4] = F_STOP,                  /* hlt */
    [0xf5] = FLAGS,                   /* cmc */
    [0xf6] = G_UNARY_B,               [0xf7] = G_UNARY_V,
    [0xf8 ... 0xfd] = FLAGS,          /* clc stc cli sti cld std */
    [0xfe] = G_INC_B,                 [0xff] = G_INC_V,
};

const uint8_t verify_cell_pause = F_PAUSE;

/* Columns: no prefix (or operand size), 66, f3, f2. */
const uint8_t verify_map_0f[256][4] = {
    [0x00] = {PRIVILEGED, PRIVILEGED, PRIVILEGED, PRIVILEGED}, /* sldt str lldt ltr verr verw */
    [0x01] = {KERNEL, KERNEL, KERNEL, KERNEL}, /* lgdt .. invlpg, vmcall, enclu, swapgs, xsetbv, rdpkru */
    [0x02 ... 0x03] = {SEGMENT, SEGMENT, SEGMENT, SEGMENT},    /* lar lsl */
    [0x05] = {KERNEL, KERNEL, KERNEL, KERNEL},                 /* syscall */
    [0x06] = {PRIVILEGED, PRIVILEGED, PRIVILEGED, PRIVILEGED}, /* clts */
    [0x07] = {KERNEL, KERNEL, KERNEL, KERNEL},                 /* sysret */
    [0x08 ... 0x09] = {PRIVILEGED, PRIVILEGED, PRIVILEGED, PRIVILEGED}, /* invd wbinvd */
    [0x0b] = {F_STOP},                                         /* ud2 */
    [0x0d] = {CACHE, CACHE, CACHE, CACHE},                     /* prefetchw */
    [0x0e ... 0x0f] = {EXTENSION, EXTENSION, EXTENSION, EXTENSION}, /* 3DNow! */
    [0x10] = {F_X_M16, F_X_M16, F_X_M4, F_X_M8},               /* movups movupd movss movsd */
    [0x11] = {F_M16_X, F_M16_X, F_M4_X, F_M8_X},
    [0x12] = {F_X_M8, F_X_MEM8, F_X_M16, F_X_M8},              /* movlps|movhlps movlpd movsldup movddup */
    [0x13] = {F_MEM8_X, F_MEM8_X},                             /* movlps movlpd */
    [0x14 ... 0x15] = {F_X_M16, F_X_M16},                      /* unpcklps unpckhps */
    [0x16] = {F_X_M8, F_X_MEM8, F_X_M16},                      /* movhps|movlhps movhpd movshdup */
    [0x17] = {F_MEM8_X, F_MEM8_X},                             /* movhps movhpd */
    [0x18] = {G_PREFETCH},
    [0x1a ... 0x1b] = {STATE, STATE, STATE, STATE},            /* bnd* */
    [0x1c] = {CACHE, CACHE, CACHE, CACHE},                     /* cldemote */
    [0x1e] = {STATE, STATE, STATE, STATE},                     /* rdssp, endbr */
    [0x1f] = {G_NOP, G_NOP},
    [0x20 ... 0x23] = {PRIVILEGED, PRIVILEGED, PRIVILEGED, PRIVILEGED}, /* mov cr, dr */
    [0x28] = {F_X_M16, F_X_M16},                               /* movaps movapd */
    [0x29] = {F_M16_X, F_M16_X},
    [0x2a] = {MMX, MMX, F_X_RMY, F_X_RMY},                     /* cvtsi2ss cvtsi2sd */
    [0x2b] = {CACHE, CACHE, CACHE, CACHE},                     /* movntps */
    [0x2c ... 0x2d] = {MMX, MMX, F_REGY_M4, F_REGY_M8},        /* cvt[t]ss2si cvt[t]sd2si */
    [0x2e ... 0x2f] = {F_X_M4, F_X_M8},                        /* ucomiss comiss */
    [0x30] = {PRIVILEGED, PRIVILEGED, PRIVILEGED, PRIVILEGED}, /* wrmsr */
    [0x31] = {IDENTITY, IDENTITY, IDENTITY, IDENTITY},         /* rdtsc */
    [0x32] = {PRIVILEGED, PRIVILEGED, PRIVILEGED, PRIVILEGED}, /* rdmsr */
    [0x33] = {IDENTITY, IDENTITY, IDENTITY, IDENTITY},         /* rdpmc */
    [0x34 ... 0x37] = {KERNEL, KERNEL, KERNEL, KERNEL},        /* sysenter sysexit getsec */
    [0x40 ... 0x4f] = {F_CMOV, F_CMOV},
    [0x50] = {F_REGD_X, F_REGD_X},                             /* movmskps */
    [0x51] = {F_X_M16, F_X_M16, F_X_M4, F_X_M8},               /* sqrt */
    [0x52 ... 0x53] = {F_X_M16, NOT_LISTED, F_X_M4},           /* rsqrt rcp */
    [0x54 ... 0x57] = {F_X_M16, F_X_M16},                      /* and andn or xor */
    [0x58 ... 0x59] = {F_X_M16, F_X_M16, F_X_M4, F_X_M8},      /* add mul */
    [0x5a] = {F_X_M8, F_X_M16, F_X_M4, F_X_M8},                /* cvtps2pd cvtpd2ps cvtss2sd cvtsd2ss */
    [0x5b] = {F_X_M16, F_X_M16, F_X_M16},                      /* cvtdq2ps cvtps2dq cvttps2dq */
    [0x5c ... 0x5f] = {F_X_M16, F_X_M16, F_X_M4, F_X_M8},      /* sub min div max */
    [0x60 ... 0x6b] = {MMX, F_X_M16},                          /* punpck pack pcmpgt */
    [0x6c ... 0x6d] = {NOT_LISTED, F_X_M16},                   /* punpck[lh]qdq */
    [0x6e] = {MMX, F_X_RMY},                                   /* movd movq */
    [0x6f] = {MMX, F_X_M16, F_X_M16},                          /* movdqa movdqu */
    [0x70] = {MMX, F_X_M16_IMM, F_X_M16_IMM, F_X_M16_IMM},     /* pshufd pshufhw pshuflw */
    [0x71 ... 0x72] = {MMX, G_SHIFT_X},
    [0x73] = {MMX, G_SHIFT_XQ},
    [0x74 ... 0x76] = {MMX, F_X_M16},                          /* pcmpeq */
    [0x77] = {MMX, MMX, MMX, MMX},                             /* emms */
    [0x78 ... 0x79] = {PRIVILEGED, EXTENSION, PRIVILEGED, EXTENSION}, /* vmread vmwrite; SSE4a */
    [0x7c ... 0x7d] = {NOT_LISTED, F_X_M16, NOT_LISTED, F_X_M16}, /* hadd hsub */
    [0x7e] = {MMX, F_RMY_X, F_X_M8},                           /* movd, movq */
    [0x7f] = {MMX, F_M16_X, F_M16_X},                          /* movdqa movdqu */
    [0x80 ... 0x8f] = {F_JCC_32},
    [0x90 ... 0x9f] = {G_SETCC},
    [0xa0 ... 0xa1] = {SEGMENT, SEGMENT, SEGMENT, SEGMENT},    /* push, pop fs */
    [0xa2] = {IDENTITY, IDENTITY, IDENTITY, IDENTITY},         /* cpuid */
    [0xa3] = {F_BT_REG, F_BT_REG},
    [0xa4] = {F_SHLD_IMM, F_SHLD_IMM}, [0xa5] = {F_SHLD_CL, F_SHLD_CL},
    [0xa6 ... 0xa7] = {STRING, STRING, STRING, STRING},        /* xstore, xcrypt, xsha */
    [0xa8 ... 0xa9] = {SEGMENT, SEGMENT, SEGMENT, SEGMENT},    /* push, pop gs */
    [0xaa] = {KERNEL, KERNEL, KERNEL, KERNEL},                 /* rsm */
    [0xab] = {F_BTS_REG, F_BTS_REG},
    [0xac] = {F_SHLD_IMM, F_SHLD_IMM}, [0xad] = {F_SHLD_CL, F_SHLD_CL}, /* shrd */
    [0xae] = {STATE, CACHE, SEGMENT, CACHE}, /* fxsave ldmxcsr xrstor fences; clwb; wrgsbase; umwait */
    [0xaf] = {F_REGV_RMV, F_REGV_RMV},                         /* imul */
    [0xb0 ... 0xb1] = {ATOMIC, ATOMIC, ATOMIC, ATOMIC},        /* cmpxchg */
    [0xb2] = {SEGMENT, SEGMENT, SEGMENT, SEGMENT},             /* lss */
    [0xb3] = {F_BTS_REG, F_BTS_REG},                           /* btr */
    [0xb4 ... 0xb5] = {SEGMENT, SEGMENT, SEGMENT, SEGMENT},    /* lfs lgs */
    [0xb6] = {F_MOVZX_1, F_MOVZX_1}, [0xb7] = {F_MOVZX_2},
    [0xb8] = {NOT_LISTED, NOT_LISTED, F_POPCNT},
    [0xba] = {G_BIT_IMM, G_BIT_IMM},
    [0xbb] = {F_BTS_REG, F_BTS_REG},                           /* btc */
    [0xbc] = {F_BSF, F_BSF, F_REP_BSF},                        /* f3: tzcnt or bsf, as the CPU has it */
    [0xbd] = {F_BSF, F_BSF, EXTENSION},                        /* bsr; f3: lzcnt */
    [0xbe] = {F_MOVSX_1, F_MOVSX_1}, [0xbf] = {F_MOVSX_2},
    [0xc0 ... 0xc1] = {ATOMIC, ATOMIC, ATOMIC, ATOMIC},        /* xadd */
    [0xc2] = {F_X_M16_IMM, F_X_M16_IMM, F_X_M4_IMM, F_X_M8_IMM}, /* cmpps */
    [0xc3] = {CACHE, CACHE, CACHE, CACHE},                     /* movnti */
    [0xc4] = {MMX, F_X_RM2_IMM},                               /* pinsrw */
    [0xc5] = {MMX, F_REGD_X_IMM},                              /* pextrw */
    [0xc6] = {F_X_M16_IMM, F_X_M16_IMM},                       /* shufps */
    [0xc7] = {G_EXCHANGE_8, G_EXCHANGE_8, G_EXCHANGE_8, G_EXCHANGE_8},
    [0xc8 ... 0xcf] = {F_BSWAP},
    [0xd0] = {NOT_LISTED, F_X_M16, NOT_LISTED, F_X_M16},       /* addsub */
    [0xd1 ... 0xd5] = {MMX, F_X_M16},                          /* psrl paddq pmullw */
    [0xd6] = {NOT_LISTED, F_M8_X, MMX, MMX},                   /* movq; movq2dq movdq2q */
    [0xd7] = {MMX, F_REGD_X},                                  /* pmovmskb */
    [0xd8 ... 0xe5] = {MMX, F_X_M16},
    [0xe6] = {NOT_LISTED, F_X_M16, F_X_M8, F_X_M16},           /* cvttpd2dq cvtdq2pd cvtpd2dq */
    [0xe7] = {CACHE, CACHE, CACHE, CACHE},                     /* movntdq */
    [0xe8 ... 0xef] = {MMX, F_X_M16},
    [0xf0] = {NOT_LISTED, NOT_LISTED, NOT_LISTED, F_X_MEM16},  /* lddqu */
    [0xf1 ... 0xf6] = {MMX, F_X_M16},
    [0xf7] = {LIST, LIST, LIST, LIST},                         /* maskmovdqu */
    [0xf8 ... 0xfe] = {MMX, F_X_M16},                          /* psub padd */
    [0xff] = {NOT_LISTED, NOT_LISTED, NOT_LISTED, NOT_LISTED}, /* ud0 */
};

const uint8_t verify_map_0f38[256][4] = {
    [0x00 ... 0x0b] = {MMX, F_X_M16},                          /* SSSE3: pshufb phadd pmaddubsw psign */
    [0x10] = {NOT_LISTED, F_X_M16},                            /* pblendvb */
    [0x14 ... 0x15] = {NOT_LISTED, F_X_M16},                   /* blendvps blendvpd */
    [0x17] = {NOT_LISTED, F_X_M16},                            /* ptest */
    [0x1c ... 0x1e] = {MMX, F_X_M16},                          /* pabs */
    [0x20] = {NOT_LISTED, F_X_M8}, [0x21] = {NOT_LISTED, F_X_M4}, /* pmovsxbw, bd, */
    [0x22] = {NOT_LISTED, F_X_M2}, [0x23] = {NOT_LISTED, F_X_M8}, /* bq, wd, */
    [0x24] = {NOT_LISTED, F_X_M4}, [0x25] = {NOT_LISTED, F_X_M8}, /* wq, dq */
    [0x28 ... 0x29] = {NOT_LISTED, F_X_M16},                   /* pmuldq pcmpeqq */
    [0x2a] = {NOT_LISTED, CACHE},                              /* movntdqa */
    [0x2b] = {NOT_LISTED, F_X_M16},                            /* packusdw */
    [0x30] = {NOT_LISTED, F_X_M8}, [0x31] = {NOT_LISTED, F_X_M4}, /* pmovzxbw, bd, */
    [0x32] = {NOT_LISTED, F_X_M2}, [0x33] = {NOT_LISTED, F_X_M8}, /* bq, wd, */
    [0x34] = {NOT_LISTED, F_X_M4}, [0x35] = {NOT_LISTED, F_X_M8}, /* wq, dq */
    [0x37 ... 0x41] = {NOT_LISTED, F_X_M16},                   /* pcmpgtq pmin pmax pmulld phminposuw */
    [0x80 ... 0x82] = {KERNEL, KERNEL, KERNEL, KERNEL},        /* invept invvpid invpcid */
    [0xc8 ... 0xcf] = {EXTENSION, EXTENSION, EXTENSION, EXTENSION}, /* sha */
    [0xd8 ... 0xdf] = {EXTENSION, EXTENSION, EXTENSION, EXTENSION}, /* aes */
    [0xf0 ... 0xf1] = {EXTENSION, EXTENSION, EXTENSION, EXTENSION}, /* movbe, crc32 */
    [0xf5 ... 0xf6] = {EXTENSION, EXTENSION, EXTENSION, EXTENSION}, /* wrss, adx */
    [0xf8 ... 0xf9] = {CACHE, CACHE, CACHE, CACHE},            /* movdir64b enqcmd movdiri */
};

const uint8_t verify_map_0f3a[256][4] = {
    [0x08 ... 0x09] = {NOT_LISTED, F_X_M16_IMM},               /* roundps roundpd */
    [0x0a] = {NOT_LISTED, F_X_M4_IMM},                         /* roundss */
    [0x0b] = {NOT_LISTED, F_X_M8_IMM},                         /* roundsd */
    [0x0c ... 0x0e] = {NOT_LISTED, F_X_M16_IMM},               /* blendps blendpd pblendw */
    [0x0f] = {MMX, F_X_M16_IMM},                               /* palignr */
    [0x14] = {NOT_LISTED, F_RM1_X_IMM},                        /* pextrb */
    [0x15] = {NOT_LISTED, F_RM2_X_IMM},                        /* pextrw */
    [0x16] = {NOT_LISTED, F_RMY_X_IMM},                        /* pextrd pextrq */
    [0x17] = {NOT_LISTED, F_RM4_X_IMM},                        /* extractps */
    [0x20] = {NOT_LISTED, F_X_RM1_IMM},                        /* pinsrb */
    [0x21] = {NOT_LISTED, F_X_M4_IMM},                         /* insertps */
    [0x22] = {NOT_LISTED, F_X_RMY_IMM},                        /* pinsrd pinsrq */
    [0x40 ... 0x42] = {NOT_LISTED, F_X_M16_IMM},               /* dpps dppd mpsadbw */
    [0x44] = {NOT_LISTED, EXTENSION},                          /* pclmulqdq */
    [0x60 ... 0x63] = {NOT_LISTED, LIST},                      /* pcmpestr, pcmpistr: write rcx */
    [0xcc] = {EXTENSION, EXTENSION, EXTENSION, EXTENSION},     /* sha */
    [0xdf] = {EXTENSION, EXTENSION, EXTENSION, EXTENSION},     /* aes */
};
/* clang-format on */
