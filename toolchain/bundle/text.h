/* A growing byte buffer that remembers running out of memory. */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_TEXT_H
#define RECLAVE_TOOLCHAIN_BUNDLE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
    char *data; /* malloc; not NUL-terminated */
    size_t bytes, room;
    bool failed; /* out of memory: the content is incomplete */
};

void text_add(struct text *text, const void *bytes, size_t count);
void text_add_string(struct text *text, const char *string);
__attribute__((format(printf, 2, 3))) void text_print(struct text *text, const char *format, ...);
void text_free(struct text *text);

#endif
