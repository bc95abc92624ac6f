#include "bench/rewind/baseline.h"

#include "abi/geometry.h"
#include "bench/common/clock.h"
#include "bench/common/fail.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

struct baseline baseline_new(size_t bytes)
{
    struct baseline baseline = {map_shared(bytes), map_shared(bytes), bytes};

    for (size_t i = 0; i < bytes; i++)
        baseline.from[i] = (char)(i * 0x9d + 1);
    memset(baseline.to, 1, bytes);
    return baseline;
}

void baseline_free(struct baseline *baseline)
{
    munmap(baseline->from, baseline->bytes);
    munmap(baseline->to, baseline->bytes);
}

static void touch(char *memory, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += PAGE_BYTES)
        *(volatile uint64_t *)(void *)(memory + at) = at;
}

/* Keeps the compiler from dropping or moving what wrote to `memory`. */
static void use(const char *memory)
{
    __asm__ volatile("" : : "r"(memory) : "memory");
}

double baseline_copy(struct baseline *baseline, size_t bytes)
{
    uint64_t start;

    touch(baseline->to, bytes);
    start = clock_cycles();
    memcpy(baseline->to, baseline->from, bytes);
    use(baseline->to);
    return (double)(clock_cycles() - start);
}

double baseline_rep_movsb(struct baseline *baseline, size_t bytes)
{
    char *to = baseline->to, *from = baseline->from;
    uint64_t start;

    touch(to, bytes);
    start = clock_cycles();
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
    return (double)(clock_cycles() - start);
}

double baseline_zero(struct baseline *baseline, size_t bytes)
{
    uint64_t start;

    touch(baseline->to, bytes);
    start = clock_cycles();
    memset(baseline->to, 0, bytes);
    use(baseline->to);
    return (double)(clock_cycles() - start);
}
