/*
 * The emulator's own header: an SGX CPU and Linux's driver in one process.
 *
 *   driver.c   descriptors, the table of enclaves       ioctl.c     the driver's rules
 *   mapping.c  mmap, mprotect, munmap; VMAs             visible.c   what is mapped how, strict mode
 *   epcm.c     pages and their permissions              fault.c     may the enclave touch this?
 *   secs.c     ECREATE, EADD, EEXTEND, EINIT            sigstruct.c the signature
 *   entry.c    EENTER, ERESUME, EEXIT, AEX              enclu.c     ENCLU by leaf; accept.c, keys.c
 *   signals.c  traps become SGX events                  thread.c    per-thread state
 *   enter.S    the vDSO's function                      thunk.S     signal entry and return
 *
 * It protects nothing: keys are derived from a constant and memory is an
 * ordinary file in RAM. It is for running and testing real enclave images
 * where there is no SGX.
 *
 * What native execution cannot show: instructions that are illegal in an
 * enclave but do not trap here (CPUID, RDTSC on SGX1, XGETBV of a smaller
 * XFRM), fetches outside ELRANGE (noticed at the next trap only), pages that
 * are executable but not readable, host accesses while another thread is
 * inside, RCX and R11 after a refused SYSCALL.
 */
#ifndef RECLAVE_SGX_EMU_EMU_H
#define RECLAVE_SGX_EMU_EMU_H

#include "sgx/emu/layout.h"

#include "abi/geometry.h"
#include "abi/sgx_arch.h"
#include "sgx/driver.h"
#include "sgx/emu/instrument.h"

#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <ucontext.h>

/* ---- the CPU (cpu.c) -------------------------------------------------- */

struct emu_cpu {
    bool sgx2;
    bool lenient;
    unsigned watch_every; /* exits until the next one that hides memory */
    uint64_t epc_pages;
    unsigned elrange_bits;
    uint64_t xfrm; /* bits of XCR0 that an enclave may have */
    uint8_t key[16];
};
extern struct emu_cpu emu_cpu;

void emu_cpu_init(const struct sgx_cpu *wanted);
void emu_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4]);

/* An exception as the CPU would raise it; vector < 0: none. */
struct emu_fault {
    int vector;
    uint32_t error;
    uint64_t address; /* #PF only */
};
#define EMU_NO_FAULT ((struct emu_fault){.vector = -1})

/* Fill *fault; false, so that a check can end in `return emu_gp(fault);`. */
bool emu_gp(struct emu_fault *fault);
bool emu_pf(struct emu_fault *fault, uint64_t address, uint32_t error);

/* Reserved fields must be. */
static inline bool emu_all_zero(const void *bytes, size_t count)
{
    const uint8_t *p = bytes;

    return count == 0 || (p[0] == 0 && memcmp(p, p + 1, count - 1) == 0);
}

/* ---- EPCM: one 16-bit word per page of ELRANGE (epcm.c) ---------------- */

/* Bits 0-5 and 8-10 are those of SECINFO.FLAGS. */
#define EPCM_RWX       0x0007u
#define EPCM_STATE     (SECINFO_PENDING | SECINFO_MODIFIED | SECINFO_PR)
#define EPCM_TYPE      0x0700u
#define EPCM_MAX_SHIFT 11      /* three bits: what the driver lets mmap ask for */
#define EPCM_UNMAPPED  0x4000u /* a paging kernel took the mapping away */
#define EPCM_PRESENT   0x8000u

/* ---- enclaves ---------------------------------------------------------- */

/* A mapping of the enclave's descriptor, in bytes. */
struct emu_vma {
    uint64_t start, end;
    int prot;
};

/* A maximal range of pages (relative to base) with one effective protection, not PROT_NONE. */
enum emu_run_state {
    RUN_SHOWN,  /* mapped with its protection */
    RUN_CLOSED, /* PROT_NONE in place */
    RUN_PARKED, /* moved, page tables and all, to the park; PROT_NONE in place */
};
struct emu_run {
    uint64_t first, end;
    int prot;
    enum emu_run_state state;
    uint64_t tcs; /* who used it last: shown at once at that TCS's next entry */
};

struct emu_enclave {
    atomic_int lock;
    atomic_bool ioctl_busy;
    atomic_uint_fast64_t base; /* 0 before ECREATE: then nothing is found by address */
    uint64_t size;
    bool used;
    bool initialised;
    int fd;     /* the caller's descriptor, -1 after close */
    int memory; /* the same memfd: page contents; file offset = offset from base */
    struct sgx_secs secs;
    uint8_t *alias; /* all contents, always readable and writable */
    uint8_t *park;
    uint16_t *epcm;
    uint16_t *populated; /* present pages per EMU_CHUNK pages */
    EVP_MD_CTX *measurement;
    unsigned inside;    /* threads */
    unsigned unwatched; /* exits since memory was hidden */
    struct emu_vma *vmas;
    size_t vma_count, vma_room;
    struct emu_run *runs;
    size_t run_count, run_room;
    uint64_t ghosts[EMU_GHOSTS]; /* lenient mode: pages replaced by 0xff, relative to base */
    size_t ghost_count;
    struct emu_counters counters;
};

/* driver.c. The structures are recycled, never freed: a signal handler may look at any time. */
struct emu_enclave *emu_enclave_of_fd(int fd);
struct emu_enclave *emu_enclave_at(uint64_t address);
struct emu_enclave *emu_enclave_by_index(size_t index);
/* Calls that change pages, mappings or TCSs hold the lock. Not recursive. */
void emu_lock(struct emu_enclave *e);
void emu_unlock(struct emu_enclave *e);
/* Destroy if neither descriptor nor mapping nor thread is left. Lock held; released. */
void emu_unlock_and_release(struct emu_enclave *e);
/* One line on stderr, then abort: async-signal-safe. */
__attribute__((noreturn)) void emu_fatal(const char *what, uint64_t address, uint64_t rip);

/* ioctl.c */
int emu_ioctl(int fd, unsigned long request, void *arg);

/* epcm.c; page numbers are relative to base. */
static inline bool emu_inside_elrange(const struct emu_enclave *e, uint64_t address)
{
    return e->base && address - e->base < e->size;
}
bool emu_epc_take(struct emu_enclave *e); /* one page of EPC; false: none left */
void emu_epc_give(struct emu_enclave *e);
void emu_page_insert(struct emu_enclave *e, uint64_t page, uint16_t entry); /* EPC already taken */
void emu_page_remove(struct emu_enclave *e, uint64_t page);  /* EREMOVE: contents gone, EPC given */
bool emu_page_augment(struct emu_enclave *e, uint64_t page); /* EAUG; false: EPC full */
int emu_page_prot(uint16_t entry); /* PROT_* that the EPCM grants the enclave */

/* secs.c: the ENCLS leaves that build. -1 and errno as the driver's ioctls. */
int emu_ecreate(struct emu_enclave *e, const struct sgx_secs *secs);
void emu_measure_eadd(struct emu_enclave *e, uint64_t page, uint64_t secinfo_flags);
void emu_measure_eextend(struct emu_enclave *e, uint64_t page);
bool emu_tcs_legal(const struct sgx_tcs *tcs);
int emu_einit(struct emu_enclave *e, const struct sgx_sigstruct *sigstruct); /* SGX status */

/* sigstruct.c: header, RSA signature, Q1 and Q2. */
bool emu_sigstruct_header_legal(const struct sgx_sigstruct *s);
bool emu_sigstruct_verify(const struct sgx_sigstruct *s);

/* mapping.c */
void *emu_mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
int emu_mprotect(void *addr, size_t length, int prot);
int emu_munmap(void *addr, size_t length);
/* The VMA that holds address, or NULL; the first that ends after it, or NULL. */
const struct emu_vma *emu_vma_at(const struct emu_enclave *e, uint64_t address);
const struct emu_vma *emu_vma_from(const struct emu_enclave *e, uint64_t address);
/* After ECREATE: map what was reserved before. */
bool emu_vma_bind(struct emu_enclave *e);

/* visible.c: keeps the host's page tables in step with VMAs, EPCM and strict mode. */
void emu_visible_update(struct emu_enclave *e, uint64_t first, uint64_t count);
void emu_visible_forget(struct emu_enclave *e, uint64_t first, uint64_t count); /* unmapped */
void emu_visible_enter(struct emu_enclave *e, uint64_t tcs); /* one thread more inside */
void emu_visible_leave(struct emu_enclave *e);
/* The page may be touched: make it so. false: it was already mapped. */
bool emu_visible_touch(struct emu_enclave *e, uint64_t page, uint64_t tcs);
/* A host access: abort, or in lenient mode give it a page of 0xff. */
void emu_visible_host_access(struct emu_enclave *e, uint64_t address, uint64_t rip);

/* fault.c. access: 0 (read), PF_WRITE or PF_INSTR. Includes the driver's EAUG. */
bool emu_access(struct emu_enclave *e, uint64_t address, uint32_t access, struct emu_fault *fault);
/* The mapping only, as for EACCEPT's target; the page may be in any state but absent. */
bool emu_access_any_state(struct emu_enclave *e, uint64_t address, struct emu_fault *fault);
/* An operand of ENCLU: checks alignment, ELRANGE and access; NULL: *fault says why. */
void *emu_operand(struct emu_enclave *e, uint64_t address, uint64_t alignment, uint32_t access,
                  struct emu_fault *fault);

/* ---- threads ----------------------------------------------------------- */

/* The first fields are known to thunk.S. Lies at the base of the thread's
 * block of the arena; the block's upper part is its signal stack. */
struct emu_thread {
    uint64_t host_fs, host_gs;   /* segment bases of the host's code */
    uint64_t saved_fs, saved_gs; /* of the interrupted code: put back on return */
    uint8_t selector;            /* Syscall User Dispatch: 0 allow, 1 block */
    uint8_t saved_selector;

    struct emu_enclave *enclave; /* NULL: outside */
    uint64_t tcs;                /* page number of the current TCS */
    uint64_t host_mask;          /* signal mask outside */
    uint64_t last_fault;         /* page of the last fault that needed no repair */
    unsigned repeats;
    unsigned entries;
    uint64_t ending; /* signals that simply end the process, when an entry was last watched */
    bool armed;      /* signal stack and dispatch are set up in this process */
    bool stepping;
    emu_step_hook hook;
    void *hook_context;

    /* A signal frame of our own: entering is a return from it. */
    ucontext_t frame __attribute__((aligned(64)));
    uint8_t fp[EMU_FP_BYTES] __attribute__((aligned(64)));
};

struct emu_thread *emu_thread_current(void); /* registers the thread at its first call */
extern uint8_t *emu_arena;                   /* thunk.S finds blocks in it */

/* ---- entry and exit (entry.c) ------------------------------------------ */

/* Each acts on the interrupted registers in uc. false: *fault, nothing changed. */
bool emu_eenter(struct emu_thread *t, ucontext_t *uc, struct emu_fault *fault);
bool emu_eresume(struct emu_thread *t, ucontext_t *uc, struct emu_fault *fault);
bool emu_eexit(struct emu_thread *t, ucontext_t *uc, struct emu_fault *fault);
/* fault.vector < 0: an interrupt. */
void emu_aex(struct emu_thread *t, ucontext_t *uc, const struct emu_fault *fault);

/* enclu.c: ENCLU inside an enclave, and EENTER/ERESUME outside. */
bool emu_enclu_inside(struct emu_thread *t, ucontext_t *uc, struct emu_fault *fault);
bool emu_enclu_outside(struct emu_thread *t, ucontext_t *uc, struct emu_fault *fault);
void emu_set_leaf_status(ucontext_t *uc, uint64_t status); /* RAX, ZF; other flags clear */

/* accept.c, keys.c: leaf functions; registers in uc. */
bool emu_eaccept(struct emu_enclave *e, ucontext_t *uc, struct emu_fault *fault);
bool emu_emodpe(struct emu_enclave *e, ucontext_t *uc, struct emu_fault *fault);
bool emu_eacceptcopy(struct emu_enclave *e, ucontext_t *uc, struct emu_fault *fault);
bool emu_ereport(struct emu_enclave *e, ucontext_t *uc, struct emu_fault *fault);
bool emu_egetkey(struct emu_enclave *e, ucontext_t *uc, struct emu_fault *fault);

/* xstate.c: XSAVE images in standard format. */
void emu_xstate_init(void);
uint64_t emu_xstate_bytes(uint64_t xfrm);
void emu_xstate_save(uint8_t *ssa, const uint8_t *live, uint64_t xfrm);
bool emu_xstate_legal(const uint8_t *ssa, uint64_t xfrm);
void emu_xstate_restore(uint8_t *live, const uint8_t *ssa, uint64_t xfrm);
void emu_xstate_synthetic(uint8_t *live, uint64_t xfrm);

/* ---- signals (signals.c, thunk.S, enter.S) ----------------------------- */

void emu_signals_init(void);
void emu_signals_check(void); /* takes the trap signals back if the host has replaced them */
int emu_sigaction(int sig, const struct sigaction *act, struct sigaction *old);
/* Masks: signals that end the process by default; signals that must wait outside, given those. */
uint64_t emu_signals_ending(void);
uint64_t emu_signals_blocked_inside(uint64_t ending);
/* Where a signal frame's floating-point layout is copied from. */
extern ucontext_t emu_frame_template;
extern uint8_t emu_fp_software[48];

/* Exception on ENCLU or in the enclave, as Linux's fixup for the vDSO does it. */
void emu_report(ucontext_t *uc, const struct emu_fault *fault);

int emu_enter(unsigned long rdi, unsigned long rsi, unsigned long rdx, unsigned int function,
              unsigned long r8, unsigned long r9, struct sgx_enclave_run *run);
__attribute__((noreturn)) void emu_enter_context(const greg_t *registers); /* from enter.S */
void emu_dispatch(int sig, siginfo_t *info, ucontext_t *uc, struct emu_thread *t);
void emu_thunk(int sig, siginfo_t *info, void *uc);
void emu_probe(void);
__attribute__((noreturn)) void emu_return(struct emu_thread *t, ucontext_t *frame);
extern const uint8_t emu_aep[], emu_exception[], emu_probe_enclu[];
extern const uint8_t emu_sigreturn[], emu_sigreturn_end[];

/* step.c */
void emu_step_arm(struct emu_thread *t, ucontext_t *uc);
void emu_step_taken(struct emu_thread *t, ucontext_t *uc);

#endif
