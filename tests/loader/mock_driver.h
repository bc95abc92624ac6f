/*
 * A machine without enclaves: struct sgx_driver whose entries follow a script
 * and whose every call is counted and can be made to fail. It plays the kernel
 * and the enclave, so that the loader's decisions can be tested one by one.
 */
#ifndef RECLAVE_TESTS_LOADER_MOCK_DRIVER_H
#define RECLAVE_TESTS_LOADER_MOCK_DRIVER_H

#include "abi/status.h"
#include "sgx/driver.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a page ioctl (restrict, modify types, remove) misbehaves, once, at the `odd_at`-th of them.
 */
enum mock_odd {
    MOCK_ODD_NONE,
    MOCK_ODD_EINTR,    /* interrupted before anything was done: may be repeated */
    MOCK_ODD_EAGAIN,   /* the same with EAGAIN: must not be */
    MOCK_ODD_EBUSY,    /* another one is under way */
    MOCK_ODD_NOTHING,  /* success, but nothing was done */
    MOCK_ODD_TOO_MUCH, /* more was done than was asked for */
    MOCK_ODD_COUNT,
};

enum mock_end {
    MOCK_EXIT,   /* EEXIT with `value` in RDI */
    MOCK_FAULT,  /* AEX with vector 14 at address `value` */
    MOCK_REFUSE, /* EENTER itself faults */
    MOCK_TICK,   /* an interrupt: the signal handler sees the AEP; then as MOCK_EXIT unless it
                  * broke out */
    MOCK_TICK_ELSEWHERE, /* the same with RIP not at an ENCLU: breaking out would be wrong */
    MOCK_RUN,            /* endless: ticks until the handler breaks out */
    MOCK_RUN_TIMED,      /* the same, but a tick only when the timer's signal has come */
};

struct mock_step {
    unsigned leaf; /* the entry must be this one: ENCLU_EENTER or ENCLU_ERESUME */
    uint64_t rdi;  /* of an EENTER: the call's number */
    enum mock_end end;
    uint64_t value;
};

struct mock_map {
    uint64_t offset; /* into the descriptor */
    uint64_t bytes;
    int protection;
};

struct mock {
    const struct mock_step *script;
    size_t script_length, at;
    size_t breakouts;
    volatile sig_atomic_t signals;                /* of the timer */
    void (*on_enter)(uint64_t rdi, uint64_t rsi); /* plays L0 on the call's struct; may be NULL */

    uint32_t cpuid_eax, cpuid_edx; /* of leaf 12h, subleaf 0 */
    int fail_at;                   /* the n-th driver call fails with fail_errno; 0: none */
    int fail_errno;
    int calls;
    uint64_t add_limit;      /* ADD_PAGES adds at most so many bytes per call; 0: all */
    uint64_t restrict_limit; /* likewise */

    int descriptors;         /* open ones */
    uint64_t reserved_bytes; /* mapped and not unmapped */
    uint64_t pages_added;
    unsigned inits;
    uint64_t restricted_offset, restricted_bytes, restrict_calls, restricted_permissions;
    struct mock_map maps[64];
    size_t map_count;
    /* Trimming: each of the two ioctls must take one range from its start to its end. */
    uint64_t trim_limit; /* as add_limit */
    uint64_t trim_end;   /* of the range */
    uint64_t typed_to, removed_to;
    unsigned trim_calls;
    enum mock_odd odd;
    unsigned odd_at; /* from 1 */
    unsigned page_ioctls;
    int early_errno; /* of a limit above: EAGAIN, or EINTR; 0: EAGAIN */
};

extern struct mock mock;
extern const struct sgx_driver mock_driver;

/* Everything zero, an SGX2 CPU with a 2^36 limit. */
void mock_reset(void);
void mock_play(const struct mock_step *script, size_t length);
/* All of the script was used. */
bool mock_done(void);

#endif
