/*
 * Prints the clocks and 16 random bytes, and what must hold of them: monotonic
 * time increases with every question, a second's sleep takes at least a second
 * of virtual time, two draws of random bytes differ. Exit 1 when one does not.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long nanoseconds(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t))
        return -1;
    return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

int main(void)
{
    unsigned char first[16], second[16];
    long long a = nanoseconds(CLOCK_MONOTONIC);
    long long b = nanoseconds(CLOCK_MONOTONIC);
    long long c;

    printf("realtime %lld\nmonotonic %lld\n", nanoseconds(CLOCK_REALTIME), a);
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    c = nanoseconds(CLOCK_MONOTONIC);
    if (getentropy(first, sizeof(first)) || getentropy(second, sizeof(second)))
        return 1;
    printf("random ");
    for (size_t i = 0; i < sizeof(first); i++)
        printf("%02x", first[i]);
    printf("\nincreases %d\nsleeps %d\ndiffers %d\n", b > a, c - b >= 1000000000,
           memcmp(first, second, sizeof(first)) != 0);
    return !(b > a && c - b >= 1000000000 && memcmp(first, second, sizeof(first)));
}
