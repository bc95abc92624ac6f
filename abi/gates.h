/*
 * The gates: the only ways between layer 2, layer 1 and L0. Included by C and
 * by assembly.
 *
 * A code zone starts with a gates page: GATE_ENTRY_BYTES-sized entries that L0
 * writes (slots) or that are measured (layer 1). Code reaches gate N with a
 * direct call or jump to code base + N * GATE_ENTRY_BYTES.
 *
 * Calling convention of gates: System V AMD64. Arguments in RDI RSI RDX RCX R8
 * R9, result in RAX; RBX RBP R12-R15 and RSP are kept by L0 (R14 is the code zone's base); all
 * other general and all vector registers are clean afterwards. A gate takes nothing on the stack
 * but the return address.
 *
 * Who calls what, and when it is legal (L0 refuses by TRAP_RUNTIME or
 * TRAP_MACHINE_FAULT otherwise):
 *
 *   layer 2
 *   GATE2_WASI    call nr (enum wasi_call), 5 arguments -> WASI errno
 *                 LOADING (initialisation) and RUNNING
 *   GATE2_TRAP    enum trap; does not return                     same
 *   GATE2_GROW    enum grow_what, pages of 4 KiB -> 1 done, 0 refused    same
 *   GATE2_RETURN  result; leaves the call that L0 made           same
 *   GATE2_DATA    target, offset, bytes -> 1 done, 0 refused: copies the
 *                 function's read-only data from this offset to target: an
 *                 address in linear memory, or with GATE2_DATA_CAGE set an
 *                 offset in the tables or state of layer 2's cage    same
 *
 *   layer 1
 *   GATE1_RETURN  result; leaves the call that layer 2 (or L0 at boot) made
 *   GATE1_EXIT    exit code; ends the invocation (proc_exit)
 *   GATE1_COMMIT  REGION_STDOUT or REGION_STDERR, total bytes wanted -> 1 / 0
 *   GATE1_RANDOM  offset in L1's cage, bytes (<= 256) -> 1 / 0; fresh, never rewound
 *   GATE1_TRAP    enum trap (TRAP_OUTPUT_LIMIT only)
 *   GATE1_WRITE   address in linear memory, offset in L1's cage, bytes -> 1 / 0: layer 1's only way
 *                 to write linear memory, so that L0 knows what changed
 *
 * Entry points: L0 enters layer 2 at the bundle's entry offset with
 *   RDI = enum crt_call, and layer 1 at L1_ENTRY_OFF with RDI = enum wasi_call
 *   and RSI.. = arguments; RSP = top of the layer's stack - 8, holding the
 *   address of its RETURN gate; everything else zero, DF clear, MXCSR 0x1f80.
 */
#ifndef RECLAVE_ABI_GATES_H
#define RECLAVE_ABI_GATES_H

#include "abi/geometry.h"

#define GATE2_WASI   0
#define GATE2_TRAP   1
#define GATE2_GROW   2
#define GATE2_RETURN 3
#define GATE2_DATA   4
#define GATE2_COUNT  5

#define GATE2_DATA_CAGE GEO_U64(0x8000000000000000)

#define GATE1_RETURN 0
#define GATE1_EXIT   1
#define GATE1_COMMIT 2
#define GATE1_RANDOM 3
#define GATE1_TRAP   4
#define GATE1_WRITE  5
#define GATE1_COUNT  6

/* Layer 1's entry: the first instruction after its gates page. */
#define L1_ENTRY_OFF 4096

/* enum grow_what */
#define GROW_LINEAR 0 /* second argument: additional pages of 4 KiB of linear memory */
#define GROW_TABLES 1 /* total bytes wanted in REGION_L2_TABLES, in pages */

/* enum crt_call: what L0 asks of a bundle's entry */
#define CRT_INSTANTIATE  1 /* globals, tables, data segments; start section */
#define CRT_INITIALIZE   2 /* export _initialize */
#define CRT_START        3 /* export _start; result 0 */
#define CRT_HANDLE       4 /* export handle; result = its i32 */
#define CRT_AFTER_REWIND 5 /* export reclave_after_rewind */
#define CRT_WIZER        6 /* export wizer.initialize */

/* enum wasi_call: GATE2_WASI's numbers, in the order of the WASI snapshot
 * preview 1 documentation. 0 is L0's own: layer 1 sets up its state (S0). */
#define L1_BOOT                  0
#define WASI_ARGS_GET            1
#define WASI_ARGS_SIZES_GET      2
#define WASI_ENVIRON_GET         3
#define WASI_ENVIRON_SIZES_GET   4
#define WASI_CLOCK_RES_GET       5
#define WASI_CLOCK_TIME_GET      6
#define WASI_FD_CLOSE            7
#define WASI_FD_FDSTAT_GET       8
#define WASI_FD_FDSTAT_SET_FLAGS 9
#define WASI_FD_FILESTAT_GET     10
#define WASI_FD_PRESTAT_GET      11
#define WASI_FD_PRESTAT_DIR_NAME 12
#define WASI_FD_READ             13
#define WASI_FD_SEEK             14
#define WASI_FD_TELL             15
#define WASI_FD_WRITE            16
#define WASI_POLL_ONEOFF         17
#define WASI_PROC_EXIT           18
#define WASI_SCHED_YIELD         19
#define WASI_RANDOM_GET          20
#define WASI_NOSYS               21 /* any other call of WASI preview 1: ENOSYS */
#define WASI_CALL_COUNT          22

#ifndef __ASSEMBLER__

#include <stdint.h>

#define L1_STRINGS_MAX 0x0000f000u

/*
 * At L1_PAGE_OFF of L1's cage. L0 writes all of it before an invocation;
 * layer 1 writes the last group, which L0 reads once, after the invocation,
 * and checks against what is committed.
 */
struct l1_page {
    uint32_t version; /* RECLAVE_ABI_VERSION */
    uint32_t arg_count;
    uint32_t arg_bytes; /* of strings[], NULs included */
    uint32_t env_count;
    uint32_t env_bytes;   /* follow the arguments in strings[] */
    uint32_t fixed;       /* 1 until S1: clocks stand still, random is refused-for-replay */
    uint64_t stdin_bytes; /* at STDIN_OFF */
    uint64_t realtime_ns; /* fixed values until S1 */
    uint64_t monotonic_ns;
    uint64_t linear_bytes; /* size of linear memory; L0 updates it on growth */
    uint64_t stdout_limit;
    uint64_t stderr_limit;
    /* written by layer 1 */
    uint64_t stdout_bytes; /* at STDOUT_OFF */
    uint64_t stderr_bytes; /* at STDERR_OFF */
    uint64_t stderr_dropped;
    uint64_t reserved[4];
    char strings[L1_STRINGS_MAX];
};

#endif
#endif
