/*
 * EREPORT and EGETKEY (SDM 3D 39.4.3, 40.4). Keys are AES-CMAC under the CPU's
 * key, by default one that everybody can read in cpu.c: deterministic, so that
 * sealed data survive a restart, and worthless as secrets.
 */
#include "sgx/emu/emu.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#define KEY_BYTES           16
#define REPORT_MACED_BYTES  384
#define OPERAND_ALIGNMENT   512
#define REPORTDATA_BYTES    64
#define REPORTDATA_ALIGNED  128
#define KEY_ALIGNMENT       16
#define KEYPOLICY_SUPPORTED (KEYPOLICY_MRENCLAVE | KEYPOLICY_MRSIGNER)

static const uint8_t cpu_svn[16] = {2, 2};
static const uint8_t report_key_id[32] = {'e', 'm', 'u', 'l', 'a', 't', 'o', 'r'};

/* Everything that a key may depend on; unused fields are zero. */
struct key_dependencies {
    uint16_t keyname;
    uint16_t isvprodid;
    uint16_t isvsvn;
    uint16_t keypolicy;
    uint32_t miscselect;
    uint32_t miscmask;
    uint64_t attributes, attributes_mask;
    uint64_t xfrm, xfrm_mask;
    uint8_t mrenclave[32];
    uint8_t mrsigner[32];
    uint8_t keyid[32];
    uint8_t cpusvn[16];
    uint8_t configid[64]; /* of Key Separation and Sharing, which no enclave here has */
    uint16_t configsvn;
    uint16_t cetattributes;
    uint32_t zero;
};

static void cmac(const uint8_t key[KEY_BYTES], const void *message, size_t bytes,
                 uint8_t out[KEY_BYTES])
{
    char cipher[] = "AES-128-CBC";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *mac = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;
    size_t written = 0;

    if (!mac || EVP_MAC_init(mac, key, KEY_BYTES, parameters) != 1 ||
        EVP_MAC_update(mac, message, bytes) != 1 ||
        EVP_MAC_final(mac, out, &written, KEY_BYTES) != 1 || written != KEY_BYTES)
        emu_fatal("AES-CMAC failed", 0, 0);
    EVP_MAC_CTX_free(mac);
    EVP_MAC_free(algorithm);
}

static void derive(const struct key_dependencies *d, uint8_t key[KEY_BYTES])
{
    cmac(emu_cpu.key, d, sizeof(*d), key);
}

/* The key that EREPORT uses for a target and EGETKEY gives to that enclave. */
static void derive_report_key(const struct sgx_targetinfo *target, const uint8_t keyid[32],
                              uint8_t key[KEY_BYTES])
{
    struct key_dependencies d = {.keyname = KEYNAME_REPORT,
                                 .attributes = target->attributes,
                                 .xfrm = target->xfrm,
                                 .miscselect = target->miscselect,
                                 .configsvn = target->configsvn,
                                 .cetattributes = target->cetattributes};

    memcpy(d.mrenclave, target->mrenclave, sizeof(d.mrenclave));
    memcpy(d.configid, target->configid, sizeof(d.configid));
    memcpy(d.keyid, keyid, sizeof(d.keyid));
    memcpy(d.cpusvn, cpu_svn, sizeof(d.cpusvn));
    derive(&d, key);
}

/* ---- EREPORT ------------------------------------------------------------ */

bool emu_ereport(struct emu_enclave *e, ucontext_t *uc, struct emu_fault *fault)
{
    const greg_t *regs = uc->uc_mcontext.gregs;
    const struct sgx_targetinfo *target =
        emu_operand(e, (uint64_t)regs[REG_RBX], OPERAND_ALIGNMENT, 0, fault);
    const uint8_t *data =
        target ? emu_operand(e, (uint64_t)regs[REG_RCX], REPORTDATA_ALIGNED, 0, fault) : NULL;
    void *output =
        data ? emu_operand(e, (uint64_t)regs[REG_RDX], OPERAND_ALIGNMENT, PF_WRITE, fault) : NULL;
    struct sgx_report report = {
        .miscselect = e->secs.miscselect,
        .attributes = e->secs.attributes,
        .xfrm = e->secs.xfrm,
        .isvprodid = e->secs.isvprodid,
        .isvsvn = e->secs.isvsvn,
    };
    uint8_t key[KEY_BYTES];

    if (!output)
        return false;
    memcpy(report.cpusvn, cpu_svn, sizeof(report.cpusvn));
    memcpy(report.mrenclave, e->secs.mrenclave, sizeof(report.mrenclave));
    memcpy(report.mrsigner, e->secs.mrsigner, sizeof(report.mrsigner));
    memcpy(report.reportdata, data, REPORTDATA_BYTES);
    memcpy(report.keyid, report_key_id, sizeof(report.keyid));
    derive_report_key(target, report.keyid, key);
    cmac(key, &report, REPORT_MACED_BYTES, report.mac);
    memcpy(output, &report, sizeof(report));
    return true;
}

/* ---- EGETKEY ------------------------------------------------------------ */

static bool reserved_zero(const struct sgx_keyrequest *r)
{
    return emu_all_zero(r->reserved2, sizeof(r->reserved2)) && !r->reserved1 &&
           !r->cetattributes_mask && !r->configsvn && !(r->keypolicy & ~KEYPOLICY_SUPPORTED);
}

static bool cpu_svn_reached(const uint8_t wanted[16])
{
    for (size_t i = 0; i < sizeof(cpu_svn); i++) {
        if (wanted[i] > cpu_svn[i])
            return false;
    }
    return true;
}

/* The attribute that a key name demands; 0: none. */
static uint64_t attribute_for(uint16_t keyname)
{
    switch (keyname) {
    case KEYNAME_PROVISION:
    case KEYNAME_PROVISION_SEAL:
        return ATTR_PROVISIONKEY;
    case KEYNAME_EINITTOKEN:
        return ATTR_EINITTOKENKEY;
    default:
        return 0;
    }
}

/* SGX status of the request. */
static uint64_t check_request(const struct emu_enclave *e, const struct sgx_keyrequest *r)
{
    uint64_t attribute = attribute_for(r->keyname);

    if (r->keyname > KEYNAME_SEAL)
        return SGX_INVALID_KEYNAME;
    if (attribute && !(e->secs.attributes & attribute))
        return SGX_INVALID_ATTRIBUTE;
    if (r->keyname == KEYNAME_REPORT)
        return 0;
    if (!cpu_svn_reached(r->cpusvn))
        return SGX_INVALID_CPUSVN;
    return r->isvsvn > e->secs.isvsvn ? SGX_INVALID_ISVSVN : 0;
}

/* The enclave as others name it as their reports' target. */
static void describe(const struct emu_enclave *e, struct sgx_targetinfo *out)
{
    *out = (struct sgx_targetinfo){
        .attributes = e->secs.attributes, .xfrm = e->secs.xfrm, .miscselect = e->secs.miscselect};
    memcpy(out->mrenclave, e->secs.mrenclave, sizeof(out->mrenclave));
}

/* Does this key name take the request's KEYID? The provisioning keys exist once. */
static bool has_keyid(uint16_t keyname)
{
    return keyname == KEYNAME_SEAL || keyname == KEYNAME_EINITTOKEN;
}

/* All keys but REPORT. */
static void derive_requested(const struct emu_enclave *e, const struct sgx_keyrequest *r,
                             uint8_t key[KEY_BYTES])
{
    struct key_dependencies d = {
        .keyname = r->keyname,
        .isvprodid = e->secs.isvprodid,
        .isvsvn = r->isvsvn,
        .keypolicy = r->keyname == KEYNAME_SEAL ? r->keypolicy : 0,
        .miscselect = e->secs.miscselect & r->miscmask,
        .miscmask = r->miscmask,
        /* Whether an enclave is initialised and debuggable always counts. */
        .attributes = e->secs.attributes & (r->attributes_mask | ATTR_INIT | ATTR_DEBUG),
        .attributes_mask = r->attributes_mask,
        .xfrm = e->secs.xfrm & r->xfrm_mask,
        .xfrm_mask = r->xfrm_mask,
    };
    bool signer = r->keyname != KEYNAME_SEAL || r->keypolicy & KEYPOLICY_MRSIGNER;

    if (r->keyname == KEYNAME_SEAL && r->keypolicy & KEYPOLICY_MRENCLAVE)
        memcpy(d.mrenclave, e->secs.mrenclave, sizeof(d.mrenclave));
    if (signer)
        memcpy(d.mrsigner, e->secs.mrsigner, sizeof(d.mrsigner));
    if (has_keyid(r->keyname))
        memcpy(d.keyid, r->keyid, sizeof(d.keyid));
    memcpy(d.cpusvn, r->cpusvn, sizeof(d.cpusvn));
    derive(&d, key);
}

bool emu_egetkey(struct emu_enclave *e, ucontext_t *uc, struct emu_fault *fault)
{
    const greg_t *regs = uc->uc_mcontext.gregs;
    const struct sgx_keyrequest *operand =
        emu_operand(e, (uint64_t)regs[REG_RBX], OPERAND_ALIGNMENT, 0, fault);
    void *output =
        operand ? emu_operand(e, (uint64_t)regs[REG_RCX], KEY_ALIGNMENT, PF_WRITE, fault) : NULL;
    struct sgx_keyrequest request;
    struct sgx_targetinfo self;
    uint64_t status;

    if (!output)
        return false;
    memcpy(&request, operand, sizeof(request));
    if (!reserved_zero(&request))
        return emu_gp(fault);
    status = check_request(e, &request);
    if (status == 0 && request.keyname == KEYNAME_REPORT) {
        describe(e, &self);
        derive_report_key(&self, request.keyid, output);
    } else if (status == 0) {
        derive_requested(e, &request, output);
    }
    emu_set_leaf_status(uc, status);
    return true;
}
