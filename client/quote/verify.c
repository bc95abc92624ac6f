/* The verification of a quote: one list of steps, each of which may end it. */
#include "client/quote/chain.h"
#include "client/quote/p256.h"
#include "client/quote/pck.h"
#include "client/quote/qe_identity.h"
#include "client/quote/quote.h"
#include "client/quote/tcb_info.h"
#include "client/quote/tcb_status.h"
#include "client/verifier.h"

#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <string.h>

#define PCK_CHAIN_CERTIFICATES 3
#define CHALLENGE_AT           32 /* in REPORTDATA; the first half says what the enclave is */

/* What one verification knows so far. */
struct attempt {
    const struct reclave_verifier *verifier;
    struct trust trust;
    struct quote quote;
    struct certificates certificates;
    struct chain chain;
    struct pck_extension platform;
    struct reclave_verdict *verdict;
    struct failure failure;
};

/* With a message that knows why the PCK is often absent. */
static bool check_certification_data(struct attempt *attempt)
{
    const struct quote *quote = &attempt->quote;
    const enum reclave_step step = RECLAVE_STEP_CERTIFICATION_DATA;

    switch (quote->certification_type) {
    case CERTIFICATION_PCK_CHAIN:
        return true;
    case 1:
    case 2:
    case 3:
        return reject_at(&attempt->failure, step,
                         "the quote carries no PCK certificate but a platform ID (PPID), %s "
                         "(certification data type %u); ask the platform for a quote with type 5",
                         quote->certification_type == 1 ? "in the clear" : "encrypted",
                         quote->certification_type);
    default:
        return reject_at(&attempt->failure, step,
                         "certification data type %u is not supported; 5, a PCK chain, is",
                         quote->certification_type);
    }
}

static bool check_pck_chain(struct attempt *attempt)
{
    static const struct chain_steps steps = {RECLAVE_STEP_PCK_CHAIN, RECLAVE_STEP_TRUSTED_ROOT,
                                             RECLAVE_STEP_PCK_VALIDITY};

    if (!certificates_read((const char *)attempt->quote.certification,
                           attempt->quote.certification_bytes, PCK_CHAIN_CERTIFICATES,
                           "the quote's PCK chain", RECLAVE_STEP_PCK_CHAIN, &attempt->certificates,
                           &attempt->failure))
        return false;
    if (!chain_order(&attempt->certificates, &attempt->chain))
        return reject_at(&attempt->failure, RECLAVE_STEP_PCK_CHAIN,
                         "the quote's certificates are not a leaf, its issuer and a root");
    if (!chain_verify(&attempt->chain, &attempt->trust, "PCK chain", &steps, &attempt->failure))
        return false;
    if (X509_check_ca(attempt->chain.leaf) != 0 || !p256_is(X509_get0_pubkey(attempt->chain.leaf)))
        return reject_at(&attempt->failure, RECLAVE_STEP_PCK_CHAIN,
                         "the leaf of the PCK chain is a CA, or its key is not on P-256");
    return true;
}

static bool read_pck_extension(struct attempt *attempt)
{
    if (!pck_read(attempt->chain.leaf, &attempt->platform, &attempt->failure))
        return false;
    memcpy(attempt->verdict->fmspc, attempt->platform.fmspc, sizeof(attempt->verdict->fmspc));
    return true;
}

static bool check_qe_report_signature(struct attempt *attempt)
{
    return p256_verify(X509_get0_pubkey(attempt->chain.leaf), attempt->quote.qe_signature,
                       attempt->quote.qe_report, REPORT_BODY_BYTES) ||
           reject_at(&attempt->failure, RECLAVE_STEP_QE_REPORT_SIGNATURE,
                     "the quoting enclave's report is not signed by the PCK");
}

/* REPORTDATA of the QE: SHA-256(attestation key || authentication data), then zeros. */
static bool check_qe_report_data(struct attempt *attempt)
{
    const struct quote *quote = &attempt->quote;
    uint8_t expected[sizeof(quote->qe.report_data)] = {0};
    unsigned bytes = 0;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool good = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(hash, quote->attestation_key, P256_RAW_BYTES) == 1 &&
                EVP_DigestUpdate(hash, quote->auth_data, quote->auth_bytes) == 1 &&
                EVP_DigestFinal_ex(hash, expected, &bytes) == 1 && bytes == SHA256_DIGEST_LENGTH;

    EVP_MD_CTX_free(hash);
    if (!good)
        return reject_at(&attempt->failure, RECLAVE_STEP_INTERNAL, "SHA-256 failed");
    return memcmp(expected, quote->qe.report_data, sizeof(expected)) == 0 ||
           reject_at(&attempt->failure, RECLAVE_STEP_QE_REPORT_DATA,
                     "the quoting enclave's report does not vouch for the attestation key");
}

static bool check_quote_signature(struct attempt *attempt)
{
    EVP_PKEY *key = p256_public_key(attempt->quote.attestation_key);
    bool good = key && p256_verify(key, attempt->quote.signature, attempt->quote.signed_part,
                                   QUOTE_SIGNED_BYTES);

    EVP_PKEY_free(key);
    return good || reject_at(&attempt->failure, RECLAVE_STEP_QUOTE_SIGNATURE,
                             "the quote is not signed by its attestation key");
}

/* Before the collateral, because a debug enclave proves nothing whatever its platform. */
static bool check_debug(struct attempt *attempt)
{
    return !attempt->quote.report.debug || attempt->verifier->policy.allow_debug ||
           reject_at(&attempt->failure, RECLAVE_STEP_DEBUG,
                     "this is a debug enclave: its host can read and change everything in it");
}

static bool check_collateral(struct attempt *attempt)
{
    if (attempt->verifier->has_collateral)
        return true;
    if (attempt->verifier->collateral_failure.step != RECLAVE_STEP_NONE) {
        attempt->failure = attempt->verifier->collateral_failure;
        return false;
    }
    return reject_at(&attempt->failure, RECLAVE_STEP_COLLATERAL,
                     "there is no collateral: whether the platform is up to date and not revoked "
                     "cannot be known");
}

/* The PCK chain once more, now that there are CRLs. */
static bool check_revocation(struct attempt *attempt)
{
    static const struct chain_steps steps = {RECLAVE_STEP_PCK_CHAIN, RECLAVE_STEP_TRUSTED_ROOT,
                                             RECLAVE_STEP_PCK_VALIDITY};

    attempt->trust.check_crls = true;
    attempt->trust.root_crl = attempt->verifier->collateral.root_crl;
    attempt->trust.pck_crl = attempt->verifier->collateral.pck_crl;
    return chain_verify(&attempt->chain, &attempt->trust, "PCK chain", &steps, &attempt->failure);
}

static bool check_qe_identity(struct attempt *attempt)
{
    return qe_identity_check(&attempt->verifier->collateral.qe_identity, &attempt->trust,
                             &attempt->quote.qe, attempt->verdict, &attempt->failure);
}

static bool check_tcb_info(struct attempt *attempt)
{
    return tcb_info_check(&attempt->verifier->collateral.tcb_info, &attempt->trust,
                          &attempt->platform, attempt->verdict, &attempt->failure);
}

static bool check_tcb_status(struct attempt *attempt)
{
    struct reclave_verdict *verdict = attempt->verdict;

    verdict->tcb_status = tcb_status_converge(verdict->platform_tcb_status, verdict->qe_tcb_status);
    return policy_accepts_tcb(&attempt->verifier->policy, verdict->tcb_status) ||
           reject_at(&attempt->failure, RECLAVE_STEP_TCB_STATUS, "the TCB status is %s%s",
                     reclave_tcb_status_name(verdict->tcb_status),
                     verdict->tcb_status == RECLAVE_TCB_REVOKED
                         ? ", which no policy can accept"
                         : ", which the policy does not accept");
}

static bool check_policy(struct attempt *attempt)
{
    return policy_check_quote(&attempt->verifier->policy, attempt->verdict, &attempt->failure);
}

static bool check_challenge(struct attempt *attempt)
{
    const struct reclave_verifier *verifier = attempt->verifier;

    if (!verifier->has_challenge)
        return !verifier->policy.require_challenge ||
               reject_at(
                   &attempt->failure, RECLAVE_STEP_CHALLENGE,
                   "the policy wants a quote that was made for a challenge, and none is given "
                   "to compare");
    return memcmp(attempt->quote.report.report_data + CHALLENGE_AT, verifier->challenge,
                  sizeof(verifier->challenge)) == 0 ||
           reject_at(&attempt->failure, RECLAVE_STEP_CHALLENGE,
                     "the quote was not made for this challenge: it is old, or somebody else's");
}

/* A restriction that this verification cannot check must not pass for checked. */
static bool check_evidence_is_not_needed(struct attempt *attempt)
{
    const char *field = policy_needs_evidence(&attempt->verifier->policy);

    return !field || reject_at(&attempt->failure, RECLAVE_STEP_EVIDENCE,
                               "the policy has \"%s\", which a quote alone cannot show", field);
}

static bool (*const steps[])(struct attempt *) = {
    check_certification_data,
    check_pck_chain,
    read_pck_extension,
    check_qe_report_signature,
    check_qe_report_data,
    check_quote_signature,
    check_debug,
    check_collateral,
    check_revocation,
    check_qe_identity,
    check_tcb_info,
    check_tcb_status,
    check_policy,
    check_challenge,
};

static bool parse(struct attempt *attempt, const uint8_t *data, size_t bytes)
{
    struct reclave_verdict *verdict = attempt->verdict;

    if (!quote_parse(data, bytes, &attempt->quote, &attempt->failure))
        return false;
    verdict->has_report = true;
    verdict->quote_version = attempt->quote.version;
    verdict->trailing_bytes = attempt->quote.trailing_bytes;
    verdict->report = attempt->quote.report;
    return true;
}

static bool take_steps(struct attempt *attempt, const uint8_t *data, size_t bytes)
{
    if (attempt->verifier->policy_broken)
        return reject_at(&attempt->failure, RECLAVE_STEP_POLICY, "the policy is not understood");
    if (!parse(attempt, data, bytes))
        return false;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (!steps[i](attempt))
            return false;
    return true;
}

static void conclude(struct attempt *attempt, bool accepted)
{
    struct reclave_verdict *verdict = attempt->verdict;

    if (!accepted && attempt->failure.step == RECLAVE_STEP_NONE)
        (void)!reject_at(&attempt->failure, RECLAVE_STEP_INTERNAL,
                         "a step failed without a reason");
    if (!verdict->platform_tcb_status) { /* not all of the collateral was read */
        verdict->tcb_evaluation_data_number = 0;
        verdict->collateral_expires = 0;
    }
    verdict->accepted = accepted;
    verdict->failed_step = attempt->failure.step;
    memcpy(verdict->reason, attempt->failure.reason, sizeof(verdict->reason));
}

static bool verify(const struct reclave_verifier *verifier, const void *quote, size_t bytes,
                   bool quote_alone, struct reclave_verdict *verdict)
{
    struct attempt attempt = {
        .verifier = verifier,
        .trust = {.anchor = verifier->anchor,
                  .time = verifier_time(verifier),
                  .allow_missing_crl = verifier->allow_missing_crl},
        .verdict = verdict,
    };

    memset(verdict, 0, sizeof(*verdict));
    verdict->tcb_evaluation_data_number = UINT32_MAX;
    verdict->collateral_expires = INT64_MAX;
    ERR_set_mark();
    conclude(&attempt, take_steps(&attempt, quote, bytes) &&
                           (!quote_alone || check_evidence_is_not_needed(&attempt)));
    ERR_pop_to_mark();
    certificates_free(&attempt.certificates);
    return verdict->accepted;
}

bool verifier_check_quote(const struct reclave_verifier *verifier, const void *quote, size_t bytes,
                          struct reclave_verdict *verdict)
{
    return verify(verifier, quote, bytes, false, verdict);
}

bool reclave_verify_quote(const struct reclave_verifier *verifier, const void *quote, size_t bytes,
                          struct reclave_verdict *verdict)
{
    return verify(verifier, quote, bytes, true, verdict);
}
