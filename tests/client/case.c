#include "tests/client/case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct reclave_verifier *case_verifier(const struct forgery *forgery, const char *policy)
{
    struct reclave_verifier *verifier = reclave_verifier_new();
    char error[RECLAVE_ERROR_BYTES];

    assert_non_null(verifier);
    assert_true(
        reclave_verifier_set_root(verifier, forgery->root_pem, strlen(forgery->root_pem), error));
    assert_true(reclave_verifier_set_collateral(verifier, forgery->collateral,
                                                strlen(forgery->collateral)));
    if (policy && !reclave_verifier_set_policy(verifier, policy, strlen(policy), error))
        fail_msg("policy: %s", error);
    reclave_verifier_set_time(verifier, FORGE_NOW);
    return verifier;
}

void case_expect(const struct reclave_verdict *verdict, enum reclave_step step)
{
    const char *name = reclave_step_name(step), *failed = reclave_step_name(verdict->failed_step);

    if (verdict->failed_step != step)
        fail_msg("ended at %s (%s), not at %s", failed ? failed : "accept", verdict->reason,
                 name ? name : "accept");
    assert_int_equal(verdict->accepted, step == RECLAVE_STEP_NONE);
    assert_int_equal(verdict->reason[0] == '\0', verdict->accepted);
}

void case_run(const struct recipe *recipe, const char *policy, struct reclave_verdict *verdict)
{
    struct forgery forgery;
    struct reclave_verifier *verifier;
    bool accepted;

    forge(recipe, &forgery);
    verifier = case_verifier(&forgery, policy);
    accepted = reclave_verify_quote(verifier, forgery.quote, forgery.quote_bytes, verdict);
    assert_int_equal(accepted, verdict->accepted);
    reclave_verifier_free(verifier);
    forgery_free(&forgery);
}
