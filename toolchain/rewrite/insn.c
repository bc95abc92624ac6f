#include "toolchain/rewrite/insn.h"

#include <string.h>

static const struct operand *last_operand(const struct insn *insn)
{
    return insn->count ? &insn->operands[insn->count - 1] : NULL;
}

const char *insn_parse(struct span name, struct span arguments, struct insn *insn)
{
    struct span rest = arguments, argument;
    unsigned memories = 0;

    memset(insn, 0, sizeof(*insn));
    if (span_is(name, "rep") &&
        (span_starts(arguments, "bsfl") || span_starts(arguments, "bsfq"))) {
        /* the same bytes; clang may tear a prefix off its instruction */
        name = (struct span){arguments.at[3] == 'l' ? "tzcntl" : "tzcntq", 6};
        rest = span_trim(span_skip(arguments, 4));
    }
    insn->name = name;
    insn->mnemonic = mnemonic_find(name, &insn->size);
    if (!insn->mnemonic)
        return "the instruction is not listed for sandboxed code";
    while (span_next_argument(&rest, &argument)) {
        const char *problem;

        if (insn->count == OPERANDS_MAX)
            return "too many operands";
        problem = operand_parse(argument, &insn->operands[insn->count]);
        if (problem)
            return problem;
        memories += operand_is_memory(&insn->operands[insn->count++]);
    }
    return memories > 1 ? "two memory operands" : NULL;
}

struct insn insn_make(const char *name, const struct operand *first, const struct operand *second)
{
    struct insn insn = {.name = {name, strlen(name)}};

    insn.mnemonic = mnemonic_find(insn.name, &insn.size);
    insn.operands[insn.count++] = *first;
    if (second)
        insn.operands[insn.count++] = *second;
    return insn;
}

void insn_print(const struct insn *insn, FILE *out)
{
    fprintf(out, "\t%.*s", (int)insn->name.bytes, insn->name.at);
    for (unsigned i = 0; i < insn->count; i++) {
        fputs(i ? ", " : "\t", out);
        operand_print(&insn->operands[i], out);
    }
    fputc('\n', out);
}

struct operand *insn_memory(struct insn *insn)
{
    for (unsigned i = 0; i < insn->count; i++)
        if (operand_is_memory(&insn->operands[i]))
            return &insn->operands[i];
    return NULL;
}

bool insn_accesses(const struct insn *insn)
{
    if (insn->mnemonic->kind == INSN_LEA)
        return false;
    for (unsigned i = 0; i < insn->count; i++)
        if (operand_is_memory(&insn->operands[i]))
            return true;
    return false;
}

bool insn_writes_memory(const struct insn *insn)
{
    const struct operand *last = last_operand(insn);

    return insn_accesses(insn) && operand_is_memory(last) &&
           !(insn->mnemonic->flags & (WRITES_NOTHING | WRITES_AX_ONE));
}

bool insn_mentions(const struct insn *insn, unsigned reg)
{
    for (unsigned i = 0; i < insn->count; i++)
        if (operand_mentions(&insn->operands[i], reg))
            return true;
    return false;
}

/* ---- effects --------------------------------------------------------------- */

static uint32_t bit_of(const struct operand *operand)
{
    return operand && operand_is_general(operand) ? 1u << operand->reg.number : 0;
}

static uint32_t implicit_writes(const struct insn *insn)
{
    uint16_t flags = insn->mnemonic->flags;
    uint32_t writes = 0;

    if (flags & WRITES_AX || (flags & WRITES_AX_ONE && insn->count == 1))
        writes |= 1u << REG_AX;
    if (flags & WRITES_DX || (flags & WRITES_AX_ONE && insn->count == 1))
        writes |= 1u << REG_DX;
    return writes;
}

uint32_t insn_writes(const struct insn *insn)
{
    uint16_t flags = insn->mnemonic->flags;
    uint32_t writes = implicit_writes(insn);

    if (flags & WRITES_BOTH)
        return writes | bit_of(&insn->operands[0]) | bit_of(&insn->operands[1]);
    if (flags & WRITES_NOTHING || (flags & WRITES_AX_ONE && insn->count == 1))
        return writes;
    return writes | bit_of(last_operand(insn));
}

static bool may_keep(const struct insn *insn)
{
    uint16_t flags = insn->mnemonic->flags;

    if (flags & MAY_KEEP)
        return true;
    if (!(flags & SHIFT) || insn->count == 1)
        return false;
    return insn->operands[0].kind != OPERAND_IMMEDIATE || insn->operands[0].value % 32 == 0;
}

uint32_t insn_zeroes(const struct insn *insn)
{
    const struct operand *last = last_operand(insn);
    uint16_t flags = insn->mnemonic->flags;

    if (!last || flags & (WRITES_NOTHING | WRITES_BOTH) ||
        (flags & WRITES_AX_ONE && insn->count == 1) || !operand_is_general(last) || may_keep(insn))
        return 0;
    if (last->reg.bytes == 4 || (last->reg.bytes == 8 && flags & ZERO_64))
        return bit_of(last);
    return 0;
}

/* ---- length ---------------------------------------------------------------- */

static bool is_extended(const struct operand *operand)
{
    switch (operand->kind) {
    case OPERAND_REGISTER:
        return operand->reg.number >= 8 || operand->reg.bytes == 8 ||
               (operand->reg.bytes == 1 && !operand->reg.high && operand->reg.number >= 4);
    case OPERAND_MEMORY:
        return (operand->base >= 8 && operand->base < REG_RIP) ||
               (operand->index >= 8 && operand->index < REG_RIP);
    default:
        return false;
    }
}

static unsigned memory_bytes(const struct operand *memory)
{
    unsigned bytes = 0;

    bytes += memory->segment != 0;
    bytes += memory->address_bytes == 4;
    bytes += memory->index != REG_NONE || memory->base % 8 == REG_SP || memory->base == REG_NONE;
    if (memory->base >= REG_RIP || memory->value < -128 || memory->value > 127)
        return bytes + 4;
    return bytes + (memory->value != 0 || memory->base % 8 == 5);
}

static unsigned immediate_bytes(const struct insn *insn, int64_t value)
{
    if (insn->mnemonic->kind == INSN_MOVABS)
        return 8;
    if (value >= -128 && value <= 127 && insn->name.at[0] != 'm' && insn->name.at[0] != 't')
        return 1;
    return insn->size == 1 ? 1 : insn->size == 2 ? 2 : 4;
}

unsigned insn_length_at_most(const struct insn *insn)
{
    unsigned bytes = insn->mnemonic->opcode_bytes + 1; /* with ModRM */
    bool rex = insn->size == 8, vector = false;

    bytes += insn->size == 2; /* 66 */
    for (unsigned i = 0; i < insn->count; i++) {
        const struct operand *operand = &insn->operands[i];

        rex |= is_extended(operand);
        vector |= operand->kind == OPERAND_REGISTER && operand->reg.bytes == 16;
        if (operand->kind == OPERAND_MEMORY)
            bytes += memory_bytes(operand);
        else if (operand->kind == OPERAND_IMMEDIATE)
            bytes += immediate_bytes(insn, operand->value);
        else if (operand->kind == OPERAND_TARGET)
            bytes += 4;
    }
    if (vector && insn->mnemonic->opcode_bytes == 1) /* movq */
        bytes += 2;
    return bytes + rex;
}
