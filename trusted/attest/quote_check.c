#include "trusted/attest/quote_check.h"

#include "abi/sgx_arch.h"
#include "trusted/attest/certificate.h"
#include "trusted/attest/digest.h"
#include "trusted/attest/keys.h"

#include <string.h>

/* Key of "Intel SGX Root CA" (certificates.trustedservices.intel.com/IntelSGXRootCA.der). */
static const uint8_t intel_root_key[SIGNING_KEY_BYTES] = {
    0x0b, 0xa9, 0xc4, 0xc0, 0xc0, 0xc8, 0x61, 0x93, 0xa3, 0xfe, 0x23, 0xd6, 0xb0, 0x2c, 0xda, 0x10,
    0xa8, 0xbb, 0xd4, 0xe8, 0x8e, 0x48, 0xb4, 0x45, 0x85, 0x61, 0xa3, 0x6e, 0x70, 0x55, 0x25, 0xf5,
    0x67, 0x91, 0x8e, 0x2e, 0xdc, 0x88, 0xe4, 0x0d, 0x86, 0x0b, 0xd0, 0xcc, 0x4e, 0xe2, 0x6a, 0xac,
    0xc9, 0x88, 0xe5, 0x05, 0xa9, 0x53, 0x55, 0x8c, 0x45, 0x3f, 0x6b, 0x09, 0x04, 0xae, 0x73, 0x94};
/* Signer and product of Intel's quoting enclave (its QE identity, version 2). */
static const uint8_t intel_qe_mrsigner[32] = {
    0x8c, 0x4f, 0x57, 0x75, 0xd7, 0x96, 0x50, 0x3e, 0x96, 0x13, 0x7f, 0x77, 0xc6, 0x8a, 0x82, 0x9a,
    0x00, 0x56, 0xac, 0x8d, 0xed, 0x70, 0x14, 0x0b, 0x08, 0x1b, 0x09, 0x44, 0x90, 0xc5, 0x7b, 0xff};
#define INTEL_QE_PROD_ID 1

static bool all_zero(const void *bytes, size_t count)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < count; i++)
        if (at[i] != 0)
            return false;
    return true;
}

enum status platform_root_of(const struct platform_policy *policy, struct platform_root *root)
{
    bool intel = all_zero(policy->root_key, sizeof(policy->root_key));

    if (intel != all_zero(policy->qe_mrsigner, sizeof(policy->qe_mrsigner)) ||
        (intel && policy->qe_prod_id != 0))
        return ST_KEEPER_POLICY;
    memcpy(root->key, intel ? intel_root_key : policy->root_key, sizeof(root->key));
    memcpy(root->qe_mrsigner, intel ? intel_qe_mrsigner : policy->qe_mrsigner,
           sizeof(root->qe_mrsigner));
    root->qe_prod_id = intel ? INTEL_QE_PROD_ID : policy->qe_prod_id;
    return ST_OK;
}

/* ---- the parts ------------------------------------------------------------------ */

static enum status check_form(const struct quote_copy *quote)
{
    static const uint8_t vendor[QUOTE_VENDOR_BYTES] = QUOTE_VENDOR_INTEL;
    const struct quote_header *header = &quote->body.header;

    if (quote->auth_bytes > sizeof(quote->auth) || quote->pck_bytes > sizeof(quote->pck) ||
        quote->issuer_bytes > sizeof(quote->issuer))
        return ST_QUOTE_FORMAT;
    if (header->version != QUOTE_VERSION || header->key_type != QUOTE_KEY_P256 ||
        header->tee_type != 0 || memcmp(header->vendor, vendor, sizeof(vendor)) != 0)
        return ST_QUOTE_FORMAT;
    if (!all_zero(quote->reserved, sizeof(quote->reserved)) ||
        !all_zero(quote->auth + quote->auth_bytes, sizeof(quote->auth) - quote->auth_bytes) ||
        !all_zero(quote->pck + quote->pck_bytes, sizeof(quote->pck) - quote->pck_bytes) ||
        !all_zero(quote->issuer + quote->issuer_bytes, sizeof(quote->issuer) - quote->issuer_bytes))
        return ST_QUOTE_FORMAT;
    return ST_OK;
}

static bool is_revoked(const struct platform_policy *policy, const uint8_t serial[PCK_SERIAL_BYTES])
{
    for (unsigned i = 0; i < policy->revoked_count; i++)
        if (memcmp(policy->revoked[i], serial, PCK_SERIAL_BYTES) == 0)
            return true;
    return false;
}

/* PCK <- issuer <- root. The root's own certificate says nothing that its key does not. */
static enum status check_chain(const struct quote_copy *quote, const struct platform_policy *policy,
                               const uint8_t root_key[SIGNING_KEY_BYTES], struct certificate *pck)
{
    struct certificate issuer;

    if (!certificate_read(quote->pck, quote->pck_bytes, pck) ||
        !certificate_read(quote->issuer, quote->issuer_bytes, &issuer))
        return ST_QUOTE_CHAIN;
    if (!issuer.signs_certificates || pck->signs_certificates ||
        !der_is(pck->issuer, issuer.subject.at, issuer.subject.left))
        return ST_QUOTE_CHAIN;
    if (!certificate_is_signed_by(&issuer, root_key) ||
        !certificate_is_signed_by(pck, issuer.public_key))
        return ST_QUOTE_CHAIN;
    if (is_revoked(policy, pck->serial) || is_revoked(policy, issuer.serial))
        return ST_QUOTE_REVOKED;
    return ST_OK;
}

static bool level_is_met(const struct platform_level *level, const struct pck_platform *platform)
{
    if (platform->pce_svn < level->pce_svn)
        return false;
    for (unsigned i = 0; i < PLATFORM_COMPONENTS; i++)
        if (platform->components[i] < level->components[i])
            return false;
    return true;
}

/* A family may have several lines: one that is met suffices. */
static enum status check_platform(const struct certificate *pck,
                                  const struct platform_policy *policy)
{
    struct pck_platform platform;

    if (!pck_platform_read(pck, &platform))
        return ST_QUOTE_CHAIN;
    for (unsigned i = 0; i < policy->level_count; i++)
        if (memcmp(policy->levels[i].fmspc, platform.fmspc, sizeof(platform.fmspc)) == 0 &&
            level_is_met(&policy->levels[i], &platform))
            return ST_OK;
    return ST_QUOTE_PLATFORM;
}

static bool is_signed(const uint8_t key[SIGNING_KEY_BYTES], const void *data, size_t bytes,
                      const uint8_t signature[SIGNATURE_BYTES])
{
    uint8_t digest[DIGEST_BYTES];

    sha256_pieces(&(struct piece){data, bytes}, 1, digest);
    return signature_is_valid(key, digest, signature);
}

static struct sgx_report report_of(const uint8_t body[QUOTE_REPORT_BYTES])
{
    struct sgx_report report;

    memset(&report, 0, sizeof(report));
    memcpy(&report, body, QUOTE_REPORT_BYTES);
    return report;
}

static bool in_production(const struct sgx_report *report)
{
    return (report->attributes & ATTR_INIT) && !(report->attributes & ATTR_DEBUG);
}

/* Does the PCK vouch for a quoting enclave of the right kind, and that one for the attestation key?
 */
static enum status check_quoting_enclave(const struct quote_copy *quote,
                                         const struct certificate *pck,
                                         const struct platform_policy *policy,
                                         const struct platform_root *root)
{
    const struct quote_signature *s = &quote->signature;
    const struct piece bound[] = {{s->attestation_key, sizeof(s->attestation_key)},
                                  {quote->auth, quote->auth_bytes}};
    const struct sgx_report qe = report_of(s->qe_report);
    uint8_t expected[REPORT_DATA_BYTES] = {0};

    if (!is_signed(pck->public_key, s->qe_report, sizeof(s->qe_report), s->qe_report_signature))
        return ST_QUOTE_QE;
    if (!in_production(&qe) || memcmp(qe.mrsigner, root->qe_mrsigner, sizeof(qe.mrsigner)) != 0 ||
        qe.isvprodid != root->qe_prod_id || qe.isvsvn < policy->qe_svn)
        return ST_QUOTE_QE;
    sha256_pieces(bound, 2, expected);
    return memcmp(qe.reportdata, expected, sizeof(expected)) == 0 ? ST_OK : ST_QUOTE_QE;
}

static enum status check_report(const struct quote_copy *quote, struct quoted *out)
{
    const struct quote_signature *s = &quote->signature;
    const struct sgx_report report = report_of(quote->body.report);

    if (!is_signed(s->attestation_key, &quote->body, sizeof(quote->body), s->signature))
        return ST_QUOTE_SIGNATURE;
    if (!in_production(&report))
        return ST_QUOTE_DEBUG;
    memcpy(out->mrenclave, report.mrenclave, sizeof(out->mrenclave));
    memcpy(out->mrsigner, report.mrsigner, sizeof(out->mrsigner));
    out->isv_prod_id = report.isvprodid;
    out->isv_svn = report.isvsvn;
    memcpy(out->report_data, report.reportdata, sizeof(out->report_data));
    return ST_OK;
}

enum status quote_check(const struct quote_copy *quote, const struct platform_policy *policy,
                        struct quoted *out)
{
    struct platform_root root;
    struct certificate pck;
    enum status status = check_form(quote);

    if (status == ST_OK)
        status = platform_root_of(policy, &root);
    if (status == ST_OK)
        status = check_chain(quote, policy, root.key, &pck);
    if (status == ST_OK)
        status = check_platform(&pck, policy);
    if (status == ST_OK)
        status = check_quoting_enclave(quote, &pck, policy, &root);
    return status == ST_OK ? check_report(quote, out) : status;
}

void quote_digest(const struct quote_copy *quote, uint8_t digest[32])
{
    const struct piece pieces[] = {{&quote->body, sizeof(quote->body)},
                                   {&quote->signature, sizeof(quote->signature)}};

    sha256_pieces(pieces, 2, digest);
}
