#include "toolchain/image/elf_reader.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

static enum status add_symbols(struct elf_reader *r, const Elf64_Shdr *table,
                               const Elf64_Shdr *names)
{
    struct elf_program *program = r->program;
    size_t count = table->sh_size / sizeof(Elf64_Sym);

    if (!range_inside(table->sh_offset, table->sh_size, 0, r->bytes) || names->sh_size == 0 ||
        !range_inside(names->sh_offset, names->sh_size, 0, r->bytes) ||
        r->file[names->sh_offset + names->sh_size - 1])
        return REFUSE(r, "%s: the symbol table lies outside the file", r->name);
    program->strings = malloc(names->sh_size);
    program->symbols = calloc(count + 1, sizeof *program->symbols);
    if (!program->strings || !program->symbols)
        return problem(r->problem, ST_NO_MEMORY, "%s: out of memory", r->name);
    memcpy(program->strings, r->file + names->sh_offset, names->sh_size);
    for (size_t i = 0; i < count; i++) {
        Elf64_Sym symbol;

        if (!elf_fetch(r, table->sh_offset, i, &symbol, sizeof symbol) ||
            symbol.st_name >= names->sh_size)
            return REFUSE(r, "%s: a symbol's name lies outside the file", r->name);
        if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS)
            continue;
        program->symbols[program->symbol_count++] =
            (struct elf_symbol){program->strings + symbol.st_name, symbol.st_value, symbol.st_size};
    }
    return ST_OK;
}

enum status elf_read_symbols(struct elf_reader *r)
{
    Elf64_Shdr table, names;

    for (unsigned i = 0; i < r->header.e_shnum; i++) {
        if (!elf_fetch(r, r->header.e_shoff, i, &table, sizeof table))
            return REFUSE(r, "%s: the section headers lie outside the file", r->name);
        if (table.sh_type != SHT_SYMTAB)
            continue;
        if (table.sh_link >= r->header.e_shnum ||
            !elf_fetch(r, r->header.e_shoff, table.sh_link, &names, sizeof names))
            return REFUSE(r, "%s: the symbol table names no string table", r->name);
        return add_symbols(r, &table, &names);
    }
    return ST_OK; /* no symbols: elf_find says which one it misses */
}

enum status elf_find(const struct elf_program *program, const char *symbol, struct elf_symbol *out,
                     struct problem *p)
{
    int found = 0;

    for (size_t i = 0; i < program->symbol_count; i++) {
        if (strcmp(program->symbols[i].name, symbol))
            continue;
        if (found && program->symbols[i].value != out->value)
            return problem(p, ST_CORRUPT, "%s: the symbol %s is defined twice", program->name,
                           symbol);
        *out = program->symbols[i];
        found = 1;
    }
    if (!found)
        return problem(p, ST_NOT_FOUND, "%s: no symbol %s (is the file stripped?)", program->name,
                       symbol);
    if (!elf_segment_of(program, out->value, out->size))
        return problem(p, ST_CORRUPT, "%s: the symbol %s lies outside the program", program->name,
                       symbol);
    return ST_OK;
}
