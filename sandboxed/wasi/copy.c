#include "sandboxed/wasi/guest.h"

/*
 * 64 bytes a turn, then 16, then the last 16 once more, counted from the end:
 * cage and linear memory never overlap, so writing a byte twice is harmless.
 * Single bytes only for copies below 16. Both directions have the same shape;
 * a segment is part of a pointer's type, so they cannot share one function.
 */
#define DEFINE_COPY(name, TO, FROM)                                                                \
    static void name(uint8_t TO *to, const uint8_t FROM *from, uint64_t bytes)                     \
    {                                                                                              \
        uint64_t at = 0;                                                                           \
                                                                                                   \
        for (; bytes - at >= 64; at += 64) {                                                       \
            const block_any FROM *source = (const block_any FROM *)(from + at);                    \
            block_any TO *target = (block_any TO *)(to + at);                                      \
            block_any a = source[0], b = source[1], c = source[2], d = source[3];                  \
                                                                                                   \
            target[0] = a;                                                                         \
            target[1] = b;                                                                         \
            target[2] = c;                                                                         \
            target[3] = d;                                                                         \
        }                                                                                          \
        for (; bytes - at >= 16; at += 16)                                                         \
            *(block_any TO *)(to + at) = *(const block_any FROM *)(from + at);                     \
        if (bytes >= 16) {                                                                         \
            *(block_any TO *)(to + bytes - 16) = *(const block_any FROM *)(from + bytes - 16);     \
            return;                                                                                \
        }                                                                                          \
        for (; at < bytes; at++)                                                                   \
            to[at] = from[at];                                                                     \
    }

DEFINE_COPY(cage_to_guest, GUEST, CAGE)
DEFINE_COPY(guest_to_cage, CAGE, GUEST)

void copy_to_guest(guest_address to, uint64_t cage_offset, uint64_t bytes)
{
    cage_to_guest(GUEST_AT(uint8_t, to), CAGE_AT(const uint8_t, cage_offset), bytes);
}

void copy_from_guest(uint64_t cage_offset, guest_address from, uint64_t bytes)
{
    guest_to_cage(CAGE_AT(uint8_t, cage_offset), GUEST_AT(const uint8_t, from), bytes);
}
