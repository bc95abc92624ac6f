#include "toolchain/bundle/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool make_room(struct text *text, size_t count)
{
    size_t wanted, room = text->room ? text->room : 4096;
    char *larger;

    if (text->failed || __builtin_add_overflow(text->bytes, count, &wanted) ||
        wanted > (size_t)1 << 40) {
        text->failed = true;
        return false;
    }
    while (room < wanted)
        room *= 2;
    if (room == text->room)
        return true;
    larger = realloc(text->data, room);
    if (!larger) {
        text->failed = true;
        return false;
    }
    text->data = larger;
    text->room = room;
    return true;
}

void text_add(struct text *text, const void *bytes, size_t count)
{
    if (count == 0 || !make_room(text, count))
        return;
    memcpy(text->data + text->bytes, bytes, count);
    text->bytes += count;
}

void text_add_string(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_print(struct text *text, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    int bytes;

    va_start(arguments, format);
    bytes = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (bytes < 0 || (size_t)bytes >= sizeof(line))
        text->failed = true;
    else
        text_add(text, line, (size_t)bytes);
}

void text_free(struct text *text)
{
    free(text->data);
    memset(text, 0, sizeof(*text));
}
