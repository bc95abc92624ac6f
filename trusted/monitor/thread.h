/*
 * The thread block: L0's own page at FS and GS of every entry (TCS.OFSBASE =
 * OGSBASE = the slot's CTL_TLS page). Shared by C and assembly; offsets are
 * fixed here and asserted against the struct.
 */
#ifndef RECLAVE_TRUSTED_MONITOR_THREAD_H
#define RECLAVE_TRUSTED_MONITOR_THREAD_H

#include "abi/geometry.h"

#define THREAD_CANARY       0x28 /* where gcc's stack protector reads it: %fs:0x28 */
#define THREAD_HOST_RSP     0x30 /* the host's registers at entry, for EEXIT; CSSA 0 */
#define THREAD_HOST_RBP     0x38
#define THREAD_HOST_RETURN  0x40
#define THREAD_XHOST_RSP    0x48 /* the same at CSSA 1 */
#define THREAD_XHOST_RBP    0x50
#define THREAD_XHOST_RETURN 0x58
#define THREAD_LAYER        0x60 /* 0, 1 or 2: whose code runs */
#define THREAD_L0_RSP       0x68 /* L0's stack while a layer runs; 0: no layer entered */
#define THREAD_LEAVE_REASON 0x70 /* enum leave_reason */
#define THREAD_LEAVE_VALUE  0x78
#define THREAD_ENTRY_RSP    0x80 /* stack that layer_enter() switches to */
#define THREAD_LINEAR_BASE  0x88 /* %fs of layers 1 and 2 */
#define THREAD_L1_CAGE      0x90 /* %gs of layer 1 */
#define THREAD_L2_CAGE      0x98 /* %gs of layer 2 */
#define THREAD_L1_ENTRY     0xa0
#define THREAD_L1_CODE      0xa8 /* code zones' bases (R14), where text ends behind them */
#define THREAD_L1_TEXT_END  0xb0
#define THREAD_L2_CODE      0xb8
#define THREAD_L2_TEXT_END  0xc0
#define THREAD_CALLER_RSP   0xc8 /* layer 2 while it waits for layer 1: registers to give back */
#define THREAD_CALLER_RIP   0xd0
#define THREAD_CALLER_RBX   0xd8
#define THREAD_CALLER_RBP   0xe0
#define THREAD_CALLER_R12   0xe8
#define THREAD_CALLER_R13   0xf0
#define THREAD_CALLER_R15   0xf8
#define THREAD_GATE_RSP     0x100 /* a layer while L0's C serves its gate */
#define THREAD_GATE_RIP     0x108
#define THREAD_GATE_LAYER   0x110
#define THREAD_ABORT        0x118 /* 1: the host asked for an abort while a gate was served */
#define THREAD_SCRUB_FROM   THREAD_LAYER /* what a rewind wipes: layers' registers */
#define THREAD_SCRUB_BYTES  (0x120 - THREAD_LAYER)

/* struct dispatch_result: leave by the scrubbing exit; the slot's new state is in the low byte. */
#define SCRUB 0x100u

/* enum leave_reason: how a layer's run ended */
#define LEAVE_NONE    0
#define LEAVE_RETURN  1 /* value: its result */
#define LEAVE_EXIT    2 /* value: proc_exit's code */
#define LEAVE_TRAP    3 /* value: enum trap, as the layer named it: unchecked */
#define LEAVE_MISUSE  4 /* a gate of another layer, or a wild return address */
#define LEAVE_FAULT   5 /* value: enum trap, decided by L0 from SSA[0] */
#define LEAVE_ABORTED 6 /* by the host */
#define LEAVE_TRAP1   7 /* as LEAVE_TRAP, but layer 1 says so */

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

struct thread_block {
    uint8_t unused[THREAD_CANARY];
    uint64_t canary;
    uint64_t host_rsp, host_rbp, host_return;
    uint64_t xhost_rsp, xhost_rbp, xhost_return;
    uint64_t layer;
    uint64_t l0_rsp;
    uint64_t leave_reason, leave_value;
    uint64_t entry_rsp;
    uint64_t linear_base, l1_cage, l2_cage;
    uint64_t l1_entry;
    uint64_t l1_code, l1_text_end, l2_code, l2_text_end;
    uint64_t caller_rsp, caller_rip, caller_saved[5];
    uint64_t gate_rsp, gate_rip, gate_layer;
    uint64_t abort;
};

_Static_assert(offsetof(struct thread_block, canary) == THREAD_CANARY, "canary");
_Static_assert(offsetof(struct thread_block, host_rsp) == THREAD_HOST_RSP, "host");
_Static_assert(offsetof(struct thread_block, xhost_return) == THREAD_XHOST_RETURN, "xhost");
_Static_assert(offsetof(struct thread_block, layer) == THREAD_LAYER, "layer");
_Static_assert(offsetof(struct thread_block, leave_value) == THREAD_LEAVE_VALUE, "leave");
_Static_assert(offsetof(struct thread_block, entry_rsp) == THREAD_ENTRY_RSP, "entry");
_Static_assert(offsetof(struct thread_block, l2_text_end) == THREAD_L2_TEXT_END, "code");
_Static_assert(offsetof(struct thread_block, caller_saved) == THREAD_CALLER_RBX, "caller");
_Static_assert(offsetof(struct thread_block, gate_layer) == THREAD_GATE_LAYER, "gate");
_Static_assert(offsetof(struct thread_block, abort) == THREAD_ABORT, "abort");
_Static_assert(sizeof(struct thread_block) == THREAD_SCRUB_FROM + THREAD_SCRUB_BYTES, "scrub");

/* monitor/layer.S: runs layer 1 or 2 on block->entry_rsp until it leaves; the
 * block's leave_reason and leave_value tell how. */
void layer_enter(struct thread_block *block, uint64_t layer, uint64_t entry, uint64_t argument);
/* Where L0 sends an interrupted layer: ERESUME lands here with R11 = block. */
void layer_stop(void) __attribute__((visibility("hidden")));

#endif
#endif
