#include "host/action/text.h"

#include <stdlib.h>
#include <string.h>

/* How many of these bytes are valid from the start; jansson knows what UTF-8 is. */
static size_t valid_sequence(const char *bytes, size_t left)
{
    for (size_t length = 1; length <= 4 && length <= left; length++) {
        json_t *json = json_stringn(bytes, length);

        if (json) {
            json_decref(json);
            return length;
        }
    }
    return 0;
}

json_t *text_json(const char *bytes, size_t size)
{
    json_t *json = json_stringn(bytes ? bytes : "", size);
    char *clean, *to;

    if (json)
        return json;
    to = clean = malloc(size * 3 + 1);
    for (size_t at = 0; clean && at < size;) {
        size_t length = (unsigned char)bytes[at] < 0x80 ? 1 : valid_sequence(bytes + at, size - at);

        if (length > 0) {
            memcpy(to, bytes + at, length);
        } else {
            memcpy(to, "\xef\xbf\xbd", 3);
        }
        to += length > 0 ? length : 3;
        at += length > 0 ? length : 1;
    }
    json = clean ? json_stringn_nocheck(clean, (size_t)(to - clean)) : NULL;
    free(clean);
    return json;
}
