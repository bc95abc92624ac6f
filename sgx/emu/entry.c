/*
 * EENTER, ERESUME, EEXIT and AEX (SDM 3D 39.4 and 40.4), on the registers of a
 * signal frame. Decode and check first; only then change anything.
 */
#include "sgx/emu/emu.h"

#include <string.h>

#define ENCLU_BYTES 3

/* RFLAGS */
#define FLAG_TF          0x100u
#define FLAGS_ARITHMETIC 0x8d5u /* CF PF AF ZF SF OF */
#define FLAG_RF          0x10000u
#define FLAGS_USER       0x240dd5u /* what ERESUME restores: the arithmetic ones, TF, DF, AC, ID */

#define ADDRESS_LIMIT (1ull << 47)

struct frame { /* an SSA frame, through the alias */
    uint8_t *xsave;
    struct sgx_gprs *gprs;
    struct sgx_exinfo *exinfo;
};

static struct sgx_tcs *tcs_of(struct emu_enclave *e, uint64_t page)
{
    return (struct sgx_tcs *)(e->alias + page * PAGE_BYTES);
}

static struct frame frame_at(struct emu_enclave *e, uint64_t offset)
{
    uint8_t *start = e->alias + offset;
    uint8_t *end = start + (uint64_t)e->secs.ssa_frame_pages * PAGE_BYTES;

    return (struct frame){
        .xsave = start,
        .gprs = (struct sgx_gprs *)(end - GPRSGX_BYTES),
        .exinfo = (struct sgx_exinfo *)(end - GPRSGX_BYTES - EXINFO_BYTES),
    };
}

/* The TCS that RBX names, unless a thread is on it. Lock held. */
static bool find_tcs(struct emu_enclave *e, uint64_t address, struct emu_fault *fault)
{
    uint64_t page = (address - e->base) / PAGE_BYTES;
    uint16_t entry = e->epcm[page];

    if (!(entry & EPCM_PRESENT) || entry & (EPCM_UNMAPPED | SECINFO_PENDING | SECINFO_MODIFIED) ||
        (entry & EPCM_TYPE) != SECINFO_TCS || !emu_vma_at(e, address))
        return emu_pf(fault, address, PF_USER);
    if (!e->initialised || tcs_of(e, page)->state)
        return emu_gp(fault);
    return true;
}

/* SSA frame `index` of the TCS: inside ELRANGE, each page readable and writable. Lock held. */
static bool find_frame(struct emu_enclave *e, const struct sgx_tcs *tcs, uint32_t index,
                       struct frame *frame, struct emu_fault *fault)
{
    uint64_t bytes = (uint64_t)e->secs.ssa_frame_pages * PAGE_BYTES;
    uint64_t offset;

    if (__builtin_mul_overflow(bytes, index, &offset) ||
        __builtin_add_overflow(offset, tcs->ossa, &offset) || offset > e->size ||
        bytes > e->size - offset)
        return emu_gp(fault);
    for (uint64_t at = offset; at < offset + bytes; at += PAGE_BYTES) {
        if (!emu_access(e, e->base + at, 0, fault) || !emu_access(e, e->base + at, PF_WRITE, fault))
            return false;
    }
    *frame = frame_at(e, offset);
    return true;
}

/* Common to EENTER and ERESUME, after all checks: the thread is inside. Lock held. */
static void go_inside(struct emu_thread *t, struct emu_enclave *e, ucontext_t *uc, uint64_t fs,
                      uint64_t gs)
{
    struct sgx_tcs *tcs;

    t->tcs = ((uint64_t)uc->uc_mcontext.gregs[REG_RBX] - e->base) / PAGE_BYTES;
    tcs = tcs_of(e, t->tcs);
    tcs->state = 1;
    tcs->aep = (uint64_t)uc->uc_mcontext.gregs[REG_RCX];
    t->enclave = e;
    t->host_fs = t->saved_fs;
    t->host_gs = t->saved_gs;
    t->saved_fs = fs;
    t->saved_gs = gs;
    t->saved_selector = 1;
    t->repeats = 0;
    memcpy(&t->host_mask, &uc->uc_sigmask, sizeof(t->host_mask));
    uint64_t mask = t->host_mask | emu_signals_blocked_inside(t->ending);
    memcpy(&uc->uc_sigmask, &mask, sizeof(mask));
    emu_visible_enter(e, t->tcs);
    emu_step_arm(t, uc);
}

/* Common to EEXIT and AEX: the thread is outside. Lock held; released. */
static void go_outside(struct emu_thread *t, ucontext_t *uc)
{
    struct emu_enclave *e = t->enclave;

    uc->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)FLAG_TF; /* as it was at the entry */
    t->stepping = false;
    t->saved_fs = t->host_fs;
    t->saved_gs = t->host_gs;
    t->saved_selector = 0;
    t->enclave = NULL;
    memcpy(&uc->uc_sigmask, &t->host_mask, sizeof(t->host_mask));
    tcs_of(e, t->tcs)->state = 0;
    emu_visible_leave(e);
    emu_unlock_and_release(e);
}

static struct emu_enclave *enclave_of_tcs(const ucontext_t *uc, struct emu_fault *fault)
{
    uint64_t address = (uint64_t)uc->uc_mcontext.gregs[REG_RBX];
    struct emu_enclave *e;

    if (address % PAGE_BYTES || (uint64_t)uc->uc_mcontext.gregs[REG_RCX] >= ADDRESS_LIMIT) {
        emu_gp(fault);
        return NULL;
    }
    e = emu_enclave_at(address);
    if (!e) /* not in any EPC */
        emu_pf(fault, address, PF_USER);
    return e;
}

static bool segment_legal(const struct emu_enclave *e, uint64_t offset)
{
    return offset % PAGE_BYTES == 0 && e->base + offset < ADDRESS_LIMIT;
}

static bool eenter_locked(struct emu_thread *t, struct emu_enclave *e, ucontext_t *uc,
                          struct emu_fault *fault)
{
    greg_t *regs = uc->uc_mcontext.gregs;
    struct frame frame;
    struct sgx_tcs *tcs;

    if (!find_tcs(e, (uint64_t)regs[REG_RBX], fault))
        return false;
    tcs = tcs_of(e, ((uint64_t)regs[REG_RBX] - e->base) / PAGE_BYTES);
    if (!emu_tcs_legal(tcs) || tcs->cssa >= tcs->nssa || !segment_legal(e, tcs->ofsbase) ||
        !segment_legal(e, tcs->ogsbase) || e->base + tcs->oentry >= ADDRESS_LIMIT)
        return emu_gp(fault);
    if (!find_frame(e, tcs, tcs->cssa, &frame, fault))
        return false;

    frame.gprs->ursp = (uint64_t)regs[REG_RSP];
    frame.gprs->urbp = (uint64_t)regs[REG_RBP];
    go_inside(t, e, uc, e->base + tcs->ofsbase, e->base + tcs->ogsbase);
    regs[REG_RAX] = tcs->cssa;
    regs[REG_RCX] = regs[REG_RIP] + ENCLU_BYTES;
    regs[REG_RIP] = (greg_t)(e->base + tcs->oentry);
    e->counters.eenter++;
    return true;
}

bool emu_eenter(struct emu_thread *t, ucontext_t *uc, struct emu_fault *fault)
{
    struct emu_enclave *e = enclave_of_tcs(uc, fault);
    bool ok;

    if (!e)
        return false;
    emu_lock(e);
    ok = eenter_locked(t, e, uc, fault);
    emu_unlock(e);
    return ok;
}

static void load_gprs(greg_t *regs, const struct sgx_gprs *g)
{
    regs[REG_RAX] = (greg_t)g->rax;
    regs[REG_RCX] = (greg_t)g->rcx;
    regs[REG_RDX] = (greg_t)g->rdx;
    regs[REG_RBX] = (greg_t)g->rbx;
    regs[REG_RSP] = (greg_t)g->rsp;
    regs[REG_RBP] = (greg_t)g->rbp;
    regs[REG_RSI] = (greg_t)g->rsi;
    regs[REG_RDI] = (greg_t)g->rdi;
    regs[REG_R8] = (greg_t)g->r8;
    regs[REG_R9] = (greg_t)g->r9;
    regs[REG_R10] = (greg_t)g->r10;
    regs[REG_R11] = (greg_t)g->r11;
    regs[REG_R12] = (greg_t)g->r12;
    regs[REG_R13] = (greg_t)g->r13;
    regs[REG_R14] = (greg_t)g->r14;
    regs[REG_R15] = (greg_t)g->r15;
    regs[REG_RIP] = (greg_t)g->rip;
    regs[REG_EFL] =
        (greg_t)(((uint64_t)regs[REG_EFL] & ~(uint64_t)FLAGS_USER) | (g->rflags & FLAGS_USER));
}

static void store_gprs(struct sgx_gprs *g, const greg_t *regs)
{
    g->rax = (uint64_t)regs[REG_RAX];
    g->rcx = (uint64_t)regs[REG_RCX];
    g->rdx = (uint64_t)regs[REG_RDX];
    g->rbx = (uint64_t)regs[REG_RBX];
    g->rsp = (uint64_t)regs[REG_RSP];
    g->rbp = (uint64_t)regs[REG_RBP];
    g->rsi = (uint64_t)regs[REG_RSI];
    g->rdi = (uint64_t)regs[REG_RDI];
    g->r8 = (uint64_t)regs[REG_R8];
    g->r9 = (uint64_t)regs[REG_R9];
    g->r10 = (uint64_t)regs[REG_R10];
    g->r11 = (uint64_t)regs[REG_R11];
    g->r12 = (uint64_t)regs[REG_R12];
    g->r13 = (uint64_t)regs[REG_R13];
    g->r14 = (uint64_t)regs[REG_R14];
    g->r15 = (uint64_t)regs[REG_R15];
    g->rip = (uint64_t)regs[REG_RIP];
    g->rflags = (uint64_t)regs[REG_EFL];
}

static bool eresume_locked(struct emu_thread *t, struct emu_enclave *e, ucontext_t *uc,
                           struct emu_fault *fault)
{
    greg_t *regs = uc->uc_mcontext.gregs;
    struct frame frame;
    struct sgx_gprs gprs;
    struct sgx_tcs *tcs;

    if (!find_tcs(e, (uint64_t)regs[REG_RBX], fault))
        return false;
    tcs = tcs_of(e, ((uint64_t)regs[REG_RBX] - e->base) / PAGE_BYTES);
    if (!emu_tcs_legal(tcs) || tcs->cssa == 0 || tcs->cssa > tcs->nssa)
        return emu_gp(fault);
    if (!find_frame(e, tcs, tcs->cssa - 1, &frame, fault))
        return false;
    gprs = *frame.gprs;
    /* A RIP outside ELRANGE is legal here on hardware and faults at the first fetch, which
     * native execution can't show: refuse. */
    if (!emu_xstate_legal(frame.xsave, e->secs.xfrm) || !emu_inside_elrange(e, gprs.rip) ||
        gprs.fsbase >= ADDRESS_LIMIT || gprs.gsbase >= ADDRESS_LIMIT)
        return emu_gp(fault);

    frame.gprs->ursp = (uint64_t)regs[REG_RSP];
    frame.gprs->urbp = (uint64_t)regs[REG_RBP];
    tcs->cssa--;
    emu_xstate_restore((uint8_t *)uc->uc_mcontext.fpregs, frame.xsave, e->secs.xfrm);
    go_inside(t, e, uc, gprs.fsbase, gprs.gsbase);
    load_gprs(regs, &gprs);
    emu_step_arm(t, uc);
    e->counters.eresume++;
    return true;
}

bool emu_eresume(struct emu_thread *t, ucontext_t *uc, struct emu_fault *fault)
{
    struct emu_enclave *e = enclave_of_tcs(uc, fault);
    bool ok;

    if (!e)
        return false;
    emu_lock(e);
    ok = eresume_locked(t, e, uc, fault);
    emu_unlock(e);
    return ok;
}

bool emu_eexit(struct emu_thread *t, ucontext_t *uc, struct emu_fault *fault)
{
    greg_t *regs = uc->uc_mcontext.gregs;
    struct emu_enclave *e = t->enclave;

    if ((uint64_t)regs[REG_RBX] >= ADDRESS_LIMIT)
        return emu_gp(fault);
    emu_lock(e);
    e->counters.eexit++;
    regs[REG_RIP] = regs[REG_RBX];
    regs[REG_RCX] = (greg_t)tcs_of(e, t->tcs)->aep;
    go_outside(t, uc);
    return true;
}

/* EXITINFO reports these; #PF and #GP only with MISCSELECT.EXINFO. */
static bool exit_info_valid(const struct emu_enclave *e, int vector)
{
    switch (vector) {
    case VECTOR_DE:
    case VECTOR_DB:
    case VECTOR_BP:
    case VECTOR_BR:
    case VECTOR_UD:
    case VECTOR_MF:
    case VECTOR_AC:
    case VECTOR_XM:
        return true;
    case VECTOR_PF:
    case VECTOR_GP:
        return e->secs.miscselect & MISC_EXINFO;
    default:
        return false;
    }
}

static void write_exit_info(const struct emu_enclave *e, struct frame *frame,
                            const struct emu_fault *fault)
{
    const uint32_t software = 6, hardware = 3;
    uint32_t type = fault->vector == VECTOR_BP ? software : hardware;

    frame->gprs->exitinfo = 0;
    if (!exit_info_valid(e, fault->vector))
        return;
    frame->gprs->exitinfo = EXITINFO_VALID | type << 8 | (uint32_t)fault->vector;
    if (fault->vector == VECTOR_PF || fault->vector == VECTOR_GP) {
        frame->exinfo->maddr = fault->vector == VECTOR_PF ? fault->address : 0;
        frame->exinfo->errcd = fault->error;
        frame->exinfo->reserved = 0;
    }
}

void emu_aex(struct emu_thread *t, ucontext_t *uc, const struct emu_fault *fault)
{
    greg_t *regs = uc->uc_mcontext.gregs;
    uint8_t *live = (uint8_t *)uc->uc_mcontext.fpregs;
    struct emu_enclave *e = t->enclave;
    struct sgx_tcs *tcs = tcs_of(e, t->tcs);
    uint64_t flags = (uint64_t)regs[REG_EFL];
    struct frame frame;

    emu_lock(e);
    /* EENTER and ERESUME have checked the frame; a page can't go while a thread is inside. */
    frame = frame_at(e, tcs->ossa + (uint64_t)tcs->cssa * e->secs.ssa_frame_pages * PAGE_BYTES);
    emu_xstate_save(frame.xsave, live, e->secs.xfrm);
    store_gprs(frame.gprs, regs);
    if (t->stepping)
        frame.gprs->rflags &= ~(uint64_t)FLAG_TF;
    frame.gprs->fsbase = t->saved_fs;
    frame.gprs->gsbase = t->saved_gs;
    write_exit_info(e, &frame, fault);
    tcs->cssa++;

    memset(regs, 0, (REG_EFL + 1) * sizeof(*regs));
    regs[REG_RAX] = ENCLU_ERESUME;
    regs[REG_RBX] = (greg_t)(e->base + t->tcs * PAGE_BYTES);
    regs[REG_RCX] = (greg_t)tcs->aep;
    regs[REG_RIP] = (greg_t)tcs->aep;
    regs[REG_RSP] = (greg_t)frame.gprs->ursp;
    regs[REG_RBP] = (greg_t)frame.gprs->urbp;
    regs[REG_EFL] = (greg_t)(flags & ~(uint64_t)(FLAGS_ARITHMETIC | FLAG_RF));
    emu_xstate_synthetic(live, e->secs.xfrm);
    e->counters.aex++;
    go_outside(t, uc);
}
