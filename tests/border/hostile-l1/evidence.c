#include "tests/border/hostile-l1/evidence.h"

#include "client/evidence/evidence.h"
#include "client/evidence/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint8_t claims_buffer[EVIDENCE_CLAIMS_MAX] __attribute__((aligned(64)));
static uint8_t root_buffer[EVIDENCE_ROOT_MAX] __attribute__((aligned(64)));

static struct evidence_claims last;
static bool has_last;

void evidence_ask(struct border_call *call)
{
    static uint64_t number;

    memset(claims_buffer, 0, sizeof(claims_buffer));
    number++;
    call->result.claims = (uintptr_t)claims_buffer;
    call->result.nonce_bytes = 16;
    memcpy(call->result.nonce, &number, sizeof(number));
    memset(call->result.nonce + 8, 0xa5, 8);
}

void evidence_forget(void)
{
    has_last = false;
}

static void must_be_digest(const char *what, const uint8_t digest[32], const void *data,
                           size_t bytes)
{
    const struct sha256_piece piece = {data, bytes};
    uint8_t expected[32];

    assert_true(sha256_of(&piece, 1, expected));
    if (memcmp(expected, digest, sizeof(expected)) != 0)
        fail_msg("the digest of the %s is wrong", what);
}

static void leaf_must_be_of(const struct entry_invocation *result)
{
    static const uint8_t prefix = 0;
    const struct sha256_piece pieces[] = {{&prefix, 1}, {claims_buffer, result->claims_bytes}};
    uint8_t leaf[32];

    assert_true(sha256_of(pieces, 2, leaf));
    assert_memory_equal(leaf, result->leaf, 32);
}

static void end_must_be(const struct evidence_claims *claims, const struct entry_invocation *result)
{
    assert_int_equal(claims->outcome, result->outcome);
    assert_int_equal(claims->trap, result->trap);
    if (claims->has_exit_code)
        assert_int_equal(claims->exit_code, result->exit_code);
}

static void place_must_be(const struct evidence_claims *claims,
                          const struct entry_invocation *result)
{
    static const uint8_t development[32];

    assert_int_equal(claims->slot, 0);
    assert_int_equal(claims->counter, result->counter);
    assert_memory_equal(claims->snapshot_sha256, result->snapshot_sha256, 32);
    assert_memory_equal(claims->tenant, development, 32);
    assert_int_equal(claims->nonce_bytes, result->nonce_bytes);
    assert_memory_equal(claims->nonce, result->nonce, result->nonce_bytes);
}

/* What no attack changes, and what each invocation does. */
static void history_must_be(const struct evidence_claims *claims)
{
    if (has_last) {
        assert_true(claims->counter > last.counter);
        assert_memory_equal(claims->boot_id, last.boot_id, BOOT_ID_BYTES);
        assert_memory_equal(claims->worker_id, last.worker_id, 32);
        assert_memory_equal(claims->policy_sha256, last.policy_sha256, 32);
        assert_memory_equal(claims->snapshot_sha256, last.snapshot_sha256, 32);
        assert_memory_equal(claims->wasm_sha256, last.wasm_sha256, 32);
        assert_memory_not_equal(claims->blinding, last.blinding, BLINDING_BYTES);
    }
    last = *claims;
    has_last = true;
}

void evidence_must_be_true(struct slot *slot, const struct border_call *call,
                           const struct border_file *bundle)
{
    static const uint8_t no_strings[sizeof("reclave strings v1") + 16] = "reclave strings v1";
    const struct entry_invocation *result = &call->result;
    struct evidence_claims claims;
    uint64_t root_bytes, leaves;

    assert_in_range(result->claims_bytes, 1, EVIDENCE_CLAIMS_MAX);
    assert_int_equal(claims_parse(claims_buffer, result->claims_bytes, &claims).step,
                     EVIDENCE_ACCEPTED);
    leaf_must_be_of(result);
    end_must_be(&claims, result);
    place_must_be(&claims, result);
    must_be_digest("input", claims.input_sha256, call->input, call->input_bytes);
    must_be_digest("output", claims.output_sha256, call->output, result->output_bytes);
    must_be_digest("strings", claims.strings_sha256, no_strings, sizeof(no_strings));
    must_be_digest("bundle", claims.bundle_sha256, bundle->bytes, bundle->size);
    history_must_be(&claims);
    assert_int_equal(slot_sign(slot, root_buffer, &root_bytes, &leaves), ST_OK);
    assert_int_equal(leaves, 1);
}
