/* A WebAssembly module, section by section. */
#include "abi/geometry.h"
#include "bench/common/fail.h"
#include "bench/rewind/helper.h"
#include "tests/guests/scatter.h"

#include <stdlib.h>
#include <string.h>

#define WASM_PAGE 65536u
#define ROOM      1024u /* for all but the data */

struct output {
    uint8_t *start;
    size_t bytes;
};

static void put(struct output *out, uint8_t byte)
{
    out->start[out->bytes++] = byte;
}

static void put_all(struct output *out, const void *data, size_t bytes)
{
    memcpy(out->start + out->bytes, data, bytes);
    out->bytes += bytes;
}

static void put_unsigned(struct output *out, uint32_t value)
{
    for (; value >= 0x80; value >>= 7)
        put(out, (uint8_t)(value | 0x80));
    put(out, (uint8_t)value);
}

/* i32.const takes signed LEB128: five groups always hold 32 bits. */
static void put_constant(struct output *out, uint32_t value)
{
    int64_t rest = (int32_t)value;

    put(out, 0x41);
    for (unsigned i = 0; i < 4; i++, rest >>= 7)
        put(out, (uint8_t)(rest & 0x7f) | 0x80);
    put(out, (uint8_t)(rest & 0x7f));
}

static void put_section(struct output *out, uint8_t id, const struct output *body)
{
    put(out, id);
    put_unsigned(out, (uint32_t)body->bytes);
    put_all(out, body->start, body->bytes);
}

/* (func (param $n i32) (local $i i32) loop: store $i at page scatter($i); $i + 1 < $n: again) */
static void put_code(struct output *out, uint32_t pages)
{
    static const uint8_t locals[] = {0x01, 0x01, 0x7f}, enter[] = {0x03, 0x40, 0x20, 0x01};
    static const uint8_t store[] = {0x20, 0x01, 0x36, 0x02, 0x00};
    static const uint8_t again[] = {0x22, 0x01, 0x20, 0x00, 0x49, 0x0d, 0x00, 0x0b, 0x0b};
    uint8_t room[ROOM];
    struct output code = {.start = room};

    put_all(&code, locals, sizeof(locals));
    put_all(&code, enter, sizeof(enter)); /* loop; local.get $i */
    put_constant(&code, SCATTER_FACTOR);
    put(&code, 0x6c); /* i32.mul */
    put_constant(&code, SCATTER_OFFSET);
    put(&code, 0x6a); /* i32.add */
    put_constant(&code, pages - 1);
    put(&code, 0x71); /* i32.and */
    put_constant(&code, 12);
    put(&code, 0x74);                     /* i32.shl */
    put_all(&code, store, sizeof(store)); /* local.get $i; i32.store */
    put_all(&code, (const uint8_t[]){0x20, 0x01}, 2);
    put_constant(&code, 1);
    put(&code, 0x6a);
    put_all(&code, again, sizeof(again)); /* local.tee $i; local.get $n; lt_u; br_if; end; end */
    put(out, 1);
    put_unsigned(out, (uint32_t)code.bytes);
    put_all(out, code.start, code.bytes);
}

static void put_small_sections(struct output *out, uint32_t pages)
{
    static const uint8_t header[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    static const uint8_t type[] = {1, 5, 1, 0x60, 1, 0x7f, 0}, function[] = {3, 2, 1, 0};
    static const uint8_t export[] = {7, 5, 1, 1, 't', 0, 0};
    uint8_t room[ROOM];
    struct output body = {.start = room};

    put_all(out, header, sizeof(header));
    put_all(out, type, sizeof(type));
    put_all(out, function, sizeof(function));
    put_all(&body, (const uint8_t[]){1, 0}, 2);
    put_unsigned(&body, pages / (WASM_PAGE / PAGE_BYTES));
    put_section(out, 5, &body);
    put_all(out, export, sizeof(export));
    body.bytes = 0;
    put_code(&body, pages);
    put_section(out, 10, &body);
}

static void put_data(struct output *out, uint32_t pages)
{
    size_t data_bytes = (size_t)pages * PAGE_BYTES;
    uint8_t room[ROOM];
    struct output head = {.start = room};

    put_all(&head, (const uint8_t[]){1, 0, 0x41, 0, 0x0b}, 5); /* one segment, at 0 */
    put_unsigned(&head, (uint32_t)data_bytes);
    put(out, 11);
    put_unsigned(out, (uint32_t)(head.bytes + data_bytes));
    put_all(out, head.start, head.bytes);
    for (size_t i = 0; i < data_bytes; i++)
        put(out, (uint8_t)(i * 0x9d + 1));
}

uint8_t *module_make(uint32_t pages, size_t *bytes)
{
    struct output out = {.start = malloc(ROOM + (size_t)pages * PAGE_BYTES)};

    if (!out.start)
        bench_fail("out of memory");
    put_small_sections(&out, pages);
    put_data(&out, pages);
    *bytes = out.bytes;
    return out.start;
}
