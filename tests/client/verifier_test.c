/* What a caller of the library can do to a verifier, and the policies that it may set. */
#include "tests/client/case.h"

#include "client/policy/policy.h"
#include "client/quote/tcb_status.h"
#include "client/verifier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static struct forgery good;

static int make_good(void **state)
{
    struct recipe recipe = recipe_good();

    (void)state;
    forge(&recipe, &good);
    return 0;
}

static int free_good(void **state)
{
    (void)state;
    forgery_free(&good);
    return 0;
}

static void expect_with(const struct reclave_verifier *verifier, enum reclave_step step)
{
    struct reclave_verdict verdict;
    bool accepted = reclave_verify_quote(verifier, good.quote, good.quote_bytes, &verdict);

    assert_int_equal(accepted, verdict.accepted);
    case_expect(&verdict, step);
}

static void set_root(struct reclave_verifier *verifier, const char *pem, bool expected)
{
    char error[RECLAVE_ERROR_BYTES];

    assert_int_equal(reclave_verifier_set_root(verifier, pem, strlen(pem), error), expected);
    assert_int_equal(error[0] == '\0', expected);
}

static void only_the_named_root_counts(void **state)
{
    struct reclave_verifier *verifier = case_verifier(&good, NULL);
    struct recipe recipe = recipe_good();
    struct forgery other;

    (void)state;
    expect_with(verifier, RECLAVE_STEP_NONE);
    recipe.root = "another root";
    forge(&recipe, &other);
    set_root(verifier, other.root_pem, true);
    expect_with(verifier, RECLAVE_STEP_TRUSTED_ROOT);
    forgery_free(&other);
    reclave_verifier_free(verifier);
}

static void without_a_named_root_only_intels_counts(void **state)
{
    struct reclave_verifier *verifier = reclave_verifier_new();

    (void)state;
    assert_true(
        reclave_verifier_set_collateral(verifier, good.collateral, strlen(good.collateral)));
    reclave_verifier_set_time(verifier, FORGE_NOW);
    expect_with(verifier, RECLAVE_STEP_TRUSTED_ROOT);
    reclave_verifier_free(verifier);
}

/* The chain's end has the right name and key, but nobody with that key signed it. */
static void collateral_of_another_root_is_not_trusted(void **state)
{
    struct reclave_verifier *verifier = case_verifier(&good, NULL);
    struct recipe recipe = recipe_good();
    struct forgery other;

    (void)state;
    recipe.root = recipe.root_crl_signer = "another root";
    forge(&recipe, &other);
    assert_true(
        reclave_verifier_set_collateral(verifier, other.collateral, strlen(other.collateral)));
    expect_with(verifier, RECLAVE_STEP_CRL);
    reclave_verifier_allow_missing_crl(verifier, true);
    expect_with(verifier, RECLAVE_STEP_CRL);
    forgery_free(&other);
    recipe.no_root_crl = true;
    forge(&recipe, &other);
    assert_true(
        reclave_verifier_set_collateral(verifier, other.collateral, strlen(other.collateral)));
    expect_with(verifier, RECLAVE_STEP_QE_IDENTITY_SIGNATURE);
    forgery_free(&other);
    reclave_verifier_free(verifier);
}

static void a_root_that_is_none_is_refused(void **state)
{
    struct reclave_verifier *verifier = case_verifier(&good, NULL);
    struct recipe recipe = recipe_good();
    X509 *issuer = forge_issuer(&recipe);
    char *issuer_pem = forge_pem(issuer), *two;

    (void)state;
    set_root(verifier, "", false);
    set_root(verifier, "not a certificate", false);
    set_root(verifier, issuer_pem, false);
    assert_true(asprintf(&two, "%s%s", good.root_pem, good.root_pem) > 0);
    set_root(verifier, two, false);
    expect_with(verifier, RECLAVE_STEP_NONE); /* the old one is still there */
    free(two);
    free(issuer_pem);
    X509_free(issuer);
    reclave_verifier_free(verifier);
}

static void missing_crls_can_be_allowed(void **state)
{
    struct recipe recipe = recipe_good();
    struct reclave_verifier *verifier;
    struct forgery without;

    (void)state;
    recipe.no_root_crl = recipe.no_pck_crl = true;
    forge(&recipe, &without);
    verifier = case_verifier(&without, NULL);
    expect_with(verifier, RECLAVE_STEP_CRL);
    reclave_verifier_allow_missing_crl(verifier, true);
    expect_with(verifier, RECLAVE_STEP_NONE);
    reclave_verifier_allow_missing_crl(verifier, false);
    expect_with(verifier, RECLAVE_STEP_CRL);
    reclave_verifier_free(verifier);
    forgery_free(&without);
}

static void edit_revoked_leaf(struct recipe *r)
{
    r->revoke_leaf = true;
}
static void edit_revoked_leaf_no_root_crl(struct recipe *r)
{
    r->revoke_leaf = r->no_root_crl = true;
}
static void edit_revoked_leaf_no_pck_crl(struct recipe *r)
{
    r->revoke_leaf = r->no_pck_crl = true;
}
static void edit_revoked_issuer_no_pck_crl(struct recipe *r)
{
    r->revoke_issuer = r->no_pck_crl = true;
}
static void edit_revoked_issuer_no_root_crl(struct recipe *r)
{
    r->revoke_issuer = r->no_root_crl = true;
}
static void edit_forged_pck_crl(struct recipe *r)
{
    r->pck_crl_signer = "stranger";
}
static void edit_crl_of_another_ca(struct recipe *r)
{
    r->pck_crl_is_roots = true;
    r->pck_crl_signer = LABEL_ROOT;
}
static void edit_expired_leaf_no_crls(struct recipe *r)
{
    r->no_root_crl = r->no_pck_crl = true;
    r->leaf_window.until = FORGE_NOW - 1;
}

/* Allowing them to be missing is not allowing them to be bad, nor anything else. */
static void crls_that_are_there_count_even_so(void **state)
{
    static const struct {
        void (*edit)(struct recipe *);
        enum reclave_step step;
    } cases[] = {
        {edit_revoked_leaf, RECLAVE_STEP_REVOKED},
        {edit_revoked_leaf_no_root_crl, RECLAVE_STEP_REVOKED},
        {edit_revoked_issuer_no_pck_crl, RECLAVE_STEP_REVOKED},
        {edit_forged_pck_crl, RECLAVE_STEP_CRL},
        {edit_crl_of_another_ca, RECLAVE_STEP_CRL},
        {edit_expired_leaf_no_crls, RECLAVE_STEP_PCK_VALIDITY},
        {edit_revoked_leaf_no_pck_crl, RECLAVE_STEP_NONE},
        {edit_revoked_issuer_no_root_crl, RECLAVE_STEP_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct recipe recipe = recipe_good();
        struct reclave_verifier *verifier;
        struct reclave_verdict verdict;
        struct forgery forgery;

        cases[i].edit(&recipe);
        forge(&recipe, &forgery);
        verifier = case_verifier(&forgery, NULL);
        reclave_verifier_allow_missing_crl(verifier, true);
        assert_int_equal(
            reclave_verify_quote(verifier, forgery.quote, forgery.quote_bytes, &verdict),
            cases[i].step == RECLAVE_STEP_NONE);
        case_expect(&verdict, cases[i].step);
        reclave_verifier_free(verifier);
        forgery_free(&forgery);
    }
}

static void without_collateral_nothing_passes(void **state)
{
    struct reclave_verifier *verifier = reclave_verifier_new();

    (void)state;
    set_root(verifier, good.root_pem, true);
    reclave_verifier_set_time(verifier, FORGE_NOW);
    expect_with(verifier, RECLAVE_STEP_COLLATERAL);
    reclave_verifier_allow_missing_crl(verifier, true);
    expect_with(verifier, RECLAVE_STEP_COLLATERAL);
    reclave_verifier_free(verifier);
}

static void broken_collateral_replaces_good(void **state)
{
    static const char *const broken[] = {
        "", "null", "[]", "{}", "{\"tcb_info\": {}}", "{\"tcb_info\": \"{}\"} x", "\xff",
    };
    struct reclave_verifier *verifier = case_verifier(&good, NULL);

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        assert_true(reclave_verifier_set_collateral(verifier, broken[i], strlen(broken[i])));
        expect_with(verifier, RECLAVE_STEP_COLLATERAL);
    }
    assert_true(
        reclave_verifier_set_collateral(verifier, good.collateral, strlen(good.collateral)));
    expect_with(verifier, RECLAVE_STEP_NONE);
    reclave_verifier_free(verifier);
}

static void the_time_is_the_callers(void **state)
{
    struct reclave_verifier *verifier = case_verifier(&good, NULL);

    (void)state;
    reclave_verifier_set_time(verifier, FORGE_ISSUED);
    expect_with(verifier, RECLAVE_STEP_NONE);
    reclave_verifier_set_time(verifier, FORGE_ISSUED - 1);
    expect_with(verifier, RECLAVE_STEP_CRL_VALIDITY);
    reclave_verifier_set_time(verifier, FORGE_NEXT + 1);
    expect_with(verifier, RECLAVE_STEP_CRL_VALIDITY);
    reclave_verifier_set_time(verifier, 0);
    expect_with(verifier, RECLAVE_STEP_PCK_VALIDITY);
    reclave_verifier_set_time(verifier, INT64_MIN);
    expect_with(verifier, RECLAVE_STEP_PCK_VALIDITY);
    reclave_verifier_set_time(verifier, INT64_MAX);
    expect_with(verifier, RECLAVE_STEP_PCK_VALIDITY);
    reclave_verifier_free(verifier);
}

static void a_challenge_is_compared(void **state)
{
    static const char wanted[] = "{\"require_challenge\": true}";
    struct reclave_verifier *verifier = case_verifier(&good, NULL);
    uint8_t challenge[RECLAVE_CHALLENGE_BYTES];
    char error[RECLAVE_ERROR_BYTES];

    (void)state;
    memset(challenge, FORGE_CHALLENGE_BYTE, sizeof(challenge));
    reclave_verifier_set_challenge(verifier, challenge);
    expect_with(verifier, RECLAVE_STEP_NONE);
    for (size_t i = 0; i < sizeof(challenge); i++) {
        challenge[i] ^= 1;
        reclave_verifier_set_challenge(verifier, challenge);
        expect_with(verifier, RECLAVE_STEP_CHALLENGE);
        challenge[i] ^= 1;
    }
    reclave_verifier_set_challenge(verifier, NULL);
    expect_with(verifier, RECLAVE_STEP_NONE);
    assert_true(reclave_verifier_set_policy(verifier, wanted, strlen(wanted), error));
    expect_with(verifier, RECLAVE_STEP_CHALLENGE);
    reclave_verifier_set_challenge(verifier, challenge);
    expect_with(verifier, RECLAVE_STEP_NONE);
    reclave_verifier_free(verifier);
}

/* What the evidence's checker calls: all steps but the one that says that evidence is needed. */
static void policies_about_evidence_can_be_left_to_its_checker(void **state)
{
    static const char about[] = "{\"bundle_sha256\": \"" DIGEST "\"}";
    struct reclave_verifier *verifier = case_verifier(&good, about);
    struct reclave_verdict verdict;

    (void)state;
    expect_with(verifier, RECLAVE_STEP_EVIDENCE);
    assert_true(verifier_check_quote(verifier, good.quote, good.quote_bytes, &verdict));
    case_expect(&verdict, RECLAVE_STEP_NONE);
    reclave_verifier_set_time(verifier, 0);
    assert_false(verifier_check_quote(verifier, good.quote, good.quote_bytes, &verdict));
    reclave_verifier_free(verifier);
}

static void a_verdict_tells_what_was_proven(void **state)
{
    struct reclave_verifier *verifier = case_verifier(&good, NULL);
    struct recipe recipe = recipe_good();
    struct reclave_verdict verdict;

    (void)state;
    recipe.platform_svns[0] = FORGE_CONFIGURATION_AND_SW_HARDENING_NEEDED;
    recipe.qe_svn = FORGE_QE_OUT_OF_DATE;
    recipe.trailing_bytes = 5;
    case_run(&recipe, NULL, &verdict);
    assert_true(verdict.has_report);
    assert_int_equal(verdict.quote_version, 3);
    assert_int_equal(verdict.trailing_bytes, 5);
    assert_int_equal(verdict.report.mrenclave[31], FORGE_MRENCLAVE_BYTE);
    assert_int_equal(verdict.report.mrsigner[0], FORGE_MRSIGNER_BYTE);
    assert_int_equal(verdict.report.report_data[63], FORGE_CHALLENGE_BYTE);
    assert_int_equal(verdict.report.attributes, 5);
    assert_int_equal(verdict.report.xfrm, 7);
    assert_int_equal(verdict.report.isv_prod_id, 7);
    assert_int_equal(verdict.report.isv_svn, 3);
    assert_false(verdict.report.debug);
    assert_int_equal(verdict.qe_tcb_status, RECLAVE_TCB_OUT_OF_DATE);
    assert_int_equal(verdict.platform_tcb_status,
                     RECLAVE_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED);
    assert_int_equal(verdict.advisory_count, 3);
    assert_string_equal(verdict.advisories[0], "INTEL-SA-00001");
    assert_string_equal(verdict.advisories[1], "INTEL-SA-00007");
    assert_string_equal(verdict.advisories[2], "INTEL-SA-00008");
    assert_int_equal(verdict.tcb_evaluation_data_number, 15);
    assert_true(verdict.collateral_expires == FORGE_NEXT);
    assert_memory_equal(verdict.fmspc, recipe.fmspc, sizeof(verdict.fmspc));
    reclave_verifier_free(verifier);
}

static void statuses_converge_as_intels_library_has_it(void **state)
{
    static const struct {
        enum reclave_tcb_status platform, outdated;
    } table[] = {
        {RECLAVE_TCB_UP_TO_DATE, RECLAVE_TCB_OUT_OF_DATE},
        {RECLAVE_TCB_SW_HARDENING_NEEDED, RECLAVE_TCB_OUT_OF_DATE},
        {RECLAVE_TCB_CONFIGURATION_NEEDED, RECLAVE_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED},
        {RECLAVE_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
         RECLAVE_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED},
        {RECLAVE_TCB_OUT_OF_DATE, RECLAVE_TCB_OUT_OF_DATE},
        {RECLAVE_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED,
         RECLAVE_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED},
        {RECLAVE_TCB_REVOKED, RECLAVE_TCB_REVOKED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        enum reclave_tcb_status platform = table[i].platform;

        assert_int_equal(tcb_status_converge(platform, RECLAVE_TCB_UP_TO_DATE), platform);
        assert_int_equal(tcb_status_converge(platform, RECLAVE_TCB_OUT_OF_DATE), table[i].outdated);
        assert_int_equal(tcb_status_converge(platform, RECLAVE_TCB_REVOKED), RECLAVE_TCB_REVOKED);
        assert_int_equal(tcb_status_converge(platform, RECLAVE_TCB_UNKNOWN), RECLAVE_TCB_REVOKED);
    }
}

static void good_policies_are_taken(void **state)
{
    static const char text[] =
        "{\"mrenclave\": \"" DIGEST "\", \"mrsigner\": [\"" DIGEST "\", \"" DIGEST "\"], "
        "\"isv_svn\": 65535, \"isv_prod_id\": 0, \"allow_debug\": true, "
        "\"accept_tcb_status\": [\"OutOfDate\"], \"tenants\": [\"" DIGEST "\"], "
        "\"bundle_sha256\": \"" DIGEST "\", \"snapshot_sha256\": \"" DIGEST "\", "
        "\"require_challenge\": true, \"max_epoch_seconds\": 60, "
        "\"min_tcb_evaluation_data_number\": 17}";
    struct policy policy;
    char error[RECLAVE_ERROR_BYTES];

    (void)state;
    if (!policy_parse(text, strlen(text), &policy, error))
        fail_msg("%s", error);
    assert_int_equal(policy.mrenclave.count, 1);
    assert_int_equal(policy.mrenclave.digests[0][1], 0x11);
    assert_int_equal(policy.mrenclave.digests[0][31], 0xff);
    assert_int_equal(policy.mrsigner.count, 2);
    assert_int_equal(policy.isv_svn_least, 65535);
    assert_true(policy.has_isv_prod_id);
    assert_int_equal(policy.isv_prod_id, 0);
    assert_true(policy.allow_debug);
    assert_int_equal(policy.accepted_tcb, 1u << RECLAVE_TCB_OUT_OF_DATE);
    assert_int_equal(policy.tenants.count, 1);
    assert_int_equal(policy.bundles.count, 1);
    assert_int_equal(policy.snapshots.count, 1);
    assert_true(policy.require_challenge);
    assert_true(policy.has_epoch_seconds);
    assert_int_equal(policy.epoch_seconds_most, 60);
    assert_int_equal(policy.tcb_evaluation_least, 17);
    assert_true(policy_parse("{}", 2, &policy, error));
    assert_false(policy.allow_debug);
    assert_null(policy_needs_evidence(&policy));
}

/* Each must name what is wrong, and leave a verifier that accepts nothing. */
static void bad_policies_are_refused_by_name(void **state)
{
    static const struct {
        const char *text, *named;
    } policies[] = {
        {"", "JSON"},
        {"[]", "not an object"},
        {"{\"mrenclave\": \"" DIGEST "\"", "JSON"},
        {"{\"mrenclaves\": \"" DIGEST "\"}", "\"mrenclaves\""},
        {"{\"wasm_sha256\": \"" DIGEST "\"}", "\"wasm_sha256\""},
        {"{\"allow_debug\": true, \"allow_debug\": false}", "duplicate"},
        {"{\"mrenclave\": \"00\"}", "\"mrenclave\""},
        {"{\"mrenclave\": \"" DIGEST "0\"}", "\"mrenclave\""},
        {"{\"mrenclave\": \"x0112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF\"}",
         "\"mrenclave\""},
        {"{\"mrenclave\": []}", "\"mrenclave\""},
        {"{\"mrsigner\": null}", "\"mrsigner\""},
        {"{\"tenants\": [1]}", "\"tenants\""},
        {"{\"bundle_sha256\": {}}", "\"bundle_sha256\""},
        {"{\"snapshot_sha256\": true}", "\"snapshot_sha256\""},
        {"{\"isv_svn\": 65536}", "\"isv_svn\""},
        {"{\"isv_svn\": \"3\"}", "\"isv_svn\""},
        {"{\"isv_prod_id\": -1}", "\"isv_prod_id\""},
        {"{\"isv_prod_id\": 1.0}", "\"isv_prod_id\""},
        {"{\"allow_debug\": 1}", "\"allow_debug\""},
        {"{\"require_challenge\": \"yes\"}", "\"require_challenge\""},
        {"{\"max_epoch_seconds\": -1}", "\"max_epoch_seconds\""},
        {"{\"accept_tcb_status\": \"UpToDate\"}", "\"accept_tcb_status\""},
        {"{\"accept_tcb_status\": []}", "\"accept_tcb_status\""},
        {"{\"accept_tcb_status\": [\"uptodate\"]}", "\"accept_tcb_status\""},
        {"{\"accept_tcb_status\": [7]}", "\"accept_tcb_status\""},
        {"{\"min_tcb_evaluation_data_number\": null}", "\"min_tcb_evaluation_data_number\""},
    };
    struct reclave_verifier *verifier = case_verifier(&good, NULL);
    char error[RECLAVE_ERROR_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
        const char *text = policies[i].text;

        if (reclave_verifier_set_policy(verifier, text, strlen(text), error))
            fail_msg("taken: %s", text);
        if (!strstr(error, policies[i].named))
            fail_msg("%s: \"%s\" does not name %s", text, error, policies[i].named);
        expect_with(verifier, RECLAVE_STEP_POLICY);
    }
    assert_true(reclave_verifier_set_policy(verifier, "{}", 2, error));
    expect_with(verifier, RECLAVE_STEP_NONE);
    reclave_verifier_free(verifier);
}

static void a_policy_of_65_digests_is_refused(void **state)
{
    char text[8192] = "{\"tenants\": [", error[RECLAVE_ERROR_BYTES];
    struct policy policy;

    (void)state;
    for (int i = 0; i < 65; i++)
        strcat(text, i ? ", \"" DIGEST "\"" : "\"" DIGEST "\"");
    strcat(text, "]}");
    assert_false(policy_parse(text, strlen(text), &policy, error));
    assert_non_null(strstr(error, "tenants"));
}

static void names_are_a_closed_list(void **state)
{
    (void)state;
    assert_null(reclave_step_name(RECLAVE_STEP_NONE));
    for (int step = RECLAVE_STEP_QUOTE_FORMAT; step <= RECLAVE_STEP_WORKER_EPOCH; step++)
        assert_non_null(reclave_step_name((enum reclave_step)step));
    assert_null(reclave_step_name((enum reclave_step)(RECLAVE_STEP_WORKER_EPOCH + 1)));
    assert_null(reclave_tcb_status_name(RECLAVE_TCB_UNKNOWN));
    for (int status = RECLAVE_TCB_UP_TO_DATE; status <= RECLAVE_TCB_REVOKED; status++)
        assert_int_equal(tcb_status_parse(reclave_tcb_status_name((enum reclave_tcb_status)status)),
                         status);
    assert_null(reclave_tcb_status_name((enum reclave_tcb_status)(RECLAVE_TCB_REVOKED + 1)));
    assert_int_equal(tcb_status_parse(NULL), RECLAVE_TCB_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_named_root_counts),
        cmocka_unit_test(without_a_named_root_only_intels_counts),
        cmocka_unit_test(collateral_of_another_root_is_not_trusted),
        cmocka_unit_test(a_root_that_is_none_is_refused),
        cmocka_unit_test(missing_crls_can_be_allowed),
        cmocka_unit_test(crls_that_are_there_count_even_so),
        cmocka_unit_test(without_collateral_nothing_passes),
        cmocka_unit_test(broken_collateral_replaces_good),
        cmocka_unit_test(the_time_is_the_callers),
        cmocka_unit_test(a_challenge_is_compared),
        cmocka_unit_test(policies_about_evidence_can_be_left_to_its_checker),
        cmocka_unit_test(a_verdict_tells_what_was_proven),
        cmocka_unit_test(statuses_converge_as_intels_library_has_it),
        cmocka_unit_test(good_policies_are_taken),
        cmocka_unit_test(bad_policies_are_refused_by_name),
        cmocka_unit_test(a_policy_of_65_digests_is_refused),
        cmocka_unit_test(names_are_a_closed_list),
    };

    return cmocka_run_group_tests(tests, make_good, free_good);
}
