#include "toolchain/verify/verdict.h"

#include "trusted/verify/verify.h"

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
static const char *const layer1_gates[] = {
    [GATE1_RETURN] = "GATE1_RETURN", [GATE1_EXIT] = "GATE1_EXIT", [GATE1_COMMIT] = "GATE1_COMMIT",
    [GATE1_RANDOM] = "GATE1_RANDOM", [GATE1_TRAP] = "GATE1_TRAP",   [GATE1_WRITE] = "GATE1_WRITE",
};
static const char *const layer2_gates[] = {
    [GATE2_WASI] = "GATE2_WASI", [GATE2_TRAP] = "GATE2_TRAP", [GATE2_GROW] = "GATE2_GROW",
    [GATE2_RETURN] = "GATE2_RETURN", [GATE2_DATA] = "GATE2_DATA",
};
/* clang-format on */
_Static_assert(COUNT(layer1_gates) == GATE1_COUNT && COUNT(layer2_gates) == GATE2_COUNT,
               "every gate has its name");

static unsigned gate_count(enum sfi_layer layer)
{
    return layer == SFI_LAYER_RUNTIME ? GATE1_COUNT : GATE2_COUNT;
}

const char *gate_name(enum sfi_layer layer, unsigned gate)
{
    if (gate >= gate_count(layer))
        return NULL;
    return layer == SFI_LAYER_RUNTIME ? layer1_gates[gate] : layer2_gates[gate];
}

static void fill_in(const struct verify_result *result, struct verdict *verdict)
{
    *verdict = (struct verdict){
        .reason = result->reason,
        .offset = result->offset,
        .instructions = result->instructions,
        .direct_branches = result->direct,
        .computed = result->computed,
        .proven = result->proven,
        .stack_steps = result->stack_steps,
        .marks = result->marks,
        .gates_used = result->gates_used,
    };
}

static enum status judge(struct verify_request *request, struct verdict *verdict)
{
    struct verify_result result;

    request->text_offset = SFI_TEXT_OFF;
    request->scratch_count = VERIFY_SCRATCH_COUNT(request->text_bytes);
    request->scratch = calloc(request->scratch_count, sizeof(*request->scratch));
    if (!request->scratch)
        return ST_NO_MEMORY;
    result.reason = verify_text(request, &result);
    free(request->scratch);
    fill_in(&result, verdict);
    return ST_OK;
}

static enum verify_linear linear_of(enum sfi_layer layer, uint32_t tracking)
{
    if (layer == SFI_LAYER_RUNTIME)
        return VERIFY_LINEAR_READ_ONLY;
    return tracking == BUNDLE_TRACK_MARK ? VERIFY_LINEAR_MARKED : VERIFY_LINEAR_FREE;
}

enum status verdict_of_text(const uint8_t *text, size_t bytes, enum sfi_layer layer,
                            uint32_t tracking, struct verdict *verdict)
{
    struct verify_request request = {
        .text = text,
        .text_bytes = (uint32_t)bytes,
        .gate_count = gate_count(layer),
        .linear = linear_of(layer, tracking),
    };

    if (bytes == 0 || bytes > VERDICT_TEXT_MAX)
        return ST_OUT_OF_RANGE;
    return judge(&request, verdict);
}

enum status verdict_of_bundle(const struct bundle_view *bundle, struct verdict *verdict)
{
    struct verify_request request = {
        .text = bundle->code,
        .text_bytes = bundle->header.code_bytes,
        .rodata_bytes = bundle->header.rodata_bytes,
        .gate_count = gate_count(SFI_LAYER_FUNCTION),
        .linear = linear_of(SFI_LAYER_FUNCTION, bundle->header.tracking),
    };

    return judge(&request, verdict);
}
