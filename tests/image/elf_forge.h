/* Small well-formed ELF files made field by field, so that a test can spoil any one of them. */
#ifndef RECLAVE_TESTS_IMAGE_ELF_FORGE_H
#define RECLAVE_TESTS_IMAGE_ELF_FORGE_H

#include "abi/image.h"

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

enum forged_load { LOAD_HEADERS, LOAD_TEXT, LOAD_DATA, FORGED_LOADS };

/* File offset and link address are the same everywhere but for layer 1's read-only data. */
struct forged_elf {
    Elf64_Ehdr header;
    Elf64_Phdr program[8]; /* three PT_LOAD, PT_DYNAMIC, PT_GNU_STACK, then unused PT_NULL */
    Elf64_Rela relocations[2];
    Elf64_Dyn dynamic[6]; /* DT_RELA, DT_RELASZ, then DT_NULL */
    Elf64_Sym symbols[10];
    char strings[256];
    Elf64_Shdr sections[3]; /* null, .symtab, .strtab */
    uint8_t text[4096] __attribute__((aligned(4096)));
    struct {
        uint64_t pointers[2]; /* what the relocations patch */
        struct image_layout layout;
        uint8_t rest[4096 - 16 - sizeof(struct image_layout)];
    } data __attribute__((aligned(4096)));
};

#define FORGED_DYNAMIC 3 /* program[] */
#define FORGED_STACK   4
#define FORGED_FREE    5

#define FORGED_FREE_DYNAMIC 2 /* dynamic[] */

/* A monitor: monitor_entry, image_layout and the six gates; one zero page follows the data. */
void forge_monitor(struct forged_elf *elf);
/* Layer 1: one page of text at 4096, one of read-only data at CODE_RODATA_OFF. */
void forge_l1(struct forged_elf *elf);
/* Index of a symbol in elf->symbols. */
unsigned forged_symbol(const struct forged_elf *elf, const char *name);

#endif
