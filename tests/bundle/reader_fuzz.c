/* Any bytes through the bundle reader; what it accepts must be safe to walk. */
#include "toolchain/bundle/read.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void walk(const struct bundle_view *view, const uint8_t *data, size_t bytes)
{
    const char *value;
    size_t value_bytes;

    for (unsigned kind = FIELD_NAME; kind <= FIELD_TOOLCHAIN; kind++)
        for (size_t cursor = 0; bundle_next_field(view, kind, &cursor, &value, &value_bytes);)
            if ((const uint8_t *)value < data ||
                (const uint8_t *)value + value_bytes > data + bytes)
                abort();
    if (view->code + view->header.code_bytes != view->rodata ||
        view->rodata + view->header.rodata_bytes > data + bytes || !view->name[0])
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct bundle_view view;

    if (bundle_read(data, bytes, &view) == ST_OK)
        walk(&view, data, bytes);
    return 0;
}
