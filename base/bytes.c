#include "base/bytes.h"

bool bytes_equal_secret(const void *a, const void *b, size_t bytes)
{
    const volatile uint8_t *x = a;
    const volatile uint8_t *y = b;
    uint8_t difference = 0;

    for (size_t i = 0; i < bytes; i++)
        difference = (uint8_t)(difference | (x[i] ^ y[i]));
    return difference == 0;
}

void bytes_wipe(void *target, size_t bytes)
{
    volatile uint8_t *p = target;

    for (size_t i = 0; i < bytes; i++)
        p[i] = 0;
}
