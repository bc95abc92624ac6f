/*
 * Grows linear memory by N MiB (N from the input, default 1) and writes a word to
 * each of its 4 KiB pages: a rewind has that many pages to give back.
 */
#include "guest.h"

int main(void)
{
    uint64_t mib = read_number(1);
    size_t at = __builtin_wasm_memory_grow(0, (size_t)(mib * 16));

    if (at == SIZE_MAX) {
        write_text(2, "memory limit reached\n");
        return 1;
    }
    for (uint64_t i = 0; i < mib << 20; i += 4096)
        *(volatile uint64_t *)(size_t)(at * 65536 + i) = i + 1;
    write_number("touched", mib);
    return 0;
}
