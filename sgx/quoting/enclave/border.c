/* As trusted/monitor/border.c: aligned 8-byte accesses only (INTEL-SA-00615, INTEL-SA-00657), each
 * host word touched once. */
#include "abi/geometry.h"
#include "base/bytes.h"
#include "sgx/quoting/enclave/qe.h"

extern const uint8_t qe_image[] __attribute__((visibility("hidden")));

bool border_outside(uint64_t address, uint64_t bytes)
{
    uint64_t base = (uint64_t)qe_image;
    uint64_t end;

    if (address % 8 != 0 || bytes % 8 != 0 || !add_u64(address, bytes, &end))
        return false;
    return end <= base || address >= base + PLAIN_ELRANGE_BYTES;
}

void border_copy_in(void *to, uint64_t from, uint64_t bytes)
{
    const volatile uint64_t *source = (const volatile uint64_t *)from;
    uint8_t *target = to;

    for (uint64_t i = 0; i < bytes / 8; i++) {
        uint64_t word = source[i];

        __builtin_memcpy(target + 8 * i, &word, 8);
    }
}

void border_copy_out(uint64_t to, const void *from, uint64_t bytes)
{
    volatile uint64_t *target = (volatile uint64_t *)to;
    const uint8_t *source = from;

    for (uint64_t i = 0; i < bytes / 8; i++) {
        uint64_t word;

        __builtin_memcpy(&word, source + 8 * i, 8);
        target[i] = word;
    }
}
