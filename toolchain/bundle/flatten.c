#include "toolchain/bundle/flatten.h"

#include "abi/bundle.h"
#include "abi/geometry.h"
#include "abi/sfi.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

struct elf {
    const char *data;
    size_t bytes;
    Elf64_Ehdr header;
};

static enum status damaged(const struct complaint *complaint)
{
    return complain(complaint, ST_CORRUPT, "the assembler or linker wrote a damaged file");
}

static bool inside(const struct elf *elf, uint64_t offset, uint64_t bytes)
{
    return offset <= elf->bytes && bytes <= elf->bytes - offset;
}

static bool elf_open(const struct text *file, struct elf *elf)
{
    elf->data = file->data;
    elf->bytes = file->bytes;
    if (!inside(elf, 0, sizeof(elf->header)))
        return false;
    memcpy(&elf->header, elf->data, sizeof(elf->header));
    return memcmp(elf->header.e_ident, ELFMAG, SELFMAG) == 0 &&
           elf->header.e_ident[EI_CLASS] == ELFCLASS64 && elf->header.e_machine == EM_X86_64 &&
           elf->header.e_shentsize == sizeof(Elf64_Shdr);
}

static bool elf_section(const struct elf *elf, uint32_t index, Elf64_Shdr *section)
{
    uint64_t offset;

    if (index >= elf->header.e_shnum ||
        __builtin_add_overflow(elf->header.e_shoff, (uint64_t)index * sizeof(*section), &offset) ||
        !inside(elf, offset, sizeof(*section)))
        return false;
    memcpy(section, elf->data + offset, sizeof(*section));
    return section->sh_type == SHT_NOBITS || section->sh_type == SHT_NULL ||
           inside(elf, section->sh_offset, section->sh_size);
}

/* A section's name, or "" when it is damaged. */
static const char *elf_name(const struct elf *elf, const Elf64_Shdr *section)
{
    Elf64_Shdr names;

    if (!elf_section(elf, elf->header.e_shstrndx, &names) || section->sh_name >= names.sh_size ||
        !memchr(elf->data + names.sh_offset + section->sh_name, 0,
                names.sh_size - section->sh_name))
        return "";
    return elf->data + names.sh_offset + section->sh_name;
}

static bool elf_find(const struct elf *elf, const char *name, Elf64_Shdr *section)
{
    for (uint32_t i = 0; i < elf->header.e_shnum; i++)
        if (elf_section(elf, i, section) && strcmp(elf_name(elf, section), name) == 0)
            return true;
    memset(section, 0, sizeof(*section));
    return false;
}

/* ---- relocations ------------------------------------------------------------ */

static bool relocation_allowed(const Elf64_Shdr *target, const char *name, uint64_t type)
{
    if (target->sh_flags & SHF_EXECINSTR)
        return type == R_X86_64_PC32 || type == R_X86_64_PLT32;
    return type == R_X86_64_64 && strncmp(name, ".data.rel.ro", 12) == 0;
}

static enum status check_section(const struct elf *elf, const Elf64_Shdr *relocations,
                                 const struct complaint *complaint)
{
    Elf64_Shdr target;
    const char *name;

    if (!elf_section(elf, relocations->sh_info, &target))
        return damaged(complaint);
    if (!(target.sh_flags & SHF_ALLOC))
        return ST_OK;
    name = elf_name(elf, &target);
    for (uint64_t at = 0; at + sizeof(Elf64_Rela) <= relocations->sh_size;
         at += sizeof(Elf64_Rela)) {
        Elf64_Rela relocation;

        memcpy(&relocation, elf->data + relocations->sh_offset + at, sizeof(relocation));
        if (!relocation_allowed(&target, name, ELF64_R_TYPE(relocation.r_info)))
            return complain(complaint, ST_UNSUPPORTED,
                            "the compiled module is not position-independent: relocation type "
                            "%" PRIu64 " at %s+0x%" PRIx64,
                            ELF64_R_TYPE(relocation.r_info), name, relocation.r_offset);
    }
    return ST_OK;
}

enum status flatten_check_relocations(const struct text *object, const struct complaint *complaint)
{
    struct elf elf;

    if (!elf_open(object, &elf))
        return damaged(complaint);
    for (uint32_t i = 0; i < elf.header.e_shnum; i++) {
        Elf64_Shdr section;
        enum status status = ST_OK;

        if (!elf_section(&elf, i, &section) || section.sh_type == SHT_REL)
            return damaged(complaint);
        if (section.sh_type == SHT_RELA)
            status = check_section(&elf, &section, complaint);
        if (status != ST_OK)
            return status;
    }
    return ST_OK;
}

/* ---- sections ---------------------------------------------------------------- */

static void add_padded(struct text *out, const char *data, uint64_t bytes, uint8_t padding)
{
    char page[PAGE_BYTES];
    size_t rest = (size_t)(bytes % PAGE_BYTES);

    text_add(out, data, bytes);
    memset(page, padding, sizeof(page));
    if (rest)
        text_add(out, page, PAGE_BYTES - rest);
}

static enum status read_info(const struct elf *elf, struct flat_code *flat,
                             const struct complaint *complaint)
{
    Elf64_Shdr info;

    if (!elf_find(elf, ".crt_info", &info) || info.sh_size != sizeof(flat->state_bytes))
        return damaged(complaint);
    memcpy(&flat->state_bytes, elf->data + info.sh_offset, sizeof(flat->state_bytes));
    return ST_OK;
}

enum status flatten(const struct text *linked, struct flat_code *flat,
                    const struct complaint *complaint)
{
    Elf64_Shdr text, rodata;
    struct elf elf;

    if (!elf_open(linked, &elf) || !elf_find(&elf, ".text", &text) ||
        text.sh_addr != GATE_PAGE_BYTES || elf.header.e_entry != GATE_PAGE_BYTES)
        return damaged(complaint);
    if (elf_find(&elf, ".rodata", &rodata) && rodata.sh_size != 0 &&
        rodata.sh_addr != CODE_RODATA_OFF)
        return damaged(complaint);
    if (text.sh_size > CODE_TEXT_MAX - GATE_PAGE_BYTES || rodata.sh_size > CODE_RODATA_MAX)
        return complain(complaint, ST_UNSUPPORTED,
                        "the compiled module is too large: more than %u MiB of code or data",
                        CODE_RODATA_MAX >> 20);
    add_padded(&flat->code, elf.data + text.sh_offset, text.sh_size, SFI_PAD_BYTE);
    add_padded(&flat->rodata, elf.data + rodata.sh_offset, rodata.sh_size, 0);
    flat->entry_offset = (uint32_t)elf.header.e_entry;
    if (flat->code.failed || flat->rodata.failed)
        return complain(complaint, ST_NO_MEMORY, "out of memory");
    return read_info(&elf, flat, complaint);
}
