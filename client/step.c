#include "client/reclave_client.h"

static const char *const names[] = {
    [RECLAVE_STEP_QUOTE_FORMAT] = "quote_format",
    [RECLAVE_STEP_CERTIFICATION_DATA] = "certification_data",
    [RECLAVE_STEP_PCK_CHAIN] = "pck_chain",
    [RECLAVE_STEP_TRUSTED_ROOT] = "trusted_root",
    [RECLAVE_STEP_PCK_VALIDITY] = "pck_validity",
    [RECLAVE_STEP_PCK_EXTENSION] = "pck_extension",
    [RECLAVE_STEP_QE_REPORT_SIGNATURE] = "qe_report_signature",
    [RECLAVE_STEP_QE_REPORT_DATA] = "qe_report_data",
    [RECLAVE_STEP_QUOTE_SIGNATURE] = "quote_signature",
    [RECLAVE_STEP_DEBUG] = "debug",
    [RECLAVE_STEP_COLLATERAL] = "collateral",
    [RECLAVE_STEP_CRL] = "crl",
    [RECLAVE_STEP_CRL_VALIDITY] = "crl_validity",
    [RECLAVE_STEP_REVOKED] = "revoked",
    [RECLAVE_STEP_QE_IDENTITY_SIGNATURE] = "qe_identity_signature",
    [RECLAVE_STEP_QE_IDENTITY_VALIDITY] = "qe_identity_validity",
    [RECLAVE_STEP_QE_IDENTITY] = "qe_identity",
    [RECLAVE_STEP_TCB_INFO_SIGNATURE] = "tcb_info_signature",
    [RECLAVE_STEP_TCB_INFO_VALIDITY] = "tcb_info_validity",
    [RECLAVE_STEP_TCB_INFO] = "tcb_info",
    [RECLAVE_STEP_TCB_STATUS] = "tcb_status",
    [RECLAVE_STEP_POLICY] = "policy",
    [RECLAVE_STEP_CHALLENGE] = "challenge",
    [RECLAVE_STEP_EVIDENCE] = "evidence",
    [RECLAVE_STEP_INTERNAL] = "internal",
    [RECLAVE_STEP_EVIDENCE_FORMAT] = "evidence_format",
    [RECLAVE_STEP_EVIDENCE_IDENTITY] = "evidence_identity",
    [RECLAVE_STEP_EVIDENCE_SIGNATURE] = "evidence_signature",
    [RECLAVE_STEP_EVIDENCE_PROOF] = "evidence_proof",
    [RECLAVE_STEP_EVIDENCE_WORKER] = "evidence_worker",
    [RECLAVE_STEP_EVIDENCE_NONCE] = "evidence_nonce",
    [RECLAVE_STEP_EVIDENCE_INPUT] = "evidence_input",
    [RECLAVE_STEP_EVIDENCE_STRINGS] = "evidence_strings",
    [RECLAVE_STEP_EVIDENCE_OUTPUT] = "evidence_output",
    [RECLAVE_STEP_EVIDENCE_TENANT] = "evidence_tenant",
    [RECLAVE_STEP_EVIDENCE_BUNDLE] = "evidence_bundle",
    [RECLAVE_STEP_EVIDENCE_SNAPSHOT] = "evidence_snapshot",
    [RECLAVE_STEP_EVIDENCE_POLICY] = "evidence_policy",
    [RECLAVE_STEP_EVIDENCE_OUTCOME] = "evidence_outcome",
};

const char *reclave_step_name(enum reclave_step step)
{
    return (size_t)step < sizeof(names) / sizeof(names[0]) ? names[step] : NULL;
}
