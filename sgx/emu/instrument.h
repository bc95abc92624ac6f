/*
 * What tests and --stats may ask of the emulator beyond the driver's
 * interface: counters, a look through the memory encryption, a hostile kernel,
 * and an interrupt after chosen instructions. Nothing here exists on hardware.
 */
#ifndef RECLAVE_SGX_EMU_INSTRUMENT_H
#define RECLAVE_SGX_EMU_INSTRUMENT_H

#include "abi/status.h"

#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

struct emu_counters { /* of one enclave, since ECREATE */
    uint64_t eenter, eresume, eexit, aex;
    uint64_t eadd, eaug, eaccept, eremove;
    uint64_t faults_hidden;     /* #PF handled by the driver (EAUG), part of aex */
    uint64_t pages, pages_peak; /* EPC pages held now (SECS included), and at most */
    uint64_t host_accesses;     /* lenient mode */
};

/* fd: the enclave's descriptor. ST_NOT_FOUND: not an emulated enclave. */
MUST_CHECK enum status emu_counters(int fd, struct emu_counters *out);

/* EPCM entry of one page. flags as SECINFO.FLAGS, plus bit 63: blocked/removed by the host. */
struct emu_page {
    uint64_t offset; /* from the enclave's base */
    uint64_t flags;
};
/* The first present page at or after *offset; ST_NOT_FOUND at the end. */
MUST_CHECK enum status emu_next_page(int fd, uint64_t offset, struct emu_page *out);
/* Read or write page contents as the hardware itself could. */
MUST_CHECK enum status emu_peek(int fd, uint64_t offset, void *to, size_t bytes);
MUST_CHECK enum status emu_poke(int fd, uint64_t offset, const void *from, size_t bytes);

/* A hostile kernel: EREMOVE a page behind the enclave's back (ST_BUSY while a thread is
 * inside: the CPU refuses it, too); EAUG one (PENDING, zero; ST_INVALID_ARGUMENT: there is
 * one); take away or give back a page's mapping only (a paging kernel). */
MUST_CHECK enum status emu_hostile_remove(int fd, uint64_t offset);
MUST_CHECK enum status emu_hostile_augment(int fd, uint64_t offset);
MUST_CHECK enum status emu_hostile_unmap(int fd, uint64_t offset, int unmapped);

/*
 * Single-step: while a hook is set on the calling thread, every instruction
 * executed inside an enclave is followed by a call of the hook (in signal
 * context: async-signal-safe code only). It may read the registers of the
 * enclave and answers what happens next.
 */
enum emu_step {
    EMU_STEP_ON,   /* go on to the next instruction */
    EMU_STEP_AEX,  /* deliver an interrupt here: AEX, then ERESUME by the AEP as Linux does */
    EMU_STEP_OUT,  /* AEX, and enter() returns to the caller as if a signal handler had
                    * broken out at the AEP: run->function = ERESUME, vector #PF */
    EMU_STEP_STOP, /* go on without stepping until the next EENTER or ERESUME by the host */
};
typedef enum emu_step (*emu_step_hook)(const ucontext_t *enclave, void *context);
void emu_set_step_hook(emu_step_hook hook, void *context);

#endif
