/* Any bytes as a policy: taken or refused with a reason, and what is taken is within its limits. */
#include "client/policy/policy.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_list(const struct digest_list *list)
{
    if (list->count > POLICY_DIGESTS_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char error[RECLAVE_ERROR_BYTES] = "";
    struct policy policy;

    if (!policy_parse((const char *)data, bytes, &policy, error)) {
        if (!error[0])
            abort();
        return 0;
    }
    check_list(&policy.mrenclave);
    check_list(&policy.mrsigner);
    check_list(&policy.tenants);
    check_list(&policy.bundles);
    check_list(&policy.snapshots);
    if (!policy.accepted_tcb || policy.accepted_tcb & 1u << RECLAVE_TCB_UNKNOWN)
        abort();
    return 0;
}
