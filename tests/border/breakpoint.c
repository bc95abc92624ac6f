#include "tests/border/breakpoint.h"

#include "sgx/emu/instrument.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <ucontext.h>

#include <cmocka.h>

#define INT3 0xcc

static struct {
    int fd;
    uint64_t base, gprs, offset;
    uint8_t original;
    volatile sig_atomic_t armed;
    breakpoint_stop stop;
    void *context;
} breakpoint;

uint64_t ssa_offset(unsigned slot, unsigned frame)
{
    return SLOT_CONTROL_OFF + (uint64_t)slot * SLOT_CONTROL_STRIDE + CTL_SSA +
           (uint64_t)frame * SSA_FRAME_PAGES * PAGE_BYTES;
}

uint64_t ssa_gprs_offset(unsigned slot, unsigned frame)
{
    return ssa_offset(slot, frame) + SSA_FRAME_PAGES * PAGE_BYTES - GPRSGX_BYTES;
}

static bool poke(uint64_t offset, const void *from, size_t bytes)
{
    return emu_poke(breakpoint.fd, offset, from, bytes) == ST_OK;
}

/* Linux leaves #BP in an enclave to the process's handler; no assertion may run here. */
static void on_trap(int sig, siginfo_t *info, void *ucontext)
{
    greg_t *regs = ((ucontext_t *)ucontext)->uc_mcontext.gregs;
    const uint32_t exitinfo = 0; /* an interrupt's */
    uint64_t rip = 0;

    (void)sig, (void)info;
    if (!breakpoint.armed ||
        emu_peek(breakpoint.fd, breakpoint.gprs + GPRSGX_RIP, &rip, sizeof(rip)) != ST_OK ||
        rip != breakpoint.base + breakpoint.offset + 1)
        abort();
    breakpoint.armed = 0;
    rip--;
    if (!poke(breakpoint.gprs + GPRSGX_RIP, &rip, sizeof(rip)) ||
        !poke(breakpoint.gprs + GPRSGX_EXITINFO, &exitinfo, sizeof(exitinfo)) ||
        !poke(breakpoint.offset, &breakpoint.original, 1))
        abort();
    if (breakpoint.stop(breakpoint.context) == BREAKPOINT_OUT)
        regs[REG_RBX] = 0; /* the TCS: the ERESUME at the AEP faults */
}

void breakpoint_set(const struct border *border, unsigned slot, unsigned depth, uint64_t offset,
                    breakpoint_stop stop, void *context)
{
    const struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    const uint8_t int3 = INT3;

    assert_false(breakpoint.armed);
    assert_int_equal(border->driver->sigaction(SIGTRAP, &action, NULL), 0);
    breakpoint.fd = border->fd;
    breakpoint.base = border->base;
    breakpoint.gprs = ssa_gprs_offset(slot, depth);
    breakpoint.offset = offset;
    breakpoint.stop = stop;
    breakpoint.context = context;
    assert_int_equal(emu_peek(border->fd, offset, &breakpoint.original, 1), ST_OK);
    breakpoint.armed = 1;
    assert_int_equal(emu_poke(border->fd, offset, &int3, 1), ST_OK);
}

bool breakpoint_clear(void)
{
    if (!breakpoint.armed)
        return true;
    breakpoint.armed = 0;
    assert_int_equal(emu_poke(breakpoint.fd, breakpoint.offset, &breakpoint.original, 1), ST_OK);
    return false;
}
