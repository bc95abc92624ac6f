#include "sgx/driver/vdso.h"

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct dynamic {
    const Elf64_Sym *symbols;
    const char *names;
    uint64_t symbol_count;
};

/* DT_GNU_HASH has no count of symbols: the highest index of any chain is the last one. */
static uint64_t gnu_hash_symbols(const uint32_t *hash)
{
    uint32_t buckets = hash[0], first = hash[1], bloom_words = hash[2], last = 0;
    const uint32_t *bucket = hash + 4 + 2 * bloom_words;
    const uint32_t *chain = bucket + buckets;

    for (uint32_t i = 0; i < buckets; i++) {
        if (bucket[i] > last)
            last = bucket[i];
    }
    if (last < first)
        return first;
    while (!(chain[last - first] & 1))
        last++;
    return last + 1;
}

static void read_dynamic(const Elf64_Dyn *entry, uint64_t bias, struct dynamic *d)
{
    const uint32_t *gnu_hash = NULL;

    for (; entry->d_tag != DT_NULL; entry++) {
        uint64_t address = bias + entry->d_un.d_ptr;

        if (entry->d_tag == DT_SYMTAB)
            d->symbols = (const Elf64_Sym *)address;
        else if (entry->d_tag == DT_STRTAB)
            d->names = (const char *)address;
        else if (entry->d_tag == DT_HASH)
            d->symbol_count = ((const uint32_t *)address)[1];
        else if (entry->d_tag == DT_GNU_HASH)
            gnu_hash = (const uint32_t *)address;
    }
    if (!d->symbol_count && gnu_hash)
        d->symbol_count = gnu_hash_symbols(gnu_hash);
}

static bool read_headers(uint64_t image, uint64_t *bias, struct dynamic *d)
{
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)image;
    const Elf64_Phdr *segment = (const Elf64_Phdr *)(image + header->e_phoff);
    const Elf64_Dyn *dynamic = NULL;
    bool loaded = false;

    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return false;
    for (int i = 0; i < header->e_phnum; i++) {
        if (segment[i].p_type == PT_LOAD && !loaded) {
            *bias = image + segment[i].p_offset - segment[i].p_vaddr;
            loaded = true;
        } else if (segment[i].p_type == PT_DYNAMIC) {
            dynamic = (const Elf64_Dyn *)(image + segment[i].p_offset);
        }
    }
    if (!loaded || !dynamic)
        return false;
    read_dynamic(dynamic, *bias, d);
    return d->symbols && d->names;
}

uint64_t vdso_function(uint64_t image, const char *name)
{
    struct dynamic d = {0};
    uint64_t bias = 0;

    if (!image || !read_headers(image, &bias, &d))
        return 0;
    for (uint64_t i = 0; i < d.symbol_count; i++) {
        const Elf64_Sym *s = &d.symbols[i];

        if (ELF64_ST_TYPE(s->st_info) == STT_FUNC && s->st_shndx != SHN_UNDEF &&
            strcmp(d.names + s->st_name, name) == 0)
            return bias + s->st_value;
    }
    return 0;
}
