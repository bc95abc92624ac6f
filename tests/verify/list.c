/*
 * Prints the verifier's allow-list, one form a line, as section 8 of docs/sfi-policy.md has it:
 *
 *     NAME  size  operands | opcodes
 */
#include "trusted/verify/form.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define FORM(name, ...) #name,
static const char *const names[] = {
#include "trusted/verify/forms.def"
};
#undef FORM

#define FORMS (sizeof(names) / sizeof(names[0]))

static const char *const sizes[] = {
    [SIZE_NONE] = "-", [SIZE_B] = "B", [SIZE_V] = "V", [SIZE_Y] = "Y",
    [SIZE_D] = "D",    [SIZE_Q] = "Q", [SIZE_WQ] = "W"};
static const char *const immediates[] = {[IMM_B] = "imm8",
                                         [IMM_Z] = "imm16/32",
                                         [IMM_V] = "imm16/32/64",
                                         [IMM_REL8] = "rel8",
                                         [IMM_REL32] = "rel32"};

static void print_operand(const char *name, unsigned operand, unsigned width)
{
    if (!operand)
        return;
    if (operand & VECTOR)
        name = !strcmp(name, "rm") ? "xm" : "x";
    printf(" %s", operand & MEM                       ? "m"
                  : operand & REG && operand & VECTOR ? "x"
                  : operand & REG                     ? "r"
                                                      : name);
    if (width)
        printf("%u", width * 8);
    printf(":%s%s%s", operand & READ ? "r" : "", operand & WRITE ? "w" : "",
           operand & (READ | WRITE) ? "" : "-");
}

static void print_form(const struct form *form)
{
    printf(" %s", sizes[form->size]);
    print_operand("rm", form->rm, form->width);
    print_operand("reg", form->reg, 0);
    if (form->flags & OPCODE_REG)
        printf(" op:%s", form->kind == KIND_PLAIN && !form->imm ? "rw" : "w");
    if (form->flags & OPCODE_READ)
        printf(" op:r");
    if (form->implicit & RAX)
        printf(" rax:w");
    if (form->implicit & RDX)
        printf(" rdx:w");
    if (form->imm)
        printf(" %s", immediates[form->imm]);
    if (form->flags & ZERO_NEVER)
        printf(" unproven");
    if (form->flags & ZERO_COUNT)
        printf(" proven-if-count");
    if (form->flags & ZERO_ALWAYS)
        printf(" proven-in-64");
    printf(" |");
}

/* Opcodes in a row, of one map and prefix, with this cell. */
struct run {
    const char *prefix;
    int first, last;
};

static void flush(struct run *run)
{
    if (run->first >= 0 && run->first == run->last)
        printf(" %s%02x", run->prefix, (unsigned)run->first);
    else if (run->first >= 0)
        printf(" %s%02x-%02x", run->prefix, (unsigned)run->first, (unsigned)run->last);
    run->first = -1;
}

static void print_cell(struct run *run, unsigned opcode, uint8_t cell, uint8_t wanted)
{
    if (cell == wanted) {
        if (run->first < 0)
            run->first = (int)opcode;
        run->last = (int)opcode;
        return;
    }
    flush(run);
    if (cell < GROUP_FIRST || cell >= FORM_FIRST)
        return;
    for (unsigned n = 0; n < 8; n++) {
        if (verify_groups[cell - GROUP_FIRST][n] == wanted)
            printf(" %s%02x/%u", run->prefix, opcode, n);
    }
}

static void print_opcodes(uint8_t wanted)
{
    static const struct {
        const uint8_t (*map)[4];
        const char *prefix[COLUMNS];
    } maps[] = {
        {verify_map_0f, {"0f.", "66.0f.", "f3.0f.", "f2.0f."}},
        {verify_map_0f38, {"0f.38.", "66.0f.38.", "f3.0f.38.", "f2.0f.38."}},
        {verify_map_0f3a, {"0f.3a.", "66.0f.3a.", "f3.0f.3a.", "f2.0f.3a."}},
    };
    struct run run = {"", -1, -1};

    for (unsigned opcode = 0; opcode < 256; opcode++)
        print_cell(&run, opcode, verify_map_1[opcode], wanted);
    flush(&run);
    if (verify_cell_pause == wanted)
        printf(" f3.90");
    for (unsigned m = 0; m < sizeof(maps) / sizeof(maps[0]); m++) {
        for (unsigned column = 0; column < COLUMNS; column++) {
            run.prefix = maps[m].prefix[column];
            for (unsigned opcode = 0; opcode < 256; opcode++)
                print_cell(&run, opcode, maps[m].map[opcode][column], wanted);
            flush(&run);
        }
    }
}

int main(void)
{
    for (unsigned i = 0; i < FORMS; i++) {
        printf("%-10s", names[i]);
        print_form(&verify_forms[i]);
        print_opcodes((uint8_t)(FORM_FIRST + i));
        putchar('\n');
    }
    return 0;
}
