/*
 * A breakpoint in an enclave, which single-stepping from the entry would reach too slowly: one
 * byte of code is replaced behind the enclave's back. The thread that executes it takes an AEX,
 * the byte is put back, and the instruction runs when it is resumed.
 */
#ifndef RECLAVE_TESTS_BORDER_BREAKPOINT_H
#define RECLAVE_TESTS_BORDER_BREAKPOINT_H

#include "abi/sgx_arch.h"
#include "tests/border/harness.h"

#include <stdbool.h>

/* Of slot i's frame n, from the enclave's base. */
uint64_t ssa_offset(unsigned slot, unsigned frame);
uint64_t ssa_gprs_offset(unsigned slot, unsigned frame);

/* After the AEX (the interrupted frame is SSA[depth], as an interrupt leaves it), in signal
 * context. It may set a step hook, which starts with this instruction. */
enum breakpoint_answer {
    BREAKPOINT_RESUME,
    BREAKPOINT_OUT /* as a signal handler that breaks out at the AEP: enter() returns */
};
typedef enum breakpoint_answer (*breakpoint_stop)(void *context);

/* Once, at `offset` from the enclave's base, on the calling thread in `slot` at CSSA `depth`. */
void breakpoint_set(const struct border *border, unsigned slot, unsigned depth, uint64_t offset,
                    breakpoint_stop stop, void *context);
/* Was it reached? Puts the byte back if not. */
bool breakpoint_clear(void);

#endif
