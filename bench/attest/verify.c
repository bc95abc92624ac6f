/* Verifications of a forged quote by libreclave-client, on one thread. */
#include "bench/attest/part.h"
#include "bench/common/clock.h"
#include "bench/common/fail.h"
#include "bench/common/table.h"
#include "client/reclave_client.h"
#include "tests/client/forge/forge.h"

#include <string.h>

#define PER_ROUND       20
#define PER_ROUND_QUICK 2
#define NS_PER_US       1000.0
#define US_PER_SECOND   1e6

enum variant { WITH_CRLS, WITHOUT_CRLS, BAD_SIGNATURE, CUT_OFF, READ_COLLATERAL, VARIANTS };

static const char *const names[VARIANTS] = {
    [WITH_CRLS] = "accepted",
    [WITHOUT_CRLS] = "accepted, CRLs missing and allowed to be",
    [BAD_SIGNATURE] = "rejected: quote's signature",
    [CUT_OFF] = "rejected: cut off",
    [READ_COLLATERAL] = "collateral read, once for many quotes",
};

static struct {
    struct forgery good, without_crls, bad;
    struct reclave_verifier *verifiers[VARIANTS];
    struct series us[VARIANTS];
} verify;

static struct reclave_verifier *verifier_for(const struct forgery *forgery)
{
    struct reclave_verifier *verifier = reclave_verifier_new();
    char error[RECLAVE_ERROR_BYTES];

    if (!verifier ||
        !reclave_verifier_set_root(verifier, forgery->root_pem, strlen(forgery->root_pem), error) ||
        !reclave_verifier_set_collateral(verifier, forgery->collateral,
                                         strlen(forgery->collateral)))
        bench_fail("no verifier");
    reclave_verifier_set_time(verifier, FORGE_NOW);
    return verifier;
}

void verify_set_up(const struct bench_options *options)
{
    struct recipe recipe = recipe_good();

    (void)options;
    forge(&recipe, &verify.good);
    recipe.quote_signer = "stranger";
    forge(&recipe, &verify.bad);
    recipe = recipe_good();
    recipe.no_root_crl = recipe.no_pck_crl = true;
    forge(&recipe, &verify.without_crls);
    for (int i = 0; i < VARIANTS; i++)
        verify.verifiers[i] = verifier_for(i == WITHOUT_CRLS ? &verify.without_crls : &verify.good);
    reclave_verifier_allow_missing_crl(verify.verifiers[WITHOUT_CRLS], true);
}

static void once(enum variant variant)
{
    const struct forgery *forgery = variant == BAD_SIGNATURE ? &verify.bad : &verify.good;
    size_t bytes = variant == CUT_OFF ? forgery->quote_bytes - 1 : forgery->quote_bytes;
    bool expected = variant == WITH_CRLS || variant == WITHOUT_CRLS;
    struct reclave_verdict verdict;

    if (variant == READ_COLLATERAL) {
        if (!reclave_verifier_set_collateral(verify.verifiers[variant], forgery->collateral,
                                             strlen(forgery->collateral)))
            bench_fail("collateral is not taken");
    } else if (reclave_verify_quote(verify.verifiers[variant], forgery->quote, bytes, &verdict) !=
               expected) {
        bench_fail("%s: not what came out: %s", names[variant], verdict.reason);
    }
}

void verify_round(const struct bench_options *options)
{
    unsigned count = options->quick ? PER_ROUND_QUICK : PER_ROUND;

    for (unsigned i = 0; i < count; i++)
        for (int variant = 0; variant < VARIANTS; variant++) {
            uint64_t start = clock_ns();

            once((enum variant)variant);
            series_add(&verify.us[variant], (double)(clock_ns() - start) / NS_PER_US);
        }
}

void verify_report(const struct bench_options *options)
{
    struct table *table = table_new("attest-verify", "Verification of a quote, one thread");

    table_column(table, "what", "");
    table_column_spread(table, "time", "us");
    table_column(table, "per second", "");
    for (int i = 0; i < VARIANTS; i++) {
        struct spread spread = series_spread(&verify.us[i]);

        table_text(table, names[i]);
        table_spread(table, spread);
        table_number(table, US_PER_SECOND / spread.median);
        series_free(&verify.us[i]);
        reclave_verifier_free(verify.verifiers[i]);
    }
    table_finish(table, options->results);
    forgery_free(&verify.good);
    forgery_free(&verify.bad);
    forgery_free(&verify.without_crls);
}
