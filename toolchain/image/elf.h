/*
 * The two ELF files an image is made of, read strictly: whatever the enclave
 * could not honour (an interpreter, TLS, constructors, relocations it does not
 * apply, a segment both writable and executable) is refused with its name.
 */
#ifndef RECLAVE_TOOLCHAIN_IMAGE_ELF_H
#define RECLAVE_TOOLCHAIN_IMAGE_ELF_H

#include "toolchain/image/problem.h"

#include <stddef.h>
#include <stdint.h>

#define ELF_SEGMENTS_MAX 16

struct elf_segment {
    uint64_t offset; /* of the first page, from the link address 0 */
    uint64_t pages;
    uint32_t permissions; /* SECINFO_R|W|X */
    uint8_t *memory;      /* its pages as they are loaded */
};

struct elf_symbol {
    const char *name; /* in the file's bytes */
    uint64_t value;
    uint64_t size;
};

/* A program as it lies in memory: segments of whole pages, with gaps between them. */
struct elf_program {
    const char *name; /* for messages */
    uint64_t end;     /* of the last segment */
    uint64_t entry;
    struct elf_segment segments[ELF_SEGMENTS_MAX]; /* ascending, no page shared */
    unsigned segment_count;
    struct elf_symbol *symbols;
    size_t symbol_count;
    char *strings; /* the symbols' names */
};

/*
 * The monitor: static-pie linked at 0, at most MON_IMAGE_MAX bytes, segments W^X, every relocation
 * R_X86_64_RELATIVE into a writable segment (L0 applies them at its first entry).
 */
MUST_CHECK enum status elf_read_monitor(const char *name, const uint8_t *file, size_t bytes,
                                        struct elf_program *out, struct problem *p);

/* The program of a plain image: as the monitor, at most PLAIN_PROGRAM_MAX bytes, with its entry in
 * code. */
MUST_CHECK enum status elf_read_plain(const char *name, const uint8_t *file, size_t bytes,
                                      struct elf_program *out, struct problem *p);

/*
 * Layer 1, linked at 0 for a code zone (abi/geometry.h): one segment of text from L1_ENTRY_OFF on,
 * which is its entry, and perhaps one of read-only data at CODE_RODATA_OFF; no relocations. The
 * rest of the text's last page is HLT: a jump there faults.
 */
MUST_CHECK enum status elf_read_l1(const char *name, const uint8_t *file, size_t bytes,
                                   struct elf_program *out, struct problem *p);

void elf_release(struct elf_program *program);

/* Pages of all segments. */
uint64_t elf_pages(const struct elf_program *program);

/* The bytes at [at, at + bytes), or NULL when no segment holds them all. */
uint8_t *elf_bytes(const struct elf_program *program, uint64_t at, uint64_t bytes);

/* ST_NOT_FOUND with the symbol's name in p; a name that is defined twice is refused too. */
MUST_CHECK enum status elf_find(const struct elf_program *program, const char *symbol,
                                struct elf_symbol *out, struct problem *p);

#endif
