#include "trusted/monitor/monitor.h"

uint64_t enclu_eaccept(uint8_t *page, uint64_t flags)
{
    struct sgx_secinfo secinfo = {.flags = flags};
    uint64_t leaf = ENCLU_EACCEPT;

    __asm__ volatile("enclu" : "+a"(leaf) : "b"(&secinfo), "c"(page) : "memory", "cc");
    return leaf;
}

void enclu_emodpe(uint8_t *page, uint64_t flags)
{
    struct sgx_secinfo secinfo = {.flags = flags};
    uint64_t leaf = ENCLU_EMODPE;

    __asm__ volatile("enclu" : "+a"(leaf) : "b"(&secinfo), "c"(page) : "memory", "cc");
}

uint64_t read_tsc(void)
{
    uint32_t low;
    uint32_t high;

    __asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}
