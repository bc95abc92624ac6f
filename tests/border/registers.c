#include "tests/border/registers.h"

#include "abi/sgx_arch.h"

#include <stdbool.h>
#include <string.h>

/* XSAVE area, SDM 1 13.4; AVX's place in the standard format is fixed. */
#define X87_OFFSET       32
#define XMM_OFFSET       160
#define MXCSR_OFFSET     24
#define XSTATE_BV_OFFSET 512
#define AVX_OFFSET       576
#define XSTATE_X87       1u
#define XSTATE_SSE       2u
#define XSTATE_AVX       4u

#define MXCSR_INITIAL 0x1f80u

#define FLAGS_OBSERVED 0x40cc5u /* AC DF OF SF ZF PF CF */
#define FLAGS_OF_ZERO  0x44u    /* ZF PF: what clearing a register leaves */

void registers_read(const ucontext_t *enclave, struct registers *out)
{
    const greg_t *g = enclave->uc_mcontext.gregs;
    const uint8_t *x = (const uint8_t *)enclave->uc_mcontext.fpregs;
    uint64_t in_use;

    memset(out, 0, sizeof(*out));
    out->rax = (uint64_t)g[REG_RAX];
    out->rbx = (uint64_t)g[REG_RBX];
    out->rcx = (uint64_t)g[REG_RCX];
    out->rdx = (uint64_t)g[REG_RDX];
    out->rsi = (uint64_t)g[REG_RSI];
    out->rdi = (uint64_t)g[REG_RDI];
    out->rbp = (uint64_t)g[REG_RBP];
    out->rsp = (uint64_t)g[REG_RSP];
    for (int i = 0; i < 8; i++)
        out->r[i] = (uint64_t)g[REG_R8 + i];
    out->rip = (uint64_t)g[REG_RIP];
    out->rflags = (uint64_t)g[REG_EFL];
    memcpy(&out->mxcsr, x + MXCSR_OFFSET, sizeof(out->mxcsr));
    memcpy(&in_use, x + XSTATE_BV_OFFSET, sizeof(in_use));
    for (size_t i = 0; in_use & XSTATE_X87 && i < 8; i++) /* ten bytes of each are the register */
        memcpy(out->x87[i], x + X87_OFFSET + 16 * i, 10);
    if (in_use & XSTATE_SSE)
        memcpy(out->xmm, x + XMM_OFFSET, sizeof(out->xmm));
    if (in_use & XSTATE_AVX)
        memcpy(out->ymm_high, x + AVX_OFFSET, sizeof(out->ymm_high));
}

static bool all_zero(const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (((const uint8_t *)bytes)[i])
            return false;
    return true;
}

const char *registers_extended_dirt(const struct registers *registers)
{
    if (!all_zero(registers->xmm, sizeof(registers->xmm)))
        return "an XMM register";
    if (!all_zero(registers->ymm_high, sizeof(registers->ymm_high)))
        return "the upper half of a YMM register";
    if (!all_zero(registers->x87, sizeof(registers->x87)))
        return "an x87 register";
    if (registers->mxcsr != MXCSR_INITIAL)
        return "MXCSR";
    return NULL;
}

static bool outside(uint64_t address, uint64_t base, uint64_t bytes)
{
    return address < base || address - base >= bytes;
}

const char *registers_exit_dirt(const struct registers *registers, uint64_t base, uint64_t bytes)
{
    if (registers->rax != ENCLU_EEXIT)
        return "RAX is not EEXIT";
    if (!outside(registers->rbx, base, bytes) || !outside(registers->rsp, base, bytes) ||
        !outside(registers->rbp, base, bytes))
        return "RBX, RSP or RBP is not the host's";
    if (registers->rdi > UINT8_MAX * 2)
        return "RDI is not a status";
    if (registers->rcx || registers->rdx || registers->rsi)
        return "RCX, RDX or RSI";
    if (!all_zero(registers->r, sizeof(registers->r)))
        return "one of R8 to R15";
    if ((registers->rflags & FLAGS_OBSERVED) != FLAGS_OF_ZERO)
        return "the flags";
    return registers_extended_dirt(registers);
}
