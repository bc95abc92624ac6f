/*
 * Signals become SGX events: a trap inside an enclave is ENCLU, a fault that
 * the driver repairs, or an AEX; an asynchronous signal is an AEX followed by
 * the host's handler, which sees the registers of Linux after an AEX.
 */
#include "sgx/emu/emu.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SA_RESTORER_FLAG 0x04000000u /* SA_RESTORER, which libc's headers hide */
#define SIGNALS          65
#define REPEATS_MAX      10000
#define SYSCALL_BYTES    2 /* syscall, int n */

struct kernel_sigaction {
    void (*handler)(int, siginfo_t *, void *);
    unsigned long flags;
    const void *restorer;
    uint64_t mask;
};

static const int trap_signals[] = {SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGTRAP, SIGSYS};

static struct sigaction host_action[SIGNALS]; /* what the host asked for */
static atomic_uint_fast64_t managed;          /* signals whose handler is emu_thunk */

static uint64_t signal_bit(int sig)
{
    return 1ull << (sig - 1);
}

static bool is_trap_signal(int sig)
{
    for (size_t i = 0; i < sizeof(trap_signals) / sizeof(trap_signals[0]); i++) {
        if (trap_signals[i] == sig)
            return true;
    }
    return false;
}

static int install_thunk(int sig, int extra_flags)
{
    struct kernel_sigaction action = {
        .handler = emu_thunk,
        .flags = SA_SIGINFO | SA_ONSTACK | SA_RESTORER_FLAG | (unsigned long)extra_flags,
        .restorer = emu_sigreturn,
        .mask = UINT64_MAX,
    };

    return (int)syscall(SYS_rt_sigaction, sig, &action, NULL, sizeof(action.mask));
}

static bool thunk_installed(int sig)
{
    struct kernel_sigaction now;

    return syscall(SYS_rt_sigaction, sig, NULL, &now, sizeof(now.mask)) == 0 &&
           now.handler == emu_thunk && now.restorer == emu_sigreturn && now.flags & SA_ONSTACK;
}

static void take_over(int sig)
{
    struct sigaction before;

    if (sigaction(sig, NULL, &before) != 0 || install_thunk(sig, 0) != 0)
        emu_fatal("sigaction failed", (uint64_t)sig, 0);
    if (before.sa_sigaction != emu_thunk)
        host_action[sig] = before;
    managed |= signal_bit(sig);
}

void emu_signals_init(void)
{
    for (size_t i = 0; i < sizeof(trap_signals) / sizeof(trap_signals[0]); i++)
        take_over(trap_signals[i]);
}

void emu_signals_check(void)
{
    /* Who replaces one handler (a test framework, a sanitizer) replaces one of these. */
    if (!thunk_installed(SIGSEGV) || !thunk_installed(SIGILL))
        emu_signals_init();
}

int emu_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
    const int kept = SA_RESTART | SA_NOCLDSTOP | SA_NOCLDWAIT;
    struct sigaction before;

    if (sig <= 0 || sig >= SIGNALS) {
        errno = EINVAL;
        return -1;
    }
    if (managed & signal_bit(sig))
        before = host_action[sig];
    else if (sigaction(sig, NULL, &before) != 0)
        return -1;
    if (act) {
        if (!is_trap_signal(sig) && (act->sa_handler == SIG_DFL || act->sa_handler == SIG_IGN)) {
            managed &= ~signal_bit(sig);
            if (sigaction(sig, act, NULL) != 0)
                return -1;
        } else {
            host_action[sig] = *act;
            if (!is_trap_signal(sig) && install_thunk(sig, act->sa_flags & kept) != 0)
                return -1;
            managed |= signal_bit(sig);
        }
    }
    if (old)
        *old = before;
    return 0;
}

uint64_t emu_signals_ending(void)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP};
    uint64_t mask = 0;

    for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
        struct sigaction action;

        if (sigaction(ending[i], NULL, &action) == 0 && action.sa_handler == SIG_DFL)
            mask |= signal_bit(ending[i]);
    }
    return mask;
}

/* A handler that is not ours would run with the enclave's segment bases and on its stack: blocked
 * until the thread is outside. Signals that simply end the process may come. */
uint64_t emu_signals_blocked_inside(uint64_t ending)
{
    return ~(managed | ending);
}

/* The host's handler, or its default action. The emulator is out of the enclave by now. */
static void call_host(int sig, siginfo_t *info, ucontext_t *uc)
{
    const struct sigaction *action = &host_action[sig];

    if (action->sa_flags & SA_SIGINFO) {
        action->sa_sigaction(sig, info, uc);
    } else if (action->sa_handler == SIG_DFL) {
        signal(sig, SIG_DFL);
        syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), sig); /* on return */
    } else if (action->sa_handler != SIG_IGN) {
        action->sa_handler(sig);
    }
}

void emu_report(ucontext_t *uc, const struct emu_fault *fault)
{
    greg_t *regs = uc->uc_mcontext.gregs;

    if (regs[REG_RIP] == (greg_t)emu_aep) {
        regs[REG_RIP] = (greg_t)emu_exception;
        regs[REG_RDI] = fault->vector;
        regs[REG_RSI] = fault->error;
        regs[REG_RDX] = (greg_t)(fault->address & ~(uint64_t)(PAGE_BYTES - 1));
    } else { /* somebody else's ENCLU */
        siginfo_t info = {.si_signo = SIGSEGV, .si_code = SEGV_MAPERR};

        info.si_addr = (void *)fault->address;
        call_host(SIGSEGV, &info, uc);
    }
}

/* ---- traps inside an enclave -------------------------------------------- */

/* Instruction byte `i` at RIP, through the alias; 0 where the enclave has none. */
static uint8_t code_byte(const struct emu_enclave *e, const ucontext_t *uc, uint64_t i)
{
    uint64_t address = (uint64_t)uc->uc_mcontext.gregs[REG_RIP] + i;

    return emu_inside_elrange(e, address) ? e->alias[address - e->base] : 0;
}

static bool at_enclu_inside(const struct emu_enclave *e, const ucontext_t *uc)
{
    return code_byte(e, uc, 0) == 0x0f && code_byte(e, uc, 1) == 0x01 &&
           code_byte(e, uc, 2) == 0xd7;
}

/* Instructions that an enclave may not execute (#UD) and that the host's kernel reports as
 * #GP: INT n, IN, OUT and their string forms, after at most a few prefixes. */
static bool illegal_inside(const struct emu_enclave *e, const ucontext_t *uc)
{
    uint64_t i = 0;
    uint8_t opcode = code_byte(e, uc, i);

    while (i < 4 && (opcode == 0x66 || opcode == 0xf2 || opcode == 0xf3 || (opcode & 0xf0) == 0x40))
        opcode = code_byte(e, uc, ++i);
    return opcode == 0xcd || (opcode >= 0x6c && opcode <= 0x6f) ||
           (opcode >= 0xe4 && opcode <= 0xe7) || (opcode >= 0xec && opcode <= 0xef);
}

static void raise_inside(int sig, siginfo_t *info, ucontext_t *uc, struct emu_thread *t,
                         const struct emu_fault *fault)
{
    emu_aex(t, uc, fault);
    /* Linux reports all but these two through the vDSO. */
    if (fault->vector == VECTOR_DB || fault->vector == VECTOR_BP)
        call_host(sig, info, uc);
    else
        emu_report(uc, fault);
}

/* true: repaired, the instruction may run again. */
static bool repair_page_fault(struct emu_thread *t, ucontext_t *uc, struct emu_fault *fault)
{
    uint64_t address = (uint64_t)uc->uc_mcontext.gregs[REG_CR2];
    uint32_t error = (uint32_t)uc->uc_mcontext.gregs[REG_ERR];
    struct emu_enclave *e = t->enclave;
    uint64_t page = (address - e->base) / PAGE_BYTES;
    bool ok;

    if (!emu_inside_elrange(e, address)) /* the host's memory: as the kernel says */
        return emu_pf(fault, address, error);
    emu_lock(e);
    ok = emu_access(e, address, error & (PF_WRITE | PF_INSTR), fault);
    if (ok && emu_visible_touch(e, page, t->tcs))
        t->repeats = 0;
    else if (ok && t->last_fault == page && ++t->repeats > REPEATS_MAX)
        emu_fatal("a fault without a cause keeps coming back", address,
                  (uint64_t)uc->uc_mcontext.gregs[REG_RIP]);
    t->last_fault = page;
    emu_unlock(e);
    return ok;
}

static void enclu_inside(int sig, siginfo_t *info, ucontext_t *uc, struct emu_thread *t)
{
    struct emu_fault fault;

    if (!emu_enclu_inside(t, uc, &fault))
        raise_inside(sig, info, uc, t, &fault);
    else if (t->enclave && t->stepping)
        emu_step_taken(t, uc);
}

/* An enclave's thread at an address outside ELRANGE: a fetch that fails at once is #GP; if
 * code did run there, the emulation has come apart. */
static struct emu_fault fetch_outside(const ucontext_t *uc)
{
    const greg_t *regs = uc->uc_mcontext.gregs;

    if (regs[REG_TRAPNO] != VECTOR_PF || regs[REG_CR2] != regs[REG_RIP])
        emu_fatal("an enclave's thread executes outside ELRANGE", (uint64_t)regs[REG_CR2],
                  (uint64_t)regs[REG_RIP]);
    return (struct emu_fault){.vector = VECTOR_GP};
}

static void trap_inside(int sig, siginfo_t *info, ucontext_t *uc, struct emu_thread *t)
{
    greg_t *regs = uc->uc_mcontext.gregs;
    struct emu_fault fault = {.vector = (int)regs[REG_TRAPNO]};

    if (!emu_inside_elrange(t->enclave, (uint64_t)regs[REG_RIP])) {
        fault = fetch_outside(uc);
    } else if (sig == SIGSYS) {
        regs[REG_RIP] -= SYSCALL_BYTES;
        fault.vector = VECTOR_UD;
    } else if (fault.vector == VECTOR_UD && at_enclu_inside(t->enclave, uc)) {
        enclu_inside(sig, info, uc, t);
        return;
    } else if (fault.vector == VECTOR_DB && t->stepping) {
        emu_step_taken(t, uc);
        return;
    } else if (fault.vector == VECTOR_PF) {
        if (sig == SIGBUS)
            emu_fatal("no memory left for an enclave page", (uint64_t)regs[REG_CR2],
                      (uint64_t)regs[REG_RIP]);
        if (repair_page_fault(t, uc, &fault))
            return;
    } else if (fault.vector == VECTOR_GP) {
        if (illegal_inside(t->enclave, uc))
            fault.vector = VECTOR_UD;
        else
            fault.error = (uint32_t)regs[REG_ERR];
    }
    raise_inside(sig, info, uc, t, &fault);
}

/* ---- traps of the host's own code --------------------------------------- */

static bool at_enclu_outside(const ucontext_t *uc)
{
    const uint8_t *rip = (const uint8_t *)uc->uc_mcontext.gregs[REG_RIP];

    return rip[0] == 0x0f && rip[1] == 0x01 && rip[2] == 0xd7;
}

static void take_template(ucontext_t *uc)
{
    const uint8_t *software = (const uint8_t *)uc->uc_mcontext.fpregs + 464;

    emu_frame_template = *uc;
    memcpy(emu_fp_software, software, sizeof(emu_fp_software));
    uc->uc_mcontext.gregs[REG_RIP] += 3;
}

static void trap_outside(int sig, siginfo_t *info, ucontext_t *uc, struct emu_thread *t)
{
    const greg_t *regs = uc->uc_mcontext.gregs;
    uint64_t address = (uint64_t)regs[REG_CR2];
    struct emu_enclave *e = NULL;
    struct emu_fault fault;

    if (regs[REG_TRAPNO] == VECTOR_PF)
        e = emu_enclave_at(address);
    if (e) {
        emu_visible_host_access(e, address, (uint64_t)regs[REG_RIP]);
    } else if (sig == SIGILL && regs[REG_RIP] == (greg_t)emu_probe_enclu) {
        take_template(uc);
    } else if (sig == SIGILL && t && at_enclu_outside(uc)) {
        if (!emu_enclu_outside(t, uc, &fault))
            emu_report(uc, &fault);
    } else {
        call_host(sig, info, uc);
    }
}

/* ------------------------------------------------------------------------- */

/* From thunk.S, with all signals blocked. t: NULL on a thread that never entered. */
void emu_dispatch(int sig, siginfo_t *info, ucontext_t *uc, struct emu_thread *t)
{
    bool trap = is_trap_signal(sig) && info->si_code > 0;
    const struct emu_fault interrupt = EMU_NO_FAULT;
    int saved_errno = errno;

    if (trap && t && t->enclave) {
        trap_inside(sig, info, uc, t);
    } else if (trap) {
        trap_outside(sig, info, uc, t);
    } else {
        if (t && t->enclave)
            emu_aex(t, uc, &interrupt);
        call_host(sig, info, uc);
    }
    errno = saved_errno;
}
