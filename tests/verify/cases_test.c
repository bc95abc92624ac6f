/* Every case of accept/ and reject/: verdict, reason, offset. One test per case. */
#include "tests/verify/cases.h"
#include "tests/verify/reasons.h"
#include "trusted/verify/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

_Static_assert(CASE_READ_ONLY == VERIFY_LINEAR_READ_ONLY && CASE_FREE == VERIFY_LINEAR_FREE &&
                   CASE_MARKED == VERIFY_LINEAR_MARKED,
               "cases name what the verifier knows");

extern const struct verify_case __start_verify_accept[], __stop_verify_accept[];
extern const struct verify_case __start_verify_reject[], __stop_verify_reject[];

/* Verifies a copy of exact size, so that the sanitizer sees any byte too many. */
static enum verify_reason verify_case_text(const struct verify_case *this,
                                           struct verify_result *result)
{
    uint64_t count = VERIFY_SCRATCH_COUNT(this->bytes);
    struct verify_request request = {
        .text = memcpy(malloc(this->bytes), this->code, this->bytes),
        .text_bytes = this->bytes,
        .text_offset = SFI_TEXT_OFF,
        .rodata_bytes = CASE_RODATA,
        .gate_count = CASE_GATES,
        .linear = (enum verify_linear)this->linear,
        .scratch = malloc(count * sizeof(struct verify_bundle)),
        .scratch_count = count,
    };
    enum verify_reason reason = verify_text(&request, result);

    free((void *)request.text);
    free(request.scratch);
    return reason;
}

static void check_case(void **state)
{
    const struct verify_case *this = *state;
    struct verify_result result;
    enum verify_reason reason = verify_case_text(this, &result);

    assert_string_equal(reason_name((int)reason), this->reason);
    assert_int_equal(result.reason, reason);
    if (reason)
        assert_int_equal(result.offset, this->offset);
}

/* Each reason but VERIFY_REQUEST is some case's. */
static void check_coverage(void **state)
{
    (void)state;
    for (int reason = VERIFY_TRUNCATED; reason < VERIFY_REASON_COUNT; reason++) {
        const char *name = reason_name(reason);
        int found = 0;

        for (const struct verify_case *c = __start_verify_reject; c < __stop_verify_reject; c++)
            found += name && !strcmp(name, c->reason);
        if (name && !found)
            fail_msg("no case for %s", name);
    }
}

static struct CMUnitTest *add(struct CMUnitTest *test, const char *kind,
                              const struct verify_case *begin, const struct verify_case *end)
{
    for (; begin < end; begin++, test++) {
        char *name = malloc(strlen(kind) + strlen(begin->name) + 2);

        sprintf(name, "%s/%s", kind, begin->name);
        *test = (struct CMUnitTest){
            .name = name, .test_func = check_case, .initial_state = (void *)begin};
    }
    return test;
}

int main(void)
{
    size_t accepts = (size_t)(__stop_verify_accept - __start_verify_accept);
    size_t rejects = (size_t)(__stop_verify_reject - __start_verify_reject);
    size_t count = accepts + rejects + 1;
    struct CMUnitTest *tests = calloc(count, sizeof(*tests));
    struct CMUnitTest *next = tests;
    int failed;

    next = add(next, "accept", __start_verify_accept, __stop_verify_accept);
    next = add(next, "reject", __start_verify_reject, __stop_verify_reject);
    *next = (struct CMUnitTest){.name = "every reason has a case", .test_func = check_coverage};
    failed = _cmocka_run_group_tests("verify-cases", tests, count, NULL, NULL);
    while (next-- > tests)
        free((void *)next->name);
    free(tests);
    return failed ? 1 : 0;
}
