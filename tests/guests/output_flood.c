/* Writes as many bytes to stdout as the input says (default 128 MiB: more than any limit). */
#include "guest.h"

static char block[4096];

int main(void)
{
    uint64_t left = read_number(128 << 20);

    memset(block, 'x', sizeof(block));
    while (left) {
        size_t bytes = left < sizeof(block) ? (size_t)left : sizeof(block);

        write_all(1, block, bytes);
        left -= bytes;
    }
    return 0;
}
