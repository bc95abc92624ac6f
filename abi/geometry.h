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
 *   14 GiB code zone       256 MiB text, then 256 MiB read-only data
 *   14.5 GiB marks         one byte for each page of linear memory (abi/sfi.h)
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
#define L1_CODE_OFF         0x20000000           /* layer 1's code zone, shared by all slots */
#define STORE_OFF           GEO_U64(0x080000000) /* snapshots of all slots: L0's */
#define STORE_MAX           GEO_U64(0x340000000) /* 13 GiB; committed as a prefix */
#define SLOT_CONTROL_OFF    0x04000000           /* one control block per slot */
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

/* ---- plain images (abi/image.h, IMAGE_PLAIN) -------------------------- */

/* The whole enclave; the program is linked at 0, unlisted pages are guards. */
#define PLAIN_ELRANGE_BYTES 0x200000
#define PLAIN_PROGRAM_MAX   0x100000
#define PLAIN_TCS           0x100000
#define PLAIN_SSA           0x101000 /* SSA_FRAMES frames */
#define PLAIN_THREAD        0x104000 /* 1 page: OFSBASE = OGSBASE = this */
#define PLAIN_STACK         0x110000
#define PLAIN_STACK_BYTES   0x10000

/* ---- slot ------------------------------------------------------------ */

#define SLOT_L1_CAGE GEO_U64(0x000000000)
#define SLOT_L2_CAGE GEO_U64(0x100000000)
#define SLOT_LINEAR  GEO_U64(0x200000000)
#define SLOT_GUARD   GEO_U64(0x240000000)
#define SLOT_CODE    GEO_U64(0x380000000)
#define SLOT_MARKS   GEO_U64(0x3a0000000)
#define CAGE_BYTES   GEO_U64(0x100000000)

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

/* One mark, a byte, for each page of linear memory, counted from where it starts (%fs). */
#define MARKS_MAX (LINEAR_MAX / PAGE_BYTES)

/*
 * A code zone, a slot's (at SLOT_CODE) or layer 1's (at L1_CODE_OFF): the gates page, then text;
 * from CODE_RODATA_OFF on read-only data, which no computed branch can reach (docs/sfi-policy.md).
 */
#define GATE_PAGE_BYTES  4096 /* written by L0, or measured; code may go to its 32-byte entries */
#define GATE_ENTRY_BYTES 32
#define CODE_TEXT_MAX    0x10000000 /* gates page included */
#define CODE_RODATA_OFF  0x10000000
#define CODE_RODATA_MAX  0x0fff0000

/* ---- regions: the only places of a slot that are ever committed ------- */

/*
 * X(name, offset from the slot's base, largest size in bytes), in the order of their numbers. A
 * region is committed as a prefix: [offset, offset + n pages). The first REGION_SNAPSHOT_COUNT are
 * what a snapshot holds and a rewind restores; code and read-only data are fixed until a reset,
 * marks are clear whenever a slot is READY.
 */
/* clang-format off */
#define REGION_LIST(X)                                                                         \
    X(L1_PAGE, SLOT_L1_CAGE + L1_PAGE_OFF, L1_PAGE_MAX)        /* what L0 tells layer 1 */     \
    X(L1_STATE, SLOT_L1_CAGE + L1_STATE_OFF, L1_STATE_MAX)     /* layer 1's own data */        \
    X(L1_STACK, SLOT_L1_CAGE + L1_STACK_OFF, L1_STACK_MAX)                                     \
    X(STDIN, SLOT_L1_CAGE + STDIN_OFF, STDIO_MAX)                                              \
    X(STDOUT, SLOT_L1_CAGE + STDOUT_OFF, STDIO_MAX)                                            \
    X(STDERR, SLOT_L1_CAGE + STDERR_OFF, STDIO_MAX)                                            \
    X(L2_STATE, SLOT_L2_CAGE + L2_STATE_OFF, L2_STATE_MAX)     /* instance and crt state */    \
    X(L2_TABLES, SLOT_L2_CAGE + L2_TABLES_OFF, L2_TABLES_MAX)                                  \
    X(L2_STACK, SLOT_L2_CAGE + L2_STACK_OFF, L2_STACK_MAX)                                     \
    X(LINEAR, SLOT_LINEAR, LINEAR_MAX)                                                         \
    X(CODE, SLOT_CODE, CODE_TEXT_MAX)                          /* gates page and text */       \
    X(RODATA, SLOT_CODE + CODE_RODATA_OFF, CODE_RODATA_MAX)                                    \
    X(MARKS, SLOT_MARKS, MARKS_MAX)                            /* linear memory's dirty pages */
/* clang-format on */

#define REGION_L1_PAGE        0
#define REGION_L1_STATE       1
#define REGION_L1_STACK       2
#define REGION_STDIN          3
#define REGION_STDOUT         4
#define REGION_STDERR         5
#define REGION_L2_STATE       6
#define REGION_L2_TABLES      7
#define REGION_L2_STACK       8
#define REGION_LINEAR         9
#define REGION_CODE           10
#define REGION_RODATA         11
#define REGION_MARKS          12
#define REGION_COUNT          13
#define REGION_SNAPSHOT_COUNT 10

#ifndef __ASSEMBLER__
/* The numbers are the list's order. */
#define REGION_ORDER(name, offset, bytes) REGION_ORDER_##name,
enum region_order { REGION_LIST(REGION_ORDER) REGION_ORDER_COUNT };
#undef REGION_ORDER
_Static_assert(REGION_ORDER_COUNT == REGION_COUNT && REGION_ORDER_MARKS == REGION_MARKS &&
                   REGION_ORDER_LINEAR == REGION_SNAPSHOT_COUNT - 1,
               "region numbers follow the list");
#endif

#endif
