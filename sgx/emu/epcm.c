/* The EPCM: which pages exist, with which type, permissions and state. */
#include "sgx/emu/emu.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

static atomic_uint_fast64_t epc_used; /* by all enclaves of the process */

bool emu_epc_take(struct emu_enclave *e)
{
    if (atomic_fetch_add(&epc_used, 1) >= emu_cpu.epc_pages) {
        atomic_fetch_sub(&epc_used, 1);
        return false;
    }
    e->counters.pages++;
    if (e->counters.pages_peak < e->counters.pages)
        e->counters.pages_peak = e->counters.pages;
    return true;
}

void emu_epc_give(struct emu_enclave *e)
{
    atomic_fetch_sub(&epc_used, 1);
    e->counters.pages--;
}

void emu_page_insert(struct emu_enclave *e, uint64_t page, uint16_t entry)
{
    e->epcm[page] = (uint16_t)(entry | EPCM_PRESENT);
    e->populated[page / EMU_CHUNK]++;
}

void emu_page_remove(struct emu_enclave *e, uint64_t page)
{
    e->epcm[page] = 0;
    e->populated[page / EMU_CHUNK]--;
    emu_epc_give(e);
    e->counters.eremove++;
    /* Zeroes, and memory given back; a file system that can't punch holes still zeroes. */
    if (fallocate(e->memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(page * PAGE_BYTES),
                  PAGE_BYTES) != 0)
        memset(e->alias + page * PAGE_BYTES, 0, PAGE_BYTES);
}

bool emu_page_augment(struct emu_enclave *e, uint64_t page)
{
    if (!emu_epc_take(e))
        return false;
    /* Contents are zero: never written, or punched out by emu_page_remove. */
    emu_page_insert(e, page,
                    SECINFO_REG | SECINFO_PENDING | SECINFO_R | SECINFO_W |
                        (EPCM_RWX << EPCM_MAX_SHIFT));
    e->counters.eaug++;
    return true;
}

int emu_page_prot(uint16_t entry)
{
    _Static_assert(PROT_READ == SECINFO_R && PROT_WRITE == SECINFO_W && PROT_EXEC == SECINFO_X,
                   "PROT_* and SECINFO permissions agree");
    const uint16_t blocked = EPCM_UNMAPPED | SECINFO_PENDING | SECINFO_MODIFIED;

    if (!(entry & EPCM_PRESENT) || entry & blocked || (entry & EPCM_TYPE) != SECINFO_REG)
        return PROT_NONE;
    return entry & EPCM_RWX;
}
