/* Sizes and offsets shared with the emulator's assembly. */
#ifndef RECLAVE_SGX_EMU_LAYOUT_H
#define RECLAVE_SGX_EMU_LAYOUT_H

/* The arena: one block per thread that ever enters an enclave. A block is its
 * struct emu_thread, a guard page, and its signal stack. */
#define EMU_BLOCK_BYTES  0x20000
#define EMU_BLOCKS       4096
#define EMU_ARENA_BYTES  (EMU_BLOCK_BYTES * EMU_BLOCKS)
#define EMU_THREAD_BYTES 0x6000
#define EMU_STACK_OFFSET (EMU_THREAD_BYTES + 0x1000)
#define EMU_FP_BYTES     0x4000 /* AVX-512 and AMX tiles need 11 KiB */

#define EMU_CHUNK  512 /* pages per populated[] */
#define EMU_GHOSTS 4096

/* struct emu_thread */
#define THREAD_HOST_FS        0
#define THREAD_HOST_GS        8
#define THREAD_SAVED_FS       16
#define THREAD_SAVED_GS       24
#define THREAD_SELECTOR       32
#define THREAD_SAVED_SELECTOR 33

/* struct sgx_enclave_run of <asm/sgx.h> */
#define RUN_TCS          0
#define RUN_FUNCTION     8
#define RUN_VECTOR       12
#define RUN_ERROR        14
#define RUN_ADDRESS      16
#define RUN_USER_HANDLER 24
#define RUN_RESERVED     40
#define RUN_RESERVED_END 256

#endif
