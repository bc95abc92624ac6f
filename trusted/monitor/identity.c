/* Who this enclave is: its keys, made at ENTRY_INIT and never written anywhere, its role and
 * policy, and the report that binds them. */
#include "base/bytes.h"
#include "trusted/attest/report.h"
#include "trusted/attest/report_data.h"
#include "trusted/monitor/monitor.h"

#include <string.h>

static void fill_from_hardware(void *context, void *to, size_t bytes)
{
    (void)context;
    random_hardware(to, (uint32_t)bytes);
}

static void decide_policy(const struct entry_init *request)
{
    struct enclave_policy policy = {
        .version = POLICY_VERSION,
        .role = (uint32_t)request->role,
        .tenancy = enclave.shared_tenancy ? TENANCY_SHARED : TENANCY_SEQUENTIAL,
        .flags = enclave.encrypted_only ? POLICY_ENCRYPTED_ONLY : 0,
    };

    memcpy(policy.keeper, enclave.keeper_id, sizeof(policy.keeper));
    policy_digest(&policy, enclave.policy_sha256);
}

enum status identity_make(const struct entry_init *request)
{
    const struct random_source hardware = {.fill = fill_from_hardware};
    enum status status = signing_key_make(&hardware, &enclave.signing);

    if (status == ST_OK)
        status = receiving_key_make(&hardware, &enclave.receiving);
    if (status != ST_OK)
        return status;
    decide_policy(request);
    identity_fill(&enclave.identity, (enum attest_role)request->role, &enclave.signing,
                  &enclave.receiving, enclave.boot_id, enclave.policy_sha256);
    return ST_OK;
}

_Static_assert(sizeof(struct sgx_targetinfo) == sizeof(((struct entry_report *)0)->target) &&
                   sizeof(struct sgx_report) == sizeof(((struct entry_report *)0)->report),
               "the hardware's structs cross the border whole");

enum status make_report(struct entry_report *request)
{
    struct sgx_report report;
    uint8_t data[REPORT_DATA_BYTES];

    if (enclave.identity.role == ROLE_KEEPER && !keeper_is_ready())
        return ST_KEEPER_EMPTY;
    report_data(&enclave.identity, request->challenge, data);
    report_create(request->target, data, &report);
    memcpy(request->report, &report, sizeof(report));
    request->identity = enclave.identity;
    return ST_OK;
}

void receiving_key_for(const uint8_t key_id[KEY_ID_BYTES], struct receiving_key *key)
{
    if (!ring_receiving_key(&enclave.ring, key_id, key))
        *key = enclave.receiving;
}

struct envelope_target slot_target(const struct slot *slot, const uint8_t key_id[KEY_ID_BYTES],
                                   struct receiving_key *key)
{
    struct envelope_target target = {.key = key};

    receiving_key_for(key_id, key);
    memcpy(target.bundle_sha256, slot->function.bundle_sha256, 32);
    memcpy(target.policy_sha256, enclave.policy_sha256, 32);
    return target;
}

enum status sign_batch(struct slot *slot, struct entry_sign *request)
{
    uint8_t root[EVIDENCE_ROOT_MAX];
    uint32_t leaves = slot->batch.count;
    size_t bytes = 0;
    enum status status;

    if (!border_outside(request->root, EVIDENCE_ROOT_MAX))
        return ST_BAD_POINTER;
    status = batch_sign(&slot->batch, &enclave.signing, enclave.boot_id, root, &bytes);
    if (status != ST_OK)
        return status;
    border_copy_out(request->root, root, bytes);
    request->root_bytes = bytes;
    request->leaves = leaves;
    return ST_OK;
}
