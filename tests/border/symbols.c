#include "tests/border/symbols.h"

#include "abi/geometry.h"
#include "tests/border/harness.h"

#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The mapped ELF; it is our own build's, so its tables are taken at their word. */
static const uint8_t *monitor_elf(size_t *bytes)
{
    static const uint8_t *mapped;
    static size_t mapped_bytes;

    if (!mapped) {
        char path[PATH_MAX];
        struct stat stat;
        int fd;

        border_path("trusted/monitor.elf", path);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &stat) != 0)
            fail_msg("cannot open %s", path);
        mapped_bytes = (size_t)stat.st_size;
        mapped = mmap(NULL, mapped_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
        assert_ptr_not_equal(mapped, MAP_FAILED);
        close(fd);
    }
    *bytes = mapped_bytes;
    return mapped;
}

static const Elf64_Shdr *sections(const uint8_t *elf, unsigned *count)
{
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)(const void *)elf;

    *count = header->e_shnum;
    return (const Elf64_Shdr *)(const void *)(elf + header->e_shoff);
}

uint64_t monitor_symbol(const char *name)
{
    size_t bytes;
    const uint8_t *elf = monitor_elf(&bytes);
    unsigned count;
    const Elf64_Shdr *section = sections(elf, &count);

    for (unsigned i = 0; i < count; i++) {
        const Elf64_Sym *symbol = (const Elf64_Sym *)(const void *)(elf + section[i].sh_offset);
        const char *strings;

        if (section[i].sh_type != SHT_SYMTAB)
            continue;
        strings = (const char *)elf + section[section[i].sh_link].sh_offset;
        for (size_t s = 0; s < section[i].sh_size / sizeof(*symbol); s++)
            if (strcmp(strings + symbol[s].st_name, name) == 0)
                return MON_IMAGE_OFF + symbol[s].st_value;
    }
    fail_msg("the monitor has no symbol %s", name);
    return 0;
}

uint64_t monitor_enclu_after(uint64_t offset)
{
    static const uint8_t enclu[] = {0x0f, 0x01, 0xd7};
    size_t bytes;
    const uint8_t *elf = monitor_elf(&bytes);
    unsigned count;
    const Elf64_Shdr *section = sections(elf, &count);
    uint64_t address = offset - MON_IMAGE_OFF;

    for (unsigned i = 0; i < count; i++) {
        const uint8_t *found, *from;

        if (!(section[i].sh_flags & SHF_EXECINSTR) || address < section[i].sh_addr ||
            address - section[i].sh_addr >= section[i].sh_size)
            continue;
        from = elf + section[i].sh_offset + (address - section[i].sh_addr);
        found =
            memmem(from, section[i].sh_size - (address - section[i].sh_addr), enclu, sizeof(enclu));
        if (found)
            return offset + (uint64_t)(found - from);
    }
    fail_msg("no ENCLU after %#lx", offset);
    return 0;
}
