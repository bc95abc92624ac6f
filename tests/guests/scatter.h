/* Which pages of a memory are dirtied first, second, ...: scattered, the same for all who compare.
 */
#ifndef RECLAVE_TESTS_SCATTER_H
#define RECLAVE_TESTS_SCATTER_H

#include <stdint.h>

#define SCATTER_FACTOR 0x9e3779b1u /* odd: a permutation of any power of two */
#define SCATTER_OFFSET 17u

/* i and the result below `pages`, a power of two. */
static inline uint32_t scatter_page(uint32_t i, uint32_t pages)
{
    return (i * SCATTER_FACTOR + SCATTER_OFFSET) & (pages - 1);
}

#endif
