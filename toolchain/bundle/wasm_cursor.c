#include "toolchain/bundle/wasm_cursor.h"

#include <stdarg.h>
#include <stdio.h>

struct cursor cursor_over(const uint8_t *data, size_t bytes, const char *where,
                          const struct complaint *complaint)
{
    return (struct cursor){data, data, data + bytes, where, complaint, ST_OK, false};
}

struct cursor cursor_within(const struct cursor *file, const uint8_t *body, uint32_t bytes,
                            const char *where)
{
    return (struct cursor){file->file, body, body + bytes, where, file->complaint, ST_OK, false};
}

void cursor_inherit(struct cursor *file, const struct cursor *part)
{
    file->failed = part->failed;
    file->status = part->status;
}

uint32_t cursor_left(const struct cursor *in)
{
    return (uint32_t)(in->end - in->at);
}

const uint8_t *cursor_here(const struct cursor *in)
{
    return in->at;
}

void cursor_fail(struct cursor *in, const char *format, ...)
{
    char what[200];
    va_list arguments;

    if (in->failed)
        return;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    in->failed = true;
    in->status = complain(in->complaint, ST_UNSUPPORTED,
                          "malformed or unsupported module: %s section, byte %zu: %s", in->where,
                          (size_t)(in->at - in->file), what);
}

void cursor_no_memory(struct cursor *in)
{
    if (in->failed)
        return;
    in->failed = true;
    in->status = complain(in->complaint, ST_NO_MEMORY, "out of memory");
}

const uint8_t *cursor_bytes(struct cursor *in, uint32_t bytes)
{
    const uint8_t *here = in->at;

    if (!in->failed && bytes > cursor_left(in))
        cursor_fail(in, "%u bytes are needed, %u are left: the file is cut off or damaged", bytes,
                    cursor_left(in));
    if (in->failed)
        return here;
    in->at += bytes;
    return here;
}

uint8_t cursor_u8(struct cursor *in)
{
    const uint8_t *byte = cursor_bytes(in, 1);

    return in->failed ? 0 : *byte;
}

uint32_t cursor_u32(struct cursor *in)
{
    uint32_t value = 0;

    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t byte = cursor_u8(in);

        if (in->failed)
            return 0;
        if (shift == 28 && byte > 0x0f)
            break;
        value |= (uint32_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    cursor_fail(in, "a number does not fit into 32 bits");
    return 0;
}
