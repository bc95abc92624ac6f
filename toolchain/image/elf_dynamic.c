#include "toolchain/image/elf_reader.h"

#include "abi/geometry.h"
#include "abi/sgx_arch.h"

#include <inttypes.h>
#include <string.h>

/* One relocation: R_X86_64_RELATIVE whose place is writable and whose value is inside. */
static enum status check_relocation(struct elf_reader *r, const Elf64_Rela *rela)
{
    const struct elf_program *program = r->program;
    const struct elf_segment *place = elf_segment_of(program, rela->r_offset, 8);

    if (ELF64_R_TYPE(rela->r_info) != R_X86_64_RELATIVE)
        return REFUSE(r,
                      "%s: relocation of type %u at 0x%" PRIx64
                      "; only R_X86_64_RELATIVE is applied in the enclave",
                      r->name, (unsigned)ELF64_R_TYPE(rela->r_info), rela->r_offset);
    if (!place || !(place->permissions & SECINFO_W))
        return REFUSE(r, "%s: relocation at 0x%" PRIx64 ", which is not in a writable segment",
                      r->name, rela->r_offset);
    if (rela->r_addend < 0 || (uint64_t)rela->r_addend > program->end)
        return REFUSE(r, "%s: the relocation at 0x%" PRIx64 " points outside the program", r->name,
                      rela->r_offset);
    return ST_OK;
}

enum status elf_check_relocations(struct elf_reader *r, uint64_t at, uint64_t bytes)
{
    const uint8_t *table = elf_bytes(r->program, at, bytes);

    if (bytes % sizeof(Elf64_Rela) || !table)
        return REFUSE(r, "%s: the relocation table lies outside the program", r->name);
    for (uint64_t i = 0; i < bytes; i += sizeof(Elf64_Rela)) {
        Elf64_Rela rela;
        enum status status;

        memcpy(&rela, table + i, sizeof rela);
        status = check_relocation(r, &rela);
        if (status)
            return status;
    }
    return ST_OK;
}

/* Entries of the dynamic section that ask a dynamic linker for something L0 does not do. */
static const struct {
    int64_t tag;
    const char *what;
} refused_tags[] = {
    {DT_NEEDED, "needs a shared library"},
    {DT_TEXTREL, "has relocations in its text"},
    {DT_REL, "has relocations without addends"},
    {DT_RELRSZ, "has packed relative relocations (link with -z nopack-relative-relocs)"},
    {DT_JMPREL, "has a procedure linkage table"},
    {DT_INIT, "has an initialisation function"},
    {DT_FINI, "has a termination function"},
    {DT_INIT_ARRAYSZ, "has constructors"},
    {DT_FINI_ARRAYSZ, "has destructors"},
    {DT_PREINIT_ARRAYSZ, "has constructors"},
};

static enum status check_tag(struct elf_reader *r, const Elf64_Dyn *entry)
{
    for (size_t i = 0; i < sizeof refused_tags / sizeof refused_tags[0]; i++)
        if (entry->d_tag == refused_tags[i].tag &&
            (entry->d_un.d_val || entry->d_tag == DT_TEXTREL || entry->d_tag == DT_NEEDED))
            return REFUSE(r, "%s: %s, which the enclave does not support", r->name,
                          refused_tags[i].what);
    if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL))
        return REFUSE(r, "%s: has relocations in its text", r->name);
    return ST_OK;
}

/* The dynamic section's relocation table; *at = *bytes = 0 when it has none. */
enum status elf_read_dynamic(struct elf_reader *r, uint64_t *at, uint64_t *bytes)
{
    Elf64_Phdr ph;

    *at = *bytes = 0;
    for (unsigned i = 0; i < r->header.e_phnum; i++) {
        if (!elf_fetch(r, r->header.e_phoff, i, &ph, sizeof ph))
            return REFUSE(r, "%s: the program headers lie outside the file", r->name);
        if (ph.p_type != PT_DYNAMIC)
            continue;
        for (uint64_t n = 0; n < ph.p_filesz / sizeof(Elf64_Dyn); n++) {
            enum status status;
            Elf64_Dyn entry;

            if (!elf_fetch(r, ph.p_offset, n, &entry, sizeof entry))
                return REFUSE(r, "%s: the dynamic section lies outside the file", r->name);
            if (entry.d_tag == DT_NULL)
                break;
            if (entry.d_tag == DT_RELA)
                *at = entry.d_un.d_ptr;
            else if (entry.d_tag == DT_RELASZ)
                *bytes = entry.d_un.d_val;
            status = check_tag(r, &entry);
            if (status)
                return status;
        }
    }
    return ST_OK;
}
