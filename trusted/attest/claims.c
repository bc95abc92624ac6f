#include "trusted/attest/evidence.h"

#include "base/cbor.h"
#include "base/merkle.h"
#include "base/status.h"
#include "trusted/attest/digest.h"

#include <stdbool.h>

static bool contradictory(const struct claims *claims)
{
    if (claims->nonce_bytes > NONCE_MAX ||
        (claims->nonce_bytes != 0 && claims->nonce_bytes < NONCE_MIN))
        return true;
    if (claims->slot > CLAIM_COUNT_MAX || claims->counter > CLAIM_COUNT_MAX)
        return true;
    if (claims->outcome <= OUTCOME_NONE || claims->outcome > OUTCOME_ABORTED_BY_HOST)
        return true;
    if (claims->trap < TRAP_NONE || claims->trap >= TRAP_COUNT)
        return true;
    return (claims->outcome == OUTCOME_TRAP) != (claims->trap != TRAP_NONE);
}

static bool has_exit_code(const struct claims *claims)
{
    return claims->outcome == OUTCOME_OK || claims->outcome == OUTCOME_FUNCTION_ERROR;
}

static void put_bytes(struct cbor_writer *out, int64_t label, const uint8_t *value, size_t bytes)
{
    cbor_integer(out, label);
    cbor_bytes(out, value, bytes);
}

static void put_integer(struct cbor_writer *out, int64_t label, uint64_t value)
{
    cbor_integer(out, label);
    cbor_head(out, CBOR_UNSIGNED, value);
}

static void put_text(struct cbor_writer *out, int64_t label, const char *value)
{
    cbor_integer(out, label);
    cbor_text(out, value);
}

static void put_identities(struct cbor_writer *out, const struct claims *claims)
{
    put_bytes(out, CLAIM_WORKER, claims->worker_id, 32);
    put_bytes(out, CLAIM_TENANT, claims->tenant, 32);
    put_bytes(out, CLAIM_BUNDLE, claims->bundle_sha256, 32);
    put_bytes(out, CLAIM_WASM, claims->wasm_sha256, 32);
    put_bytes(out, CLAIM_SNAPSHOT, claims->snapshot_sha256, 32);
    put_bytes(out, CLAIM_POLICY, claims->policy_sha256, 32);
    put_integer(out, CLAIM_SLOT, claims->slot);
    put_integer(out, CLAIM_COUNTER, claims->counter);
}

static void put_invocation(struct cbor_writer *out, const struct claims *claims)
{
    put_bytes(out, CLAIM_INPUT, claims->input_sha256, 32);
    put_bytes(out, CLAIM_STRINGS, claims->strings_sha256, 32);
    put_bytes(out, CLAIM_OUTPUT, claims->output_sha256, 32);
    put_text(out, CLAIM_OUTCOME, outcome_name(claims->outcome));
    if (claims->outcome == OUTCOME_TRAP)
        put_text(out, CLAIM_TRAP, trap_text(claims->trap));
    if (has_exit_code(claims)) {
        cbor_integer(out, CLAIM_EXIT_CODE);
        cbor_integer(out, claims->exit_code);
    }
    put_bytes(out, CLAIM_BLINDING, claims->blinding, BLINDING_BYTES);
}

enum status claims_encode(const struct claims *claims, uint8_t out[EVIDENCE_CLAIMS_MAX],
                          size_t *bytes)
{
    struct cbor_writer writer;
    uint64_t entries = 15; /* all but nonce, trap and exit code */

    if (contradictory(claims))
        return ST_INVALID_ARGUMENT;
    entries += claims->nonce_bytes != 0;
    entries += claims->outcome == OUTCOME_TRAP;
    entries += has_exit_code(claims);
    cbor_start(&writer, out, EVIDENCE_CLAIMS_MAX);
    cbor_head(&writer, CBOR_MAP, entries);
    if (claims->nonce_bytes != 0)
        put_bytes(&writer, CLAIM_NONCE, claims->nonce, claims->nonce_bytes);
    put_text(&writer, CLAIM_PROFILE, EVIDENCE_PROFILE);
    put_bytes(&writer, CLAIM_BOOT_SEED, claims->boot_id, BOOT_ID_BYTES);
    put_identities(&writer, claims);
    put_invocation(&writer, claims);
    return cbor_size(&writer, bytes);
}

void claims_leaf(const uint8_t *encoded, size_t bytes, uint8_t leaf[32])
{
    static const uint8_t prefix = MERKLE_LEAF_PREFIX;
    const struct piece pieces[] = {{&prefix, 1}, {encoded, bytes}};

    sha256_pieces(pieces, 2, leaf);
}

void strings_digest(uint64_t arg_count, uint64_t env_count, const void *strings, size_t bytes,
                    uint8_t digest[32])
{
    const struct piece pieces[] = {{STRINGS_DOMAIN, sizeof(STRINGS_DOMAIN)},
                                   {&arg_count, sizeof(arg_count)},
                                   {&env_count, sizeof(env_count)},
                                   {strings, bytes}};

    sha256_pieces(pieces, 4, digest);
}
