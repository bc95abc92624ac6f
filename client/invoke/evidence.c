/* Evidence that somebody was shown, against the quote that it is rooted in. */
#include "client/invoke/invoke.h"

#include "client/evidence/verdict.h"

#include <stdlib.h>
#include <string.h>

static bool reject(struct reclave_verdict *verdict, struct evidence_verdict found)
{
    struct failure failure;
    bool no = reject_at(&failure, invoke_step(found.step), "%s", found.reason);

    verdict->accepted = false;
    verdict->failed_step = failure.step;
    memcpy(verdict->reason, failure.reason, sizeof(verdict->reason));
    return no;
}

static struct evidence_verdict strings_digest(const struct reclave_expectation *expected,
                                              uint8_t digest[32])
{
    const struct reclave_invocation invocation = {.args = expected->args,
                                                  .arg_count = expected->arg_count,
                                                  .env = expected->env,
                                                  .env_count = expected->env_count};
    char error[RECLAVE_ERROR_BYTES];
    char *strings;
    size_t bytes;
    enum status status;

    if (!invoke_strings(&invocation, &strings, &bytes, error))
        return (struct evidence_verdict){EVIDENCE_STRINGS,
                                         "no invocation can have these arguments or variables"};
    status = strings_sha256_of(expected->arg_count, expected->env_count, strings, bytes, digest);
    free(strings);
    return status == ST_OK ? (struct evidence_verdict){EVIDENCE_ACCEPTED, "accepted"}
                           : (struct evidence_verdict){EVIDENCE_SYSTEM, "SHA-256 is not available"};
}

/* What is expected, in the form of client/evidence; `strings` is where a digest goes. */
static struct evidence_verdict translate(const struct reclave_expectation *expected,
                                         uint8_t strings[32], struct evidence_expectation *known)
{
    *known = (struct evidence_expectation){
        .nonce = expected->nonce,
        .nonce_bytes = expected->nonce_bytes,
        .input = expected->input,
        .input_bytes = expected->input_bytes,
        .strings_sha256 = expected->has_strings ? strings : NULL,
        .output = expected->output,
        .output_bytes = expected->output_bytes,
        .outcomes = expected->only_ok ? 1u << OUTCOME_OK : 0,
    };
    return expected->has_strings ? strings_digest(expected, strings) : accepted();
}

static struct evidence_verdict check(const struct reclave_verifier *verifier,
                                     const struct reclave_verdict *quote, const void *file,
                                     size_t bytes, const struct reclave_expectation *expected,
                                     struct evidence *evidence)
{
    uint8_t strings[32];
    struct evidence_expectation known;
    struct evidence_verdict verdict = translate(expected, strings, &known);

    if (verdict.step == EVIDENCE_ACCEPTED) /* the verifier has compared the challenge */
        verdict = evidence_check(file, bytes, quote->report.report_data, NULL, &known, evidence);
    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict = invoke_check_policy(&verifier->policy, false, &evidence->claims);
    return verdict;
}

/* The certificate stands where the quote stood: for the identity. */
static struct evidence_verdict
check_of_fleet(const struct reclave_enclave *fleet, const struct origin *worker, const void *file,
               size_t bytes, const struct reclave_expectation *expected, struct evidence *evidence)
{
    uint8_t strings[32];
    struct evidence_expectation known;
    struct evidence_verdict verdict = evidence_parse(file, bytes, evidence);

    if (verdict.step == EVIDENCE_ACCEPTED &&
        memcmp(&evidence->identity, &worker->identity, sizeof(worker->identity)) != 0)
        verdict =
            rejected(EVIDENCE_IDENTITY, "the certificate is of another worker than the evidence's");
    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict = evidence_check_signed(evidence);
    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict = translate(expected, strings, &known);
    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict = evidence_check_expected(&evidence->claims, &known);
    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict = invoke_check_policy(&fleet->policy, true, &evidence->claims);
    return verdict;
}

bool reclave_fleet_evidence(const struct reclave_enclave *fleet, const void *certificate,
                            size_t certificate_bytes, const void *evidence, size_t evidence_bytes,
                            const struct reclave_expectation *expected,
                            struct reclave_verdict *verdict, struct reclave_claims *claims)
{
    struct evidence parsed;
    struct origin worker;
    struct evidence_verdict found;

    if (claims)
        memset(claims, 0, sizeof(*claims));
    memset(verdict, 0, sizeof(*verdict));
    found = fleet->is_fleet
                ? invoke_origin(fleet, certificate, certificate_bytes, &worker)
                : rejected(EVIDENCE_CERTIFICATE, "this is one enclave and not a keeper's fleet");
    if (found.step == EVIDENCE_ACCEPTED)
        found = check_of_fleet(fleet, &worker, evidence, evidence_bytes, expected, &parsed);
    if (found.step != EVIDENCE_ACCEPTED)
        return reject(verdict, found);
    verdict->accepted = true;
    if (claims)
        invoke_show_claims(&parsed.claims, claims);
    return true;
}

bool reclave_verify_evidence(const struct reclave_verifier *verifier, const void *quote,
                             size_t quote_bytes, const void *evidence, size_t evidence_bytes,
                             const struct reclave_expectation *expected,
                             struct reclave_verdict *verdict, struct reclave_claims *claims)
{
    struct evidence parsed;
    struct evidence_verdict found;

    if (claims)
        memset(claims, 0, sizeof(*claims));
    if (!verifier_check_quote(verifier, quote, quote_bytes, verdict))
        return false;
    found = check(verifier, verdict, evidence, evidence_bytes, expected, &parsed);
    if (found.step != EVIDENCE_ACCEPTED)
        return reject(verdict, found);
    if (claims)
        invoke_show_claims(&parsed.claims, claims);
    return true;
}
