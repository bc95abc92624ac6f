/*
 * Before a layer's first instruction runs, trusted/verify has accepted every
 * byte of its text. The verifier's scratch lies where linear memory will be, and
 * is wiped afterwards.
 */
#include "base/bytes.h"
#include "trusted/monitor/monitor.h"
#include "trusted/verify/verify.h"

#include <string.h>

/* ST_NO_MEMORY when the region cannot take the scratch. */
static enum status take_scratch(struct slot *slot, struct verify_request *request)
{
    uint64_t count = VERIFY_SCRATCH_COUNT(request->text_bytes);
    uint64_t pages = round_up(count * sizeof(*request->scratch), PAGE_BYTES) / PAGE_BYTES;
    enum status status = commit_region(slot, REGION_LINEAR, pages);

    if (status != ST_OK)
        return status;
    request->scratch = (struct verify_bundle *)(void *)region_start(slot, REGION_LINEAR);
    request->scratch_count = count;
    return ST_OK;
}

static enum status verdict(struct slot *slot, struct verify_request *request,
                           struct verify_result *result)
{
    enum status status = take_scratch(slot, request);

    if (status != ST_OK)
        return status;
    status = verify_text(request, result) == VERIFY_OK ? ST_OK : ST_BUNDLE_CODE;
    memset(request->scratch, 0, request->scratch_count * sizeof(*request->scratch));
    return status;
}

enum status verify_layer1(struct slot *slot)
{
    struct verify_request request = {
        .text = enclave_base() + L1_CODE_OFF + GATE_PAGE_BYTES,
        .text_bytes = (image_layout.l1_code_pages - 1) * PAGE_BYTES,
        .text_offset = GATE_PAGE_BYTES,
        .rodata_bytes = image_layout.l1_rodata_pages * PAGE_BYTES,
        .gate_count = GATE1_COUNT,
        .linear = VERIFY_LINEAR_READ_ONLY,
    };
    struct verify_result result;

    return verdict(slot, &request, &result);
}

enum status verify_function(struct slot *slot, struct entry_load *load)
{
    struct verify_request request = {
        .text = region_start(slot, REGION_CODE) + GATE_PAGE_BYTES,
        .text_bytes = (slot->function.code_pages - 1) * PAGE_BYTES,
        .text_offset = GATE_PAGE_BYTES,
        .rodata_bytes = slot->function.rodata_bytes,
        .gate_count = GATE2_COUNT,
        .linear = slot->function.tracking == BUNDLE_TRACK_MARK ? VERIFY_LINEAR_MARKED
                                                               : VERIFY_LINEAR_FREE,
    };
    struct verify_result result;
    enum status status = verdict(slot, &request, &result);

    if (status == ST_BUNDLE_CODE) {
        load->verify_reason = result.reason;
        load->verify_offset = GATE_PAGE_BYTES + result.offset;
    }
    return status == ST_NO_MEMORY ? ST_BUNDLE_MEMORY : status;
}
