#include "trusted/attest/report.h"

#include "base/bytes.h"
#include "base/enclu.h"

void report_create(const uint8_t target[512], const uint8_t data[64], struct sgx_report *out)
{
    struct sgx_targetinfo aligned_target;
    struct enclu_report_data aligned_data;
    struct enclu_report made;

    __builtin_memcpy(&aligned_target, target, sizeof(aligned_target));
    __builtin_memcpy(aligned_data.bytes, data, sizeof(aligned_data.bytes));
    enclu_ereport(&aligned_target, &aligned_data, &made);
    __builtin_memcpy(out, &made.report, sizeof(*out));
}

void sealing_id_now(const uint8_t key_id[32], struct sealing_id *out)
{
    static const uint8_t nobody[sizeof(struct sgx_targetinfo)]; /* no enclave measures to zeros */
    static const uint8_t nothing[64];
    struct sgx_report self;

    report_create(nobody, nothing, &self);
    __builtin_memcpy(out->key_id, key_id, sizeof(out->key_id));
    __builtin_memcpy(out->cpu_svn, self.cpusvn, sizeof(out->cpu_svn));
    out->isv_svn = self.isvsvn;
}

enum status sealing_key(const struct sealing_id *id, uint8_t key[16])
{
    struct sgx_keyrequest request = {
        .keyname = KEYNAME_SEAL,
        .keypolicy = KEYPOLICY_MRENCLAVE,
        .isvsvn = id->isv_svn,
        .attributes_mask = UINT64_MAX,
        .xfrm_mask = UINT64_MAX,
        .miscmask = UINT32_MAX,
    };
    struct enclu_key made = {{0}};
    enum status status = ST_OK;

    __builtin_memcpy(request.cpusvn, id->cpu_svn, sizeof(request.cpusvn));
    __builtin_memcpy(request.keyid, id->key_id, sizeof(request.keyid));
    if (enclu_egetkey(&request, &made) != 0)
        status = ST_UNSUPPORTED;
    __builtin_memcpy(key, made.bytes, sizeof(made.bytes));
    bytes_wipe(&made, sizeof(made));
    return status;
}
