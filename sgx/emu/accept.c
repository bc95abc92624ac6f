/* SGX2 inside the enclave: EACCEPT, EMODPE, EACCEPTCOPY (SDM 3D 40.4). */
#include "sgx/emu/emu.h"

#include <string.h>

#define SECINFO_ALIGNMENT 64
#define SECINFO_KNOWN     (EPCM_TYPE | EPCM_STATE | EPCM_RWX)

/* Copy of the SECINFO that RBX names; false: *fault. */
static bool fetch_secinfo(struct emu_enclave *e, const ucontext_t *uc, uint64_t *flags,
                          struct emu_fault *fault)
{
    const struct sgx_secinfo *operand =
        emu_operand(e, (uint64_t)uc->uc_mcontext.gregs[REG_RBX], SECINFO_ALIGNMENT, 0, fault);
    struct sgx_secinfo copy;

    if (!operand)
        return false;
    memcpy(&copy, operand, sizeof(copy));
    if (!emu_all_zero(copy.reserved, sizeof(copy.reserved)) ||
        copy.flags & ~(uint64_t)SECINFO_KNOWN)
        return emu_gp(fault);
    *flags = copy.flags;
    return true;
}

/* The EPCM entry of the page that RCX names, in whatever state; NULL: *fault. */
static uint16_t *target_page(struct emu_enclave *e, const ucontext_t *uc, struct emu_fault *fault)
{
    uint64_t address = (uint64_t)uc->uc_mcontext.gregs[REG_RCX];

    if (address % PAGE_BYTES || !emu_inside_elrange(e, address)) {
        emu_gp(fault);
        return NULL;
    }
    if (!emu_access_any_state(e, address, fault))
        return NULL;
    return &e->epcm[(address - e->base) / PAGE_BYTES];
}

static bool update_mapping(struct emu_enclave *e, const ucontext_t *uc)
{
    emu_visible_update(e, ((uint64_t)uc->uc_mcontext.gregs[REG_RCX] - e->base) / PAGE_BYTES, 1);
    return true;
}

static bool sgx_fault(const ucontext_t *uc, struct emu_fault *fault)
{
    return emu_pf(fault, (uint64_t)uc->uc_mcontext.gregs[REG_RCX], PF_SGX | PF_PRESENT | PF_USER);
}

/* Which states of a page an enclave may accept at all. */
static bool acceptable(uint64_t flags)
{
    switch (flags & EPCM_TYPE) {
    case SECINFO_REG:
        return true;
    case SECINFO_TCS:
    case SECINFO_TRIM:
        return (flags & EPCM_STATE) == SECINFO_MODIFIED;
    default:
        return false;
    }
}

/* A page becoming a TCS is checked and reset as EADD would. */
static bool accept_tcs(struct emu_enclave *e, const ucontext_t *uc, struct emu_fault *fault)
{
    struct sgx_tcs *tcs =
        (struct sgx_tcs *)(e->alias + ((uint64_t)uc->uc_mcontext.gregs[REG_RCX] - e->base));

    if (!emu_tcs_legal(tcs))
        return emu_gp(fault);
    tcs->flags = 0;
    tcs->state = 0;
    tcs->cssa = 0;
    tcs->aep = 0;
    return true;
}

bool emu_eaccept(struct emu_enclave *e, ucontext_t *uc, struct emu_fault *fault)
{
    uint64_t wanted;
    uint16_t *entry;

    if (!fetch_secinfo(e, uc, &wanted, fault))
        return false;
    if (!acceptable(wanted))
        return emu_gp(fault);
    entry = target_page(e, uc, fault);
    if (!entry)
        return false;
    if ((*entry & SECINFO_KNOWN) != wanted) {
        emu_set_leaf_status(uc, SGX_PAGE_ATTRIBUTES_MISMATCH);
        return true;
    }
    if ((wanted & EPCM_TYPE) == SECINFO_TCS && !accept_tcs(e, uc, fault))
        return false;
    *entry = (uint16_t)(*entry & ~EPCM_STATE);
    e->counters.eaccept++;
    emu_set_leaf_status(uc, 0);
    return update_mapping(e, uc);
}

bool emu_emodpe(struct emu_enclave *e, ucontext_t *uc, struct emu_fault *fault)
{
    uint64_t more;
    uint16_t *entry;

    if (!fetch_secinfo(e, uc, &more, fault))
        return false;
    if (more & SECINFO_W && !(more & SECINFO_R))
        return emu_gp(fault);
    entry = target_page(e, uc, fault);
    if (!entry)
        return false;
    if ((*entry & EPCM_TYPE) != SECINFO_REG || *entry & (SECINFO_PENDING | SECINFO_MODIFIED))
        return sgx_fault(uc, fault);
    *entry = (uint16_t)(*entry | (more & EPCM_RWX));
    return update_mapping(e, uc); /* no status: RAX and flags stay */
}

bool emu_eacceptcopy(struct emu_enclave *e, ucontext_t *uc, struct emu_fault *fault)
{
    const uint16_t fresh = SECINFO_REG | SECINFO_PENDING | SECINFO_R | SECINFO_W;
    const void *source;
    uint64_t wanted, page;
    uint16_t *entry;

    if (!fetch_secinfo(e, uc, &wanted, fault))
        return false;
    if ((wanted & (EPCM_TYPE | EPCM_STATE)) != SECINFO_REG || !(wanted & SECINFO_R))
        return emu_gp(fault);
    source = emu_operand(e, (uint64_t)uc->uc_mcontext.gregs[REG_RDX], PAGE_BYTES, 0, fault);
    if (!source)
        return false;
    entry = target_page(e, uc, fault);
    if (!entry)
        return false;
    if ((*entry & SECINFO_KNOWN) != fresh) {
        emu_set_leaf_status(uc, SGX_PAGE_ATTRIBUTES_MISMATCH);
        return true;
    }
    page = (uint64_t)(entry - e->epcm);
    memcpy(e->alias + page * PAGE_BYTES, source, PAGE_BYTES);
    *entry = (uint16_t)((*entry & ~(EPCM_RWX | EPCM_STATE)) | (wanted & EPCM_RWX));
    e->counters.eaccept++;
    emu_set_leaf_status(uc, 0);
    return update_mapping(e, uc);
}
