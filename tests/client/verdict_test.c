/* One deviation from a good quote at a time, and the verdict that it must get. */
#include "tests/client/case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ACCEPT_ALL                                                                                 \
    "{\"accept_tcb_status\": [\"UpToDate\", \"SWHardeningNeeded\", \"ConfigurationNeeded\", "      \
    "\"ConfigurationAndSWHardeningNeeded\", \"OutOfDate\", \"OutOfDateConfigurationNeeded\", "     \
    "\"Revoked\"]}"
#define MRENCLAVE "4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d"
#define MRSIGNER  "5353535353535353535353535353535353535353535353535353535353535353"
#define OTHER     "0000000000000000000000000000000000000000000000000000000000000001"

struct verdict_case {
    const char *name;
    void (*edit)(struct recipe *recipe);
    const char *policy;
    enum reclave_step step;
    const char *status; /* NULL: not looked at */
    const char *reason; /* must be part of the reason; NULL: not looked at */
};

/* ---- deviations ---- */

#define EDIT(name, ...)                                                                            \
    static void name(struct recipe *r)                                                             \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }

static void nothing(struct recipe *r)
{
    (void)r;
}
EDIT(version_4, r->version = 4)
EDIT(version_2, r->version = 2)
EDIT(version_5, r->version = 5)
EDIT(tdx, r->version = 4; r->tee_type = 0x81)
EDIT(tdx_5, r->version = 5; r->tee_type = 0x81)
EDIT(other_tee, r->tee_type = 1)
EDIT(slack, r->slack_bytes = 1)
EDIT(slack_4, r->version = 4; r->slack_bytes = 1)
EDIT(leaf_under_root, r->leaf_under_root = true; r->pck_signer = LABEL_ROOT; r->order = "LR")
EDIT(order_lri, r->order = "LRI")
EDIT(order_ilr, r->order = "ILR")
EDIT(order_irl, r->order = "IRL")
EDIT(order_rli, r->order = "RLI")
EDIT(order_ril, r->order = "RIL")
EDIT(without_root, r->order = "LI")
EDIT(without_issuer, r->order = "LR")
EDIT(leaf_only, r->order = "L")
EDIT(leaf_twice, r->order = "LLIR")
EDIT(two_leaves, r->order = "LLR")
EDIT(no_certificate, r->order = "")
EDIT(text_behind_chain, r->behind_pem = "hello")
EDIT(line_breaks_behind_chain, r->behind_pem = "\r\n\n")
EDIT(trailing_1, r->trailing_bytes = 1)
EDIT(trailing_1000, r->trailing_bytes = 1000)
EDIT(trailing_60000, r->trailing_bytes = 65536)
EDIT(encrypted_ppid, r->certification_type = 3)
EDIT(clear_ppid, r->certification_type = 1)
EDIT(leaf_without_chain, r->certification_type = 4)
EDIT(debug, r->debug = true)

EDIT(leaf_by_stranger, r->pck_signer = "stranger")
EDIT(leaf_by_root, r->pck_signer = LABEL_ROOT)
EDIT(leaf_is_ca, r->leaf_is_ca = true)
EDIT(issuer_is_no_ca, r->issuer_is_no_ca = true)
EDIT(leaf_expired, r->leaf_window.until = FORGE_NOW - 1)
EDIT(leaf_ends_soon, r->leaf_window.until = FORGE_NOW + 1)
EDIT(leaf_not_yet, r->leaf_window.from = FORGE_NOW + 1)
EDIT(issuer_expired, r->issuer_window.until = FORGE_NOW - 1)
EDIT(no_extension, r->no_sgx_extension = true)
EDIT(short_extension, r->short_sgx_extension = true)

EDIT(qe_report_by_stranger, r->qe_report_signer = "stranger")
EDIT(auth_data, r->wrong_auth_data = true)
EDIT(quote_by_stranger, r->quote_signer = "stranger")

EDIT(no_crls, r->no_root_crl = r->no_pck_crl = true)
EDIT(no_root_crl, r->no_root_crl = true)
EDIT(no_pck_crl, r->no_pck_crl = true)
EDIT(pem_crls, r->pem_crls = true)
EDIT(root_crl_by_stranger, r->root_crl_signer = "stranger")
EDIT(pck_crl_by_stranger, r->pck_crl_signer = "stranger")
EDIT(pck_crl_of_root, r->pck_crl_is_roots = true; r->pck_crl_signer = LABEL_ROOT)
EDIT(crls_expired, r->crl_window.until = FORGE_NOW - 1)
EDIT(crls_not_yet, r->crl_window.from = FORGE_NOW + 1)
EDIT(revoked_leaf, r->revoke_leaf = true)
EDIT(revoked_issuer, r->revoke_issuer = true)
EDIT(revoked_signer, r->revoke_signer = true)

EDIT(qe_identity_by_stranger, r->qe_signer = "stranger")
EDIT(qe_identity_expired, r->qe_window.until = FORGE_NOW - 1)
EDIT(qe_identity_ends_now, r->qe_window.until = FORGE_NOW)
EDIT(qe_identity_from_now, r->qe_window.from = FORGE_NOW)
EDIT(qe_identity_not_yet, r->qe_window.from = FORGE_NOW + 1)
EDIT(qe_other_signer, r->qe_mrsigner = OTHER)
EDIT(qe_other_product, r->qe_prod_id = 2)
EDIT(qe_other_attributes, r->qe_attributes = "31000000000000000000000000000000")
EDIT(qe_other_miscselect, r->qe_miscselect = "01000000")
EDIT(qe_debug, r->qe_debug = true)
EDIT(qe_identity_no_json, r->qe_identity_text = strdup("{"))
EDIT(qe_identity_is_tcb_info, r->qe_identity_text = forge_tcb_info(r))

EDIT(signer_expired, r->signer_window.until = FORGE_NOW - 1)
EDIT(signer_is_ca, r->signer_is_ca = true)
EDIT(tcb_info_by_stranger, r->tcb_signer = "stranger")
EDIT(tcb_info_by_pck, r->tcb_signer = LABEL_LEAF)
EDIT(tcb_info_expired, r->tcb_window.until = FORGE_NOW - 1)
EDIT(tcb_info_not_yet, r->tcb_window.from = FORGE_NOW + 1)
EDIT(other_fmspc, r->tcb_fmspc[1] ^= 1)
EDIT(tcb_info_is_qe_identity, r->tcb_info_text = forge_qe_identity(r))
EDIT(wrapped, r->wrapped = true)

/* The signed text with one part of it replaced. */
static char *replaced(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from), *result;

    assert_non_null(at);
    assert_true(asprintf(&result, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
    free(text);
    return result;
}

#define TCB_EDIT(name, from, to)                                                                   \
    EDIT(name, r->tcb_info_text = replaced(forge_tcb_info(r), from, to))
#define QE_EDIT(name, from, to)                                                                    \
    EDIT(name, r->qe_identity_text = replaced(forge_qe_identity(r), from, to))

TCB_EDIT(tdx_info, "\"SGX\"", "\"TDX\"")
TCB_EDIT(info_version_2, "\"version\":3", "\"version\":2")
TCB_EDIT(other_pce, "\"pceId\":\"0000\"", "\"pceId\":\"0001\"")
TCB_EDIT(tcb_type_1, "\"tcbType\":0", "\"tcbType\":1")
TCB_EDIT(no_levels, "\"tcbLevels\"", "\"levels\"")
TCB_EDIT(fifteen_components, "{\"svn\":1},", "")
TCB_EDIT(component_too_large, "\"svn\":9", "\"svn\":256")
TCB_EDIT(component_negative, "\"svn\":9", "\"svn\":-1")
TCB_EDIT(component_text, "\"svn\":9", "\"svn\":\"9\"")
TCB_EDIT(status_unknown, "\"UpToDate\"", "\"Fine\"")
TCB_EDIT(advisory_no_list, "\"advisoryIDs\":[]", "\"advisoryIDs\":\"none\"")
TCB_EDIT(advisory_no_name, "\"advisoryIDs\":[]", "\"advisoryIDs\":[\"\\u001b[2J\"]")
TCB_EDIT(no_evaluation_number, "\"tcbEvaluationDataNumber\":16,", "")
TCB_EDIT(date_in_february, "\"nextUpdate\":\"20",
         "\"nextUpdate\":\"2031-02-30T00:00:00Z\",\"x\":\"")
TCB_EDIT(member_twice, "\"tcbType\":0", "\"tcbType\":0,\"tcbType\":0")
TCB_EDIT(new_member, "\"tcbType\":0", "\"tcbType\":0,\"news\":[1,2]")
QE_EDIT(td_qe, "\"QE\"", "\"TD_QE\"")
QE_EDIT(identity_version_1, "\"version\":2", "\"version\":1")
QE_EDIT(qe_status_unknown, "\"UpToDate\"", "\"SWHardeningNeeded\"")

/* Each comparison of a TCB level, alone. */
EDIT(pce_below, r->pce_svn = 10)
EDIT(pce_equal, r->pce_svn = 11)
EDIT(component_5_below, r->platform_svns[4] = 254)
EDIT(component_2_equal, r->platform_svns[1] = 1)
EDIT(component_2_below, r->platform_svns[1] = 0)

EDIT(svn_hardening, r->platform_svns[0] = FORGE_SW_HARDENING_NEEDED)
EDIT(svn_configuration, r->platform_svns[0] = FORGE_CONFIGURATION_NEEDED)
EDIT(svn_both, r->platform_svns[0] = FORGE_CONFIGURATION_AND_SW_HARDENING_NEEDED)
EDIT(svn_out_of_date, r->platform_svns[0] = FORGE_OUT_OF_DATE)
EDIT(svn_out_of_date_configuration, r->platform_svns[0] = FORGE_OUT_OF_DATE_CONFIGURATION_NEEDED)
EDIT(svn_revoked, r->platform_svns[0] = FORGE_REVOKED)
EDIT(svn_unsupported, r->platform_svns[0] = FORGE_UNSUPPORTED)
EDIT(qe_out_of_date, r->qe_svn = FORGE_QE_OUT_OF_DATE)
EDIT(qe_revoked, r->qe_svn = FORGE_QE_REVOKED)
EDIT(qe_unsupported, r->qe_svn = FORGE_QE_UNSUPPORTED)
EDIT(qe_out_of_date_hardening, r->qe_svn = FORGE_QE_OUT_OF_DATE; svn_hardening(r))
EDIT(qe_out_of_date_configuration, r->qe_svn = FORGE_QE_OUT_OF_DATE; svn_configuration(r))
EDIT(qe_out_of_date_both, r->qe_svn = FORGE_QE_OUT_OF_DATE; svn_both(r))

#define S(step) RECLAVE_STEP_##step

static const struct verdict_case cases[] = {
    {"up to date: accepted", nothing, NULL, S(NONE), "UpToDate", NULL},
    {"version 4: accepted", version_4, NULL, S(NONE), "UpToDate", NULL},
    {"version 2: refused", version_2, NULL, S(QUOTE_FORMAT), NULL, "version 2"},
    {"version 5: refused", version_5, NULL, S(QUOTE_FORMAT), NULL, "version 5"},
    {"TDX quote: refused by name", tdx, NULL, S(QUOTE_FORMAT), NULL, "TDX"},
    {"TDX quote of version 5: refused by name", tdx_5, NULL, S(QUOTE_FORMAT), NULL, "TDX"},
    {"another TEE: refused", other_tee, NULL, S(QUOTE_FORMAT), NULL, "TEE type"},
    {"a byte left in the signature data: refused", slack, NULL, S(QUOTE_FORMAT), NULL, NULL},
    {"a byte left behind the wrapped QE report: refused", slack_4, NULL, S(QUOTE_FORMAT), NULL,
     NULL},
    {"leaf right under the root, two certificates: rejected", leaf_under_root, NULL, S(PCK_CHAIN),
     NULL, NULL},
    {"SW hardening needed: accepted", svn_hardening, NULL, S(NONE), "SWHardeningNeeded", NULL},
    {"configuration needed: rejected", svn_configuration, NULL, S(TCB_STATUS),
     "ConfigurationNeeded", NULL},
    {"configuration and SW hardening needed: rejected", svn_both, NULL, S(TCB_STATUS),
     "ConfigurationAndSWHardeningNeeded", NULL},
    {"out of date: rejected", svn_out_of_date, NULL, S(TCB_STATUS), "OutOfDate", NULL},
    {"out of date, configuration needed: rejected", svn_out_of_date_configuration, NULL,
     S(TCB_STATUS), "OutOfDateConfigurationNeeded", NULL},
    {"revoked TCB: rejected", svn_revoked, NULL, S(TCB_STATUS), "Revoked", NULL},
    {"below all TCB levels: rejected", svn_unsupported, NULL, S(TCB_INFO), NULL, "not supported"},
    {"configuration needed: accepted by a policy", svn_configuration, ACCEPT_ALL, S(NONE),
     "ConfigurationNeeded", NULL},
    {"out of date: accepted by a policy", svn_out_of_date, ACCEPT_ALL, S(NONE), "OutOfDate", NULL},
    {"out of date, configuration needed: accepted by a policy", svn_out_of_date_configuration,
     ACCEPT_ALL, S(NONE), "OutOfDateConfigurationNeeded", NULL},
    {"revoked TCB: no policy accepts it", svn_revoked, ACCEPT_ALL, S(TCB_STATUS), "Revoked",
     "no policy"},
    {"a policy that lists one status accepts no other", nothing,
     "{\"accept_tcb_status\": [\"SWHardeningNeeded\"]}", S(TCB_STATUS), "UpToDate", NULL},
    {"PCE's SVN equal to the level's: accepted", pce_equal, NULL, S(NONE), "UpToDate", NULL},
    {"PCE's SVN below every level: rejected", pce_below, NULL, S(TCB_INFO), NULL, NULL},
    {"component 2 equal to the level's: accepted", component_2_equal, NULL, S(NONE), "UpToDate",
     NULL},
    {"component 2 below every level: rejected", component_2_below, NULL, S(TCB_INFO), NULL, NULL},
    {"component 5, 254 of 255: rejected", component_5_below, NULL, S(TCB_INFO), NULL, NULL},

    {"QE out of date: rejected", qe_out_of_date, NULL, S(TCB_STATUS), "OutOfDate", NULL},
    {"QE out of date, platform needs hardening: out of date", qe_out_of_date_hardening, NULL,
     S(TCB_STATUS), "OutOfDate", NULL},
    {"QE out of date, platform needs configuration: both", qe_out_of_date_configuration, NULL,
     S(TCB_STATUS), "OutOfDateConfigurationNeeded", NULL},
    {"QE out of date, platform needs hardening and configuration: both", qe_out_of_date_both, NULL,
     S(TCB_STATUS), "OutOfDateConfigurationNeeded", NULL},
    {"QE revoked: rejected", qe_revoked, ACCEPT_ALL, S(TCB_STATUS), "Revoked", NULL},
    {"QE below all levels: rejected", qe_unsupported, ACCEPT_ALL, S(TCB_STATUS), "Revoked", NULL},

    {"chain in the order leaf, root, intermediate: accepted", order_lri, NULL, S(NONE), NULL, NULL},
    {"chain in the order intermediate, leaf, root: accepted", order_ilr, NULL, S(NONE), NULL, NULL},
    {"chain in the order intermediate, root, leaf: accepted", order_irl, NULL, S(NONE), NULL, NULL},
    {"chain in the order root, leaf, intermediate: accepted", order_rli, NULL, S(NONE), NULL, NULL},
    {"chain in the order root, intermediate, leaf: accepted", order_ril, NULL, S(NONE), NULL, NULL},
    {"chain without root: rejected", without_root, NULL, S(PCK_CHAIN), NULL, NULL},
    {"chain without intermediate: rejected", without_issuer, NULL, S(PCK_CHAIN), NULL, NULL},
    {"leaf alone: rejected", leaf_only, NULL, S(PCK_CHAIN), NULL, NULL},
    {"chain with a leaf too many: rejected", leaf_twice, NULL, S(PCK_CHAIN), NULL, NULL},
    {"two leaves and a root: rejected", two_leaves, NULL, S(PCK_CHAIN), NULL, NULL},
    {"no certificate: rejected", no_certificate, NULL, S(PCK_CHAIN), NULL, NULL},
    {"text behind the chain: rejected", text_behind_chain, NULL, S(PCK_CHAIN), NULL, NULL},
    {"line breaks behind the chain: accepted", line_breaks_behind_chain, NULL, S(NONE), NULL, NULL},
    {"a trailing byte: accepted", trailing_1, NULL, S(NONE), NULL, NULL},
    {"a thousand trailing bytes: accepted", trailing_1000, NULL, S(NONE), NULL, NULL},
    {"trailing bytes past the limit: rejected", trailing_60000, NULL, S(QUOTE_FORMAT), NULL, NULL},
    {"encrypted PPID: rejected by name", encrypted_ppid, NULL, S(CERTIFICATION_DATA), NULL,
     "encrypted"},
    {"PPID in the clear: rejected by name", clear_ppid, NULL, S(CERTIFICATION_DATA), NULL,
     "in the clear"},
    {"certification data of type 4: rejected", leaf_without_chain, NULL, S(CERTIFICATION_DATA),
     NULL, "type 4"},
    {"debug enclave: rejected", debug, NULL, S(DEBUG), NULL, NULL},
    {"debug enclave: accepted by a policy", debug, "{\"allow_debug\": true}", S(NONE), NULL, NULL},
    {"debug enclave: rejected by a policy that says so", debug, "{\"allow_debug\": false}",
     S(DEBUG), NULL, NULL},

    {"leaf signed by a stranger: rejected", leaf_by_stranger, NULL, S(PCK_CHAIN), NULL, NULL},
    {"leaf signed by the root: rejected", leaf_by_root, NULL, S(PCK_CHAIN), NULL, NULL},
    {"leaf that is a CA: rejected", leaf_is_ca, NULL, S(PCK_CHAIN), NULL, NULL},
    {"intermediate that is no CA: rejected", issuer_is_no_ca, NULL, S(PCK_CHAIN), NULL, NULL},
    {"leaf expired: rejected", leaf_expired, NULL, S(PCK_VALIDITY), NULL, "expired"},
    {"leaf a second before its end: accepted", leaf_ends_soon, NULL, S(NONE), NULL, NULL},
    {"leaf not yet valid: rejected", leaf_not_yet, NULL, S(PCK_VALIDITY), NULL, "not yet valid"},
    {"intermediate expired: rejected", issuer_expired, NULL, S(PCK_VALIDITY), NULL, "expired"},
    {"leaf without SGX extension: rejected", no_extension, NULL, S(PCK_EXTENSION), NULL, NULL},
    {"SGX extension without PCE SVN: rejected", short_extension, NULL, S(PCK_EXTENSION), NULL,
     NULL},

    {"QE report signed by a stranger: rejected", qe_report_by_stranger, NULL,
     S(QE_REPORT_SIGNATURE), NULL, NULL},
    {"QE report for other data: rejected", auth_data, NULL, S(QE_REPORT_DATA), NULL, NULL},
    {"quote signed by a stranger: rejected", quote_by_stranger, NULL, S(QUOTE_SIGNATURE), NULL,
     NULL},

    {"no CRLs: rejected", no_crls, NULL, S(CRL), NULL, "missing"},
    {"no root CRL: rejected", no_root_crl, NULL, S(CRL), NULL, "missing"},
    {"no PCK CRL: rejected", no_pck_crl, NULL, S(CRL), NULL, "missing"},
    {"CRLs in PEM: accepted", pem_crls, NULL, S(NONE), NULL, NULL},
    {"root CRL signed by a stranger: rejected", root_crl_by_stranger, NULL, S(CRL), NULL, NULL},
    {"PCK CRL signed by a stranger: rejected", pck_crl_by_stranger, NULL, S(CRL), NULL, NULL},
    {"the root's CRL in the place of the PCK's: rejected", pck_crl_of_root, NULL, S(CRL), NULL,
     NULL},
    {"CRLs expired: rejected", crls_expired, NULL, S(CRL_VALIDITY), NULL, "expired"},
    {"CRLs not yet valid: rejected", crls_not_yet, NULL, S(CRL_VALIDITY), NULL, "not yet valid"},
    {"revoked leaf: rejected", revoked_leaf, NULL, S(REVOKED), NULL, "leaf certificate of the PCK"},
    {"revoked intermediate: rejected", revoked_issuer, NULL, S(REVOKED), NULL, "intermediate"},
    {"revoked TCB signer: rejected", revoked_signer, NULL, S(REVOKED), NULL, "QE identity"},

    {"QE identity signed by a stranger: rejected", qe_identity_by_stranger, NULL,
     S(QE_IDENTITY_SIGNATURE), NULL, NULL},
    {"QE identity expired: rejected", qe_identity_expired, NULL, S(QE_IDENTITY_VALIDITY), NULL,
     "expired"},
    {"QE identity in its last second: accepted", qe_identity_ends_now, NULL, S(NONE), NULL, NULL},
    {"QE identity in its first second: accepted", qe_identity_from_now, NULL, S(NONE), NULL, NULL},
    {"QE identity of the future: rejected", qe_identity_not_yet, NULL, S(QE_IDENTITY_VALIDITY),
     NULL, "future"},
    {"QE of another signer: rejected", qe_other_signer, NULL, S(QE_IDENTITY), NULL, "MRSIGNER"},
    {"QE of another product: rejected", qe_other_product, NULL, S(QE_IDENTITY), NULL, "ISVPRODID"},
    {"QE with other attributes: rejected", qe_other_attributes, NULL, S(QE_IDENTITY), NULL,
     "ATTRIBUTES"},
    {"QE with another MISCSELECT: rejected", qe_other_miscselect, NULL, S(QE_IDENTITY), NULL,
     "MISCSELECT"},
    {"QE that is a debug enclave: rejected", qe_debug, NULL, S(QE_IDENTITY), NULL, "ATTRIBUTES"},
    {"QE identity that is no JSON: rejected", qe_identity_no_json, NULL, S(QE_IDENTITY), NULL,
     NULL},
    {"TCB info in the place of the QE identity: rejected", qe_identity_is_tcb_info, NULL,
     S(QE_IDENTITY), NULL, NULL},
    {"identity of the TDX QE: rejected", td_qe, NULL, S(QE_IDENTITY), NULL, NULL},
    {"QE identity of version 1: rejected", identity_version_1, NULL, S(QE_IDENTITY), NULL, NULL},
    {"QE identity with a platform's status: rejected", qe_status_unknown, NULL, S(QE_IDENTITY),
     NULL, NULL},

    {"signing certificate expired: rejected", signer_expired, NULL, S(QE_IDENTITY_VALIDITY), NULL,
     "expired"},
    {"signing certificate that is a CA: rejected", signer_is_ca, NULL, S(QE_IDENTITY_SIGNATURE),
     NULL, "CA"},
    {"TCB info signed by a stranger: rejected", tcb_info_by_stranger, NULL, S(TCB_INFO_SIGNATURE),
     NULL, NULL},
    {"TCB info signed by the PCK: rejected", tcb_info_by_pck, NULL, S(TCB_INFO_SIGNATURE), NULL,
     NULL},
    {"TCB info expired: rejected", tcb_info_expired, NULL, S(TCB_INFO_VALIDITY), NULL, "expired"},
    {"TCB info of the future: rejected", tcb_info_not_yet, NULL, S(TCB_INFO_VALIDITY), NULL,
     "future"},
    {"TCB info of another FMSPC: rejected", other_fmspc, NULL, S(TCB_INFO), NULL, "FMSPC"},
    {"TCB info of another PCE: rejected", other_pce, NULL, S(TCB_INFO), NULL, "pceId"},
    {"QE identity in the place of the TCB info: rejected", tcb_info_is_qe_identity, NULL,
     S(TCB_INFO), NULL, NULL},
    {"TCB info for TDX: rejected", tdx_info, NULL, S(TCB_INFO), NULL, NULL},
    {"TCB info of version 2: rejected", info_version_2, NULL, S(TCB_INFO), NULL, "version"},
    {"TCB info of another type: rejected", tcb_type_1, NULL, S(TCB_INFO), NULL, "tcbType"},
    {"TCB info without levels: rejected", no_levels, NULL, S(TCB_INFO), NULL, NULL},
    {"TCB level with 15 components: rejected", fifteen_components, NULL, S(TCB_INFO), NULL, NULL},
    {"TCB component of 256: rejected", component_too_large, NULL, S(TCB_INFO), NULL, NULL},
    {"TCB component below 0: rejected", component_negative, NULL, S(TCB_INFO), NULL, NULL},
    {"TCB component that is text: rejected", component_text, NULL, S(TCB_INFO), NULL, NULL},
    {"TCB level of unknown status: rejected", status_unknown, NULL, S(TCB_INFO), NULL, NULL},
    {"advisories that are no list: rejected", advisory_no_list, NULL, S(TCB_INFO), NULL, NULL},
    {"advisory with control characters: rejected", advisory_no_name, NULL, S(TCB_INFO), NULL, NULL},
    {"TCB info without evaluation number: rejected", no_evaluation_number, NULL, S(TCB_INFO), NULL,
     NULL},
    {"TCB info until the 30th of February: rejected", date_in_february, NULL, S(TCB_INFO), NULL,
     NULL},
    {"TCB info with a member twice: rejected", member_twice, NULL, S(TCB_INFO), NULL, NULL},
    {"TCB info with a new member: accepted", new_member, NULL, S(NONE), NULL, NULL},
    {"texts as Intel's service sends them: accepted", wrapped, NULL, S(NONE), "UpToDate", NULL},

    {"policy that names the enclave: accepted", nothing,
     "{\"mrenclave\": \"" MRENCLAVE "\", \"mrsigner\": \"" MRSIGNER "\", \"isv_svn\": 3, "
     "\"isv_prod_id\": 7, \"min_tcb_evaluation_data_number\": 15}",
     S(NONE), NULL, NULL},
    {"policy that names the enclave second: accepted", nothing,
     "{\"mrenclave\": [\"" OTHER "\", \"" MRENCLAVE "\"]}", S(NONE), NULL, NULL},
    {"policy for another enclave: rejected", nothing, "{\"mrenclave\": \"" OTHER "\"}", S(POLICY),
     NULL, "mrenclave"},
    {"policy for another signer: rejected", nothing, "{\"mrsigner\": \"" OTHER "\"}", S(POLICY),
     NULL, "mrsigner"},
    {"policy for another product: rejected", nothing, "{\"isv_prod_id\": 8}", S(POLICY), NULL,
     "isv_prod_id"},
    {"policy for product 0: rejected", nothing, "{\"isv_prod_id\": 0}", S(POLICY), NULL, NULL},
    {"policy for a newer enclave: rejected", nothing, "{\"isv_svn\": 4}", S(POLICY), NULL,
     "isv_svn"},
    {"policy for newer collateral: rejected", nothing, "{\"min_tcb_evaluation_data_number\": 16}",
     S(POLICY), NULL, "evaluation number"},
    {"policy about bundles, a quote alone: rejected", nothing, "{\"bundle_sha256\": \"" OTHER "\"}",
     S(EVIDENCE), NULL, "bundle_sha256"},
    {"policy about snapshots, a quote alone: rejected", nothing,
     "{\"snapshot_sha256\": \"" OTHER "\"}", S(EVIDENCE), NULL, "snapshot_sha256"},
    {"policy about tenants, a quote alone: rejected", nothing, "{\"tenants\": \"" OTHER "\"}",
     S(EVIDENCE), NULL, "tenants"},
    {"policy about the keeper's owner, a quote alone: rejected", nothing,
     "{\"keeper_owner\": \"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}",
     S(EVIDENCE), NULL, "keeper_owner"},
    {"policy about the epoch, a quote alone: rejected", nothing, "{\"max_epoch_seconds\": 3600}",
     S(EVIDENCE), NULL, "max_epoch_seconds"},
    {"policy that wants a challenge, none given: rejected", nothing,
     "{\"require_challenge\": true}", S(CHALLENGE), NULL, NULL},
};

#define CASE_COUNT (sizeof(cases) / sizeof(cases[0]))

static void check_case(void **state)
{
    const struct verdict_case *it = *state;
    struct recipe recipe = recipe_good();
    struct reclave_verdict verdict;
    const char *status;

    it->edit(&recipe);
    case_run(&recipe, it->policy, &verdict);
    free(recipe.tcb_info_text);
    free(recipe.qe_identity_text);
    case_expect(&verdict, it->step);
    status = reclave_tcb_status_name(verdict.tcb_status);
    if (it->status)
        assert_string_equal(status, it->status);
    if (it->reason && !strstr(verdict.reason, it->reason))
        fail_msg("\"%s\" is not in the reason \"%s\"", it->reason, verdict.reason);
}

int main(void)
{
    static struct CMUnitTest tests[CASE_COUNT];

    for (size_t i = 0; i < CASE_COUNT; i++)
        tests[i] = (struct CMUnitTest){cases[i].name, check_case, NULL, NULL, (void *)&cases[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
