#include "toolchain/rewrite/register.h"

#define GENERAL 16

/* Rows: 8, 16, 32, 64 bits. */
static const char *const names[4][GENERAL] = {
    {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "r8b", "r9b", "r10b", "r11b", "r12b",
     "r13b", "r14b", "r15b"},
    {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w", "r10w", "r11w", "r12w", "r13w",
     "r14w", "r15w"},
    {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r9d", "r10d", "r11d", "r12d",
     "r13d", "r14d", "r15d"},
    {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
     "r14", "r15"},
};
static const char *const high_names[4] = {"ah", "ch", "dh", "bh"};

static bool parse_xmm(struct span name, struct reg *reg)
{
    int64_t number;

    if (!span_starts(name, "xmm") || !span_number(span_skip(name, 3), &number) || number < 0 ||
        number > 15)
        return false;
    *reg = (struct reg){.number = (uint8_t)number, .bytes = 16};
    return true;
}

bool register_parse(struct span name, struct reg *reg)
{
    for (unsigned row = 0; row < 4; row++)
        for (unsigned number = 0; number < GENERAL; number++)
            if (span_is(name, names[row][number])) {
                *reg = (struct reg){.number = (uint8_t)number, .bytes = (uint8_t)(1u << row)};
                return true;
            }
    for (unsigned number = 0; number < 4; number++)
        if (span_is(name, high_names[number])) {
            *reg = (struct reg){.number = (uint8_t)number, .bytes = 1, .high = true};
            return true;
        }
    return parse_xmm(name, reg);
}

void register_print(struct reg reg, FILE *out)
{
    if (reg.bytes == 16)
        fprintf(out, "%%xmm%u", reg.number);
    else if (reg.high)
        fprintf(out, "%%%s", high_names[reg.number]);
    else
        fprintf(out, "%%%s", names[__builtin_ctz(reg.bytes)][reg.number]);
}
