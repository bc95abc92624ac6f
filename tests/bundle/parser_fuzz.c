/* Any bytes through parser, contract and normalisation; what is normalised must parse again. */
#include "toolchain/bundle/contract.h"
#include "toolchain/bundle/normalise.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_again(const struct wasm_module *module)
{
    struct text out = {0};
    struct wasm_module again;

    normalise_module(module, &out);
    if (out.failed ||
        wasm_parse((const uint8_t *)out.data, out.bytes, &again, &complaint_none) != ST_OK)
        abort();
    if (again.function_count != module->function_count || again.type_count != module->type_count)
        abort();
    wasm_free(&again);
    text_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char text[400];
    struct complaint complaint = {text, sizeof(text)};
    struct wasm_module module;
    struct contract contract;

    text[0] = '\0';
    if (wasm_parse(data, bytes, &module, &complaint) != ST_OK) {
        if (!text[0])
            abort();
        return 0;
    }
    check_again(&module);
    if (contract_check(&module, 1 << 28, &contract, &complaint) == ST_OK &&
        (contract.memory_initial > contract.memory_max ||
         contract.tables_initial > contract.tables_max))
        abort();
    wasm_free(&module);
    return 0;
}
