/* Macros that L0's assembly files share. */
#ifndef RECLAVE_TRUSTED_MONITOR_ASM_H
#define RECLAVE_TRUSTED_MONITOR_ASM_H

#include "abi/geometry.h"
#include "abi/sgx_arch.h"
#include "trusted/monitor/thread.h"

#define FUNCTION(name)                                                                             \
    .globl name;                                                                                   \
    .hidden name;                                                                                  \
    .type name, @function;                                                                         \
    .balign 32;                                                                                    \
    name:

#define END(name) .size name, .- name

/* All extended state back to its initial values: x87, SSE, AVX and whatever
 * else XFRM enables, without PKRU (XCR0 bit 9), which is not data. RAX, RDX
 * are lost; MXCSR becomes 0x1f80. */
#define CLEAN_EXTENDED_STATE                                                                       \
    movl $0xfffffdff, % eax;                                                                       \
    movl $0xffffffff, % edx;                                                                       \
    xrstor clean_xsave_area(% rip)

#endif
