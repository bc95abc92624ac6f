/*
 * May the enclave touch an address? The order of the checks is the machine's:
 * the kernel's VMAs and page tables first, then the EPCM.
 */
#include "sgx/emu/emu.h"

#include <sys/mman.h>

static int needed_prot(uint32_t access)
{
    if (access & PF_INSTR)
        return PROT_EXEC;
    return access & PF_WRITE ? PROT_WRITE : PROT_READ;
}

/* The translation: VMA, page table; a missing page is the driver's to add (EAUG). */
static bool translate(struct emu_enclave *e, uint64_t address, uint32_t access,
                      struct emu_fault *fault)
{
    uint64_t page = (address - e->base) / PAGE_BYTES;
    const struct emu_vma *vma = emu_vma_at(e, address);
    uint16_t entry = e->epcm[page];

    if (!vma || vma->prot == PROT_NONE)
        return emu_pf(fault, address, PF_USER | access);
    if (!(vma->prot & needed_prot(access))) {
        uint32_t present = entry & EPCM_PRESENT && !(entry & EPCM_UNMAPPED) ? PF_PRESENT : 0;

        return emu_pf(fault, address, present | PF_USER | access);
    }
    if (entry & EPCM_UNMAPPED)
        return emu_pf(fault, address, PF_USER | access);
    if (entry & EPCM_PRESENT)
        return true;
    if (!emu_cpu.sgx2 || !e->initialised || !emu_page_augment(e, page))
        return emu_pf(fault, address, PF_USER | access);
    /* The thread left with an AEX and came back, unseen by the caller of enter(). */
    e->counters.aex++;
    e->counters.eresume++;
    e->counters.faults_hidden++;
    return true;
}

bool emu_access(struct emu_enclave *e, uint64_t address, uint32_t access, struct emu_fault *fault)
{
    uint16_t entry;

    if (!translate(e, address, access, fault))
        return false;
    entry = e->epcm[(address - e->base) / PAGE_BYTES];
    if (!(emu_page_prot(entry) & needed_prot(access)))
        return emu_pf(fault, address, PF_SGX | PF_PRESENT | PF_USER | access);
    return true;
}

bool emu_access_any_state(struct emu_enclave *e, uint64_t address, struct emu_fault *fault)
{
    return translate(e, address, 0, fault);
}

void *emu_operand(struct emu_enclave *e, uint64_t address, uint64_t alignment, uint32_t access,
                  struct emu_fault *fault)
{
    if (address % alignment || !emu_inside_elrange(e, address)) {
        emu_gp(fault);
        return NULL;
    }
    return emu_access(e, address, access, fault) ? e->alias + (address - e->base) : NULL;
}
