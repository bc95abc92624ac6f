/* One page. */
#ifndef RECLAVE_TRUSTED_SNAPSHOT_PAGES_H
#define RECLAVE_TRUSTED_SNAPSHOT_PAGES_H

#include "abi/geometry.h"

#include <stdbool.h>
#include <stdint.h>

static inline bool page_is_zero(const uint8_t *page)
{
    const uint64_t *words = (const uint64_t *)(const void *)page;
    uint64_t any = 0;

    for (unsigned i = 0; i < PAGE_BYTES / 8; i += 8) {
        for (unsigned j = 0; j < 8; j++)
            any |= words[i + j];
        if (any)
            return false;
    }
    return true;
}

#endif
