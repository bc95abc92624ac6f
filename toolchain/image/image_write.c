#include "base/bytes.h"
#include "toolchain/image/image.h"

#include <stdlib.h>
#include <string.h>

static uint64_t stored_pages(const struct plan *plan)
{
    uint64_t pages = 0;

    for (unsigned i = 0; i < plan->count; i++)
        if (plan->runs[i].contents)
            pages += plan->runs[i].pages;
    return pages;
}

enum status image_serialise(const struct image_header *header, const struct plan *plan,
                            struct file_bytes *out, struct problem *p)
{
    uint64_t table = sizeof *header + plan->count * sizeof(struct image_run);
    uint64_t at = round_up(table, PAGE_BYTES);
    uint64_t size = at + stored_pages(plan) * PAGE_BYTES;
    struct image_header copy = *header;
    uint8_t *data = size <= FILE_BYTES_MAX ? calloc(1, size) : NULL;

    if (!data)
        return problem(p, ST_NO_MEMORY, "out of memory");
    copy.runs = plan->count;
    memcpy(data, &copy, sizeof copy);
    for (unsigned i = 0; i < plan->count; i++) {
        const struct plan_run *from = plan->runs + i;
        size_t bytes = from->contents ? (size_t)from->pages * PAGE_BYTES : 0;
        struct image_run run = {
            .offset = from->offset,
            .pages = from->pages,
            .flags = bytes ? 0 : IMAGE_ZERO,
            .secinfo = from->secinfo,
            .file_offset = bytes ? at : 0,
        };

        memcpy(data + sizeof copy + i * sizeof run, &run, sizeof run);
        if (bytes)
            memcpy(data + at, from->contents, bytes);
        at += bytes;
    }
    out->data = data;
    out->size = size;
    return ST_OK;
}
