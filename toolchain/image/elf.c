#include "toolchain/image/elf_reader.h"

#include "abi/gates.h"
#include "abi/geometry.h"
#include "abi/sgx_arch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HLT 0xf4

static enum status read_program(struct elf_reader *r, uint64_t limit, uint8_t filler)
{
    enum status status = elf_load(r, limit, filler);

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

static enum status check_l1(struct elf_reader *r)
{
    const struct elf_program *program = r->program;
    uint64_t at, bytes;
    enum status status = elf_read_dynamic(r, &at, &bytes);

    if (status)
        return status;
    if (bytes)
        return REFUSE(r, "%s: has relocations; layer 1 is loaded as it is", r->name);
    if (program->entry != L1_ENTRY_OFF)
        return REFUSE(r, "%s: its entry is at 0x%" PRIx64 ", not at 0x%x", r->name, program->entry,
                      L1_ENTRY_OFF);
    for (unsigned i = 0; i < program->segment_count; i++)
        if (program->segments[i].permissions & SECINFO_W)
            return REFUSE(r, "%s: has writable data; layer 1 keeps its state in its cage", r->name);
    for (unsigned i = 0; i < GATE_PAGE_BYTES; i++)
        if (program->memory[i] != 0 && program->memory[i] != HLT)
            return REFUSE(r, "%s: its first page, reserved for the gates, is not empty", r->name);
    if (program->memory_pages <= L1_ENTRY_OFF / PAGE_BYTES)
        return REFUSE(r, "%s: has no code at its entry", r->name);
    return ST_OK;
}

static enum status read_checked(const char *name, const uint8_t *file, size_t bytes,
                                struct elf_program *out, struct problem *p, uint64_t limit,
                                uint8_t filler, enum status (*check)(struct elf_reader *))
{
    struct elf_reader r = {
        .name = name, .file = file, .bytes = bytes, .program = out, .problem = p};
    enum status status;

    memset(out, 0, sizeof *out);
    out->name = name;
    status = read_program(&r, limit, filler);
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

enum status elf_read_l1(const char *name, const uint8_t *file, size_t bytes,
                        struct elf_program *out, struct problem *p)
{
    return read_checked(name, file, bytes, out, p, L1_CODE_MAX, HLT, check_l1);
}

void elf_release(struct elf_program *program)
{
    free(program->memory);
    free(program->symbols);
    free(program->strings);
    memset(program, 0, sizeof *program);
}
