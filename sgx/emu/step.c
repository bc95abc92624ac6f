/* Single-stepping by the trap flag, which the enclave never sees in its saved RFLAGS. */
#include "sgx/emu/emu.h"

#define FLAG_TF 0x100

void emu_step_arm(struct emu_thread *t, ucontext_t *uc)
{
    t->stepping = t->hook != NULL;
    if (t->stepping)
        uc->uc_mcontext.gregs[REG_EFL] |= FLAG_TF;
}

/* After one instruction inside; also after an emulated ENCLU. */
void emu_step_taken(struct emu_thread *t, ucontext_t *uc)
{
    const struct emu_fault interrupt = EMU_NO_FAULT;
    greg_t *regs = uc->uc_mcontext.gregs;

    switch (t->hook ? t->hook(uc, t->hook_context) : EMU_STEP_STOP) {
    case EMU_STEP_ON:
        regs[REG_EFL] |= FLAG_TF;
        break;
    case EMU_STEP_AEX:
        emu_aex(t, uc, &interrupt);
        break;
    case EMU_STEP_OUT:
        emu_aex(t, uc, &interrupt);
        regs[REG_RBX] = 0; /* the ERESUME at the AEP then faults */
        break;
    case EMU_STEP_STOP:
        t->stepping = false;
        regs[REG_EFL] &= ~(greg_t)FLAG_TF;
        break;
    }
}

void emu_set_step_hook(emu_step_hook hook, void *context)
{
    struct emu_thread *t = emu_thread_current();

    t->hook_context = context;
    t->hook = hook;
}
