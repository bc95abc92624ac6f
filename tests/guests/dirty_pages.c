/*
 * A buffer of RESIDENT_MIB (a power of two), filled before the snapshot. Each invocation writes a
 * word to each of N scattered pages of it (N from the input) and checks that it found the
 * snapshot's value.
 */
#include "guest.h"
#include "scatter.h"

#ifndef RESIDENT_MIB
#define RESIDENT_MIB 1
#endif
#define PAGE_WORDS 512u
#define PAGES      (RESIDENT_MIB * 256u)

static uint64_t words[PAGES * PAGE_WORDS] __attribute__((aligned(4096)));

static uint64_t word_at_first(uint32_t page)
{
    return ((uint64_t)page * PAGE_WORDS + 1) * 0x9e3779b97f4a7c15u;
}

__attribute__((constructor)) static void fill(void)
{
    for (uint32_t i = 0; i < PAGES * PAGE_WORDS; i++)
        words[i] = ((uint64_t)i + 1) * 0x9e3779b97f4a7c15u;
}

EXPORT("handle") int handle(void)
{
    uint64_t count = read_number(0);

    if (count > PAGES)
        return 2;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t page = scatter_page(i, PAGES);

        if (words[page * PAGE_WORDS] != word_at_first(page))
            return 3;
        words[page * PAGE_WORDS] = i;
    }
    return 0;
}
