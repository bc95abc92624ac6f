/* Queens on a board, counted by recursion: calls and returns, little memory. */
#include "program.h"

#define SIDE 8

struct board {
    uint32_t columns, rising, falling; /* attacked, as bits */
};

static uint8_t order[SIDE]; /* of columns, other in each round */

static __attribute__((noinline)) uint32_t place_rest(struct board board, unsigned row)
{
    uint32_t found = 0;

    if (row == SIDE)
        return 1;
    for (size_t i = 0; i < SIDE; i++) {
        uint32_t bit = 1u << order[i];
        struct board next;

        if ((board.columns | board.rising | board.falling) & bit)
            continue;
        next.columns = board.columns | bit;
        next.rising = (board.rising | bit) << 1;
        next.falling = (board.falling | bit) >> 1;
        found += place_rest(next, row + 1);
    }
    return found;
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0;

    for (size_t i = 0; i < SIDE; i++)
        order[i] = (uint8_t)i;
    for (uint32_t round = 0; round < scale; round++) {
        uint8_t kept = order[round % SIDE];

        order[round % SIDE] = order[round / SIDE % SIDE];
        order[round / SIDE % SIDE] = kept;
        checksum = mix(checksum, place_rest((struct board){0, 0, 0}, 0));
    }
    return checksum;
}
