/*
 * The code zone's permissions. A lazy image (SGX2): pages come RW, are made RWX
 * by EMODPE for filling, restricted to R|X by the host (EMODPR) and accepted as
 * exactly that before the first instruction runs. An eager image (SGX1): RWX
 * from the start, nothing can change it.
 */
#include "abi/sfi.h"
#include "trusted/monitor/gate_entries.h"
#include "trusted/monitor/monitor.h"

#include <string.h>

#define PAGE_RWX (SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_X)
#define PAGE_RX  (SECINFO_REG | SECINFO_R | SECINFO_X | SECINFO_PR)

static bool permissions_change(void)
{
    return (image_layout.flags & IMAGE_LAZY) != 0;
}

enum status code_open(struct slot *slot, uint32_t pages)
{
    uint8_t *start = region_start(slot, REGION_CODE);
    enum status status = commit_region(slot, REGION_CODE, pages);

    if (status != ST_OK)
        return status;
    if (permissions_change())
        for (uint32_t i = 0; i < slot->committed[REGION_CODE]; i++)
            enclu_emodpe(start + (uint64_t)i * PAGE_BYTES, PAGE_RWX);
    /* A masked jump may lead behind the function's text, into pages of a longer one before it. */
    memset(start, SFI_PAD_BYTE, (uint64_t)slot->committed[REGION_CODE] * PAGE_BYTES);
    return ST_OK;
}

/* jmp *2(%rip) to the gate's address, then HLT: 32 bytes. */
static void write_gate(uint8_t *entry, uint64_t target)
{
    static const uint8_t jump[6] = {0xff, 0x25, 0x02, 0x00, 0x00, 0x00};

    memset(entry, SFI_PAD_BYTE, GATE_ENTRY_BYTES);
    memcpy(entry, jump, sizeof(jump));
    memcpy(entry + 8, &target, sizeof(target));
}

void code_write_gates(struct slot *slot)
{
    uint8_t *gates = region_start(slot, REGION_CODE);

    memset(gates, SFI_PAD_BYTE, GATE_PAGE_BYTES);
    write_gate(gates + GATE2_WASI * GATE_ENTRY_BYTES, (uint64_t)gate2_wasi);
    write_gate(gates + GATE2_TRAP * GATE_ENTRY_BYTES, (uint64_t)gate2_trap);
    write_gate(gates + GATE2_GROW * GATE_ENTRY_BYTES, (uint64_t)gate2_grow);
    write_gate(gates + GATE2_RETURN * GATE_ENTRY_BYTES, (uint64_t)gate2_return);
    write_gate(gates + GATE2_DATA * GATE_ENTRY_BYTES, (uint64_t)gate2_data);
}

enum status code_seal(struct slot *slot)
{
    uint8_t *start = region_start(slot, REGION_CODE);

    if (!permissions_change())
        return ST_OK;
    for (uint32_t i = 0; i < slot->committed[REGION_CODE]; i++)
        if (enclu_eaccept(start + (uint64_t)i * PAGE_BYTES, PAGE_RX) != 0)
            return ST_CODE_PERMISSIONS;
    return ST_OK;
}

void code_wipe(struct slot *slot)
{
    uint8_t *start = region_start(slot, REGION_CODE);

    if (permissions_change()) /* whatever the host has restricted so far */
        for (uint32_t i = 0; i < slot->committed[REGION_CODE]; i++)
            enclu_emodpe(start + (uint64_t)i * PAGE_BYTES, PAGE_RWX);
    memset(start, 0, (uint64_t)slot->committed[REGION_CODE] * PAGE_BYTES);
    memset(region_start(slot, REGION_RODATA), 0,
           (uint64_t)slot->committed[REGION_RODATA] * PAGE_BYTES);
}
