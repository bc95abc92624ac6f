/*
 * The dictionary: a list in memory, newest first. An entry is
 *
 *   address of the one before, kind, bytes of the name, the name, up to a
 *   multiple of 4; then the tokens (WORD_TOKEN) or the value (WORD_CONSTANT).
 */
#include "forth.h"

#include <string.h>

#define ENTRY_PREVIOUS 0u
#define ENTRY_KIND     4u
#define ENTRY_BYTES    8u
#define ENTRY_NAME     12u

static uint32_t body_of(uint32_t entry, uint32_t name_bytes)
{
    return entry + ENTRY_NAME + ((name_bytes + CELL - 1) & ~(CELL - 1));
}

static bool same(struct text name, const void *other, size_t bytes)
{
    return name.bytes == bytes && memcmp(name.start, other, bytes) == 0;
}

static enum word_kind find_primitive(struct text name, uint32_t *value)
{
    for (uint32_t token = 0; token < PRIMITIVES; token++)
        if (same(name, primitive_names[token], strlen(primitive_names[token]))) {
            *value = token;
            return WORD_TOKEN;
        }
    return WORD_UNKNOWN;
}

/* A program can write to entries, too: they are read as carefully as its own data. */
static enum word_kind find_entry(struct forth *forth, struct text name, uint32_t entry,
                                 uint32_t *previous, uint32_t *value)
{
    uint32_t kind, bytes;

    if (!cell_read(forth, entry + ENTRY_PREVIOUS, previous) ||
        !cell_read(forth, entry + ENTRY_KIND, &kind) ||
        !cell_read(forth, entry + ENTRY_BYTES, &bytes) ||
        !memory_check(forth, entry + ENTRY_NAME, bytes) ||
        !same(name, forth->memory + entry + ENTRY_NAME, bytes))
        return WORD_UNKNOWN;
    *value = body_of(entry, bytes);
    if (kind != WORD_CONSTANT)
        return WORD_TOKEN;
    return cell_read(forth, *value, value) ? WORD_CONSTANT : WORD_UNKNOWN;
}

enum word_kind dictionary_find(struct forth *forth, struct text name, uint32_t *value)
{
    uint32_t entry = forth->latest, previous = 0;

    for (; entry && !forth->error; entry = previous) {
        enum word_kind kind = find_entry(forth, name, entry, &previous, value);

        if (kind != WORD_UNKNOWN)
            return kind;
        if (previous >= entry) {
            forth_fail(forth, "the dictionary is damaged");
            break;
        }
    }
    return forth->error ? WORD_UNKNOWN : find_primitive(name, value);
}

bool dictionary_begin(struct forth *forth, struct text name, enum word_kind kind)
{
    uint32_t entry = (forth->here + CELL - 1) & ~(CELL - 1);
    uint32_t bytes = (uint32_t)name.bytes;

    if (!name.bytes)
        return forth_fail(forth, "a name is missing");
    if (!memory_allot(forth, body_of(entry, bytes) - forth->here))
        return false;
    memcpy(forth->memory + entry + ENTRY_NAME, name.start, bytes);
    forth->definition = entry;
    return cell_write(forth, entry + ENTRY_PREVIOUS, forth->latest) &&
           cell_write(forth, entry + ENTRY_KIND, kind) &&
           cell_write(forth, entry + ENTRY_BYTES, bytes);
}

void dictionary_reveal(struct forth *forth)
{
    forth->latest = forth->definition;
    forth->definition = 0;
}
