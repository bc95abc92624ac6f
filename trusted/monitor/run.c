#include "base/bytes.h"
#include "trusted/monitor/monitor.h"

/* The rewind wipes the block's layer part, so it is filled in for every run. */
static void prepare_thread(struct slot *slot)
{
    struct thread_block *block = thread_of(slot);
    uint8_t *l1_code = enclave_base() + L1_CODE_OFF;

    block->linear_base = (uint64_t)linear_start(slot);
    block->l1_cage = (uint64_t)slot_base(slot) + SLOT_L1_CAGE;
    block->l2_cage = (uint64_t)slot_base(slot) + SLOT_L2_CAGE;
    block->l1_entry = (uint64_t)l1_code + L1_ENTRY_OFF;
    block->l1_code = (uint64_t)l1_code;
    block->l1_text_end = (uint64_t)image_layout.l1_code_pages * PAGE_BYTES;
    block->l2_code = (uint64_t)region_start(slot, REGION_CODE);
    block->l2_text_end = (uint64_t)slot->function.code_pages * PAGE_BYTES;
}

/* A stack whose only word is where the layer's last return goes. */
static void prepare_stack(struct thread_block *block, uint8_t *top, uint64_t return_gate)
{
    uint64_t *slot_of_return = (uint64_t *)(void *)(top - 8);

    *slot_of_return = return_gate;
    block->entry_rsp = (uint64_t)slot_of_return;
}

static bool layer2_may_name(uint64_t trap)
{
    return trap > TRAP_NONE && trap <= TRAP_STACK_EXHAUSTED;
}

static struct run_result interpret(const struct thread_block *block)
{
    struct run_result result = {.outcome = OUTCOME_TRAP, .value = block->leave_value};

    switch (block->leave_reason) {
    case LEAVE_RETURN:
        result.outcome = OUTCOME_OK;
        break;
    case LEAVE_EXIT:
        result.outcome = OUTCOME_OK;
        result.exited = true;
        break;
    case LEAVE_TRAP:
        result.trap = layer2_may_name(block->leave_value) ? (enum trap)block->leave_value
                                                          : TRAP_MACHINE_FAULT;
        break;
    case LEAVE_TRAP1:
        result.trap = block->leave_value == TRAP_OUTPUT_LIMIT ? TRAP_OUTPUT_LIMIT : TRAP_RUNTIME;
        break;
    case LEAVE_FAULT:
        result.trap = (enum trap)(block->leave_value & 0xff);
        result.value = block->leave_value >> 32; /* fault.c: low half of the address */
        break;
    case LEAVE_ABORTED:
        result.outcome = OUTCOME_ABORTED_BY_HOST;
        break;
    case LEAVE_MISUSE:
        result.trap = TRAP_MACHINE_FAULT;
        break;
    default:
        result.trap = TRAP_RUNTIME;
        break;
    }
    return result;
}

struct run_result run_function(struct slot *slot, uint64_t crt_call)
{
    struct thread_block *block = thread_of(slot);
    uint8_t *code = region_start(slot, REGION_CODE);

    prepare_thread(slot);
    prepare_stack(block, region_start(slot, REGION_L2_STACK) + slot->function.stack_bytes,
                  (uint64_t)code + GATE2_RETURN * GATE_ENTRY_BYTES);
    layer_enter(block, 2, (uint64_t)code + slot->function.entry_offset, crt_call);
    /* Stopped anywhere: perhaps between a store and its mark (policy 4.2). */
    if (block->leave_reason == LEAVE_FAULT || block->leave_reason == LEAVE_ABORTED)
        slot->linear.unmarked = true;
    return interpret(block);
}

struct run_result run_l1_boot(struct slot *slot)
{
    struct thread_block *block = thread_of(slot);

    prepare_thread(slot);
    prepare_stack(block, region_start(slot, REGION_L1_STACK) + L1_STACK_MAX,
                  block->l1_code + GATE1_RETURN * GATE_ENTRY_BYTES);
    layer_enter(block, 1, block->l1_entry, L1_BOOT);
    return interpret(block);
}
