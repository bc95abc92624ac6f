/* The loader's own view of an enclave; not for callers (tests of hostile hosts excepted). */
#ifndef RECLAVE_HOST_LOADER_INTERNAL_H
#define RECLAVE_HOST_LOADER_INTERNAL_H

#include "host/loader/loader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

struct slot {
    struct enclave *enclave;
    uint64_t tcs; /* address */
    bool lost;
    char fault[128];

    /* What enter() reported last. */
    struct sgx_enclave_run run;
    enum status exit_status; /* RDI after EEXIT */

    /* kick.c. `breakable` and `kicked` are between the slot's thread and its own signal handler. */
    volatile sig_atomic_t breakable; /* inside at CSSA 0, where breaking out is useful */
    volatile sig_atomic_t kicked;    /* the handler broke this transition out */
    _Atomic uint64_t deadline_ns;    /* CLOCK_MONOTONIC; 0: none */
    atomic_bool abort_wanted;
    pthread_mutex_t timer_lock;
    bool inside; /* a call is in progress: timer is armed or armable */
    bool timer_made;
    _Atomic uint64_t armed_ns; /* what the timer was set to, see arm() */
    pid_t timer_thread;
    timer_t timer;

    atomic_uint_fast64_t transitions, exceptions, kicks;
};

struct enclave {
    const struct sgx_driver *driver;
    int fd;
    uint64_t base; /* multiple of bytes */
    uint64_t bytes;
    uint64_t xfrm;
    bool lazy;
    bool rdtsc;
    unsigned slot_count;
    pthread_mutex_t ioctl_lock; /* calls.c */
    struct slot slots[SLOTS_MAX];
};

/* enter.c: one EENTER or ERESUME and its end. Returns the leaf that ended it: ENCLU_EEXIT
 * (slot->exit_status holds RDI), ENCLU_ERESUME: an AEX with an exception or a kick, or
 * ENCLU_EENTER: EENTER itself faulted. Never EEXITs silently: exit_status is ST_SGX_ENTER else. */
unsigned enter_once(struct slot *slot, unsigned leaf, uint64_t rdi, uint64_t rsi, uint64_t rdx);

/* enter_shim.S: `enter` keeps callee-saved registers only if the enclave does; this keeps them,
 * MXCSR and the x87 control word in any case. */
int enter_shim(vdso_sgx_enter_enclave_t enter, unsigned long rdi, unsigned long rsi,
               unsigned long rdx, unsigned leaf, struct sgx_enclave_run *run);

/* space.c: reserve ELRANGE and map pages into it. */
MUST_CHECK enum status space_reserve(const struct sgx_driver *driver, uint64_t bytes,
                                     uint64_t *base);
MUST_CHECK enum status space_map(const struct enclave *enclave, const struct image *image,
                                 struct message *why);

/* kick.c: breaking a thread out of an enclave. */
MUST_CHECK enum status kick_install(const struct sgx_driver *driver);
void kick_slot_setup(struct slot *slot);
void kick_slot_teardown(struct slot *slot);
MUST_CHECK enum status kick_begin(struct slot *slot, uint64_t timeout_ms);
void kick_rest(struct slot *slot); /* no more ticks for this call */
void kick_end(struct slot *slot);

#endif
