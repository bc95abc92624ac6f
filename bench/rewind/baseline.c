#include "bench/rewind/baseline.h"

#include "abi/geometry.h"
#include "bench/common/clock.h"
#include "bench/common/fail.h"
#include "tests/guests/scatter.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t bytes_of(const struct baseline *baseline)
{
    return ((size_t)baseline->pages + baseline->others) * PAGE_BYTES;
}

static char *map_shared(size_t bytes)
{
    int fd = memfd_create("baseline", MFD_CLOEXEC);
    void *mapping;

    if (fd < 0 || ftruncate(fd, (off_t)bytes) != 0)
        bench_fail("no memory for the comparison");
    mapping = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    close(fd);
    if (mapping == MAP_FAILED)
        bench_fail("no memory for the comparison");
    return mapping;
}

struct baseline baseline_new(uint32_t pages, uint32_t others)
{
    struct baseline baseline = {.pages = pages, .others = others};
    size_t bytes = bytes_of(&baseline);

    baseline.from = map_shared(bytes);
    baseline.to = map_shared(bytes);
    for (size_t i = 0; i < bytes; i += sizeof(uint64_t))
        *(uint64_t *)(void *)(baseline.from + i) = (i + 1) * 0x9e3779b97f4a7c15u;
    memset(baseline.to, 1, bytes);
    return baseline;
}

void baseline_free(struct baseline *baseline)
{
    munmap(baseline->from, bytes_of(baseline));
    munmap(baseline->to, bytes_of(baseline));
}

static void touch(const struct baseline *baseline, uint32_t dirty)
{
    for (uint32_t i = 0; i < dirty; i++)
        *(volatile uint64_t *)(void *)(baseline->to +
                                       (size_t)scatter_page(i, baseline->pages) * PAGE_BYTES) = i;
}

/* Keeps the compiler from dropping or moving what wrote to `memory`. */
static void use(const char *memory)
{
    __asm__ volatile("" : : "r"(memory) : "memory");
}

static void copy_pages(const struct baseline *baseline, uint32_t first, uint32_t count)
{
    size_t at = (size_t)first * PAGE_BYTES;

    memcpy(baseline->to + at, baseline->from + at, (size_t)count * PAGE_BYTES);
    use(baseline->to);
}

double baseline_contiguous(struct baseline *baseline, uint32_t dirty, uint32_t pages)
{
    uint64_t start;

    touch(baseline, dirty);
    start = clock_cycles();
    copy_pages(baseline, 0, pages);
    return (double)(clock_cycles() - start);
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static uint32_t *sorted_pages(const struct baseline *baseline, uint32_t dirty)
{
    uint32_t *pages = malloc((dirty ? dirty : 1) * sizeof(*pages));

    if (!pages)
        bench_fail("out of memory");
    for (uint32_t i = 0; i < dirty; i++)
        pages[i] = scatter_page(i, baseline->pages);
    qsort(pages, dirty, sizeof(*pages), ascending);
    return pages;
}

static double copy_scattered(struct baseline *baseline, uint32_t dirty, bool others)
{
    uint32_t *pages = sorted_pages(baseline, dirty);
    uint64_t start;

    touch(baseline, dirty);
    start = clock_cycles();
    for (uint32_t i = 0; i < dirty; i++)
        copy_pages(baseline, pages[i], 1);
    if (others)
        copy_pages(baseline, baseline->pages, baseline->others);
    start = clock_cycles() - start;
    free(pages);
    return (double)start;
}

double baseline_scattered(struct baseline *baseline, uint32_t dirty)
{
    return copy_scattered(baseline, dirty, false);
}

double baseline_marked(struct baseline *baseline, uint32_t dirty)
{
    return copy_scattered(baseline, dirty, true);
}

double baseline_all(struct baseline *baseline, uint32_t dirty)
{
    return baseline_contiguous(baseline, dirty, baseline->pages + baseline->others);
}
