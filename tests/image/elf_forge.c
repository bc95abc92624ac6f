#include "tests/image/elf_forge.h"

#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct forged_elf, member)

/* What lies at `at` in the file; linked there, too. */
static void forge_load(Elf64_Phdr *load, uint64_t at, uint64_t bytes, uint32_t flags)
{
    *load = (Elf64_Phdr){
        .p_type = PT_LOAD,
        .p_flags = flags,
        .p_offset = at,
        .p_vaddr = at,
        .p_filesz = bytes,
        .p_memsz = bytes,
        .p_align = 4096,
    };
}

static void add_symbol(struct forged_elf *elf, const char *name, uint64_t value, uint64_t size)
{
    unsigned index = 1, at = 1;

    while (elf->symbols[index].st_name)
        index++;
    while (elf->strings[at])
        at += (unsigned)strlen(elf->strings + at) + 1;
    strcpy(elf->strings + at, name);
    elf->symbols[index] =
        (Elf64_Sym){.st_name = at, .st_shndx = 1, .st_value = value, .st_size = size};
}

static void forge_symbols(struct forged_elf *elf)
{
    static const char *const code[] = {"monitor_entry", "gate1_return", "gate1_exit",
                                       "gate1_commit",  "gate1_random", "gate1_trap",
                                       "gate1_write"};

    for (unsigned i = 0; i < sizeof code / sizeof code[0]; i++)
        add_symbol(elf, code[i], AT(text) + 64 * i, 32);
    add_symbol(elf, "image_layout", AT(data.layout), sizeof elf->data.layout);
    elf->sections[1] = (Elf64_Shdr){.sh_type = SHT_SYMTAB,
                                    .sh_offset = AT(symbols),
                                    .sh_size = sizeof elf->symbols,
                                    .sh_link = 2};
    elf->sections[2] = (Elf64_Shdr){
        .sh_type = SHT_STRTAB, .sh_offset = AT(strings), .sh_size = sizeof elf->strings};
}

static void forge_header(struct forged_elf *elf)
{
    memset(elf, 0, sizeof *elf);
    memcpy(elf->header.e_ident, ELFMAG, SELFMAG);
    elf->header.e_ident[EI_CLASS] = ELFCLASS64;
    elf->header.e_ident[EI_DATA] = ELFDATA2LSB;
    elf->header.e_ident[EI_VERSION] = EV_CURRENT;
    elf->header.e_machine = EM_X86_64;
    elf->header.e_version = EV_CURRENT;
    elf->header.e_ehsize = sizeof elf->header;
    elf->header.e_phoff = AT(program);
    elf->header.e_phentsize = sizeof elf->program[0];
    elf->header.e_phnum = 8;
    elf->header.e_shoff = AT(sections);
    elf->header.e_shentsize = sizeof elf->sections[0];
    elf->header.e_shnum = 3;
    memset(elf->text, 0xcc, sizeof elf->text);
}

void forge_monitor(struct forged_elf *elf)
{
    forge_header(elf);
    elf->header.e_type = ET_DYN;
    elf->header.e_entry = AT(text);
    forge_load(elf->program + LOAD_HEADERS, 0, AT(text), PF_R);
    forge_load(elf->program + LOAD_TEXT, AT(text), sizeof elf->text, PF_R | PF_X);
    forge_load(elf->program + LOAD_DATA, AT(data), sizeof elf->data, PF_R | PF_W);
    elf->program[LOAD_DATA].p_memsz += 4096;
    elf->program[FORGED_DYNAMIC] = (Elf64_Phdr){.p_type = PT_DYNAMIC,
                                                .p_offset = AT(dynamic),
                                                .p_vaddr = AT(dynamic),
                                                .p_filesz = sizeof elf->dynamic,
                                                .p_memsz = sizeof elf->dynamic};
    elf->program[FORGED_STACK] = (Elf64_Phdr){.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W};
    for (unsigned i = 0; i < 2; i++)
        elf->relocations[i] = (Elf64_Rela){.r_offset = AT(data.pointers) + 8 * i,
                                           .r_info = ELF64_R_INFO(0, R_X86_64_RELATIVE),
                                           .r_addend = (int64_t)AT(text)};
    elf->dynamic[0] = (Elf64_Dyn){DT_RELA, {AT(relocations)}};
    elf->dynamic[1] = (Elf64_Dyn){DT_RELASZ, {sizeof elf->relocations}};
    forge_symbols(elf);
}

void forge_l1(struct forged_elf *elf)
{
    forge_header(elf);
    elf->header.e_type = ET_EXEC;
    elf->header.e_entry = AT(text);
    forge_load(elf->program, AT(text), sizeof elf->text, PF_R | PF_X);
    forge_load(elf->program + 1, AT(data), sizeof elf->data, PF_R);
    elf->program[1].p_vaddr = CODE_RODATA_OFF;
    elf->program[FORGED_STACK] = (Elf64_Phdr){.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W};
    forge_symbols(elf);
}

unsigned forged_symbol(const struct forged_elf *elf, const char *name)
{
    for (unsigned i = 1; i < sizeof elf->symbols / sizeof elf->symbols[0]; i++)
        if (!strcmp(elf->strings + elf->symbols[i].st_name, name))
            return i;
    abort();
}

_Static_assert(AT(text) == 4096 && AT(data) == 8192, "layout of the forged file");
