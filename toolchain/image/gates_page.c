#include "abi/gates.h"
#include "abi/sgx_arch.h"
#include "toolchain/image/layout.h"

#include <string.h>

#define HLT       0xf4
#define JMP_REL32 0xe9

static const char *const gate_symbols[GATE1_COUNT] = {
    [GATE1_RETURN] = "gate1_return", [GATE1_EXIT] = "gate1_exit", [GATE1_COMMIT] = "gate1_commit",
    [GATE1_RANDOM] = "gate1_random", [GATE1_TRAP] = "gate1_trap", [GATE1_WRITE] = "gate1_write",
};

enum status monitor_code_symbol(const struct elf_program *monitor, const char *name,
                                uint64_t *offset, struct problem *p)
{
    struct elf_symbol symbol;
    enum status status = elf_find(monitor, name, &symbol, p);

    if (status)
        return status;
    for (unsigned i = 0; i < monitor->segment_count; i++) {
        const struct elf_segment *s = monitor->segments + i;

        if ((s->permissions & SECINFO_X) && symbol.value >= s->offset &&
            symbol.value - s->offset < s->pages * PAGE_BYTES) {
            *offset = MON_IMAGE_OFF + symbol.value;
            return ST_OK;
        }
    }
    return problem(p, ST_CORRUPT, "%s: the symbol %s is not in executable code", monitor->name,
                   name);
}

enum status gates_page(const struct elf_program *monitor, uint8_t page[PAGE_BYTES],
                       struct problem *p)
{
    memset(page, HLT, PAGE_BYTES);
    for (unsigned gate = 0; gate < GATE1_COUNT; gate++) {
        uint8_t *entry = page + gate * GATE_ENTRY_BYTES;
        uint64_t target;
        int32_t displacement;
        enum status status = monitor_code_symbol(monitor, gate_symbols[gate], &target, p);

        if (status)
            return status;
        /* Both lie in the first GiB of the enclave, so the difference fits. The displacement
         * counts from the end of the 5-byte jump. */
        displacement = (int32_t)((int64_t)target - (L1_CODE_OFF + gate * GATE_ENTRY_BYTES + 5));
        entry[0] = JMP_REL32;
        memcpy(entry + 1, &displacement, sizeof displacement);
    }
    return ST_OK;
}
