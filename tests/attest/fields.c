#include "tests/attest/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

void fields_fill(const struct field *rows, size_t count, size_t bytes, const char *type)
{
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        if (rows[i].at != at)
            fail_msg("struct %s: what is at %zu, before %s, has no row", type, at, rows[i].name);
        at += rows[i].bytes;
    }
    if (at != bytes)
        fail_msg("struct %s: what is at %zu has no row", type, at);
}

const struct field *field_at(const struct field *rows, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++)
        if (at >= rows[i].at && at - rows[i].at < rows[i].bytes)
            return &rows[i];
    return NULL;
}

void field_must_refuse(const struct field *row, size_t at, enum status status, enum status rest)
{
    enum status expected = row ? row->expected : rest;

    if (status != ST_OK && (status == expected || (row && status == row->also)))
        return;
    fail_msg("byte %zu, %s: status %d, not %d", at, row ? row->name : "behind the struct",
             (int)status, (int)expected);
}
