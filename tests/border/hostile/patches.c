#include "tests/border/hostile/patches.h"

#define CODE(...)                                                                                  \
    sizeof((const uint8_t[]){__VA_ARGS__}),                                                        \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define HARMLESS(...)         VERIFY_OK, 0, CODE(__VA_ARGS__)
#define REFUSED(why, at, ...) VERIFY_##why, at, CODE(__VA_ARGS__)

#define MASK  0x41, 0x81, 0xe3, 0xe0, 0xff, 0xff, 0x0f /* andl $0x0fffffe0, %r11d */
#define BASE  0x4d, 0x01, 0xf3                         /* addq %r14, %r11 */
#define JUMP  0x41, 0xff, 0xe3                         /* jmp *%r11 */
#define PROVE 0x89, 0xc3                               /* movl %eax, %ebx */
#define NOP8  0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90

/* clang-format off */
const struct snippet snippets[] = {
    {"no change",                               HARMLESS(0xf4)},

    /* control flow */
    {"a guarded jump",                          HARMLESS(MASK, BASE, JUMP)},
    {"a jump without mask",                     REFUSED(UNMASKED, 3, BASE, JUMP)},
    {"a jump without base",                     REFUSED(UNMASKED, 7, MASK, JUMP)},
    {"a jump long after its guard",             REFUSED(UNMASKED, 11, MASK, BASE, 0x90, JUMP)},
    {"a mask of another register",              REFUSED(UNMASKED, 10, 0x41, 0x81, 0xe2, 0xe0, 0xff, 0xff, 0x0f, BASE, JUMP)},
    {"a mask of the wrong width",               REFUSED(UNMASKED, 10, 0x41, 0x81, 0xe3, 0xe0, 0xff, 0xff, 0x1f, BASE, JUMP)},
    {"a jump through rax",                      REFUSED(INDIRECT, 0, 0xff, 0xe0)},
    {"a jump through the stack",                REFUSED(INDIRECT, 0, 0xff, 0x24, 0x24)},
    {"ret",                                     REFUSED(RETURN, 0, 0xc3)},
    {"ret $8",                                  REFUSED(RETURN, 0, 0xc2, 0x08, 0x00)},
    {"a far return",                            REFUSED(FAR, 0, 0xcb)},
    {"loop",                                    REFUSED(COUNTED_BRANCH, 0, 0xe2, 0xfe)},
    {"a call that ends its bundle",             HARMLESS(NOP8, NOP8, NOP8, 0x90, 0x90, 0x90, 0xe8, 0xe0, 0xff, 0xff, 0xff)},
    {"a call that does not end its bundle",     REFUSED(CALL_UNALIGNED, 0, 0xe8, 0xfb, 0xff, 0xff, 0xff)},
    {"a jump to a guard's start",               HARMLESS(MASK, BASE, JUMP, 0xeb, 0xf1)},
    {"a jump to a guard's base",                REFUSED(TARGET, 13, MASK, BASE, JUMP, 0xeb, 0xf8)},
    {"a jump to a guard's jump",                REFUSED(TARGET, 13, MASK, BASE, JUMP, 0xeb, 0xfb)},
    {"a syscall in a constant, jumped to",      REFUSED(TARGET, 5, 0xb8, 0x0f, 0x05, 0x90, 0x90, 0xeb, 0xfa)},
    {"a jump out of the text",                  REFUSED(TARGET_OUTSIDE, 0, 0xe9, 0x00, 0x00, 0x00, 0x08)},
    {"an instruction across two bundles",       REFUSED(CROSSES_BUNDLE, 31, NOP8, NOP8, NOP8, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xb8, 0, 0, 0, 0)},

    /* instructions */
    {"syscall",                                 REFUSED(KERNEL, 0, 0x0f, 0x05)},
    {"sysenter",                                REFUSED(KERNEL, 0, 0x0f, 0x34)},
    {"int3",                                    REFUSED(KERNEL, 0, 0xcc)},
    {"enclu",                                   REFUSED(KERNEL, 0, 0x0f, 0x01, 0xd7)},
    {"enclu behind a harmless start",           REFUSED(KERNEL, 5, 0xb8, 0x04, 0x00, 0x00, 0x00, 0x0f, 0x01, 0xd7)},
    {"wrgsbase",                                REFUSED(SEGMENT, 0, 0xf3, 0x48, 0x0f, 0xae, 0xd8)},
    {"wrfsbase",                                REFUSED(SEGMENT, 0, 0xf3, 0x48, 0x0f, 0xae, 0xd0)},
    {"mov to gs",                               REFUSED(SEGMENT, 0, 0x8e, 0xe8)},
    {"swapgs",                                  REFUSED(KERNEL, 0, 0x0f, 0x01, 0xf8)},
    {"popf",                                    REFUSED(FLAGS, 0, 0x9d)},
    {"std",                                     REFUSED(FLAGS, 0, 0xfd)},
    {"xrstor",                                  REFUSED(STATE, 0, 0x0f, 0xae, 0x28)},
    {"ldmxcsr",                                 REFUSED(STATE, 0, 0x0f, 0xae, 0x14, 0x24)},
    {"rdtsc",                                   REFUSED(IDENTITY, 0, 0x0f, 0x31)},
    {"rep movsb",                               REFUSED(STRING, 0, 0xf3, 0xa4)},
    {"stosq",                                   REFUSED(STRING, 0, 0x48, 0xab)},
    {"vzeroupper",                              REFUSED(VECTOR, 0, 0xc5, 0xf8, 0x77)},
    {"fldz",                                    REFUSED(X87, 0, 0xd9, 0xee)},
    {"emms",                                    REFUSED(MMX, 0, 0x0f, 0x77)},
    {"xadd with memory",                        REFUSED(ATOMIC, 0, 0x65, 0x67, 0x0f, 0xc1, 0x03)},

    /* prefixes */
    {"a padded nop",                            HARMLESS(0x66, 0x90)},
    {"66 twice",                                REFUSED(PREFIX, 0, 0x66, 0x66, 0x90)},
    {"REX that another prefix cancels",         REFUSED(PREFIX, 0, 0x49, 0x65, 0x67, 0x8b, 0x03)},
    {"both segments",                           REFUSED(PREFIX, 0, 0x65, 0x64, 0x67, 0x8b, 0x03)},
    {"notrack",                                 REFUSED(PREFIX, 10, MASK, BASE, 0x3e, JUMP)},

    /* memory */
    {"a load by %gs, 32-bit",                   HARMLESS(0x65, 0x67, 0x8b, 0x03)},
    {"a load by %gs, 64-bit",                   REFUSED(ADDRESS_SIZE, 0, 0x65, 0x8b, 0x03)},
    {"a load without segment",                  REFUSED(BASE, 0, 0x8b, 0x03)},
    {"a store without segment",                 REFUSED(BASE, 0, 0x89, 0x03)},
    {"a load by %fs, proven",                   HARMLESS(PROVE, 0x64, 0x8b, 0x03)},
    {"a load by %fs, unproven",                 REFUSED(NOT_EXTENDED, 0, 0x64, 0x8b, 0x03)},
    {"a load by %fs, proof outlived",           REFUSED(NOT_EXTENDED, 5, PROVE, 0x48, 0xff, 0xc3, 0x64, 0x8b, 0x03)},
    {"a load by %fs, proof skipped",            REFUSED(TARGET, 0, 0xeb, 0x02, PROVE, 0x64, 0x8b, 0x03)},
    {"a load by %fs with an index",             REFUSED(INDEX, 2, PROVE, 0x64, 0x8b, 0x04, 0x0b)},
    {"a load by %fs beyond its guard",          REFUSED(DISPLACEMENT, 2, PROVE, 0x64, 0x8b, 0x83, 0xc0, 0xff, 0xff, 0x3f)},
    {"a load from an absolute address",         REFUSED(IMPLICIT_LIST, 0, 0x48, 0xa1, 0, 0, 0, 0, 0, 0, 0, 0)},
    {"a load from the text",                    REFUSED(RODATA_RANGE, 0, 0x8b, 0x05, 0x00, 0x00, 0x00, 0x00)},
    {"a rip-relative store",                    REFUSED(RODATA_WRITE, 0, 0x89, 0x05, 0x00, 0x00, 0x00, 0x0f)},
    {"bts of memory by a register",             REFUSED(BIT_INDEX, 0, 0x65, 0x67, 0x0f, 0xab, 0x03)},
    {"maskmovdqu",                              REFUSED(IMPLICIT_LIST, 0, 0x66, 0x0f, 0xf7, 0xc1)},

    /* registers */
    {"mov to r14",                              REFUSED(CODE_REGISTER, 0, 0x49, 0x89, 0xc6)},
    {"pop to r14",                              REFUSED(CODE_REGISTER, 0, 0x41, 0x5e)},
    {"xchg with r14",                           REFUSED(CODE_REGISTER, 0, 0x4d, 0x87, 0xf0)},
    {"a stack step with its probe",             HARMLESS(0x48, 0x83, 0xec, 0x40, 0x8b, 0x04, 0x24)},
    {"a stack step without probe",              REFUSED(STACK_UNPROBED, 0, 0x48, 0x83, 0xec, 0x40, 0x90)},
    {"a stack step too large",                  REFUSED(STACK_STEP, 0, 0x48, 0x81, 0xec, 0x00, 0x20, 0x00, 0x00, 0x8b, 0x04, 0x24)},
    {"a stack access too far",                  REFUSED(DISPLACEMENT, 0, 0x8b, 0x84, 0x24, 0x00, 0x00, 0x01, 0x00)},
    {"mov to rsp",                              REFUSED(STACK_POINTER, 0, 0x48, 0x89, 0xc4)},
    {"pop to rsp",                              REFUSED(STACK_POINTER, 0, 0x5c)},
    {"and with rsp",                            REFUSED(STACK_POINTER, 0, 0x48, 0x83, 0xe4, 0xf0)},
    {"leave",                                   REFUSED(STACK_POINTER, 0, 0xc9)},
};
/* clang-format on */
const unsigned snippet_count = sizeof(snippets) / sizeof(snippets[0]);
