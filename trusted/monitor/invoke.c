/* ENTRY_INVOKE: input and output in the clear. */
#include "base/bytes.h"
#include "trusted/monitor/invocation.h"
#include "trusted/monitor/monitor.h"

#include <string.h>

static enum status check_request(const struct slot *slot, const struct entry_invocation *request)
{
    if (enclave.encrypted_only || manifest_demands_sealed(&slot->function))
        return ST_MUST_BE_SEALED;
    if (request->input_bytes > STDIO_MAX)
        return ST_INPUT_TOO_LARGE;
    if (request->strings_bytes > L1_STRINGS_MAX || request->output_limit > STDIO_MAX ||
        request->log_limit > STDIO_MAX || request->nonce_bytes > NONCE_MAX ||
        (request->nonce_bytes && request->nonce_bytes < NONCE_MIN))
        return ST_BAD_LENGTH;
    if (!border_outside(request->input, request->input_bytes) ||
        !border_outside(request->strings, request->strings_bytes) ||
        !border_outside(request->output, request->output_limit) ||
        !border_outside(request->log, request->log_limit) ||
        !border_outside(request->claims, request->claims ? EVIDENCE_CLAIMS_MAX : 0))
        return ST_BAD_POINTER;
    return request->claims ? batch_room(&slot->batch) : ST_OK;
}

enum status commit_input(struct slot *slot, uint64_t input_bytes, uint64_t strings_bytes)
{
    /* The strings lie at the end of layer 1's page: most invocations need its first pages only. */
    uint64_t page_bytes = offsetof(struct l1_page, strings) + strings_bytes;
    enum status status =
        commit_region(slot, REGION_STDIN, round_up(input_bytes, PAGE_BYTES) / PAGE_BYTES);

    if (status != ST_OK)
        return status == ST_NO_MEMORY ? ST_INPUT_TOO_LARGE : status;
    return commit_region(slot, REGION_L1_PAGE, round_up(page_bytes, PAGE_BYTES) / PAGE_BYTES);
}

/* Output and log are out already. */
static enum status report(struct slot *slot, const struct invocation_facts *facts,
                          const struct invocation_end *end, struct entry_invocation *request)
{
    uint8_t claims[EVIDENCE_CLAIMS_MAX];
    size_t bytes = 0;
    enum status status = ST_OK;

    request->outcome = end->outcome;
    request->trap = end->trap;
    request->exit_code = end->exit_code;
    request->fault_address = end->fault_address;
    request->counter = slot->invocations;
    request->surplus_pages = surplus_pages(slot);
    memcpy(request->snapshot_sha256, slot->function_ready->digest, 32);
    if (facts->wanted) {
        status = invocation_claims(slot, facts, end, request->output_bytes, claims, &bytes,
                                   request->leaf);
        border_copy_out(request->claims, claims, bytes);
        request->claims_bytes = bytes;
    }
    return status;
}

enum status invoke(struct slot *slot, struct entry_invocation *request)
{
    struct input_source input = {.bytes = request->input_bytes, .host = request->input};
    struct invocation_facts facts = {.wanted = request->claims != 0,
                                     .nonce = request->nonce,
                                     .nonce_bytes = request->nonce_bytes};
    struct invocation_end end = {.outcome = OUTCOME_REFUSED};
    enum status status = check_request(slot, request);
    enum status refused;

    if (status != ST_OK)
        return status;
    status = commit_input(slot, request->input_bytes, request->strings_bytes);
    if (status != ST_OK)
        return status;
    l1_page_for_invocation(slot, request);
    border_copy_in(slot_l1_page(slot)->strings, request->strings, request->strings_bytes);
    refused = invocation_strings(slot, (uint32_t)request->strings_bytes, request->arg_count,
                                 request->env_count, &facts);
    if (refused == ST_OK) {
        end = invocation_run(slot, &input, &facts);
        copy_results_out(slot, request);
    } else {
        invocation_refuse(slot, &input, &facts);
    }
    slot_set_state(slot, SLOT_DIRTY); /* refused strings lie in layer 1's page: rewind first */
    status = report(slot, &facts, &end, request);
    return refused != ST_OK ? refused : status;
}
