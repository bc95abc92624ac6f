/* libFuzzer target: any bytes as text. The first byte sets gates and read-only data, and
 * what may be done to linear memory. */
#include "trusted/verify/decode.h"
#include "trusted/verify/verify.h"

#include <stdlib.h>
#include <string.h>

/* An accepted text is instructions from end to end, none of them across bundles. */
static void check_accepted(const struct verify_request *request)
{
    uint32_t at = 0;

    while (at < request->text_bytes) {
        uint8_t code[DECODE_READS] = {0};
        uint32_t left = request->text_bytes - at;
        struct insn insn;

        memcpy(code, request->text + at, left < sizeof(code) ? left : sizeof(code));
        if (decode(code, &insn) != VERIFY_OK ||
            at % SFI_BUNDLE_BYTES + insn.length > SFI_BUNDLE_BYTES)
            abort();
        at += insn.length;
    }
    if (at != request->text_bytes)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct verify_request request = {.text_offset = SFI_TEXT_OFF};
    struct verify_result result;

    if (size < 2)
        return 0;
    request.gate_count = data[0] & 15;
    request.linear = (enum verify_linear)(data[0] >> 4 & 3);
    request.rodata_bytes = (uint32_t)(data[0] >> 6) * 8;
    request.text_bytes = (uint32_t)(size - 1);
    request.text = memcpy(malloc(size - 1), data + 1, size - 1);
    request.scratch_count = VERIFY_SCRATCH_COUNT(size - 1);
    request.scratch = malloc(request.scratch_count * sizeof(*request.scratch));
    if (verify_text(&request, &result) == VERIFY_OK)
        check_accepted(&request);
    else if (result.reason == VERIFY_REQUEST
                 ? request.linear < VERIFY_LINEAR_COUNT
                 : result.offset >= request.text_bytes || result.reason == VERIFY_REASON_COUNT)
        abort();
    free((void *)request.text);
    free(request.scratch);
    return 0;
}
