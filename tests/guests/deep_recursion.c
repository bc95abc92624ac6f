/* Recurses as deep as the input says (default: without end): call stack exhausted, or a number. */
#include "guest.h"

/* A rotation after the call: compilers cannot turn this into a loop. */
__attribute__((noinline)) static uint32_t descend(uint64_t depth)
{
    uint32_t below;

    if (depth == 0)
        return 1;
    below = descend(depth - 1);
    return ((below << 1) | (below >> 31)) ^ (uint32_t)depth;
}

int main(void)
{
    write_number("result", descend(read_number(UINT64_MAX)));
    return 0;
}
