#include "toolchain/image/elf_reader.h"

#include "abi/geometry.h"
#include "abi/sgx_arch.h"
#include "base/bytes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int elf_fetch(const struct elf_reader *r, uint64_t offset, uint64_t index, void *to, size_t bytes)
{
    uint64_t at;

    /* index <= the file's size, so the product fits */
    if (index > r->bytes || !add_u64(offset, index * bytes, &at) ||
        !range_inside(at, bytes, 0, r->bytes))
        return 0;
    memcpy(to, r->file + at, bytes);
    return 1;
}

static enum status read_header(struct elf_reader *r)
{
    const Elf64_Ehdr *h = &r->header;

    if (!elf_fetch(r, 0, 0, &r->header, sizeof r->header) || memcmp(h->e_ident, ELFMAG, SELFMAG))
        return REFUSE(r, "%s: not an ELF file", r->name);
    if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
        h->e_machine != EM_X86_64)
        return REFUSE(r, "%s: not an x86-64 ELF file", r->name);
    if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phnum == 0)
        return REFUSE(r, "%s: no program headers", r->name);
    if (h->e_shnum && h->e_shentsize != sizeof(Elf64_Shdr))
        return REFUSE(r, "%s: section headers of an unknown size", r->name);
    return ST_OK;
}

static uint32_t secinfo_permissions(uint32_t flags)
{
    return (flags & PF_R ? SECINFO_R : 0) | (flags & PF_W ? SECINFO_W : 0) |
           (flags & PF_X ? SECINFO_X : 0);
}

static enum status check_load(struct elf_reader *r, const Elf64_Phdr *load, uint64_t limit)
{
    const struct elf_program *program = r->program;

    if (program->segment_count == ELF_SEGMENTS_MAX)
        return REFUSE(r, "%s: more than %d loadable segments", r->name, ELF_SEGMENTS_MAX);
    if (load->p_filesz > load->p_memsz ||
        !range_inside(load->p_offset, load->p_filesz, 0, r->bytes))
        return REFUSE(r, "%s: the segment at 0x%" PRIx64 " lies outside the file", r->name,
                      load->p_vaddr);
    if (!range_inside(load->p_vaddr, load->p_memsz, 0, limit))
        return REFUSE(r,
                      "%s: the segment at 0x%" PRIx64 " ends beyond the limit of 0x%" PRIx64
                      " bytes; link at 0 and make the program smaller",
                      r->name, load->p_vaddr, limit);
    if ((load->p_flags & PF_W) && (load->p_flags & PF_X))
        return REFUSE(r, "%s: the segment at 0x%" PRIx64 " is both writable and executable",
                      r->name, load->p_vaddr);
    if (!(load->p_flags & PF_R))
        return REFUSE(r, "%s: the segment at 0x%" PRIx64 " is not readable", r->name,
                      load->p_vaddr);
    if (load->p_vaddr < program->end)
        return REFUSE(r,
                      "%s: the segment at 0x%" PRIx64 " shares a page with the one before it"
                      " (link with -z separate-code)",
                      r->name, load->p_vaddr);
    return ST_OK;
}

/* Bounds were checked by check_load. */
static enum status load_segment(struct elf_reader *r, const Elf64_Phdr *load, uint8_t text_filler,
                                struct elf_segment *segment)
{
    uint64_t before = load->p_vaddr - segment->offset;

    segment->memory = malloc(segment->pages * PAGE_BYTES);
    if (!segment->memory)
        return problem(r->problem, ST_NO_MEMORY, "%s: out of memory", r->name);
    memset(segment->memory, load->p_flags & PF_X ? text_filler : 0, segment->pages * PAGE_BYTES);
    memcpy(segment->memory + before, r->file + load->p_offset, load->p_filesz);
    memset(segment->memory + before + load->p_filesz, 0, load->p_memsz - load->p_filesz);
    return ST_OK;
}

static enum status add_load(struct elf_reader *r, const Elf64_Phdr *load, uint64_t limit,
                            uint8_t text_filler)
{
    struct elf_program *program = r->program;
    struct elf_segment *segment = program->segments + program->segment_count;
    enum status status;

    if (load->p_memsz == 0 && load->p_filesz == 0)
        return ST_OK;
    status = check_load(r, load, limit);
    if (status)
        return status;
    program->end = round_up(load->p_vaddr + load->p_memsz, PAGE_BYTES);
    segment->offset = load->p_vaddr / PAGE_BYTES * PAGE_BYTES;
    segment->pages = (program->end - segment->offset) / PAGE_BYTES;
    segment->permissions = secinfo_permissions(load->p_flags);
    program->segment_count++;
    return load_segment(r, load, text_filler, segment);
}

static enum status read_segments(struct elf_reader *r, uint64_t limit, uint8_t text_filler)
{
    Elf64_Phdr ph;

    for (unsigned i = 0; i < r->header.e_phnum; i++) {
        enum status status = ST_OK;

        if (!elf_fetch(r, r->header.e_phoff, i, &ph, sizeof ph))
            return REFUSE(r, "%s: the program headers lie outside the file", r->name);
        if (ph.p_type == PT_LOAD)
            status = add_load(r, &ph, limit, text_filler);
        else if (ph.p_type == PT_INTERP)
            status = REFUSE(r,
                            "%s: wants an interpreter (link with -static-pie and"
                            " --no-dynamic-linker)",
                            r->name);
        else if (ph.p_type == PT_TLS)
            status =
                REFUSE(r, "%s: has thread-local data, which the enclave does not set up", r->name);
        else if (ph.p_type == PT_GNU_STACK && (ph.p_flags & PF_X))
            status = REFUSE(r, "%s: wants an executable stack (link with -z noexecstack)", r->name);
        if (status)
            return status;
    }
    if (!r->program->segment_count)
        return REFUSE(r, "%s: nothing to load", r->name);
    return ST_OK;
}

enum status elf_load(struct elf_reader *r, uint64_t limit, uint8_t text_filler)
{
    enum status status = read_header(r);

    if (!status)
        status = read_segments(r, limit, text_filler);
    r->program->entry = r->header.e_entry;
    return status;
}

const struct elf_segment *elf_segment_of(const struct elf_program *program, uint64_t at,
                                         uint64_t bytes)
{
    for (unsigned i = 0; i < program->segment_count; i++) {
        const struct elf_segment *s = program->segments + i;

        if (range_inside(at, bytes, s->offset, s->pages * PAGE_BYTES))
            return s;
    }
    return NULL;
}
