/*
 * The guest of the hostile-host tests: a reactor whose output shows whether anything that it
 * holds is not what it should be. Every answer starts with
 *
 *     count N
 *     table SUM
 *
 * N is 1 unless a rewind was left out; SUM covers a table that was filled before the
 * snapshot, so that a page that lost its contents changes it. The first letter of the input says
 * what follows:
 *
 *   e  the input itself
 *   g  memory grows by 1 MiB, is found zero and keeps what is written
 *   o  loads the first byte beyond linear memory: a trap
 *   w  never ends
 */
#include "tests/guests/guest.h"

#define WORDS      8192 /* 64 KiB */
#define GROW_PAGES 16
#define WASM_PAGE  65536

static uint64_t table[WORDS];
static uint64_t invocations;
static char input[WASM_PAGE];

__attribute__((constructor)) static void prepare(void)
{
    write_text(2, "initialising\n");
    for (uint64_t i = 0; i < WORDS; i++)
        table[i] = (i + 1) * 0x9e3779b97f4a7c15u;
}

static uint64_t checksum(void)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < WORDS; i++)
        sum = (sum << 7 | sum >> 57) ^ table[i];
    return sum;
}

static const char *grow_and_look(void)
{
    size_t at = __builtin_wasm_memory_grow(0, GROW_PAGES);
    volatile uint64_t *words = (volatile uint64_t *)(at * WASM_PAGE);
    size_t count = GROW_PAGES * WASM_PAGE / sizeof(*words);

    if (at == SIZE_MAX)
        return "refused";
    for (size_t i = 0; i < count; i += 64) {
        if (words[i])
            return "not zero";
        words[i] = i + 1;
    }
    for (size_t i = 0; i < count; i += 64)
        if (words[i] != i + 1)
            return "lost";
    return "grown";
}

EXPORT("handle") int handle(void)
{
    size_t bytes = read_input(input, sizeof(input));

    write_number("count", ++invocations);
    write_number("table", checksum());
    memset(table, 0, sizeof(table));
    switch (bytes ? input[0] : 'e') {
    case 'g':
        write_text(1, grow_and_look());
        break;
    case 'o':
        return *(volatile char *)(__builtin_wasm_memory_size(0) * WASM_PAGE);
    case 'w':
        for (;;)
            *(volatile uint64_t *)table += 1;
    default:
        write_all(1, input, bytes);
    }
    return 0;
}
