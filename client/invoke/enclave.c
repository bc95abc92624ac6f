/* From a quote to an enclave that may be spoken to. */
#include "client/invoke/invoke.h"

#include "client/evidence/sha256.h"

#include <stdlib.h>
#include <string.h>

static bool reject(struct reclave_verdict *verdict, enum reclave_step step, const char *reason)
{
    struct failure failure;
    bool no = reject_at(&failure, step, "%s", reason);

    verdict->accepted = false;
    verdict->failed_step = failure.step;
    memcpy(verdict->reason, failure.reason, sizeof(verdict->reason));
    return no;
}

/* The identity is untrusted until the quote's REPORTDATA is found to bind it. */
static bool take_identity(const struct reclave_verifier *verifier, const void *identity,
                          size_t bytes, struct reclave_verdict *verdict,
                          struct reclave_enclave *enclave)
{
    const struct digest_list *policies = &verifier->policy.enclave_policies;
    struct evidence_verdict bound;

    if (bytes != sizeof(enclave->identity))
        return reject(verdict, RECLAVE_STEP_EVIDENCE_FORMAT, "an identity has 145 bytes");
    memcpy(&enclave->identity, identity, bytes);
    bound =
        evidence_check_identity(&enclave->identity, ROLE_WORKER, verdict->report.report_data, NULL);
    if (bound.step != EVIDENCE_ACCEPTED)
        return reject(verdict, invoke_step(bound.step), bound.reason);
    if (verifier->policy.has_epoch_seconds || verifier->policy.keeper_owners.count)
        return reject(verdict, RECLAVE_STEP_EVIDENCE_POLICY,
                      "the policy has max_epoch_seconds or keeper_owner, which a keeper shows: an "
                      "enclave's own quote does not");
    if (!digest_list_allows(policies, enclave->identity.policy_sha256))
        return reject(verdict, RECLAVE_STEP_EVIDENCE_POLICY,
                      "the enclave runs under a policy that is not accepted");
    if (!sha256_of(&(struct sha256_piece){enclave->identity.signing_key, SIGNING_KEY_BYTES}, 1,
                   enclave->worker_id))
        return reject(verdict, RECLAVE_STEP_INTERNAL, "SHA-256 is not available");
    return true;
}

bool reclave_enclave_verify(const struct reclave_verifier *verifier, const void *quote,
                            size_t quote_bytes, const void *identity, size_t identity_bytes,
                            struct reclave_verdict *verdict, struct reclave_enclave **enclave)
{
    struct reclave_enclave *out = calloc(1, sizeof(*out));

    *enclave = NULL;
    if (!verifier_check_quote(verifier, quote, quote_bytes, verdict))
        goto rejected;
    if (!out) {
        (void)!reject(verdict, RECLAVE_STEP_INTERNAL, "out of memory");
        goto rejected;
    }
    if (!take_identity(verifier, identity, identity_bytes, verdict, out))
        goto rejected;
    out->policy = verifier->policy;
    *enclave = out;
    return true;

rejected:
    free(out);
    return false;
}

void reclave_enclave_free(struct reclave_enclave *enclave)
{
    free(enclave);
}
