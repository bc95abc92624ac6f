#include "client/evidence/sha256.h"
#include "client/evidence/verdict.h"

#include <string.h>

static bool in_set(const struct digest_set *set, const uint8_t digest[32])
{
    for (size_t i = 0; i < set->count; i++)
        if (memcmp(set->digests[i], digest, 32) == 0)
            return true;
    return set->count == 0;
}

/* expected may be NULL: anything will do. */
static bool is_digest_of(const uint8_t digest[32], const uint8_t *expected, size_t bytes)
{
    uint8_t computed[32];

    if (!expected)
        return true;
    return sha256_of(&(struct sha256_piece){expected, bytes}, 1, computed) &&
           memcmp(computed, digest, sizeof(computed)) == 0;
}

static struct evidence_verdict check_invocation(const struct evidence_claims *claims,
                                                const struct evidence_expectation *expected)
{
    if (expected->nonce && (claims->nonce_bytes != expected->nonce_bytes ||
                            memcmp(claims->nonce, expected->nonce, expected->nonce_bytes) != 0))
        return rejected(EVIDENCE_NONCE, "the evidence is not for this nonce");
    if (!is_digest_of(claims->input_sha256, expected->input, expected->input_bytes))
        return rejected(EVIDENCE_INPUT, "the function got another input");
    if (expected->strings_sha256 &&
        memcmp(claims->strings_sha256, expected->strings_sha256, 32) != 0)
        return rejected(EVIDENCE_STRINGS, "the function got other arguments or variables");
    if (!is_digest_of(claims->output_sha256, expected->output, expected->output_bytes))
        return rejected(EVIDENCE_OUTPUT, "the function gave another output");
    return accepted();
}

struct evidence_verdict evidence_check_expected(const struct evidence_claims *claims,
                                                const struct evidence_expectation *expected)
{
    struct evidence_verdict verdict = check_invocation(claims, expected);

    if (verdict.step != EVIDENCE_ACCEPTED)
        return verdict;
    if (!in_set(&expected->tenants, claims->tenant))
        return rejected(EVIDENCE_TENANT, "the function belongs to a tenant that is not accepted");
    if (!in_set(&expected->bundles, claims->bundle_sha256))
        return rejected(EVIDENCE_BUNDLE, "another function ran than one that is accepted");
    if (!in_set(&expected->snapshots, claims->snapshot_sha256))
        return rejected(EVIDENCE_SNAPSHOT, "it ran from a snapshot that is not accepted");
    if (!in_set(&expected->policies, claims->policy_sha256))
        return rejected(EVIDENCE_POLICY, "it ran under an enclave policy that is not accepted");
    if (expected->outcomes && !(expected->outcomes & 1u << claims->outcome))
        return rejected(EVIDENCE_OUTCOME, "it ended with an outcome that is not accepted");
    return accepted();
}

struct evidence_verdict evidence_check(const uint8_t *file, size_t bytes,
                                       const uint8_t report_data[64], const uint8_t *challenge,
                                       const struct evidence_expectation *expected,
                                       struct evidence *out)
{
    struct evidence_verdict verdict = evidence_parse(file, bytes, out);

    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict = evidence_check_identity(&out->identity, ROLE_WORKER, report_data, challenge);
    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict = evidence_check_signed(out);
    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict = evidence_check_expected(&out->claims, expected);
    return verdict;
}
