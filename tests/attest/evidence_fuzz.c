/* Any bytes as an evidence file: parsed, checked against a quote that binds its own identity, and
 * completed. What is accepted as well-formed must be the one encoding of what it says. */
#include "client/evidence/evidence.h"
#include "trusted/attest/evidence.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* The parsed claims, encoded by the enclave's code, must be the very same bytes. */
static void encode_again(const struct evidence *evidence)
{
    const struct evidence_claims *parsed = &evidence->claims;
    const struct claims claims = {
        .nonce = parsed->nonce,
        .nonce_bytes = parsed->nonce_bytes,
        .boot_id = parsed->boot_id,
        .worker_id = parsed->worker_id,
        .tenant = parsed->tenant,
        .bundle_sha256 = parsed->bundle_sha256,
        .wasm_sha256 = parsed->wasm_sha256,
        .snapshot_sha256 = parsed->snapshot_sha256,
        .policy_sha256 = parsed->policy_sha256,
        .input_sha256 = parsed->input_sha256,
        .strings_sha256 = parsed->strings_sha256,
        .output_sha256 = parsed->output_sha256,
        .blinding = parsed->blinding,
        .slot = parsed->slot,
        .counter = parsed->counter,
        .outcome = parsed->outcome,
        .trap = parsed->trap,
        .exit_code = parsed->exit_code,
    };
    uint8_t encoded[EVIDENCE_CLAIMS_MAX];
    size_t bytes;

    if (claims_encode(&claims, encoded, &bytes) != ST_OK ||
        bytes != evidence->encoded_claims_bytes ||
        memcmp(encoded, evidence->encoded_claims, bytes) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const struct evidence_expectation expected = {.outcomes = 1u << OUTCOME_OK};
    struct evidence evidence;
    uint8_t report_data[64] = {0};
    uint8_t complete[EVIDENCE_FILE_MAX];
    size_t complete_bytes;

    if (evidence_complete(data, bytes, (const uint8_t *)"claims", 6, complete, &complete_bytes) ==
            ST_OK &&
        complete_bytes > sizeof(complete))
        abort();
    if (evidence_parse(data, bytes, &evidence).step != EVIDENCE_ACCEPTED)
        return 0;
    encode_again(&evidence);
    if (identity_report_data(&evidence.identity, NULL, report_data) != ST_OK)
        abort();
    if (evidence_check(data, bytes, report_data, NULL, &expected, &evidence).step ==
        EVIDENCE_FORMAT)
        abort();
    return 0;
}
