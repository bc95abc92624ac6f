#include "sgx/emu/start.h"

#include "sgx/emu/emu.h"

#include <stdio.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_OFF          0
#endif

#define HWCAP2_FSGSBASE_BIT 0x2ul /* Linux, uapi/asm/hwcap2.h */

static bool kernel_suffices(void)
{
    if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE_BIT)) {
        fprintf(stderr,
                "sgx emulator: needs FSGSBASE for user space (Linux 5.9, no `nofsgsbase')\n");
        return false;
    }
    if (prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0) != 0) {
        fprintf(stderr, "sgx emulator: needs Syscall User Dispatch (Linux 5.11)\n");
        return false;
    }
    return true;
}

enum status emu_start(const struct sgx_cpu *cpu, const struct sgx_driver **out)
{
    if (!kernel_suffices())
        return ST_UNSUPPORTED;
    emu_cpu_init(cpu);
    emu_xstate_init();
    emu_signals_init();
    *out = &emu_driver;
    return ST_OK;
}
