/* What requests, answers and evidence share. */
#include "client/invoke/invoke.h"

#include "abi/gates.h"
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool invoke_fail(char error[RECLAVE_ERROR_BYTES], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error, RECLAVE_ERROR_BYTES, format, arguments);
    va_end(arguments);
    return false;
}

bool invoke_fail_status(char error[RECLAVE_ERROR_BYTES], const char *what, enum status status)
{
    return invoke_fail(error, "%s: %s", what, status_text(status));
}

static bool measure(const char *const *list, size_t count, bool pairs, size_t *total,
                    char error[RECLAVE_ERROR_BYTES])
{
    for (size_t i = 0; i < count; i++) {
        size_t bytes = strlen(list[i]) + 1;

        if (pairs && (list[i][0] == '=' || !strchr(list[i], '=')))
            return invoke_fail(error, "\"%.100s\" is not of the form NAME=VALUE", list[i]);
        if (bytes > L1_STRINGS_MAX - *total)
            return invoke_fail(error, "arguments and environment have more than %u bytes",
                               L1_STRINGS_MAX);
        *total += bytes;
    }
    return true;
}

static char *append(char *to, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to = stpcpy(to, list[i]) + 1;
    return to;
}

bool invoke_strings(const struct reclave_invocation *invocation, char **strings, size_t *bytes,
                    char error[RECLAVE_ERROR_BYTES])
{
    *strings = NULL;
    *bytes = 0;
    if (!measure(invocation->args, invocation->arg_count, false, bytes, error) ||
        !measure(invocation->env, invocation->env_count, true, bytes, error))
        return false;
    if (*bytes == 0)
        return true;
    *strings = malloc(*bytes);
    if (!*strings)
        return invoke_fail_status(error, "the request", ST_NO_MEMORY);
    append(append(*strings, invocation->args, invocation->arg_count), invocation->env,
           invocation->env_count);
    return true;
}

static struct digest_set set_of(const struct digest_list *list)
{
    return (struct digest_set){.digests = (const uint8_t(*)[32])list->digests,
                               .count = list->count};
}

struct evidence_verdict invoke_check_policy(const struct policy *policy, bool of_fleet,
                                            const struct evidence_claims *claims)
{
    const struct evidence_expectation expected = {
        .tenants = set_of(&policy->tenants),
        .bundles = set_of(&policy->bundles),
        .snapshots = set_of(&policy->snapshots),
        .policies = set_of(&policy->enclave_policies),
    };

    if (policy->has_epoch_seconds && !of_fleet) /* keys that the enclave made by itself */
        return (struct evidence_verdict){EVIDENCE_POLICY,
                                         "the policy has max_epoch_seconds, and without its "
                                         "keeper's certificate an enclave is of no key epoch"};
    if (policy->keeper_owners.count && !of_fleet)
        return (struct evidence_verdict){EVIDENCE_POLICY,
                                         "the policy has keeper_owner, and an enclave's own quote "
                                         "does not show a keeper's owner"};
    return evidence_check_expected(claims, &expected);
}

void invoke_show_claims(const struct evidence_claims *from, struct reclave_claims *to)
{
    *to = (struct reclave_claims){
        .nonce_bytes = from->nonce_bytes,
        .slot = from->slot,
        .counter = from->counter,
        .outcome = outcome_name(from->outcome),
        .trap = from->trap == TRAP_NONE ? NULL : trap_text(from->trap),
        .has_exit_code = from->has_exit_code,
        .exit_code = from->exit_code,
    };
    memcpy(to->nonce, from->nonce, sizeof(to->nonce));
    memcpy(to->boot_id, from->boot_id, sizeof(to->boot_id));
    memcpy(to->worker_id, from->worker_id, 32);
    memcpy(to->tenant, from->tenant, 32);
    memcpy(to->bundle_sha256, from->bundle_sha256, 32);
    memcpy(to->wasm_sha256_claimed, from->wasm_sha256, 32);
    memcpy(to->snapshot_sha256, from->snapshot_sha256, 32);
    memcpy(to->policy_sha256, from->policy_sha256, 32);
    memcpy(to->input_sha256, from->input_sha256, 32);
    memcpy(to->strings_sha256, from->strings_sha256, 32);
    memcpy(to->output_sha256, from->output_sha256, 32);
}

enum reclave_step invoke_step(enum evidence_step step)
{
    static const enum reclave_step steps[] = {
        [EVIDENCE_ACCEPTED] = RECLAVE_STEP_NONE,
        [EVIDENCE_FORMAT] = RECLAVE_STEP_EVIDENCE_FORMAT,
        [EVIDENCE_IDENTITY] = RECLAVE_STEP_EVIDENCE_IDENTITY,
        [EVIDENCE_CHALLENGE] = RECLAVE_STEP_CHALLENGE,
        [EVIDENCE_SIGNATURE] = RECLAVE_STEP_EVIDENCE_SIGNATURE,
        [EVIDENCE_PROOF] = RECLAVE_STEP_EVIDENCE_PROOF,
        [EVIDENCE_WORKER] = RECLAVE_STEP_EVIDENCE_WORKER,
        [EVIDENCE_NONCE] = RECLAVE_STEP_EVIDENCE_NONCE,
        [EVIDENCE_INPUT] = RECLAVE_STEP_EVIDENCE_INPUT,
        [EVIDENCE_STRINGS] = RECLAVE_STEP_EVIDENCE_STRINGS,
        [EVIDENCE_OUTPUT] = RECLAVE_STEP_EVIDENCE_OUTPUT,
        [EVIDENCE_TENANT] = RECLAVE_STEP_EVIDENCE_TENANT,
        [EVIDENCE_BUNDLE] = RECLAVE_STEP_EVIDENCE_BUNDLE,
        [EVIDENCE_SNAPSHOT] = RECLAVE_STEP_EVIDENCE_SNAPSHOT,
        [EVIDENCE_POLICY] = RECLAVE_STEP_EVIDENCE_POLICY,
        [EVIDENCE_OUTCOME] = RECLAVE_STEP_EVIDENCE_OUTCOME,
        [EVIDENCE_EPOCH_AGE] = RECLAVE_STEP_EPOCH_AGE,
        [EVIDENCE_CERTIFICATE] = RECLAVE_STEP_WORKER_CERTIFICATE,
        [EVIDENCE_MEASUREMENT] = RECLAVE_STEP_WORKER_MEASUREMENT,
        [EVIDENCE_EPOCH] = RECLAVE_STEP_WORKER_EPOCH,
        [EVIDENCE_SYSTEM] = RECLAVE_STEP_INTERNAL,
    };

    return (size_t)step < sizeof(steps) / sizeof(steps[0]) ? steps[step] : RECLAVE_STEP_INTERNAL;
}
