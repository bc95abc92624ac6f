/*
 * What evidence and encryption add to an invocation: the same function on the same KiB, in the
 * clear and otherwise, one after the other. Times are of the calls into the enclave, and of what
 * the caller does before and after them; the rewind is as ever and not counted.
 */
#include "bench/attest/part.h"
#include "bench/common/clock.h"
#include "bench/common/fail.h"
#include "bench/common/machine.h"
#include "bench/common/series.h"
#include "bench/common/subject.h"
#include "bench/common/table.h"
#include "client/invoke/invoke.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define PER_ROUND       40
#define PER_ROUND_QUICK 2
#define INPUT_BYTES     1024u
#define ANSWER_BYTES    0x10000u
#define TIMEOUT_MS      10000u
#define BATCHED         (EVIDENCE_BATCH_MAX / 2) /* what is not signed at once */

enum variant { CLEAR, CLEAR_SIGNED, SINGLE, SINGLE_SIGNED, SESSION, SESSION_SIGNED, VARIANTS };

static const char *const names[VARIANTS] = {
    [CLEAR] = "in the clear",
    [CLEAR_SIGNED] = "in the clear, evidence signed for it alone",
    [SINGLE] = "single-shot encrypted",
    [SINGLE_SIGNED] = "single-shot encrypted, evidence signed for it alone",
    [SESSION] = "in a session",
    [SESSION_SIGNED] = "in a session, evidence signed for it alone",
};

static struct {
    struct subject subject;
    struct image image;
    struct reclave_enclave enclave;
    struct reclave_session *session;
    uint8_t bundle_sha256[32];
    uint8_t *input, *message, *answer;
    void *claims, *root;
    unsigned pending;
    /* microseconds; added: of inside + caller over the plain invocation before it */
    struct series inside[VARIANTS], caller[VARIANTS], added[VARIANTS];
} bench;

static void must(enum status status, const char *what)
{
    if (status != ST_OK)
        bench_fail("%s: status %d", what, (int)status);
}

static double us_since(uint64_t start)
{
    return (double)(clock_ns() - start) / 1000;
}

static void *buffer(size_t bytes)
{
    void *memory = loader_buffer_alloc(bytes);

    if (!memory)
        bench_fail("out of memory");
    return memory;
}

/* As a verified quote would have told. */
static void learn_identity(void)
{
    struct entry_report report = {0};

    must(slot_report(bench.subject.slot, &report), "report");
    bench.enclave.identity = report.identity;
    policy_default(&bench.enclave.policy);
    if (EVP_Digest(report.identity.signing_key, SIGNING_KEY_BYTES, bench.enclave.worker_id, NULL,
                   EVP_sha256(), NULL) != 1)
        bench_fail("SHA-256 is not available");
}

static void open_session(void)
{
    struct entry_envelope envelope = {.message = (uintptr_t)bench.message,
                                      .answer = (uintptr_t)bench.answer,
                                      .answer_limit = ANSWER_BYTES};
    char error[RECLAVE_ERROR_BYTES];
    const void *opening;
    size_t bytes;

    if (!reclave_session_new(&bench.enclave, bench.bundle_sha256, &bench.session, error))
        bench_fail("%s", error);
    opening = reclave_session_message(bench.session, &bytes);
    memcpy(bench.message, opening, bytes);
    envelope.message_bytes = bytes;
    must(slot_session_open(bench.subject.slot, &envelope), "session");
    if (!reclave_session_open(bench.session, bench.answer, envelope.answer_bytes, error))
        bench_fail("%s", error);
}

void invoke_set_up(const struct bench_options *options)
{
    struct bench_file bundle = bench_file_read("attest-echo.rcl");

    bench_image_open("reclave-lazy", &bench.image);
    subject_create(&bench.subject, machine_driver(options), &bench.image);
    subject_boot(&bench.subject);
    subject_load(&bench.subject, &bundle);
    /* it has no signature: the digest is the whole file's */
    if (EVP_Digest(bundle.data, bundle.bytes, bench.bundle_sha256, NULL, EVP_sha256(), NULL) != 1)
        bench_fail("SHA-256 is not available");
    free(bundle.data);
    bench.input = buffer(INPUT_BYTES);
    bench.message = buffer(ANSWER_BYTES);
    bench.answer = buffer(ANSWER_BYTES);
    bench.claims = buffer(EVIDENCE_CLAIMS_MAX);
    bench.root = buffer(EVIDENCE_ROOT_MAX);
    memset(bench.input, 'x', INPUT_BYTES);
    learn_identity();
    open_session();
}

static void sign(void)
{
    uint64_t bytes, leaves;

    must(slot_sign(bench.subject.slot, bench.root, &bytes, &leaves), "sign");
    bench.pending = 0;
}

static double invoke_clear(bool evidence)
{
    struct entry_invocation call = {
        .input = (uintptr_t)bench.input,
        .input_bytes = INPUT_BYTES,
        .output = (uintptr_t)bench.answer,
        .output_limit = ANSWER_BYTES,
        .claims = evidence ? (uintptr_t)bench.claims : 0,
    };
    uint64_t start = clock_ns();

    must(slot_invoke(bench.subject.slot, &call, TIMEOUT_MS), "invoke");
    if (evidence)
        sign();
    if (call.outcome != OUTCOME_OK || call.output_bytes != INPUT_BYTES)
        bench_fail("the function did not echo");
    return us_since(start);
}

static struct reclave_request *make_request(bool session)
{
    const struct reclave_invocation invocation = {.input = bench.input, .input_bytes = INPUT_BYTES};
    struct reclave_request *request;
    char error[RECLAVE_ERROR_BYTES];
    bool made = session ? reclave_session_request(bench.session, &invocation, &request, error)
                        : reclave_request_new(&bench.enclave, bench.bundle_sha256, &invocation,
                                              &request, error);

    if (!made)
        bench_fail("%s", error);
    return request;
}

static void open_answer(struct reclave_request *request, size_t bytes)
{
    char error[RECLAVE_ERROR_BYTES];
    struct reclave_answer *answer;

    if (!reclave_request_answer(request, bench.answer, bytes, &answer, error))
        bench_fail("%s", error);
    if (!reclave_answer_ok(answer))
        bench_fail("%s", reclave_answer_text(answer));
    reclave_answer_free(answer);
}

/* Microseconds inside; *caller: those outside. */
static double invoke_encrypted(bool session, bool evidence, double *caller)
{
    struct entry_envelope call = {.message = (uintptr_t)bench.message,
                                  .answer = (uintptr_t)bench.answer,
                                  .answer_limit = ANSWER_BYTES,
                                  .output_limit = ANSWER_BYTES / 2};
    uint64_t start = clock_ns();
    struct reclave_request *request = make_request(session);
    const void *message = reclave_request_message(request, &call.message_bytes);
    double inside;

    *caller = us_since(start);
    memcpy(bench.message, message, call.message_bytes);
    start = clock_ns();
    must(slot_invoke_sealed(bench.subject.slot, &call, TIMEOUT_MS), "encrypted invocation");
    bench.pending++;
    if (evidence)
        sign();
    inside = us_since(start);
    start = clock_ns();
    open_answer(request, call.answer_bytes);
    *caller += us_since(start);
    reclave_request_free(request);
    return inside;
}

static double measure(enum variant variant)
{
    bool evidence =
        variant == CLEAR_SIGNED || variant == SINGLE_SIGNED || variant == SESSION_SIGNED;
    bool session = variant == SESSION || variant == SESSION_SIGNED;
    double caller = 0, inside;

    if (evidence && bench.pending)
        sign(); /* of those before: not this one's cost */
    inside = variant <= CLEAR_SIGNED ? invoke_clear(evidence)
                                     : invoke_encrypted(session, evidence, &caller);
    subject_rewind(&bench.subject);
    if (bench.pending >= BATCHED)
        sign();
    series_add(&bench.inside[variant], inside);
    series_add(&bench.caller[variant], caller);
    return inside + caller;
}

void invoke_round(const struct bench_options *options)
{
    unsigned count = options->quick ? PER_ROUND_QUICK : PER_ROUND;

    for (unsigned i = 0; i < count; i++) {
        double clear = measure(CLEAR);

        for (int variant = CLEAR + 1; variant < VARIANTS; variant++)
            series_add(&bench.added[variant], measure((enum variant)variant) - clear);
    }
}

void invoke_report(const struct bench_options *options)
{
    struct table *table =
        table_new("attest-invoke", "An invocation on 1 KiB, without the rewind; added: over the "
                                   "plain one next to it, the caller's part included");

    table_column(table, "how", "");
    table_column_spread(table, "enclave", "us");
    table_column_spread(table, "caller", "us");
    table_column_spread(table, "added", "us");
    for (int i = 0; i < VARIANTS; i++) {
        table_text(table, names[i]);
        table_spread(table, series_spread(&bench.inside[i]));
        if (i > CLEAR_SIGNED)
            table_spread(table, series_spread(&bench.caller[i]));
        else
            table_none(table);
        if (i > CLEAR)
            table_spread(table, series_spread(&bench.added[i]));
        else
            table_none(table);
        series_free(&bench.inside[i]);
        series_free(&bench.caller[i]);
        series_free(&bench.added[i]);
    }
    table_finish(table, options->results);
    reclave_session_free(bench.session);
    subject_destroy(&bench.subject);
    image_close(&bench.image);
    free(bench.input);
    free(bench.message);
    free(bench.answer);
    free(bench.claims);
    free(bench.root);
}
