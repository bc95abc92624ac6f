/*
 * The weak enclave: does whatever the host asks of it, so that tests can
 * provoke every event. Shared by its assembly and the tests.
 *
 * Enter with RDI = operation, RSI RDX R8 = arguments. It leaves with RDI RSI =
 * results. It needs no stack and no memory of its own.
 */
#ifndef RECLAVE_TESTS_SGX_WEAK_ENCLAVE_H
#define RECLAVE_TESTS_SGX_WEAK_ENCLAVE_H

#define OP_CSSA       0  /* -> RAX, RCX as EENTER left them */
#define OP_PEEK       1  /* address -> 8 bytes there */
#define OP_POKE       2  /* address, 8 bytes */
#define OP_ENCLU      3  /* host address of { rax, rbx, rcx, rdx } -> RAX, RFLAGS */
#define OP_JUMP       4  /* address */
#define OP_FAULT      5  /* enum of FAULT_* below */
#define OP_COUNT      6  /* iterations: COUNT_FIXED + 2 instructions each, ENCLU not counted */
#define OP_SPIN       7  /* address: until the 8 bytes there are not zero -> iterations */
#define OP_REGISTERS  8  /* fills every register with its pattern, then UD2 */
#define OP_BASES      9  /* -> FS base, GS base */
#define OP_SET_BASES  10 /* fs, gs: set and fault with UD2 */
#define OP_EXIT_DIRTY 11 /* leaves with RBX, R12-R15 overwritten */
#define OP_PUSH       12 /* host stack: leaves with two words pushed below the caller's RSP */
#define OP_SKIP       13 /* CSSA 1: SSA address in RSI, bytes in RDX: moves the frame's RIP on */
#define OP_FLAGS      14 /* RFLAGS to set, then UD2 */
#define OP_STEP_ENCLU 15 /* as OP_ENCLU, then one NOP: an ENCLU that stays inside, for stepping */
#define OP_EXIT_FLAG  16 /* leaves with DF set */
#define OP_COUNT_MAX  17

#define FAULT_DE      0
#define FAULT_DB      1 /* FAULT_DB_TRAPS times, by the trap flag */
#define FAULT_BP      2
#define FAULT_UD      3
#define FAULT_GP      4
#define FAULT_MF      5
#define FAULT_AC      6
#define FAULT_XM      7
#define FAULT_SYSCALL 8
#define FAULT_INT80   9
#define FAULT_INT     10
#define FAULT_IN      11
#define FAULT_COUNT   12

#define FAULT_DB_TRAPS 4

/* Instructions that OP_COUNT executes besides its loop: from the entry to the ENCLU, without it. */
#define COUNT_FIXED 14

/* Values of OP_REGISTERS: register i holds PATTERN * (i + 1); XMM i its low 64 bits i + 1. */
#define PATTERN 0x0101010101010101

/* Layout, offsets from the base. */
#define WEAK_ELRANGE 0x4000000 /* 64 MiB */
#define WEAK_CODE    0x0000
#define WEAK_DATA    0x10000 /* WEAK_DATA_PAGES, RW */
#define WEAK_TCS(i)  (0x20000 + (i)*0x10000)
#define WEAK_SSA(i)  (WEAK_TCS(i) + 0x1000) /* two frames of one page */
#define WEAK_TLS(i)  (WEAK_TCS(i) + 0x4000) /* not backed: only a base */
#define WEAK_HEAP    0x100000               /* not added: dynamic pages */

#define WEAK_DATA_PAGES 4
#define WEAK_HEAP_PAGES 64

#endif
