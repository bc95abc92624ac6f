/*
 * A hostile host: it works below the loader, with single entries of any registers, single ioctls
 * and the emulator's kernel tricks. One of these per test; what goes wrong in here fails the
 * cmocka test that is running.
 *
 * Enclave image: RECLAVE_HOSTILE_IMAGE, or BUILD/tests/hostile/eager.rci for a program whose name
 * ends in "-eager" (on a CPU without SGX2), or the build's lazy one.
 */
#ifndef RECLAVE_TESTS_BORDER_HOSTILE_HOST_H
#define RECLAVE_TESTS_BORDER_HOSTILE_HOST_H

#include "abi/entry.h"
#include "abi/geometry.h"
#include "abi/sgx_arch.h"
#include "host/loader/internal.h"
#include "sgx/emu/instrument.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HOST_SLOTS  3
#define BUFFER_ROOM 0x20000u

/* A slot and the buffers of its host. Buffers are surrounded by canaries. */
struct target {
    struct slot *slot;
    unsigned number;
    int fd;
    uint64_t base;              /* of the enclave */
    struct sgx_enclave_run run; /* how the last entry ended */
    struct entry_load loaded;   /* results of the last ENTRY_LOAD */
    struct entry_invocation invocation;
    uint8_t *input, *output, *log; /* BUFFER_ROOM each */
    uint8_t *stack;                /* that its entries are made from: steady.S */
};

struct host {
    struct image image;
    struct enclave *enclave;
    int fd;
    struct target target[HOST_SLOTS];
    uint8_t *bundle;
    uint64_t bundle_bytes;
};

/* For main(): an argument names the tests to run, as a shell pattern. */
void select_tests(int argc, char **argv);

/* ---- enclaves ---------------------------------------------------------- */

/* A created enclave in which nothing was ever called; host->bundle is the witness. */
struct host *host_open(void);
/* ... after ENTRY_INIT. */
struct host *host_open_initialised(void);
void host_close(struct host *host);
/* host->bundle is BUILD/tests/hostile/NAME.rcl from now on. */
void host_take_bundle(struct host *host, const char *name);

/* ---- one step at a time ------------------------------------------------- */

/* One EENTER or ERESUME with these registers; t->run says more. Returns the leaf that ended it:
 * ENCLU_EEXIT (*status is L0's), ENCLU_ERESUME: an AEX, or the ERESUME itself faulted;
 * ENCLU_EENTER: the EENTER faulted. Any thread; asserts nothing. */
unsigned enter(struct target *t, unsigned leaf, uint64_t rdi, uint64_t rsi, uint64_t rdx,
               enum status *status);

/* EENTER that must end in EEXIT; returns L0's status. Checks that L0 leaves clean registers. */
enum status call(struct target *t, uint64_t number, void *argument, uint64_t bytes);
/* ERESUME likewise. */
enum status resume(struct target *t);
/* EENTER that must end in an AEX which the host sees. */
void call_interrupted(struct target *t, uint64_t number, void *argument, uint64_t bytes);
/* EENTER that the CPU must refuse with #GP. */
void enter_refused(struct target *t);
/* ERESUME that the CPU must refuse with #GP; only where no frame is. */
void resume_refused(struct target *t);

/* By ENTRY_STATS; needs CSSA 0. */
struct entry_stats stats_of(struct target *t);
enum slot_state state_of(struct target *t);

/* ---- proper calls --------------------------------------------------------- */

enum status boot(struct target *t);
/* ENTRY_LOAD of host->bundle; results in t->loaded. */
enum status load_bundle(struct host *host, struct target *t);
/* EMODPR of [offset, offset + bytes) to SECINFO_R | ...; the driver must agree. */
void restrict_code(struct target *t); /* all of it, to R|X: what a proper host does */
void restrict_pages(struct target *t, uint64_t offset, uint64_t bytes, uint64_t permissions);
/* ENTRY_FINISH_LOAD; the log is in t->log, results in t->invocation. */
enum status finish_load(struct target *t);
/* LOAD, restrict, FINISH_LOAD: from BOOTED to READY. */
void make_ready(struct host *host, struct target *t);
/* ENTRY_INVOKE with this text as its input. */
enum status invoke(struct target *t, const char *input);
/* The arguments of the same, for entering in another way. */
struct entry_invocation *invocation_of(struct target *t, const char *input);
enum status rewind_slot(struct target *t);
enum status reset_slot(struct target *t);

/* The slot is in this state now, by proper calls only. From EMPTY on. */
void bring_to(struct host *host, struct target *t, enum slot_state state);

/* ---- what must hold ----------------------------------------------------------- */

/* The last invocation ended well and answered this input, from a clean state. Any thread. */
bool is_answer(const struct target *t, const char *input);
void assert_answered(const struct target *t, const char *input);
/* INVOKE from READY gives the right answer; a rewind leads back to READY. */
void assert_invokes(struct target *t);
/* From whatever state but POISONED: on the proper way to READY, two right answers. */
void assert_serves(struct host *host, struct target *t);
/* The output buffer was not written since the last invocation_of(). */
void assert_no_output(const struct target *t);
void assert_canaries(const struct target *t);

/* ---- where the enclave is -------------------------------------------------------- */

/* Offset from the enclave's base of a page of one of the slot's regions. */
uint64_t region_page(const struct target *t, unsigned region, uint64_t page);
/* EPCM flags of the page as SECINFO.FLAGS; 0: absent. */
uint64_t page_flags(const struct target *t, uint64_t offset);
/* Contents of a page, through the memory encryption. */
void peek_page(const struct target *t, uint64_t offset, uint8_t page[PAGE_BYTES]);
#endif
