/*
 * A bounds-checked reader over a part of a module. Its first failure sticks:
 * later reads return zero (or no bytes) and keep the first complaint, so a
 * caller may read a whole record and look at `failed` once.
 */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_WASM_CURSOR_H
#define RECLAVE_TOOLCHAIN_BUNDLE_WASM_CURSOR_H

#include "toolchain/bundle/complaint.h"

#include <stdbool.h>
#include <stdint.h>

struct cursor {
    const uint8_t *file; /* offsets in messages count from here */
    const uint8_t *at, *end;
    const char *where; /* "import": the section's name */
    const struct complaint *complaint;
    enum status status; /* ST_OK until the first failure */
    bool failed;
};

struct cursor cursor_over(const uint8_t *data, size_t bytes, const char *where,
                          const struct complaint *complaint);
/* A cursor over [body, body + bytes) of the same file. */
struct cursor cursor_within(const struct cursor *file, const uint8_t *body, uint32_t bytes,
                            const char *where);
/* Takes over the failure of a cursor_within. */
void cursor_inherit(struct cursor *file, const struct cursor *part);

uint32_t cursor_left(const struct cursor *in);
const uint8_t *cursor_here(const struct cursor *in);

uint8_t cursor_u8(struct cursor *in);
uint32_t cursor_u32(struct cursor *in); /* LEB128, at most five bytes */
const uint8_t *cursor_bytes(struct cursor *in, uint32_t bytes);

__attribute__((format(printf, 2, 3))) void cursor_fail(struct cursor *in, const char *format, ...);
void cursor_no_memory(struct cursor *in);

#endif
