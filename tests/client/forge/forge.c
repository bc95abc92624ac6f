#include "tests/client/forge/forge.h"

#include <stdlib.h>
#include <string.h>

struct recipe recipe_good(void)
{
    static const struct forge_window years = {FORGE_NOW - 400 * FORGE_DAY,
                                              FORGE_NOW + 2000 * FORGE_DAY},
                                     month = {FORGE_ISSUED, FORGE_NEXT};
    struct recipe recipe = {
        .root = LABEL_ROOT,
        .pck_signer = LABEL_ISSUER,
        .leaf_window = years,
        .issuer_window = years,
        .signer_window = years,
        .fmspc = {0x00, 0x90, 0x6e, 0xd5, 0x00, 0x00},
        .platform_svns = {FORGE_UP_TO_DATE, 2, 0, 0, 255, 3},
        .pce_svn = 13,
        .crl_window = month,
        .root_crl_signer = LABEL_ROOT,
        .pck_crl_signer = LABEL_ISSUER,
        .tcb_window = month,
        .qe_window = month,
        .tcb_signer = LABEL_SIGNER,
        .qe_signer = LABEL_SIGNER,
        .qe_mrsigner = FORGE_QE_MRSIGNER,
        .qe_prod_id = 1,
        .qe_attributes = "11000000000000000000000000000000",
        .qe_miscselect = "00000000",
        .version = 3,
        .qe_svn = FORGE_QE_UP_TO_DATE,
        .certification_type = 5,
        .order = "LIR",
        .behind_pem = "",
        .qe_report_signer = LABEL_LEAF,
        .quote_signer = LABEL_QE,
        .isv_prod_id = 7,
        .isv_svn = 3,
    };

    memcpy(recipe.tcb_fmspc, recipe.fmspc, sizeof(recipe.fmspc));
    return recipe;
}

void forge(const struct recipe *recipe, struct forgery *forgery)
{
    X509 *root = forge_root(recipe);

    forgery->quote = forge_quote(recipe, &forgery->quote_bytes);
    forgery->collateral = forge_collateral(recipe);
    forgery->root_pem = forge_pem(root);
    X509_free(root);
}

void forgery_free(struct forgery *forgery)
{
    free(forgery->quote);
    free(forgery->collateral);
    free(forgery->root_pem);
    memset(forgery, 0, sizeof(*forgery));
}
