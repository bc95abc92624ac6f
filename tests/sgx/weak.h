/*
 * Builds, signs and enters the weak enclave, for all tests of tests/sgx/.
 * Failures of the machinery end the running cmocka test.
 */
#ifndef RECLAVE_TESTS_SGX_WEAK_H
#define RECLAVE_TESTS_SGX_WEAK_H

#include "abi/geometry.h"
#include "abi/sgx_arch.h"
#include "sgx/driver.h"
#include "sgx/emu/instrument.h"
#include "tests/sgx/weak_enclave.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define WEAK_TCS_MAX 4

extern const uint8_t weak_code[], weak_code_end[];

/* What differs between the enclaves of the tests; zeroed: the usual one. */
struct weak_options {
    bool debug;
    bool no_exinfo;
    bool no_init;         /* stop before EINIT */
    bool no_map;          /* no mmap of the descriptor */
    bool unmeasured_data; /* data pages without EEXTEND */
    uint64_t xfrm;        /* 0: x87 and SSE */
    uint16_t svn;
    unsigned tcs_count;    /* 0: 2 */
    unsigned bad_hash : 1; /* sign another measurement */
};

struct weak {
    const struct sgx_driver *driver;
    int fd;
    uint64_t base;
    struct sgx_secs secs;
    struct sgx_sigstruct sigstruct;
    uint8_t mrenclave[32];
    void *reservation;
    size_t reservation_bytes;
};

/* How an entry ended: an EEXIT (function = ENCLU_EEXIT) or an exception. */
struct weak_exit {
    int result; /* of enter() */
    uint32_t function;
    uint16_t vector, error;
    uint64_t address;
    uint64_t rdi, rsi, rdx, rsp; /* as the user handler saw them */
};

/* The machine under test, an emulator with the CPU of weak_cpu (set before the first call). */
const struct sgx_driver *weak_driver(void);
extern struct sgx_cpu weak_cpu;

void weak_create(struct weak *w, const struct weak_options *options);
void weak_destroy(struct weak *w);
/* One ADD_PAGES; errno or 0. */
int weak_add(struct weak *w, uint64_t offset, const void *from, size_t bytes, uint64_t secinfo,
             bool measure);
/* Measure, sign and EINIT; errno or 0. */
int weak_init(struct weak *w, const struct weak_options *options);
void weak_map(struct weak *w, uint64_t offset, size_t bytes, int prot);

/* Enter by TCS number; function: ENCLU_EENTER or ENCLU_ERESUME. */
struct weak_exit weak_call(struct weak *w, unsigned tcs, uint32_t function, uint64_t op, uint64_t a,
                           uint64_t b, uint64_t c);
/* EENTER that must come back by EEXIT; returns RDI. */
uint64_t weak_do(struct weak *w, unsigned tcs, uint64_t op, uint64_t a, uint64_t b);
/* EENTER that must end in an exception of this vector and error code. */
void weak_must_fault(struct weak *w, unsigned tcs, uint64_t op, uint64_t a, uint64_t b,
                     uint16_t vector, uint16_t error);
/* ENCLU inside on TCS 0; returns RAX, RFLAGS' low byte in *flags (may be NULL). */
uint64_t weak_enclu(struct weak *w, uint64_t rax, uint64_t rbx, uint64_t rcx, uint64_t rdx,
                    uint64_t *flags);
struct weak_exit weak_enclu_exit(struct weak *w, uint64_t rax, uint64_t rbx, uint64_t rcx,
                                 uint64_t rdx);
/* EACCEPT of a page with SECINFO.FLAGS; returns RAX. Uses the last data page for the SECINFO. */
uint64_t weak_accept(struct weak *w, uint64_t offset, uint64_t flags);
/* SECINFO in the last data page; its address. */
uint64_t weak_secinfo(struct weak *w, uint64_t flags);

/* Contents, through the instrument. */
void weak_peek(struct weak *w, uint64_t offset, void *to, size_t bytes);
void weak_poke(struct weak *w, uint64_t offset, const void *from, size_t bytes);
struct sgx_gprs weak_frame(struct weak *w, unsigned tcs, unsigned index);
struct sgx_exinfo weak_exinfo(struct weak *w, unsigned tcs, unsigned index);
struct emu_counters weak_counters(struct weak *w);

/* ioctls; errno or 0. count and result may be NULL. */
int weak_restrict(struct weak *w, uint64_t offset, uint64_t bytes, uint64_t permissions,
                  uint64_t *count, uint64_t *result);
int weak_modify(struct weak *w, uint64_t offset, uint64_t bytes, uint64_t type, uint64_t *count,
                uint64_t *result);
int weak_remove(struct weak *w, uint64_t offset, uint64_t bytes, uint64_t *count);

/* Tests that die: run in a child, expect a signal and a line on stderr. */
void weak_must_die(void (*body)(struct weak *), int sig, const char *message);

#endif
