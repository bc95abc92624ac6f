/* The registers of a thread inside an enclave, as a step hook sees them. Async-signal-safe. */
#ifndef RECLAVE_TESTS_BORDER_REGISTERS_H
#define RECLAVE_TESTS_BORDER_REGISTERS_H

#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

struct registers {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r[8]; /* r8 .. r15 */
    uint64_t rip, rflags;
    uint32_t mxcsr;
    uint8_t x87[8][16]; /* all-zero where the component is in its initial state */
    uint8_t xmm[16][16];
    uint8_t ymm_high[16][16];
};

void registers_read(const ucontext_t *enclave, struct registers *out);

/* NULL: all vector and x87 registers are zero and MXCSR is initial; else which is not. */
const char *registers_extended_dirt(const struct registers *registers);
/* NULL: as abi/entry.h promises at EEXIT; else what is not. RSP, RBP and RBX must lie outside
 * [base, base + bytes). */
const char *registers_exit_dirt(const struct registers *registers, uint64_t base, uint64_t bytes);

#endif
