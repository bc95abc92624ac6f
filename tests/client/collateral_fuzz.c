/* Any bytes as the collateral object, and as the two signed texts in it, signatures aside. */
#include "client/json.h"
#include "client/quote/collateral.h"
#include "client/quote/qe_identity.h"
#include "client/quote/tcb_info.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Reaches every comparison: an FMSPC of the corpus, SVNs in the middle. */
static const struct pck_extension platform = {.component_svns = {8, 2, 0, 0, 255, 3},
                                              .pce_svn = 13,
                                              .fmspc = {0x00, 0x90, 0x6e, 0xd5, 0x00, 0x00}};
static const struct reclave_report qe = {
    .attributes = 0x15,
    .xfrm = 7,
    .mrsigner = {0x8C, 0x4F, 0x57, 0x75, 0xD7, 0x96, 0x50, 0x3E, 0x96, 0x13, 0x7F,
                 0x77, 0xC6, 0x8A, 0x82, 0x9A, 0x00, 0x56, 0xAC, 0x8D, 0xED, 0x70,
                 0x14, 0x0B, 0x08, 0x1B, 0x09, 0x44, 0x90, 0xC5, 0x7B, 0xFF},
    .isv_prod_id = 1,
    .isv_svn = 2,
};

static void evaluate(const json_t *object)
{
    struct reclave_verdict verdict = {.accepted = false};
    struct failure failure = {.step = RECLAVE_STEP_NONE};

    if (tcb_info_evaluate(object, &platform, &verdict, &failure) &&
        !reclave_tcb_status_name(verdict.platform_tcb_status))
        abort();
    if (qe_identity_evaluate(object, &qe, &verdict, &failure) &&
        !reclave_tcb_status_name(verdict.qe_tcb_status))
        abort();
    if (verdict.advisory_count > RECLAVE_ADVISORIES_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char why[JSON_ERROR_TEXT_LENGTH];
    struct collateral collateral;
    struct failure failure = {.step = RECLAVE_STEP_NONE};
    json_t *object = json_read_object((const char *)data, bytes, why);

    if (object)
        evaluate(object);
    json_decref(object);
    if (collateral_read((const char *)data, bytes, &collateral, &failure)) {
        if (collateral.tcb_info.issuers.count != 2 || collateral.qe_identity.issuers.count != 2)
            abort();
        collateral_free(&collateral);
    } else if (!failure.reason[0]) {
        abort();
    }
    ERR_clear_error();
    return 0;
}
