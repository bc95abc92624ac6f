#include "base/bytes.h"
#include "trusted/monitor/monitor.h"
#include "trusted/monitor/strings.h"

#include <string.h>

static enum status check_request(const struct entry_invocation *request)
{
    if (request->input_bytes > STDIO_MAX)
        return ST_INPUT_TOO_LARGE;
    if (request->strings_bytes > L1_STRINGS_MAX || request->output_limit > STDIO_MAX ||
        request->log_limit > STDIO_MAX)
        return ST_BAD_LENGTH;
    if (!border_outside(request->input, request->input_bytes) ||
        !border_outside(request->strings, request->strings_bytes) ||
        !border_outside(request->output, request->output_limit) ||
        !border_outside(request->log, request->log_limit))
        return ST_BAD_POINTER;
    return ST_OK;
}

/* The strings lie at the end of layer 1's page: most invocations need its first pages only. */
static enum status commit_strings(struct slot *slot, uint64_t strings_bytes)
{
    uint64_t bytes = offsetof(struct l1_page, strings) + strings_bytes;

    return commit_region(slot, REGION_L1_PAGE, round_up(bytes, PAGE_BYTES) / PAGE_BYTES);
}

/* Puts the strings where layer 1 reads them. Refused ones lie there until the rewind. */
static enum status take_strings(struct slot *slot, const struct entry_invocation *request)
{
    struct l1_page *page = slot_l1_page(slot);
    uint32_t bytes = (uint32_t)request->strings_bytes;
    uint32_t arg_bytes = 0;
    enum status status;

    border_copy_in(page->strings, request->strings, bytes);
    status = strings_check(&slot->function, page->strings, bytes, request->arg_count,
                           request->env_count, &arg_bytes);
    if (status != ST_OK)
        return status;
    page->arg_count = (uint32_t)request->arg_count;
    page->env_count = (uint32_t)request->env_count;
    page->arg_bytes = arg_bytes;
    page->env_bytes = bytes - arg_bytes;
    return ST_OK;
}

static void take_input(struct slot *slot, const struct entry_invocation *request)
{
    border_copy_in(region_start(slot, REGION_STDIN), request->input, request->input_bytes);
    slot_l1_page(slot)->stdin_bytes = request->input_bytes;
}

static void report_outcome(struct slot *slot, struct entry_invocation *request,
                           const struct run_result *result, bool handler)
{
    request->outcome = result->outcome;
    request->trap = result->trap;
    request->surplus_pages = surplus_pages(slot);
    request->counter = slot->invocations;
    memcpy(request->snapshot_sha256, slot->function_ready->digest, 32);
    if (result->outcome == OUTCOME_TRAP && result->trap == TRAP_MACHINE_FAULT)
        request->fault_address = result->value & 0xffffffff;
    if (result->outcome == OUTCOME_OK && (handler || result->exited)) {
        request->exit_code = (int32_t)result->value;
        if (request->exit_code)
            request->outcome = OUTCOME_FUNCTION_ERROR;
    }
}

/* After each rewind the function may ask for new seeds, before it sees any input. */
static struct run_result run_invocation(struct slot *slot, const struct entry_invocation *request)
{
    struct run_result result = {.outcome = OUTCOME_OK};

    if (slot->function.exports & BUNDLE_HAS_AFTER_REWIND) {
        result = run_function(slot, CRT_AFTER_REWIND);
        if (result.outcome != OUTCOME_OK || result.exited)
            return result;
    }
    take_input(slot, request);
    return run_function(slot, slot->function.exports & BUNDLE_HAS_HANDLE ? CRT_HANDLE : CRT_START);
}

enum status invoke(struct slot *slot, struct entry_invocation *request)
{
    struct run_result result;
    enum status status = check_request(request);

    if (status != ST_OK)
        return status;
    status =
        commit_region(slot, REGION_STDIN, round_up(request->input_bytes, PAGE_BYTES) / PAGE_BYTES);
    if (status != ST_OK)
        return status == ST_NO_MEMORY ? ST_INPUT_TOO_LARGE : status;
    status = commit_strings(slot, request->strings_bytes);
    if (status != ST_OK)
        return status;
    l1_page_for_invocation(slot, request);
    status = take_strings(slot, request);
    if (status != ST_OK) {
        slot_set_state(slot, SLOT_DIRTY); /* layer 1's page has changed: rewind first */
        request->outcome = OUTCOME_REFUSED;
        return status;
    }
    slot_set_state(slot, SLOT_RUNNING);
    slot->invocations++;
    result = run_invocation(slot, request);
    copy_results_out(slot, request);
    report_outcome(slot, request, &result, (slot->function.exports & BUNDLE_HAS_HANDLE) != 0);
    slot_set_state(slot, SLOT_DIRTY);
    return ST_OK;
}
