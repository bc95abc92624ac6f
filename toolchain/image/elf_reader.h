/* One ELF file while it is read: shared by the elf_*.c files. Everything in the file is untrusted
 * until checked. */
#ifndef RECLAVE_TOOLCHAIN_IMAGE_ELF_READER_H
#define RECLAVE_TOOLCHAIN_IMAGE_ELF_READER_H

#include "toolchain/image/elf.h"

#include <elf.h>

struct elf_reader {
    const char *name;
    const uint8_t *file;
    size_t bytes;
    Elf64_Ehdr header;
    struct elf_program *program;
    struct problem *problem;
};

#define REFUSE(r, ...) problem((r)->problem, ST_CORRUPT, __VA_ARGS__)

/* Record `index` of a table at `offset`, copied out (the file's alignment is not to be relied on);
 * false when it lies outside the file. bytes is the size of the record, at most 64 KiB. */
MUST_CHECK int elf_fetch(const struct elf_reader *r, uint64_t offset, uint64_t index, void *to,
                         size_t bytes);

/* elf_segments.c: the file's header, program headers and segments, which must end at or below
 * limit. What an executable segment leaves of its pages gets text_filler. Fills in segments, end
 * and entry. */
MUST_CHECK enum status elf_load(struct elf_reader *r, uint64_t limit, uint8_t text_filler);

/* elf_symbols.c: the symbol table, if there is one. */
MUST_CHECK enum status elf_read_symbols(struct elf_reader *r);

/* elf_dynamic.c: refuses what asks for a dynamic linker; the relocation table's place, or 0, 0. */
MUST_CHECK enum status elf_read_dynamic(struct elf_reader *r, uint64_t *at, uint64_t *bytes);
/* Every relocation of the table is one that L0 applies. */
MUST_CHECK enum status elf_check_relocations(struct elf_reader *r, uint64_t at, uint64_t bytes);

/* The segment that holds the whole range, or NULL. */
const struct elf_segment *elf_segment_of(const struct elf_program *program, uint64_t at,
                                         uint64_t bytes);

#endif
