/* The slot's transitions other than an invocation: boot, S1, rewind, reset. */
#include "base/bytes.h"
#include "trusted/monitor/monitor.h"

#include <string.h>

static void wipe_region(const struct slot *slot, unsigned region)
{
    memset(region_start(slot, region), 0, (uint64_t)slot->committed[region] * PAGE_BYTES);
}

/* Snapshots hold empty stacks: they are the only memory with absolute addresses. */
static void empty_stacks(const struct slot *slot)
{
    wipe_region(slot, REGION_L1_STACK);
    wipe_region(slot, REGION_L2_STACK);
}

/* What the slot has committed is kept beside the snapshot: trimming goes back to it. */
static enum status capture(struct slot *slot, const struct snapshot **snapshot,
                           uint32_t committed[REGION_COUNT])
{
    struct region_view views[REGION_SNAPSHOT_COUNT];
    enum status status;

    snapshot_views(slot, views);
    status = snapshot_capture(&enclave.snapshots, views, snapshot);
    if (status == ST_POISONED_NOW)
        slot->state = SLOT_POISONED;
    memcpy(committed, slot->committed, sizeof(slot->committed));
    return status;
}

static uint64_t restore(struct slot *slot, const struct snapshot *snapshot, unsigned except)
{
    struct region_view views[REGION_SNAPSHOT_COUNT];

    snapshot_views(slot, views);
    return snapshot_restore(&enclave.snapshots, snapshot, views, except);
}

static uint64_t restore_marked_memory(struct slot *slot)
{
    struct region_view view = {linear_start(slot), slot->linear.pages};

    return snapshot_restore_marked(&enclave.snapshots, slot->function_ready, REGION_LINEAR, &view,
                                   (uint64_t *)(void *)region_start(slot, REGION_MARKS),
                                   (uint64_t)slot->committed[REGION_MARKS] * PAGE_BYTES);
}

enum status boot_slot(struct slot *slot)
{
    static const struct {
        unsigned region;
        uint32_t bytes;
    } needs[] = {
        {REGION_L1_PAGE, PAGE_BYTES},
        {REGION_L1_STATE, L1_STATE_MAX},
        {REGION_L1_STACK, L1_STACK_MAX},
    };
    enum status status = ST_OK;

    slot->number =
        (uint32_t)(((uint64_t)slot - CTL_SLOT - SLOT_CONTROL_OFF - (uint64_t)enclave_base()) /
                   SLOT_CONTROL_STRIDE);
    commit_at_boot(slot);
    for (unsigned i = 0; status == ST_OK && i < sizeof(needs) / sizeof(needs[0]); i++)
        status = commit_region(slot, needs[i].region, needs[i].bytes / PAGE_BYTES);
    if (status != ST_OK)
        return status;
    random_seed(slot);
    status = verify_layer1(slot);
    if (status != ST_OK)
        return status;
    slot->linear.low = slot->committed[REGION_LINEAR]; /* all of it is zero */
    l1_page_before_snapshot(slot);
    if (run_l1_boot(slot).outcome != OUTCOME_OK)
        return ST_CORRUPT;
    empty_stacks(slot);
    return capture(slot, &slot->boot, slot->at_boot);
}

/* ---- S1 -------------------------------------------------------------------- */

static struct run_result initialise(struct slot *slot)
{
    static const struct {
        uint32_t export;
        uint64_t crt_call;
    } steps[] = {
        {0, CRT_INSTANTIATE},
        {BUNDLE_HAS_INITIALIZE, CRT_INITIALIZE},
        {BUNDLE_HAS_WIZER, CRT_WIZER},
    };
    struct run_result result = {.outcome = OUTCOME_OK};

    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (steps[i].export && !(slot->function.exports & steps[i].export))
            continue;
        result = run_function(slot, steps[i].crt_call);
        if (result.outcome != OUTCOME_OK || result.exited)
            break;
    }
    return result;
}

static bool random_is_a_risk(const struct slot *slot)
{
    return slot->drew_random &&
           !(slot->function.exports & (BUNDLE_HAS_AFTER_REWIND | BUNDLE_ALLOW_INIT_RANDOM));
}

static enum status take_snapshot(struct slot *slot)
{
    wipe_region(slot, REGION_STDOUT);
    wipe_region(slot, REGION_STDERR);
    empty_stacks(slot);
    l1_page_before_snapshot(slot);
    linear_is_ready(slot);
    return capture(slot, &slot->function_ready, slot->at_ready);
}

enum status finish_load(struct slot *slot, struct entry_invocation *request)
{
    struct run_result result;
    enum status status;

    if (request->output_limit || request->log_limit > STDIO_MAX)
        return ST_BAD_LENGTH;
    if (!border_outside(request->log, request->log_limit))
        return ST_BAD_POINTER;
    status = code_seal(slot);
    if (status != ST_OK)
        return status;
    l1_page_before_snapshot(slot);
    result = initialise(slot);
    copy_results_out(slot, request);
    request->outcome = result.outcome;
    request->trap = result.trap;
    if (result.outcome != OUTCOME_OK || result.exited) {
        request->exit_code = result.exited ? (int32_t)result.value : 0;
        status = ST_BUNDLE_INIT;
    } else if (random_is_a_risk(slot)) {
        status = ST_BUNDLE_RANDOM;
    } else {
        status = take_snapshot(slot);
    }
    if (status != ST_OK) {
        slot_set_state(slot, SLOT_DIRTY);
        return status == ST_NO_MEMORY ? ST_BUNDLE_MEMORY : status;
    }
    memcpy(request->snapshot_sha256, slot->function_ready->digest, 32);
    return ST_OK;
}

/* ---- rewind, reset ------------------------------------------------------------ */

void rewind_slot(struct slot *slot, struct entry_rewind *request)
{
    uint64_t start = enclave.rdtsc ? read_tsc() : 0;

    request->pages_restored = linear_return(slot, slot->linear.ready_pages);
    if (linear_marks_suffice(slot)) {
        request->pages_restored += restore_marked_memory(slot);
        request->pages_restored += restore(slot, slot->function_ready, REGION_LINEAR);
    } else {
        request->pages_restored += restore(slot, slot->function_ready, REGION_COUNT);
        linear_is_ready(slot);
    }
    trim_forget(slot);
    slot->rewinds++;
    if (enclave.rdtsc)
        request->cycles = read_tsc() - start;
}

void reset_slot(struct slot *slot, struct entry_rewind *request)
{
    uint64_t start = enclave.rdtsc ? read_tsc() : 0;

    code_wipe(slot);
    request->pages_restored = linear_return(slot, 0);
    request->pages_restored += restore(slot, slot->boot, REGION_COUNT);
    linear_is_ready(slot); /* there is none: the marks are clear */
    snapshot_release(&enclave.snapshots, slot->function_ready);
    slot->function_ready = NULL;
    tenant_leave(slot);
    sessions_wipe(&slot->sessions);
    bytes_wipe(&slot->function, sizeof(slot->function));
    bytes_wipe(slot->at_ready, sizeof(slot->at_ready));
    request->surplus_pages = surplus_pages(slot);
    trim_forget(slot);
    slot->init_random_used = 0;
    slot->drew_random = false;
    if (enclave.rdtsc)
        request->cycles = read_tsc() - start;
}
