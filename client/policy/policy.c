#include "client/policy/policy.h"

#include <string.h>

void policy_default(struct policy *policy)
{
    memset(policy, 0, sizeof(*policy));
    policy->accepted_tcb = 1u << RECLAVE_TCB_UP_TO_DATE | 1u << RECLAVE_TCB_SW_HARDENING_NEEDED;
}

bool digest_list_allows(const struct digest_list *list, const uint8_t digest[POLICY_DIGEST_BYTES])
{
    if (list->count == 0)
        return true;
    for (size_t i = 0; i < list->count; i++)
        if (memcmp(list->digests[i], digest, POLICY_DIGEST_BYTES) == 0)
            return true;
    return false;
}

bool policy_accepts_tcb(const struct policy *policy, enum reclave_tcb_status status)
{
    return status > RECLAVE_TCB_UNKNOWN && status < RECLAVE_TCB_REVOKED &&
           (policy->accepted_tcb & 1u << status) != 0;
}

bool policy_check_quote(const struct policy *policy, const struct reclave_verdict *verdict,
                        struct failure *failure)
{
    const enum reclave_step step = RECLAVE_STEP_POLICY;
    const struct reclave_report *report = &verdict->report;

    if (!digest_list_allows(&policy->mrenclave, report->mrenclave))
        return reject_at(failure, step, "the policy's mrenclave does not name this enclave");
    if (!digest_list_allows(&policy->mrsigner, report->mrsigner))
        return reject_at(failure, step,
                         "the policy's mrsigner does not name this enclave's signer");
    if (policy->has_isv_prod_id && report->isv_prod_id != policy->isv_prod_id)
        return reject_at(failure, step, "isv_prod_id is %u, the policy wants %u",
                         report->isv_prod_id, policy->isv_prod_id);
    if (report->isv_svn < policy->isv_svn_least)
        return reject_at(failure, step, "isv_svn is %u, the policy wants at least %u",
                         report->isv_svn, policy->isv_svn_least);
    if (verdict->tcb_evaluation_data_number < policy->tcb_evaluation_least)
        return reject_at(failure, step,
                         "the collateral's evaluation number is %u, the policy wants at least %u",
                         verdict->tcb_evaluation_data_number, policy->tcb_evaluation_least);
    return true;
}

const char *policy_needs_evidence(const struct policy *policy)
{
    if (policy->tenants.count)
        return "tenants";
    if (policy->bundles.count)
        return "bundle_sha256";
    if (policy->snapshots.count)
        return "snapshot_sha256";
    if (policy->enclave_policies.count)
        return "policy_sha256";
    if (policy->keeper_owners.count)
        return "keeper_owner";
    return policy->has_epoch_seconds ? "max_epoch_seconds" : NULL;
}
