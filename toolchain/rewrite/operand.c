#include "toolchain/rewrite/operand.h"

#include "toolchain/rewrite/register.h"

#include <inttypes.h>
#include <string.h>

bool operand_mentions(const struct operand *operand, unsigned number)
{
    switch (operand->kind) {
    case OPERAND_REGISTER:
        return operand_is_general(operand) && operand->reg.number == number;
    case OPERAND_MEMORY:
        return operand->base == number || operand->index == number;
    default:
        return false;
    }
}

struct operand operand_general(unsigned number, unsigned bytes)
{
    return (struct operand){.kind = OPERAND_REGISTER,
                            .reg = {.number = (uint8_t)number, .bytes = (uint8_t)bytes}};
}

struct operand operand_immediate(int64_t value)
{
    return (struct operand){.kind = OPERAND_IMMEDIATE, .value = value};
}

struct operand operand_stack(int64_t disp)
{
    return (struct operand){.kind = OPERAND_MEMORY,
                            .value = disp,
                            .base = REG_SP,
                            .index = REG_NONE,
                            .scale = 1,
                            .address_bytes = 8};
}

/* ---- reading --------------------------------------------------------------- */

/* "5", "sym", "sym+5", "sym-5", "5+sym" */
static const char *parse_displacement(struct span text, struct operand *operand)
{
    const char *plus = memchr(text.at, '+', text.bytes);
    struct span number = text;

    if (!text.bytes)
        return NULL;
    operand->symbol = span_leading_name(text);
    if (operand->symbol.bytes) {
        number = span_skip(text, operand->symbol.bytes);
        if (!number.bytes)
            return NULL;
        if (number.at[0] == '+')
            number = span_skip(number, 1);
        else if (number.at[0] != '-')
            return "this form of symbol is not for sandboxed code";
    } else if (plus) {
        number.bytes = (size_t)(plus - text.at);
        operand->symbol = span_skip(text, number.bytes + 1);
        if (!span_is_name(operand->symbol))
            return "not a displacement";
    }
    if (!span_number(number, &operand->value) || operand->value < INT32_MIN ||
        operand->value > INT32_MAX)
        return "not a displacement of 32 bits";
    return NULL;
}

/* A register in an address; all of one width. */
static const char *parse_address_register(struct span text, struct operand *operand,
                                          uint8_t *number)
{
    struct reg reg = {0};

    if (span_is(text, "%rip")) {
        *number = REG_RIP;
        return NULL;
    }
    if (span_is(text, "%eiz")) {
        operand->address_bytes = 4;
        return NULL;
    }
    if (!span_starts(text, "%") || !register_parse(span_skip(text, 1), &reg) ||
        (reg.bytes != 4 && reg.bytes != 8))
        return "not a register to address with";
    if (operand->address_bytes && operand->address_bytes != reg.bytes)
        return "an address of registers of two widths";
    operand->address_bytes = reg.bytes;
    *number = reg.number;
    return NULL;
}

static const char *parse_scale(struct span text, struct operand *operand)
{
    int64_t scale;

    if (!span_number(text, &scale) || (scale != 1 && scale != 2 && scale != 4 && scale != 8))
        return "not a scale";
    operand->scale = (uint8_t)scale;
    return NULL;
}

/* "base", "base,index", ",index,scale" ... */
static const char *parse_registers(struct span text, struct operand *operand)
{
    struct span rest = text, part;
    const char *problem = NULL;

    for (int i = 0; !problem && span_next_argument(&rest, &part); i++) {
        if (i == 0 && part.bytes)
            problem = parse_address_register(part, operand, &operand->base);
        else if (i == 1)
            problem = parse_address_register(part, operand, &operand->index);
        else if (i == 2)
            problem = parse_scale(part, operand);
        else if (i > 2)
            problem = "not an address";
    }
    if (!problem && operand->base == REG_NONE && operand->index == REG_NONE &&
        operand->address_bytes != 4)
        problem = "not an address";
    if (!problem && (operand->index == REG_SP || operand->index == REG_RIP))
        problem = "this register cannot be an index";
    return problem;
}

static const char *parse_memory(struct span text, struct operand *operand)
{
    const char *open, *problem;
    struct span inside;

    operand->kind = OPERAND_MEMORY;
    operand->base = operand->index = REG_NONE;
    operand->scale = 1;
    if (span_starts(text, "%fs:") || span_starts(text, "%gs:")) {
        operand->segment = text.at[1];
        text = span_skip(text, 4);
        if (!text.bytes)
            return "a segment without an address";
    }
    open = memchr(text.at, '(', text.bytes);
    if (!open)
        problem = parse_displacement(text, operand);
    else if (text.at[text.bytes - 1] != ')')
        problem = "not an address";
    else {
        size_t before = (size_t)(open - text.at);

        inside = (struct span){open + 1, text.bytes - before - 2};
        problem = parse_displacement((struct span){text.at, before}, operand);
        if (!problem)
            problem = parse_registers(inside, operand);
    }
    if (!operand->address_bytes)
        operand->address_bytes = 8;
    if (!problem && (operand->base == REG_RIP) != (operand->symbol.bytes != 0))
        problem = "an address must name a symbol if, and only if, it is relative to %rip";
    if (!problem && operand->base == REG_RIP &&
        (operand->index != REG_NONE || operand->address_bytes != 8 || operand->segment))
        problem = "not an address relative to %rip";
    return problem;
}

const char *operand_parse(struct span text, struct operand *operand)
{
    struct span target;

    memset(operand, 0, sizeof(*operand));
    if (span_starts(text, "*")) {
        operand->indirect = true;
        text = span_trim(span_skip(text, 1));
    }
    if (!text.bytes)
        return "an operand is missing";
    if (span_starts(text, "$")) {
        operand->kind = OPERAND_IMMEDIATE;
        return operand->indirect || !span_number(span_skip(text, 1), &operand->value)
                   ? "not a number"
                   : NULL;
    }
    if (span_starts(text, "%") && !memchr(text.at, ':', text.bytes)) {
        operand->kind = OPERAND_REGISTER;
        return register_parse(span_skip(text, 1), &operand->reg)
                   ? NULL
                   : "not a register for sandboxed code";
    }
    target = span_leading_name(text);
    if (target.bytes && !operand->indirect &&
        (target.bytes == text.bytes || span_is(span_skip(text, target.bytes), "@PLT"))) {
        operand->kind = OPERAND_TARGET;
        operand->symbol = target; /* there is no PLT where everything is one file */
        return NULL;
    }
    return parse_memory(text, operand);
}

/* ---- writing --------------------------------------------------------------- */

static void print_memory(const struct operand *operand, FILE *out)
{
    uint8_t bytes = operand->address_bytes;

    if (operand->segment)
        fprintf(out, "%%%cs:", operand->segment);
    if (operand->symbol.bytes)
        fprintf(out, "%.*s", (int)operand->symbol.bytes, operand->symbol.at);
    if (operand->value)
        fprintf(out, operand->symbol.bytes ? "%+" PRId64 : "%" PRId64, operand->value);
    if (operand->base == REG_RIP) {
        fputs("(%rip)", out);
        return;
    }
    fputc('(', out);
    if (operand->base != REG_NONE)
        register_print((struct reg){operand->base, bytes, false}, out);
    if (operand->index != REG_NONE) {
        fputc(',', out);
        register_print((struct reg){operand->index, bytes, false}, out);
        fprintf(out, ",%u", operand->scale);
    } else if (operand->base == REG_NONE) {
        fputs(bytes == 4 ? ",%eiz" : ",%riz", out); /* %eiz forces a 32-bit address */
    }
    fputc(')', out);
}

void operand_print(const struct operand *operand, FILE *out)
{
    if (operand->indirect)
        fputc('*', out);
    switch (operand->kind) {
    case OPERAND_REGISTER:
        register_print(operand->reg, out);
        break;
    case OPERAND_IMMEDIATE:
        fprintf(out, "$%" PRId64, operand->value);
        break;
    case OPERAND_TARGET:
        fprintf(out, "%.*s", (int)operand->symbol.bytes, operand->symbol.at);
        break;
    case OPERAND_MEMORY:
        print_memory(operand, out);
        break;
    }
}
