/*
 * The machine: Linux's SGX driver interface, real or emulated. Whoever loads
 * an enclave uses these calls and nothing else; no caller may ask which of the
 * two is behind them (except to print its name).
 *
 * Calls behave as the system calls of their names do on /dev/sgx_enclave:
 * -1 and errno on failure; requests and structs are those of <asm/sgx.h>
 * (Linux 6.0 or later, with SGX2).
 */
#ifndef RECLAVE_SGX_DRIVER_H
#define RECLAVE_SGX_DRIVER_H

#include "abi/status.h"

#include <asm/sgx.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sgx_driver {
    const char *name; /* "sgx" or "emulator" */

    int (*open)(void); /* one enclave per descriptor */
    int (*close)(int fd);
    int (*ioctl)(int fd, unsigned long request, void *arg);
    /* Also for anonymous reservations (fd = -1) that enclaves are mapped over. */
    void *(*mmap)(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
    int (*mprotect)(void *addr, size_t length, int prot);
    int (*munmap)(void *addr, size_t length);

    /* __vdso_sgx_enter_enclave: EENTER or ERESUME, with the same register
     * convention, exception report and user handler. RBP is its anchor: the
     * enclave must bring back RBP (SSA.URBP after an ERESUME from another
     * frame). Safe to call from C: RBX, R12-R15, RSP, DF and AC come back as
     * they were, which the vDSO alone does not promise; vector state, MXCSR
     * and the x87 control word are whatever the enclave or the AEX left. */
    vdso_sgx_enter_enclave_t enter;

    /* For signals that may arrive while a thread is inside an enclave: the
     * handler sees what Linux shows after the AEX (RIP at the AEP, RAX =
     * ERESUME, RBX = TCS) and may change it. Any other use: plain sigaction.
     * Emulator: a handler not installed here waits until the thread is outside;
     * SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGTRAP and SIGSYS are its own and reach
     * handlers installed here when they are not an enclave's. A thread that has
     * entered an enclave keeps the emulator's signal stack. #BP and #DB inside
     * always end up as SIGTRAP, as in Linux. */
    int (*sigaction)(int sig, const struct sigaction *act, struct sigaction *old);

    /* CPUID leaf 12h (and its subleaves) as the machine reports it. */
    void (*cpuid)(uint32_t leaf, uint32_t subleaf, uint32_t out[4]);
};

/* An emulated CPU. Zeroed fields take the default in parentheses. */
struct sgx_cpu {
    int sgx1_only;         /* (0) no SGX2 instructions, no dynamic pages, RDTSC is illegal */
    uint64_t epc_bytes;    /* (128 GiB) pages beyond it are refused as by a full EPC */
    unsigned elrange_bits; /* (47) largest enclave, log2 of bytes: CPUID.12H.0:EDX[15:8] */
    int lenient;           /* (0) strict: host access to enclave memory aborts the
                            * process loudly; 1: reads 0xff, writes are dropped, counted
                            * (once per page between two entries). Both notice accesses
                            * while no thread is inside that enclave; by system calls:
                            * EFAULT. */
    unsigned watch_every;  /* (1) how closely the host is watched: every N-th exit that leaves
                            * nobody inside hides the enclave's memory from it, every N-th entry
                            * of a thread looks whether signal handlers were replaced. Both cost
                            * more than all else of a transition */
    uint8_t key[16];       /* (a constant in the source) the fused key that all of EGETKEY's keys
                            * come from: CPUs with different keys cannot check one another's
                            * reports or unseal one another's data. It protects nothing. */
};

enum sgx_choice {
    SGX_AUTO,     /* hardware where /dev/sgx_enclave opens, else the emulator */
    SGX_HARDWARE, /* or ST_SGX_NO_DEVICE */
    SGX_EMULATOR,
};

/* The process's driver. cpu is for the emulator only and may be NULL. The first call that
 * succeeds with the emulator fixes its CPU; later ones get the same driver.
 * ST_UNSUPPORTED: the kernel lacks what the emulator needs (FSGSBASE, Syscall User Dispatch);
 * a line on stderr says which. */
MUST_CHECK enum status sgx_driver_select(enum sgx_choice choice, const struct sgx_cpu *cpu,
                                         const struct sgx_driver **out);

#endif
