#include "toolchain/bundle/lines.h"

#include <string.h>

struct lines lines_of(const struct text *text)
{
    return (struct lines){text->data, text->data + text->bytes};
}

bool lines_next(struct lines *lines, struct line *line)
{
    size_t left = (size_t)(lines->end - lines->at);
    const char *newline = left ? memchr(lines->at, '\n', left) : NULL;

    line->text = lines->at;
    line->bytes = newline ? (size_t)(newline + 1 - lines->at) : left;
    lines->at += line->bytes;
    return line->bytes != 0;
}

bool lines_skip_past(struct lines *lines, const char *text)
{
    struct line line;

    while (lines_next(lines, &line))
        if (line_is(line, text))
            return true;
    return false;
}

bool line_at_starts(const char *at, const char *end, const char *text)
{
    size_t bytes = strlen(text);

    return (size_t)(end - at) >= bytes && memcmp(at, text, bytes) == 0;
}

bool line_starts(struct line line, const char *text)
{
    return line_at_starts(line.text, line.text + line.bytes, text);
}

bool line_is(struct line line, const char *text)
{
    size_t bytes = strlen(text);

    if (!line_starts(line, text))
        return false;
    return line.bytes == bytes || (line.bytes == bytes + 1 && line.text[bytes] == '\n');
}

bool line_equal(struct line a, struct line b)
{
    return a.bytes == b.bytes && memcmp(a.text, b.text, a.bytes) == 0;
}
