/* Grows linear memory by one page of 64 KiB until refused, touches each; prints how far it got. */
#include "guest.h"

int main(void)
{
    uint64_t pages = 0;
    size_t at;

    while ((at = __builtin_wasm_memory_grow(0, 1)) != SIZE_MAX) {
        *(volatile char *)(at * 65536) = 1;
        *(volatile char *)(at * 65536 + 65535) = 1;
        pages++;
    }
    write_number("grown", pages);
    write_number("total", __builtin_wasm_memory_size(0));
    return 0;
}
