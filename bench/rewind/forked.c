#include "abi/geometry.h"
#include "bench/common/clock.h"
#include "bench/common/fail.h"
#include "bench/rewind/helper.h"
#include "tests/guests/scatter.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    char *start;
    uint32_t pages;
} memory;

static void open_memory(uint32_t pages)
{
    size_t bytes = (size_t)pages * PAGE_BYTES;

    if (memory.start)
        munmap(memory.start, (size_t)memory.pages * PAGE_BYTES);
    memory.start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory.start == MAP_FAILED)
        bench_fail("no memory for a warm process");
    memory.pages = pages;
    for (size_t i = 0; i < bytes; i += sizeof(uint64_t))
        *(uint64_t *)(void *)(memory.start + i) = i + 1;
}

static _Noreturn void dirty_and_exit(uint32_t dirty)
{
    for (uint32_t i = 0; i < dirty; i++)
        *(volatile uint64_t *)(void *)(memory.start +
                                       (size_t)scatter_page(i, memory.pages) * PAGE_BYTES) = i;
    _exit(0);
}

static double cycle(uint32_t dirty)
{
    uint64_t start = clock_ns();
    pid_t child = fork();
    int status;

    if (child == 0)
        dirty_and_exit(dirty);
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        bench_fail("a fork failed");
    return (double)(clock_ns() - start) / 1000;
}

const struct helper_work forked_work = {open_memory, cycle};
