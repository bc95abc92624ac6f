#include "base/cbor.h"

#include <string.h>

void cbor_start(struct cbor_writer *writer, uint8_t *buffer, size_t capacity)
{
    *writer = (struct cbor_writer){.buffer = buffer, .capacity = capacity};
}

static void append(struct cbor_writer *writer, const void *data, size_t bytes)
{
    if (writer->failed || bytes > writer->capacity - writer->used) {
        writer->failed = true;
        return;
    }
    memcpy(writer->buffer + writer->used, data, bytes);
    writer->used += bytes;
}

/* log2 of the bytes that the argument takes after the initial byte, or -1: none (RFC 8949, 3). */
static int argument_width(uint64_t value)
{
    if (value < 24)
        return -1;
    if (value <= 0xff)
        return 0;
    if (value <= 0xffff)
        return 1;
    return value <= 0xffffffff ? 2 : 3;
}

void cbor_head(struct cbor_writer *writer, enum cbor_major major, uint64_t value)
{
    int width = argument_width(value);
    uint8_t head[9];
    size_t bytes = 1;

    head[0] =
        (uint8_t)((unsigned)major << 5 | (width < 0 ? (unsigned)value : 24u + (unsigned)width));
    if (width >= 0)
        for (int shift = (8 << width) - 8; shift >= 0; shift -= 8)
            head[bytes++] = (uint8_t)(value >> shift);
    append(writer, head, bytes);
}

void cbor_integer(struct cbor_writer *writer, int64_t value)
{
    if (value >= 0)
        cbor_head(writer, CBOR_UNSIGNED, (uint64_t)value);
    else
        cbor_head(writer, CBOR_NEGATIVE, (uint64_t)(-1 - value));
}

void cbor_bytes(struct cbor_writer *writer, const void *data, size_t bytes)
{
    cbor_head(writer, CBOR_BYTES, bytes);
    append(writer, data, bytes);
}

void cbor_text(struct cbor_writer *writer, const char *text)
{
    size_t bytes = strlen(text);

    cbor_head(writer, CBOR_TEXT, bytes);
    append(writer, text, bytes);
}

enum status cbor_size(const struct cbor_writer *writer, size_t *bytes)
{
    *bytes = writer->used;
    return writer->failed ? ST_OUT_OF_RANGE : ST_OK;
}
