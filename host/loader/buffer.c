#include "host/loader/loader.h"

#include <stdlib.h>

#define UNIT 64u

void *loader_buffer_alloc(size_t bytes)
{
    if (bytes > SIZE_MAX - UNIT)
        return NULL;
    /* calloc: large buffers are not touched before they are used. */
    return calloc(bytes / UNIT + 1, UNIT);
}
