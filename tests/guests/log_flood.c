/* Writes as many bytes to stderr as the input says (default 128 MiB), then a line to stdout. */
#include "guest.h"

static char block[4096];

int main(void)
{
    uint64_t left = read_number(128 << 20);

    memset(block, 'y', sizeof(block));
    while (left) {
        size_t bytes = left < sizeof(block) ? (size_t)left : sizeof(block);

        write_all(2, block, bytes);
        left -= bytes;
    }
    write_text(1, "logged\n");
    return 0;
}
