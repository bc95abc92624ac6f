#include "client/evidence/cbor_reader.h"
#include "client/evidence/verdict.h"

#include "base/status.h"

#include <string.h>

/* An outcome's or trap's number from its name; 0 (NONE) for a name that there is not. */
static int outcome_of(const uint8_t *name, size_t bytes)
{
    for (int outcome = OUTCOME_OK; outcome <= OUTCOME_ABORTED_BY_HOST; outcome++) {
        const char *text = outcome_name(outcome);

        if (name && strlen(text) == bytes && memcmp(text, name, bytes) == 0)
            return outcome;
    }
    return OUTCOME_NONE;
}

static int trap_of(const uint8_t *name, size_t bytes)
{
    for (int trap = TRAP_NONE + 1; trap < TRAP_COUNT; trap++) {
        const char *text = trap_text(trap);

        if (name && strlen(text) == bytes && memcmp(text, name, bytes) == 0)
            return trap;
    }
    return TRAP_NONE;
}

static void read_digest(struct cbor_reader *reader, int64_t label, uint8_t digest[32])
{
    cbor_expect_integer(reader, label);
    cbor_read_exactly(reader, digest, 32);
}

static uint64_t read_unsigned(struct cbor_reader *reader, int64_t label)
{
    uint64_t value;

    cbor_expect_integer(reader, label);
    value = cbor_read_head(reader, CBOR_UNSIGNED);
    if (value > CLAIM_COUNT_MAX)
        reader->failed = true;
    return value;
}

/* eat_nonce is there or not: the only entry that may be missing for no other's sake. */
static void read_nonce(struct cbor_reader *reader, struct evidence_claims *out)
{
    const uint8_t *nonce;

    out->nonce_bytes = 0;
    if (!cbor_next_is_integer(reader, CLAIM_NONCE))
        return;
    nonce = cbor_read_string(reader, CBOR_BYTES, &out->nonce_bytes);
    if (!nonce || out->nonce_bytes < NONCE_MIN || out->nonce_bytes > NONCE_MAX) {
        reader->failed = true;
        out->nonce_bytes = 0;
        return;
    }
    memcpy(out->nonce, nonce, out->nonce_bytes);
}

static void read_identities(struct cbor_reader *reader, struct evidence_claims *out)
{
    cbor_expect_integer(reader, CLAIM_PROFILE);
    cbor_expect_text(reader, EVIDENCE_PROFILE);
    cbor_expect_integer(reader, CLAIM_BOOT_SEED);
    cbor_read_exactly(reader, out->boot_id, sizeof(out->boot_id));
    read_digest(reader, CLAIM_WORKER, out->worker_id);
    read_digest(reader, CLAIM_TENANT, out->tenant);
    read_digest(reader, CLAIM_BUNDLE, out->bundle_sha256);
    read_digest(reader, CLAIM_WASM, out->wasm_sha256);
    read_digest(reader, CLAIM_SNAPSHOT, out->snapshot_sha256);
    read_digest(reader, CLAIM_POLICY, out->policy_sha256);
    out->slot = read_unsigned(reader, CLAIM_SLOT);
    out->counter = read_unsigned(reader, CLAIM_COUNTER);
}

static void read_outcome(struct cbor_reader *reader, struct evidence_claims *out)
{
    const uint8_t *text;
    size_t bytes;

    cbor_expect_integer(reader, CLAIM_OUTCOME);
    text = cbor_read_string(reader, CBOR_TEXT, &bytes);
    out->outcome = outcome_of(text, bytes);
    out->trap = TRAP_NONE;
    if (out->outcome == OUTCOME_NONE)
        reader->failed = true;
    if (out->outcome == OUTCOME_TRAP) {
        cbor_expect_integer(reader, CLAIM_TRAP);
        text = cbor_read_string(reader, CBOR_TEXT, &bytes);
        out->trap = trap_of(text, bytes);
        if (out->trap == TRAP_NONE)
            reader->failed = true;
    }
    out->has_exit_code = out->outcome == OUTCOME_OK || out->outcome == OUTCOME_FUNCTION_ERROR;
    if (out->has_exit_code) {
        cbor_expect_integer(reader, CLAIM_EXIT_CODE);
        out->exit_code = cbor_read_integer(reader);
    }
}

struct evidence_verdict claims_parse(const uint8_t *encoded, size_t bytes,
                                     struct evidence_claims *out)
{
    struct cbor_reader reader = cbor_reader_of(encoded, bytes);
    uint64_t entries = cbor_read_head(&reader, CBOR_MAP);

    *out = (struct evidence_claims){0};
    read_nonce(&reader, out);
    read_identities(&reader, out);
    read_digest(&reader, CLAIM_INPUT, out->input_sha256);
    read_digest(&reader, CLAIM_STRINGS, out->strings_sha256);
    read_digest(&reader, CLAIM_OUTPUT, out->output_sha256);
    read_outcome(&reader, out);
    cbor_expect_integer(&reader, CLAIM_BLINDING);
    cbor_read_exactly(&reader, out->blinding, sizeof(out->blinding));
    if (!cbor_end(&reader) || entries != 15u + (out->nonce_bytes != 0) +
                                             (out->outcome == OUTCOME_TRAP) + out->has_exit_code) {
        *out = (struct evidence_claims){0};
        return rejected(EVIDENCE_FORMAT, "the claims are not a claims set of this profile");
    }
    return accepted();
}
