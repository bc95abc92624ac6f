/* ENCLU by leaf number (SDM 3D 40.4). */
#include "sgx/emu/emu.h"

#define FLAGS_ARITHMETIC 0x8d5
#define FLAG_ZF          0x40
#define ENCLU_BYTES      3

void emu_set_leaf_status(ucontext_t *uc, uint64_t status)
{
    uc->uc_mcontext.gregs[REG_RAX] = (greg_t)status;
    uc->uc_mcontext.gregs[REG_EFL] &= ~FLAGS_ARITHMETIC;
    if (status)
        uc->uc_mcontext.gregs[REG_EFL] |= FLAG_ZF;
}

typedef bool (*leaf_function)(struct emu_enclave *e, ucontext_t *uc, struct emu_fault *fault);

/* Leaves that stay inside; SGX1 CPUs know only the first two. */
static const struct {
    leaf_function run;
    bool sgx2;
} leaves[] = {
    [ENCLU_EREPORT] = {emu_ereport, false},        [ENCLU_EGETKEY] = {emu_egetkey, false},
    [ENCLU_EACCEPT] = {emu_eaccept, true},         [ENCLU_EMODPE] = {emu_emodpe, true},
    [ENCLU_EACCEPTCOPY] = {emu_eacceptcopy, true},
};

bool emu_enclu_inside(struct emu_thread *t, ucontext_t *uc, struct emu_fault *fault)
{
    uint32_t leaf = (uint32_t)uc->uc_mcontext.gregs[REG_RAX];
    struct emu_enclave *e = t->enclave;
    bool ok;

    if (leaf == ENCLU_EEXIT)
        return emu_eexit(t, uc, fault);
    if (leaf >= sizeof(leaves) / sizeof(leaves[0]) || !leaves[leaf].run ||
        (leaves[leaf].sgx2 && !emu_cpu.sgx2))
        return emu_gp(fault);
    emu_lock(e);
    ok = leaves[leaf].run(e, uc, fault);
    emu_unlock(e);
    if (ok)
        uc->uc_mcontext.gregs[REG_RIP] += ENCLU_BYTES;
    return ok;
}

bool emu_enclu_outside(struct emu_thread *t, ucontext_t *uc, struct emu_fault *fault)
{
    switch ((uint32_t)uc->uc_mcontext.gregs[REG_RAX]) {
    case ENCLU_EENTER:
        return emu_eenter(t, uc, fault);
    case ENCLU_ERESUME:
        return emu_eresume(t, uc, fault);
    default:
        return emu_gp(fault);
    }
}
