/*
 * A buffer of RESIDENT_MIB, filled before the snapshot. Each invocation writes a
 * word to each 4 KiB page of its first N MiB (N from the input, default: all) and
 * checks that it found the snapshot's value: a rewind has real data to restore.
 */
#include "guest.h"

#ifndef RESIDENT_MIB
#define RESIDENT_MIB 4
#endif

static uint64_t words[(RESIDENT_MIB << 20) / sizeof(uint64_t)];

__attribute__((constructor)) static void fill(void)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        words[i] = i * 0x9e3779b97f4a7c15u + 1;
}

EXPORT("handle") int handle(void)
{
    uint64_t mib = read_number(RESIDENT_MIB);

    if (mib > RESIDENT_MIB)
        return 2;
    for (size_t i = 0; i < (mib << 20) / sizeof(words[0]); i += 4096 / sizeof(words[0])) {
        if (words[i] != i * 0x9e3779b97f4a7c15u + 1)
            return 3;
        words[i] = 0;
    }
    write_number("touched", mib);
    return 0;
}
