/*
 * The enclave's address space: the one table that everybody who places or
 * checks an address uses. Offsets are from the enclave's base (SECS.BASEADDR).
 *
 *   0 GiB                   16 GiB                  32 GiB
 *   +-----------------------+-----------------------+---- ...
 *   | monitor zone          | slot 0                | slot 1
 *   +-----------------------+-----------------------+---- ...
 *
 * One slot, offsets from its base (16 GiB stride):
 *
 *   0      L1 cage         4 GiB   %gs while layer 1 runs
 *   4 GiB  L2 cage         4 GiB   %gs while layer 2 runs
 *   8 GiB  linear memory   1 GiB   %fs points into it while layer 1 or 2 runs
 *   9 GiB  guard           5 GiB   never committed: index + displacement ends here
 *   14 GiB code zone       512 MiB gates page, then the function's code
 *   14.5 GiB snapshot store        L0's; up to SLOT_STRIDE - 1 MiB
 *
 * Cages are 4 GiB aligned, so the low 32 bits of any pointer into a cage are
 * its offset there. The first 64 KiB of each cage and the last MiB of a slot
 * are never committed: what a base can reach with the displacements of
 * docs/formats.md, plus the widest access (64 bytes), lands on a guard.
 *
 * This header has no code; it is included by C and by assembly.
 */
#ifndef RECLAVE_ABI_GEOMETRY_H
#define RECLAVE_ABI_GEOMETRY_H

#ifdef __ASSEMBLER__
#define GEO_U64(x) x
#else
#define GEO_U64(x) x##ull
#endif

#define PAGE_BYTES 4096
#define PAGE_SHIFT 12

/* ---- ELRANGE -------------------------------------------------------- */

#define MONITOR_ZONE_BYTES GEO_U64(0x400000000) /* 16 GiB */
#define SLOT_STRIDE        GEO_U64(0x400000000) /* 16 GiB */
#define SLOT_SHIFT         34
#define SLOTS_MAX          15 /* 256 GiB of ELRANGE */

/* ELRANGE is the smallest power of two that holds the monitor zone and all
 * slots: 1 slot 2^35, 3 slots 2^36, 7 slots 2^37, 15 slots 2^38. */

/* ---- monitor zone ---------------------------------------------------- */

#define MON_IMAGE_OFF       0x00100000 /* the monitor's ELF, linked at this offset */
#define MON_IMAGE_MAX       0x00f00000
#define L1_CODE_OFF         0x01000000 /* layer 1's code, shared by all slots */
#define L1_CODE_MAX         0x01000000
#define SLOT_CONTROL_OFF    0x04000000 /* one control block per slot */
#define SLOT_CONTROL_STRIDE 0x00100000

/* Offsets inside a slot's control block. Unlisted pages are guards. */
#define CTL_TCS          0x00000 /* 1 page  */
#define CTL_SSA          0x01000 /* NSSA = 2 frames of SSA_FRAME_PAGES */
#define CTL_TLS          0x04000 /* 1 page: OFSBASE = OGSBASE = this */
#define CTL_STACK        0x10000 /* L0's stack at CSSA 0, grows down from the end */
#define CTL_STACK_BYTES  0x10000
#define CTL_XSTACK       0x30000 /* L0's stack at CSSA 1 */
#define CTL_XSTACK_BYTES 0x4000
#define CTL_SLOT         0x40000 /* struct slot of trusted/monitor, zeroed at start */
#define CTL_SLOT_BYTES   0x20000

#define SSA_FRAME_PAGES 1
#define SSA_FRAMES      2

/* ---- slot ------------------------------------------------------------ */

#define SLOT_L1_CAGE   GEO_U64(0x000000000)
#define SLOT_L2_CAGE   GEO_U64(0x100000000)
#define SLOT_LINEAR    GEO_U64(0x200000000)
#define SLOT_GUARD     GEO_U64(0x240000000)
#define SLOT_CODE      GEO_U64(0x380000000)
#define SLOT_STORE     GEO_U64(0x3a0000000)
#define SLOT_STORE_MAX GEO_U64(0x05ff00000)
#define CAGE_BYTES     GEO_U64(0x100000000)

/* ---- regions: the only places of a slot that are ever committed ------- */

/* A region is committed as a prefix: [base, base + n pages). Base and size
 * are offsets from the slot's base. */
#define REGION_L1_PAGE        0 /* struct l1_page: what L0 tells layer 1 */
#define REGION_L1_STATE       1 /* layer 1's own data */
#define REGION_L1_STACK       2
#define REGION_STDIN          3
#define REGION_STDOUT         4
#define REGION_STDERR         5
#define REGION_L2_STATE       6 /* wasm instance and crt state */
#define REGION_L2_TABLES      7
#define REGION_L2_STACK       8
#define REGION_LINEAR         9
#define REGION_CODE           10 /* not part of a snapshot: fixed until reset */
#define REGION_STORE          11 /* L0's: the pages of the slot's snapshots */
#define REGION_COUNT          12
#define REGION_SNAPSHOT_COUNT 10 /* regions 0 .. 9 are what a rewind restores */

/* Offsets from the cage base; %gs-relative addresses in L1 and L2. */
#define L1_PAGE_OFF  0x00010000
#define L1_PAGE_MAX  0x00010000
#define L1_STATE_OFF 0x00100000
#define L1_STATE_MAX 0x00001000
#define L1_STACK_OFF 0x00200000
#define L1_STACK_MAX 0x00004000
#define STDIN_OFF    0x10000000
#define STDOUT_OFF   0x20000000
#define STDERR_OFF   0x30000000
#define STDIO_MAX    0x04000000 /* 64 MiB each */

#define L2_STATE_OFF  0x00010000
#define L2_STATE_MAX  0x00ff0000
#define L2_TABLES_OFF 0x10000000
#define L2_TABLES_MAX 0x10000000
#define L2_STACK_OFF  0x40000000 /* bottom; the first page below is a guard */
#define L2_STACK_MAX  0x04000000

/*
 * Linear memory ends where its committed pages end, so that the first byte
 * past it faults: its base (%fs) lies up to LINEAR_MAX above SLOT_LINEAR.
 * Base + 32-bit index + constant displacement below LINEAR_DISP_MAX + 64 bytes
 * of access stays below SLOT_CODE; larger displacements are checked in code.
 */
#define LINEAR_MAX      GEO_U64(0x40000000) /* 1 GiB */
#define LINEAR_DISP_MAX 0x3fffffc0

/* The gates page: L0 writes it, code may jump to its 32-byte entries. */
#define GATE_PAGE_BYTES  4096
#define GATE_ENTRY_BYTES 32
#define CODE_MAX         0x1fff0000 /* gates page included */

#endif
