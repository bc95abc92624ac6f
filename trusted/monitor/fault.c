/*
 * CSSA 1: a layer was interrupted, and the host asks what to do. SSA[0] was
 * written by hardware; the host's own account of what happened is not used.
 */
#include "base/bytes.h"
#include "trusted/monitor/gate_entries.h"
#include "trusted/monitor/monitor.h"

#include <string.h>

struct frame { /* one SSA frame, abi/sgx_arch.h */
    uint8_t xsave[SSA_FRAME_PAGES * PAGE_BYTES - GPRSGX_BYTES - EXINFO_BYTES];
    struct sgx_exinfo exinfo;
    struct sgx_gprs gprs;
};
_Static_assert(sizeof(struct frame) == SSA_FRAME_PAGES * PAGE_BYTES, "SSA frame");

#define XSAVE_MXCSR 24

static struct frame *first_frame(struct slot *slot)
{
    return (struct frame *)(void *)((uint8_t *)slot - CTL_SLOT + CTL_SSA);
}

/* A gate's first instruction still runs on the caller's registers and stack. */
static bool is_gate_entry(uint64_t rip)
{
    return rip == (uint64_t)gate2_wasi || rip == (uint64_t)gate2_grow ||
           rip == (uint64_t)gate2_data || rip == (uint64_t)gate1_commit ||
           rip == (uint64_t)gate1_random || rip == (uint64_t)gate1_write;
}

static bool in_monitor(uint64_t rip)
{
    uint64_t image = (uint64_t)enclave_base() + MON_IMAGE_OFF;

    return rip >= image && rip - image < MON_IMAGE_MAX && !is_gate_entry(rip);
}

/* ERESUME will continue at layer_stop with clean registers, and run_*() returns. */
static void redirect(struct slot *slot, uint64_t reason, uint64_t value)
{
    struct thread_block *block = thread_of(slot);
    struct frame *frame = first_frame(slot);
    uint64_t user_rsp = frame->gprs.ursp;
    uint64_t user_rbp = frame->gprs.urbp;
    uint32_t mxcsr = 0x1f80;

    block->leave_reason = reason;
    block->leave_value = value;
    memset(frame, 0, sizeof(*frame));
    memcpy(frame->xsave + XSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
    frame->gprs.rip = (uint64_t)layer_stop;
    frame->gprs.rsp = block->l0_rsp;
    frame->gprs.r11 = (uint64_t)block;
    frame->gprs.rflags = 2;
    frame->gprs.fsbase = (uint64_t)block;
    frame->gprs.gsbase = (uint64_t)block;
    frame->gprs.ursp = user_rsp;
    frame->gprs.urbp = user_rbp;
}

/* A page fault of layer 2 at an address that L0 never committed: wasm's rules say what. */
static enum trap trap_for_address(const struct slot *slot, uint64_t address)
{
    uint64_t offset = address - (uint64_t)slot_base(slot);

    if (range_inside(offset, 1, SLOT_LINEAR, SLOT_CODE - SLOT_LINEAR))
        return TRAP_MEMORY_OUT_OF_BOUNDS;
    if (range_inside(offset, 1, SLOT_L2_CAGE + L2_TABLES_OFF + L2_TABLES_MAX,
                     L2_STACK_OFF - L2_TABLES_OFF - L2_TABLES_MAX))
        return TRAP_STACK_EXHAUSTED;
    return TRAP_MACHINE_FAULT;
}

/* The image's code that layers run or jump into: layer 1's, and L0's gates. It is there from the
 * start, and no layer writes to it. */
static bool is_measured_code(const struct sgx_exinfo *exinfo)
{
    uint64_t offset = exinfo->maddr - (uint64_t)enclave_base();

    return !(exinfo->errcd & PF_WRITE) &&
           (range_inside(offset, 1, MON_IMAGE_OFF, MON_IMAGE_MAX) ||
            range_inside(offset, 1, L1_CODE_OFF,
                         (uint64_t)image_layout.l1_code_pages * PAGE_BYTES) ||
            range_inside(offset, 1, L1_CODE_OFF + CODE_RODATA_OFF,
                         (uint64_t)image_layout.l1_rodata_pages * PAGE_BYTES));
}

static enum status handle_page_fault(struct slot *slot, const struct sgx_exinfo *exinfo,
                                     uint64_t layer)
{
    enum trap trap;

    if (commit_covers(slot, exinfo->maddr) || is_measured_code(exinfo)) {
        /* The page is ours. Paged out: the host repairs. Its EPCM entry is not what we
         * accepted: the host replaced it, and what it held is lost. */
        if (!(exinfo->errcd & PF_SGX))
            return ST_FAULT_RESUME;
        slot->state = SLOT_POISONED;
        return ST_POISONED_NOW;
    }
    trap = layer == 2 ? trap_for_address(slot, exinfo->maddr) : TRAP_RUNTIME;
    redirect(slot, LEAVE_FAULT, (uint64_t)trap | exinfo->maddr << 32);
    return ST_OK;
}

enum status handle_exception(struct slot *slot)
{
    const struct frame *frame = first_frame(slot);
    uint64_t layer = thread_of(slot)->layer;
    uint32_t vector = EXITINFO_VECTOR(frame->gprs.exitinfo);

    if (layer == 0 || in_monitor(frame->gprs.rip))
        return ST_IN_MONITOR;
    if (!(frame->gprs.exitinfo & EXITINFO_VALID))
        return ST_FAULT_RESUME; /* an interrupt, or a fault that the hardware does not report */
    if (vector == VECTOR_PF)
        return handle_page_fault(slot, &frame->exinfo, layer);
    redirect(slot, LEAVE_FAULT, layer == 2 ? TRAP_MACHINE_FAULT : TRAP_RUNTIME);
    return ST_OK;
}

enum status handle_abort(struct slot *slot)
{
    struct thread_block *block = thread_of(slot);

    if (block->layer == 0 || in_monitor(first_frame(slot)->gprs.rip)) {
        /* Asking again may find it in the monitor again: a gate that ends takes note. */
        block->abort = block->l0_rsp != 0;
        return ST_IN_MONITOR;
    }
    redirect(slot, LEAVE_ABORTED, 0);
    return ST_OK;
}
