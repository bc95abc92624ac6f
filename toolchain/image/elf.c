#include "toolchain/image/elf_reader.h"

#include "abi/gates.h"
#include "abi/geometry.h"
#include "abi/sgx_arch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HLT 0xf4

static enum status read_program(struct elf_reader *r, uint64_t limit, uint8_t text_filler)
{
    enum status status = elf_load(r, limit, text_filler);

    return status ? status : elf_read_symbols(r);
}

static enum status check_monitor(struct elf_reader *r)
{
    uint64_t at, bytes;
    enum status status;

    if (r->header.e_type != ET_DYN)
        return REFUSE(r, "%s: not position-independent (link with -static-pie)", r->name);
    status = elf_read_dynamic(r, &at, &bytes);
    if (!status && bytes)
        status = elf_check_relocations(r, at, bytes);
    return status;
}

static enum status check_plain(struct elf_reader *r)
{
    const struct elf_segment *text = elf_segment_of(r->program, r->program->entry, 1);

    if (!text || !(text->permissions & SECINFO_X))
        return REFUSE(r, "%s: its entry is not in its code", r->name);
    return check_monitor(r);
}

static enum status check_l1_text(struct elf_reader *r, const struct elf_segment *text)
{
    if (text->offset < GATE_PAGE_BYTES)
        return REFUSE(r, "%s: its first page, reserved for the gates, is not empty", r->name);
    if (text->offset != L1_ENTRY_OFF || !(text->permissions & SECINFO_X))
        return REFUSE(r, "%s: has no code at its entry", r->name);
    if (text->offset + text->pages * PAGE_BYTES > CODE_TEXT_MAX)
        return REFUSE(r, "%s: its text is larger than the text zone", r->name);
    return ST_OK;
}

static enum status check_l1_segments(struct elf_reader *r)
{
    const struct elf_program *program = r->program;
    const struct elf_segment *rodata = program->segments + 1;
    enum status status;

    for (unsigned i = 0; i < program->segment_count; i++)
        if (program->segments[i].permissions & SECINFO_W)
            return REFUSE(r, "%s: has writable data; layer 1 keeps its state in its cage", r->name);
    status = check_l1_text(r, program->segments);
    if (status || program->segment_count == 1)
        return status;
    if (program->segment_count > 2 || rodata->permissions != SECINFO_R ||
        rodata->offset != CODE_RODATA_OFF)
        return REFUSE(r, "%s: has more than one segment of text and one of read-only data at 0x%x",
                      r->name, CODE_RODATA_OFF);
    return ST_OK;
}

static enum status check_l1(struct elf_reader *r)
{
    uint64_t at, bytes;
    enum status status = elf_read_dynamic(r, &at, &bytes);

    if (status)
        return status;
    if (bytes)
        return REFUSE(r, "%s: has relocations; layer 1 is loaded as it is", r->name);
    if (r->program->entry != L1_ENTRY_OFF)
        return REFUSE(r, "%s: its entry is at 0x%" PRIx64 ", not at 0x%x", r->name,
                      r->program->entry, L1_ENTRY_OFF);
    return check_l1_segments(r);
}

static enum status read_checked(const char *name, const uint8_t *file, size_t bytes,
                                struct elf_program *out, struct problem *p, uint64_t limit,
                                uint8_t text_filler, enum status (*check)(struct elf_reader *))
{
    struct elf_reader r = {
        .name = name, .file = file, .bytes = bytes, .program = out, .problem = p};
    enum status status;

    memset(out, 0, sizeof *out);
    out->name = name;
    status = read_program(&r, limit, text_filler);
    if (!status)
        status = check(&r);
    if (status)
        elf_release(out);
    return status;
}

enum status elf_read_monitor(const char *name, const uint8_t *file, size_t bytes,
                             struct elf_program *out, struct problem *p)
{
    return read_checked(name, file, bytes, out, p, MON_IMAGE_MAX, 0, check_monitor);
}

enum status elf_read_plain(const char *name, const uint8_t *file, size_t bytes,
                           struct elf_program *out, struct problem *p)
{
    return read_checked(name, file, bytes, out, p, PLAIN_PROGRAM_MAX, HLT, check_plain);
}

enum status elf_read_l1(const char *name, const uint8_t *file, size_t bytes,
                        struct elf_program *out, struct problem *p)
{
    return read_checked(name, file, bytes, out, p, CODE_RODATA_OFF + CODE_RODATA_MAX, HLT,
                        check_l1);
}

void elf_release(struct elf_program *program)
{
    for (unsigned i = 0; i < program->segment_count; i++)
        free(program->segments[i].memory);
    free(program->symbols);
    free(program->strings);
    memset(program, 0, sizeof *program);
}

uint64_t elf_pages(const struct elf_program *program)
{
    uint64_t pages = 0;

    for (unsigned i = 0; i < program->segment_count; i++)
        pages += program->segments[i].pages;
    return pages;
}

uint8_t *elf_bytes(const struct elf_program *program, uint64_t at, uint64_t bytes)
{
    const struct elf_segment *segment = elf_segment_of(program, at, bytes);

    return segment ? segment->memory + (at - segment->offset) : NULL;
}
