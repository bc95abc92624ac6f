#include "sandboxed/wasi/gates.h"
#include "sandboxed/wasi/guest.h"

bool copy_to_guest(guest_address to, uint64_t cage_offset, uint64_t bytes)
{
    return bytes == 0 || gate1_write(to, cage_offset, bytes) != 0;
}

/*
 * 64 bytes a turn, then 16, then the last 16 once more, counted from the end:
 * cage and linear memory never overlap, so writing a byte twice is harmless.
 * Single bytes only for copies below 16.
 */
static void guest_to_cage(uint8_t CAGE *to, const uint8_t GUEST *from, uint64_t bytes)
{
    uint64_t at = 0;

    for (; bytes - at >= 64; at += 64) {
        const block_any GUEST *source = (const block_any GUEST *)(from + at);
        block_any CAGE *target = (block_any CAGE *)(to + at);
        block_any a = source[0], b = source[1], c = source[2], d = source[3];

        target[0] = a;
        target[1] = b;
        target[2] = c;
        target[3] = d;
    }
    for (; bytes - at >= 16; at += 16)
        *(block_any CAGE *)(to + at) = *(const block_any GUEST *)(from + at);
    if (bytes >= 16) {
        *(block_any CAGE *)(to + bytes - 16) = *(const block_any GUEST *)(from + bytes - 16);
        return;
    }
    for (; at < bytes; at++)
        to[at] = from[at];
}

void copy_from_guest(uint64_t cage_offset, guest_address from, uint64_t bytes)
{
    guest_to_cage(CAGE_AT(uint8_t, cage_offset), GUEST_AT(uint8_t, from), bytes);
}
