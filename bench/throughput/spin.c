/* About 10 ms of arithmetic, then a small JSON object. */
#include <stdint.h>
#include <stdio.h>

#define ROUNDS 9000000u

int main(void)
{
    uint32_t state = 1;

    for (uint32_t i = 0; i < ROUNDS; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
    }
    printf("{\"state\":%u}\n", state);
    return 0;
}
