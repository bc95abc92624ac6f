/* The JSON form of a policy. One table says which fields there are. */
#include "client/hex.h"
#include "client/json.h"
#include "client/policy/policy.h"
#include "client/quote/tcb_status.h"

#include <stdio.h>
#include <string.h>

/* Takes the value of one field; false when it is not what `must_be` says. */
typedef bool take_field(const json_t *value, struct policy *policy);

static bool take_digest(const json_t *value, struct digest_list *list)
{
    return json_is_string(value) && list->count < POLICY_DIGESTS_MAX &&
           hex_decode(json_string_value(value), json_string_length(value),
                      list->digests[list->count++], POLICY_DIGEST_BYTES);
}

/* One digest or a list of them. An empty list would read as "none" and mean "any". */
static bool take_digests(const json_t *value, struct digest_list *list)
{
    const json_t *item;
    size_t i;

    if (!json_is_array(value))
        return take_digest(value, list);
    json_array_foreach(value, i, item)
    {
        if (!take_digest(item, list))
            return false;
    }
    return list->count > 0;
}

static bool take_number(const json_t *value, uint64_t most, uint64_t *number)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) > most)
        return false;
    *number = (uint64_t)json_integer_value(value);
    return true;
}

static bool take_truth(const json_t *value, bool *truth)
{
    *truth = json_is_true(value);
    return json_is_boolean(value);
}

static bool take_mrenclave(const json_t *value, struct policy *policy)
{
    return take_digests(value, &policy->mrenclave);
}

static bool take_mrsigner(const json_t *value, struct policy *policy)
{
    return take_digests(value, &policy->mrsigner);
}

static bool take_tenants(const json_t *value, struct policy *policy)
{
    return take_digests(value, &policy->tenants);
}

static bool take_bundles(const json_t *value, struct policy *policy)
{
    return take_digests(value, &policy->bundles);
}

static bool take_enclave_policies(const json_t *value, struct policy *policy)
{
    return take_digests(value, &policy->enclave_policies);
}

static bool take_keeper_owners(const json_t *value, struct policy *policy)
{
    return take_digests(value, &policy->keeper_owners);
}

static bool take_snapshots(const json_t *value, struct policy *policy)
{
    return take_digests(value, &policy->snapshots);
}

static bool take_isv_svn(const json_t *value, struct policy *policy)
{
    uint64_t number = 0;
    bool good = take_number(value, UINT16_MAX, &number);

    policy->isv_svn_least = (uint16_t)number;
    return good;
}

static bool take_isv_prod_id(const json_t *value, struct policy *policy)
{
    uint64_t number = 0;

    policy->has_isv_prod_id = take_number(value, UINT16_MAX, &number);
    policy->isv_prod_id = (uint16_t)number;
    return policy->has_isv_prod_id;
}

static bool take_evaluation(const json_t *value, struct policy *policy)
{
    uint64_t number = 0;
    bool good = take_number(value, UINT32_MAX, &number);

    policy->tcb_evaluation_least = (uint32_t)number;
    return good;
}

static bool take_epoch_seconds(const json_t *value, struct policy *policy)
{
    policy->has_epoch_seconds = take_number(value, UINT32_MAX, &policy->epoch_seconds_most);
    return policy->has_epoch_seconds;
}

static bool take_allow_debug(const json_t *value, struct policy *policy)
{
    return take_truth(value, &policy->allow_debug);
}

static bool take_require_challenge(const json_t *value, struct policy *policy)
{
    return take_truth(value, &policy->require_challenge);
}

static bool take_statuses(const json_t *value, struct policy *policy)
{
    const json_t *item;
    size_t i;

    policy->accepted_tcb = 0;
    if (!json_is_array(value))
        return false;
    json_array_foreach(value, i, item)
    {
        enum reclave_tcb_status status = tcb_status_parse(json_string_value(item));

        if (status == RECLAVE_TCB_UNKNOWN)
            return false;
        policy->accepted_tcb |= 1u << status;
    }
    return policy->accepted_tcb != 0;
}

#define DIGESTS "64 hexadecimal digits, or a list of 1 to 64 such strings"

static const struct {
    const char *name;
    take_field *take;
    const char *must_be;
} fields[] = {
    {"accept_tcb_status", take_statuses,
     "a list of at least one of UpToDate, SWHardeningNeeded, ConfigurationNeeded, "
     "ConfigurationAndSWHardeningNeeded, OutOfDate, OutOfDateConfigurationNeeded, Revoked"},
    {"allow_debug", take_allow_debug, "true or false"},
    {"bundle_sha256", take_bundles, DIGESTS},
    {"isv_prod_id", take_isv_prod_id, "a number from 0 to 65535"},
    {"isv_svn", take_isv_svn, "a number from 0 to 65535, the least that is accepted"},
    {"keeper_owner", take_keeper_owners, DIGESTS},
    {"max_epoch_seconds", take_epoch_seconds, "a number of seconds from 0 to 4294967295"},
    {"min_tcb_evaluation_data_number", take_evaluation, "a number from 0 to 4294967295"},
    {"mrenclave", take_mrenclave, DIGESTS},
    {"mrsigner", take_mrsigner, DIGESTS},
    {"require_challenge", take_require_challenge, "true or false"},
    {"policy_sha256", take_enclave_policies, DIGESTS},
    {"snapshot_sha256", take_snapshots, DIGESTS},
    {"tenants", take_tenants, DIGESTS},
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

static bool take(const char *name, const json_t *value, struct policy *policy,
                 struct failure *failure)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (strcmp(name, fields[i].name) != 0)
            continue;
        return fields[i].take(value, policy) ||
               reject_at(failure, RECLAVE_STEP_POLICY, "policy field \"%s\" must be %s", name,
                         fields[i].must_be);
    }
    return reject_at(failure, RECLAVE_STEP_POLICY,
                     "unknown policy field \"%.80s\"; docs/verify.md lists those that there are",
                     name);
}

static bool take_all(json_t *object, struct policy *policy, struct failure *failure)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        if (!take(name, value, policy, failure))
            return false;
    }
    return true;
}

bool policy_parse(const char *json, size_t bytes, struct policy *policy,
                  char error[RECLAVE_ERROR_BYTES])
{
    struct failure failure = {.reason = ""};
    char why[JSON_ERROR_TEXT_LENGTH];
    json_t *object = NULL;
    bool good;

    policy_default(policy);
    if (bytes > RECLAVE_POLICY_BYTES_MAX)
        good = reject_at(&failure, RECLAVE_STEP_POLICY, "a policy has at most %u bytes",
                         RECLAVE_POLICY_BYTES_MAX);
    else if (!(object = json_read_object(json, bytes, why)))
        good = reject_at(&failure, RECLAVE_STEP_POLICY, "the policy is not a JSON object: %s", why);
    else
        good = take_all(object, policy, &failure);
    json_decref(object);
    memcpy(error, failure.reason, sizeof(failure.reason));
    return good;
}
