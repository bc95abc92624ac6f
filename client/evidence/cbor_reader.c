#include "client/evidence/cbor_reader.h"

#include <string.h>

struct cbor_reader cbor_reader_of(const uint8_t *data, size_t bytes)
{
    return (struct cbor_reader){.at = data, .end = data + bytes};
}

static uint64_t fail(struct cbor_reader *reader)
{
    reader->failed = true;
    return 0;
}

/* The argument after an initial byte whose low five bits are 24 + log2(bytes). */
static uint64_t long_argument(struct cbor_reader *reader, unsigned width)
{
    static const uint64_t least[] = {24, 0x100, 0x10000, 0x100000000};
    size_t bytes = (size_t)1 << width;
    uint64_t value = 0;

    if ((size_t)(reader->end - reader->at) < bytes)
        return fail(reader);
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | *reader->at++;
    return value < least[width] ? fail(reader) : value; /* a shorter head would have done */
}

uint64_t cbor_read_head(struct cbor_reader *reader, enum cbor_major major)
{
    unsigned low;

    if (reader->failed || reader->at == reader->end || *reader->at >> 5 != (unsigned)major)
        return fail(reader);
    low = *reader->at++ & 31u;
    if (low < 24)
        return low;
    return low <= 27 ? long_argument(reader, low - 24) : fail(reader);
}

int64_t cbor_read_integer(struct cbor_reader *reader)
{
    bool negative = !reader->failed && reader->at < reader->end && *reader->at >> 5 == 1;
    uint64_t value = cbor_read_head(reader, negative ? CBOR_NEGATIVE : CBOR_UNSIGNED);

    if (value > INT64_MAX)
        return (int64_t)fail(reader);
    return negative && !reader->failed ? -1 - (int64_t)value : (int64_t)value;
}

const uint8_t *cbor_read_string(struct cbor_reader *reader, enum cbor_major major, size_t *bytes)
{
    uint64_t length = cbor_read_head(reader, major);
    const uint8_t *start = reader->at;

    *bytes = 0;
    if (reader->failed || length > (uint64_t)(reader->end - reader->at)) {
        fail(reader);
        return NULL;
    }
    reader->at += length;
    *bytes = length;
    return start;
}

void cbor_read_exactly(struct cbor_reader *reader, uint8_t *to, size_t bytes)
{
    size_t found;
    const uint8_t *string = cbor_read_string(reader, CBOR_BYTES, &found);

    if (!string || found != bytes) {
        fail(reader);
        memset(to, 0, bytes);
        return;
    }
    memcpy(to, string, bytes);
}

void cbor_expect_head(struct cbor_reader *reader, enum cbor_major major, uint64_t value)
{
    if (cbor_read_head(reader, major) != value)
        fail(reader);
}

void cbor_expect_integer(struct cbor_reader *reader, int64_t value)
{
    if (cbor_read_integer(reader) != value)
        fail(reader);
}

void cbor_expect_text(struct cbor_reader *reader, const char *text)
{
    size_t bytes;
    const uint8_t *string = cbor_read_string(reader, CBOR_TEXT, &bytes);

    if (!string || bytes != strlen(text) || memcmp(string, text, bytes) != 0)
        fail(reader);
}

bool cbor_next_is_integer(struct cbor_reader *reader, int64_t value)
{
    struct cbor_reader ahead = *reader;

    if (cbor_read_integer(&ahead) != value || ahead.failed)
        return false;
    *reader = ahead;
    return true;
}

bool cbor_end(const struct cbor_reader *reader)
{
    return !reader->failed && reader->at == reader->end;
}
