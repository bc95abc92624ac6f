#include "base/bytes.h"
#include "trusted/monitor/monitor.h"

bool border_outside(uint64_t address, uint64_t bytes)
{
    uint64_t base = (uint64_t)enclave_base();
    uint64_t end;

    if (address % 8 != 0 || bytes > UINT64_MAX - 7)
        return false;
    if (!add_u64(address, round_up(bytes, 8), &end))
        return false;
    return end <= base || address >= base + image_layout.elrange_bytes;
}

/*
 * Aligned 8-byte accesses only: a narrower or misaligned read of host memory
 * can sample stale fill-buffer data, a narrower write can leak it
 * (INTEL-SA-00615, INTEL-SA-00657). Each host word is touched once.
 */
void border_copy_in(void *to, uint64_t from, uint64_t bytes)
{
    const volatile uint64_t *source = (const volatile uint64_t *)from;
    uint8_t *target = to;
    uint64_t words = bytes / 8;
    uint64_t tail = bytes % 8;

    for (uint64_t i = 0; i < words; i++) {
        uint64_t word = source[i];

        __builtin_memcpy(target + 8 * i, &word, 8);
    }
    if (tail) {
        uint64_t word = source[words];

        for (uint64_t i = 0; i < tail; i++)
            target[8 * words + i] = (uint8_t)(word >> (8 * i));
    }
}

void border_copy_out(uint64_t to, const void *from, uint64_t bytes)
{
    volatile uint64_t *target = (volatile uint64_t *)to;
    const uint8_t *source = from;
    uint64_t words = bytes / 8;
    uint64_t tail = bytes % 8;

    for (uint64_t i = 0; i < words; i++) {
        uint64_t word;

        __builtin_memcpy(&word, source + 8 * i, 8);
        target[i] = word;
    }
    if (tail) { /* zero padding: nothing of ours beyond the end */
        uint64_t word = 0;

        for (uint64_t i = 0; i < tail; i++)
            word |= (uint64_t)source[8 * words + i] << (8 * i);
        target[words] = word;
    }
}
