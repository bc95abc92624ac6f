#include "trusted/monitor/invocation.h"

#include "base/bytes.h"
#include "trusted/monitor/strings.h"

#include <bearssl/bearssl_hash.h>
#include <string.h>

enum status invocation_strings(struct slot *slot, uint32_t bytes, uint64_t arg_count,
                               uint64_t env_count, struct invocation_facts *facts)
{
    struct l1_page *page = slot_l1_page(slot);
    uint32_t arg_bytes = 0;
    enum status status;

    if (facts->wanted)
        strings_digest(arg_count, env_count, page->strings, bytes, facts->strings_sha256);
    status = strings_check(&slot->function, page->strings, bytes, arg_count, env_count, &arg_bytes);
    if (status != ST_OK)
        return status;
    page->arg_count = (uint32_t)arg_count;
    page->env_count = (uint32_t)env_count;
    page->arg_bytes = arg_bytes;
    page->env_bytes = bytes - arg_bytes;
    return ST_OK;
}

static void digest_region(const struct slot *slot, unsigned region, uint64_t bytes,
                          uint8_t digest[32])
{
    br_sha256_context hash;

    br_sha256_init(&hash);
    br_sha256_update(&hash, region_start(slot, region), bytes);
    br_sha256_out(&hash, digest);
}

static void take_input(struct slot *slot, const struct input_source *input,
                       struct invocation_facts *facts)
{
    if (!input->in_place)
        border_copy_in(region_start(slot, REGION_STDIN), input->host, input->bytes);
    if (facts->wanted) /* now: layer 1 may write there */
        digest_region(slot, REGION_STDIN, input->bytes, facts->input_sha256);
    slot_l1_page(slot)->stdin_bytes = input->bytes;
}

void invocation_refuse(struct slot *slot, const struct input_source *input,
                       struct invocation_facts *facts)
{
    slot->invocations++;
    if (input && facts->wanted)
        take_input(slot, input, facts);
}

/* After each rewind the function may ask for new seeds, before it is given any input. */
static struct run_result run_layers(struct slot *slot, const struct input_source *input,
                                    struct invocation_facts *facts)
{
    struct run_result result = {.outcome = OUTCOME_OK};

    if (slot->function.exports & BUNDLE_HAS_AFTER_REWIND)
        result = run_function(slot, CRT_AFTER_REWIND);
    take_input(slot, input, facts);
    if (result.outcome != OUTCOME_OK || result.exited)
        return result;
    return run_function(slot, slot->function.exports & BUNDLE_HAS_HANDLE ? CRT_HANDLE : CRT_START);
}

struct invocation_end invocation_run(struct slot *slot, const struct input_source *input,
                                     struct invocation_facts *facts)
{
    bool handler = (slot->function.exports & BUNDLE_HAS_HANDLE) != 0;
    struct invocation_end end = {0};
    struct run_result result;

    slot_set_state(slot, SLOT_RUNNING);
    slot->invocations++;
    result = run_layers(slot, input, facts);
    slot_set_state(slot, SLOT_DIRTY);
    end.outcome = result.outcome;
    end.trap = result.trap;
    if (result.outcome == OUTCOME_TRAP && result.trap == TRAP_MACHINE_FAULT)
        end.fault_address = result.value & 0xffffffff;
    if (result.outcome == OUTCOME_OK && (handler || result.exited)) {
        end.exit_code = (int32_t)result.value;
        if (end.exit_code)
            end.outcome = OUTCOME_FUNCTION_ERROR;
    }
    return end;
}

enum status invocation_claims(struct slot *slot, const struct invocation_facts *facts,
                              const struct invocation_end *end, uint64_t output_bytes,
                              uint8_t claims[EVIDENCE_CLAIMS_MAX], size_t *bytes, uint8_t leaf[32])
{
    uint8_t output_sha256[32], blinding[BLINDING_BYTES];
    struct claims fields = {
        .nonce = facts->nonce,
        .nonce_bytes = facts->nonce_bytes,
        .boot_id = enclave.boot_id,
        .worker_id = enclave.signing.worker_id,
        .tenant = slot->function.tenant,
        .bundle_sha256 = slot->function.bundle_sha256,
        .wasm_sha256 = slot->function.wasm_sha256,
        .snapshot_sha256 = slot->function_ready->digest,
        .policy_sha256 = enclave.policy_sha256,
        .input_sha256 = facts->input_sha256,
        .strings_sha256 = facts->strings_sha256,
        .output_sha256 = output_sha256,
        .blinding = blinding,
        .slot = slot->number,
        .counter = slot->invocations,
        .outcome = end->outcome,
        .trap = end->trap,
        .exit_code = end->exit_code,
    };
    enum status status;

    digest_region(slot, REGION_STDOUT, output_bytes, output_sha256);
    random_fresh(slot, blinding, sizeof(blinding));
    status = claims_encode(&fields, claims, bytes);
    if (status != ST_OK)
        return status;
    claims_leaf(claims, *bytes, leaf);
    return batch_add(&slot->batch, leaf);
}
