/*
 * Reads instructions, one a line in hexadecimal, and prints how the verifier decodes each:
 *
 *     refused
 *     LENGTH segment=S base=B index=I scale=N disp=D memory=rw writes=R,R
 *
 * with "-" for what is absent, registers by their 64-bit (addresses: 32- or 64-bit) names. With
 * the argument `random COUNT`, writes COUNT random accepted instructions in that form instead.
 */
#include "tests/verify/run/generate.h"
#include "trusted/verify/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[16] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                      "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
static const char *const short_names[16] = {"eax",  "ecx",  "edx",  "ebx", "esp",  "ebp",
                                            "esi",  "edi",  "r8d",  "r9d", "r10d", "r11d",
                                            "r12d", "r13d", "r14d", "r15d"};

static void print_register(const struct insn *insn, const char *what, unsigned number)
{
    bool is_short = insn->prefixes & PREFIX_67;

    if (number < 16)
        printf(" %s=%s", what, is_short ? short_names[number] : names[number]);
    else if (number == BASE_RIP)
        printf(" %s=%s", what, is_short ? "eip" : "rip");
    else
        printf(" %s=-", what);
}

static void print_memory(const struct insn *insn)
{
    const struct form *form = insn->form;

    if (!insn->memory) {
        printf(" segment=- base=- index=- scale=1 disp=0 memory=-");
        return;
    }
    printf(" segment=%s", insn->prefixes & PREFIX_GS   ? "gs"
                          : insn->prefixes & PREFIX_FS ? "fs"
                                                       : "-");
    print_register(insn, "base", insn->base);
    print_register(insn, "index", insn->index);
    printf(" scale=%d disp=%d memory=%s", 1 << insn->scale, insn->disp,
           form->rm & WRITE ? "w" : "r");
}

static void print_write(const struct insn *insn, unsigned number, bool *any)
{
    if (insn->size == 1 && !insn->rex && number >= 4)
        number -= 4;
    printf("%s%s", *any ? "," : "", names[number]);
    *any = true;
}

static void print_writes(const struct insn *insn)
{
    const struct form *form = insn->form;
    bool any = false;

    printf(" writes=");
    if ((form->reg & GENERAL) && (form->reg & WRITE))
        print_write(insn, insn->reg, &any);
    if ((form->rm & GENERAL) && (form->rm & WRITE) && !insn->memory)
        print_write(insn, insn->rm, &any);
    if (form->flags & OPCODE_REG)
        print_write(insn, insn->opcode_reg, &any);
    if (form->implicit & RAX)
        print_write(insn, 0, &any);
    if (form->implicit & RDX)
        print_write(insn, 2, &any);
    printf("%s\n", any ? "" : "-");
}

static void print_decoded(const char *line)
{
    uint8_t code[DECODE_READS];
    struct insn insn;
    unsigned byte;

    memset(code, 0x90, sizeof(code));
    for (size_t i = 0; i < 15 && sscanf(line + 2 * i, "%2x", &byte) == 1; i++)
        code[i] = (uint8_t)byte;
    if (decode(code, &insn) != VERIFY_OK) {
        puts("refused");
        return;
    }
    printf("%u", insn.length);
    print_memory(&insn);
    print_writes(&insn);
}

static void print_random(unsigned long count)
{
    uint64_t state = 0x5eed;
    uint8_t code[DECODE_READS];
    struct insn insn;

    while (count) {
        random_instruction(&state, code);
        if (decode(code, &insn) != VERIFY_OK)
            continue;
        for (unsigned i = 0; i < insn.length; i++)
            printf("%02x", code[i]);
        putchar('\n');
        count--;
    }
}

int main(int argc, char **argv)
{
    char line[256];

    if (argc == 3 && !strcmp(argv[1], "random")) {
        print_random(strtoul(argv[2], NULL, 10));
        return 0;
    }
    while (fgets(line, sizeof(line), stdin))
        print_decoded(line);
    return 0;
}
