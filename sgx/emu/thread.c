/*
 * Per-thread state: a block of the arena with the thread's struct, its signal
 * stack and its Syscall User Dispatch selector; and the way in from enter.S.
 */
#include "sgx/emu/emu.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_OFF          0
#define PR_SYS_DISPATCH_ON           1
#endif

#define SIGNAL_SET_BYTES 8 /* the kernel's */

#define FP_SOFTWARE_OFFSET 464 /* struct _fpx_sw_bytes in the FXSAVE area */
#define FP_MAGIC2          0x46505845u

/* Linux's struct _fpx_sw_bytes, at its start. */
struct fp_software {
    uint32_t magic1;
    uint32_t extended_size;
    uint64_t xfeatures;
    uint32_t xstate_size;
};

_Static_assert(offsetof(struct emu_thread, host_fs) == THREAD_HOST_FS, "thunk.S");
_Static_assert(offsetof(struct emu_thread, host_gs) == THREAD_HOST_GS, "thunk.S");
_Static_assert(offsetof(struct emu_thread, saved_fs) == THREAD_SAVED_FS, "thunk.S");
_Static_assert(offsetof(struct emu_thread, saved_gs) == THREAD_SAVED_GS, "thunk.S");
_Static_assert(offsetof(struct emu_thread, selector) == THREAD_SELECTOR, "thunk.S");
_Static_assert(offsetof(struct emu_thread, saved_selector) == THREAD_SAVED_SELECTOR, "thunk.S");
_Static_assert(sizeof(struct emu_thread) <= EMU_THREAD_BYTES, "thunk.S");

uint8_t *emu_arena;
ucontext_t emu_frame_template;
uint8_t emu_fp_software[48];

static atomic_uchar block_used[EMU_BLOCKS];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t exit_key;
static __thread struct emu_thread *current;

__attribute__((noreturn)) static void fatal_setup(void)
{
    emu_fatal("no memory or no Syscall User Dispatch for a thread", (uint64_t)errno, 0);
}

static void release_thread(void *thread)
{
    struct emu_thread *t = thread;
    stack_t none = {.ss_flags = SS_DISABLE};
    size_t block = (size_t)((uint8_t *)t - emu_arena) / EMU_BLOCK_BYTES;

    current = NULL;
    prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0);
    sigaltstack(&none, NULL);
    madvise(t, EMU_BLOCK_BYTES, MADV_DONTNEED);
    atomic_store(&block_used[block], 0);
}

static void after_fork(void)
{
    if (current)
        current->armed = false; /* the kernel clears dispatch in the child */
}

/* Once per process. */
static void set_up_process(void)
{
    uint8_t *p = mmap(NULL, EMU_ARENA_BYTES + EMU_BLOCK_BYTES, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED || pthread_key_create(&exit_key, release_thread) != 0 ||
        pthread_atfork(NULL, NULL, after_fork) != 0)
        fatal_setup();
    emu_arena = (uint8_t *)(((uint64_t)p + EMU_BLOCK_BYTES - 1) & ~(uint64_t)(EMU_BLOCK_BYTES - 1));
}

static struct emu_thread *take_block(void)
{
    for (size_t i = 0; i < EMU_BLOCKS; i++) {
        uint8_t *block = emu_arena + i * EMU_BLOCK_BYTES;

        if (atomic_exchange(&block_used[i], 1))
            continue;
        if (mprotect(block, EMU_THREAD_BYTES, PROT_READ | PROT_WRITE) != 0 ||
            mprotect(block + EMU_STACK_OFFSET, EMU_BLOCK_BYTES - EMU_STACK_OFFSET,
                     PROT_READ | PROT_WRITE) != 0)
            return NULL;
        return (struct emu_thread *)block;
    }
    return NULL;
}

/* Signal stack and dispatch, of this thread in this process. */
static void arm(struct emu_thread *t)
{
    stack_t stack = {.ss_sp = (uint8_t *)t + EMU_STACK_OFFSET,
                     .ss_size = EMU_BLOCK_BYTES - EMU_STACK_OFFSET};

    __asm__ volatile("rdfsbase %0" : "=r"(t->host_fs));
    __asm__ volatile("rdgsbase %0" : "=r"(t->host_gs));
    t->selector = 0;
    t->frame.uc_stack = stack;
    if (sigaltstack(&stack, NULL) != 0 ||
        prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, (unsigned long)emu_sigreturn,
              (unsigned long)(emu_sigreturn_end - emu_sigreturn), &t->selector) != 0)
        fatal_setup();
    t->armed = true;
}

/* The constant parts of the thread's own signal frame. */
static void prepare_frame(struct emu_thread *t)
{
    struct fp_software software;
    const uint32_t magic2 = FP_MAGIC2;

    memcpy(&software, emu_fp_software, sizeof(software));
    if (software.xstate_size + sizeof(magic2) > sizeof(t->fp))
        fatal_setup();
    t->frame.uc_flags = emu_frame_template.uc_flags;
    t->frame.uc_mcontext.gregs[REG_CSGSFS] = emu_frame_template.uc_mcontext.gregs[REG_CSGSFS];
    t->frame.uc_mcontext.fpregs = (fpregset_t)t->fp;
    memcpy(t->fp + FP_SOFTWARE_OFFSET, emu_fp_software, sizeof(emu_fp_software));
    memcpy(t->fp + software.xstate_size, &magic2, sizeof(magic2));
}

/* What the host may have changed behind our back; system calls, so not at each entry unless all are
 * watched. */
static void watch_signals(struct emu_thread *t)
{
    emu_signals_check();
    if (t)
        t->ending = emu_signals_ending();
}

struct emu_thread *emu_thread_current(void)
{
    struct emu_thread *t = current;

    if (!t || t->entries++ % emu_cpu.watch_every == 0)
        watch_signals(t);
    if (t && t->armed)
        return t;
    pthread_once(&once, set_up_process);
    if (!t)
        t = take_block();
    if (!t)
        fatal_setup();
    arm(t);
    if (!current) {
        current = t;
        if (pthread_setspecific(exit_key, t) != 0)
            fatal_setup();
        emu_probe(); /* fills the templates; the same for all threads */
        prepare_frame(t);
        watch_signals(t);
    }
    return t;
}

static void save_fp(struct emu_thread *t)
{
    struct fp_software software;

    memcpy(&software, emu_fp_software, sizeof(software));
    __asm__ volatile("xsave64 (%0)"
                     :
                     : "r"(t->fp), "a"((uint32_t)software.xfeatures),
                       "d"((uint32_t)(software.xfeatures >> 32))
                     : "memory");
}

/*
 * The end of emu_enter: registers as if the ENCLU at emu_aep had just trapped.
 * Builds the frame of that trap, handles it, and returns from it.
 */
void emu_enter_context(const greg_t *registers)
{
    struct emu_thread *t = emu_thread_current();
    ucontext_t *uc = &t->frame;
    const uint64_t all = UINT64_MAX;
    struct emu_fault fault;

    /* From here to the return no signal can find a thread half inside. */
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &uc->uc_sigmask, SIGNAL_SET_BYTES);
    memcpy(uc->uc_mcontext.gregs, registers, (REG_EFL + 1) * sizeof(greg_t));
    save_fp(t);
    t->saved_fs = t->host_fs;
    __asm__ volatile("rdgsbase %0" : "=r"(t->saved_gs));
    t->saved_selector = 0;
    if (!emu_enclu_outside(t, uc, &fault))
        emu_report(uc, &fault);
    emu_return(t, uc);
}
