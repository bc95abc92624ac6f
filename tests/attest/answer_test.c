/*
 * An answer that decrypts is not yet an answer: its claims must be of the enclave, the function and
 * the invocation that were asked for. Here the enclave itself lies, in one claim at a time.
 */
#include "tests/attest/support.h"

#include "abi/geometry.h"
#include "client/invoke/invoke.h"
#include "trusted/attest/body.h"
#include "trusted/attest/digest.h"
#include "trusted/attest/envelope.h"

#define INPUT  "secret input"
#define OUTPUT "secret output"

struct scene {
    struct test_enclave inside;
    struct reclave_enclave outside;
    struct reclave_request *request;
    uint8_t input_sha256[32], output_sha256[32], strings_sha256[32];
    uint8_t nonce[16];
    struct claims claims; /* the truth, for a test to spoil */
    struct response_body head;
};

static void digest(const char *text, uint8_t out[32])
{
    const struct piece piece = {text, strlen(text)};

    sha256_pieces(&piece, 1, out);
}

static void tell_the_truth(struct scene *scene)
{
    scene->claims = (struct claims){
        .nonce = scene->nonce,
        .nonce_bytes = sizeof(scene->nonce),
        .boot_id = scene->inside.boot_id,
        .worker_id = scene->inside.signing.worker_id,
        .tenant = test_digest(1),
        .bundle_sha256 = test_digest(2),
        .wasm_sha256 = test_digest(3),
        .snapshot_sha256 = test_digest(4),
        .policy_sha256 = scene->inside.policy_sha256,
        .input_sha256 = scene->input_sha256,
        .strings_sha256 = scene->strings_sha256,
        .output_sha256 = scene->output_sha256,
        .blinding = scene->nonce,
        .counter = 1,
        .outcome = OUTCOME_OK,
    };
    scene->head = (struct response_body){
        .version = BODY_VERSION, .outcome = OUTCOME_OK, .output_bytes = strlen(OUTPUT)};
}

static void scene_make(struct scene *scene)
{
    static const char *const args[] = {"program"};
    const struct reclave_invocation invocation = {.input = INPUT,
                                                  .input_bytes = strlen(INPUT),
                                                  .nonce = scene->nonce,
                                                  .nonce_bytes = sizeof(scene->nonce),
                                                  .args = args,
                                                  .arg_count = 1};
    char error[RECLAVE_ERROR_BYTES];

    memset(scene, 0, sizeof(*scene));
    memset(scene->nonce, 9, sizeof(scene->nonce));
    test_enclave_make(&scene->inside, 1);
    scene->outside.identity = scene->inside.identity;
    memcpy(scene->outside.worker_id, scene->inside.signing.worker_id, 32);
    policy_default(&scene->outside.policy);
    digest(INPUT, scene->input_sha256);
    digest(OUTPUT, scene->output_sha256);
    strings_digest(1, 0, "program", 8, scene->strings_sha256);
    if (!reclave_request_new(&scene->outside, test_digest(2), &invocation, &scene->request, error))
        fail_msg("%s", error);
    tell_the_truth(scene);
}

static void scene_end(struct scene *scene)
{
    reclave_request_free(scene->request);
}

/* The enclave's keys for the answer to this request. */
static void open_request(struct scene *scene, struct reply_key *reply)
{
    struct envelope_target target = {.key = &scene->inside.receiving};
    struct envelope_request header;
    size_t bytes, plain_bytes;
    const uint8_t *message = reclave_request_message(scene->request, &bytes);
    uint8_t plain[1024];

    memcpy(target.bundle_sha256, test_digest(2), 32);
    memcpy(target.policy_sha256, scene->inside.policy_sha256, 32);
    memcpy(&header, message, sizeof(header));
    memcpy(plain, message + sizeof(header), bytes - sizeof(header));
    assert_good(request_open(&target, &header, plain, bytes - sizeof(header), &plain_bytes, reply));
}

/* What the caller says to an answer with these claims: "" when it accepts. */
static const char *answered(struct scene *scene)
{
    static char error[RECLAVE_ERROR_BYTES];
    uint8_t message[2048] = {0}, claims[EVIDENCE_CLAIMS_MAX];
    uint8_t *body = message + sizeof(struct envelope_response);
    struct envelope_response header;
    struct reclave_answer *answer;
    struct reply_key reply;
    size_t claims_bytes, bytes;

    assert_good(claims_encode(&scene->claims, claims, &claims_bytes));
    scene->head.claims_bytes = claims_bytes;
    bytes = sizeof(scene->head) + scene->head.output_bytes + claims_bytes;
    memcpy(body, &scene->head, sizeof(scene->head));
    memcpy(body + sizeof(scene->head), OUTPUT, scene->head.output_bytes);
    memcpy(body + sizeof(scene->head) + scene->head.output_bytes, claims, claims_bytes);
    open_request(scene, &reply);
    assert_good(response_seal(&reply, &scene->inside.source, &header,
                              &(struct aead_part){body, bytes}, 1, body + bytes));
    memcpy(message, &header, sizeof(header));
    if (!reclave_request_answer(scene->request, message, sizeof(header) + bytes + AEAD_TAG_BYTES,
                                &answer, error))
        return error;
    reclave_answer_free(answer);
    return "";
}

static void the_truth_is_accepted(void **state)
{
    struct scene scene;

    (void)state;
    scene_make(&scene);
    assert_string_equal(answered(&scene), "");
    scene_end(&scene);
}

/* Each lie, and the step that finds it. */
enum lie {
    WORKER,
    BOOT,
    POLICY,
    BUNDLE,
    NONCE,
    NO_NONCE,
    INPUT_LIE,
    STRINGS,
    OUTPUT_LIE,
    END,
    EXIT_CODE,
    LIES
};

static const char *const found_by[LIES] = {
    [WORKER] = "evidence_worker",     [BOOT] = "evidence_worker",
    [POLICY] = "evidence_worker",     [BUNDLE] = "evidence_bundle",
    [NONCE] = "evidence_nonce",       [NO_NONCE] = "evidence_nonce",
    [INPUT_LIE] = "evidence_input",   [STRINGS] = "evidence_strings",
    [OUTPUT_LIE] = "evidence_output", [END] = "evidence_outcome",
    [EXIT_CODE] = "evidence_outcome",
};

static void tell(struct scene *scene, enum lie lie)
{
    struct claims *claims = &scene->claims;
    const uint8_t *wrong = test_digest(0xee);

    switch (lie) {
    case WORKER:
        claims->worker_id = wrong;
        return;
    case BOOT:
        claims->boot_id = wrong;
        return;
    case POLICY:
        claims->policy_sha256 = wrong;
        return;
    case BUNDLE:
        claims->bundle_sha256 = wrong;
        return;
    case NONCE:
        claims->nonce = wrong;
        return;
    case NO_NONCE:
        claims->nonce_bytes = 0;
        return;
    case INPUT_LIE:
        claims->input_sha256 = wrong;
        return;
    case STRINGS:
        claims->strings_sha256 = wrong;
        return;
    case OUTPUT_LIE:
        claims->output_sha256 = wrong;
        return;
    case EXIT_CODE:
        scene->head.exit_code = 1;
        return;
    default:
        scene->head.outcome = OUTCOME_FUNCTION_ERROR;
    }
}

static void each_lie_is_found(void **state)
{
    (void)state;
    for (int lie = 0; lie < LIES; lie++) {
        struct scene scene;
        const char *error;

        scene_make(&scene);
        tell(&scene, (enum lie)lie);
        error = answered(&scene);
        if (strncmp(error, found_by[lie], strlen(found_by[lie])) != 0)
            fail_msg("lie %d: \"%s\", not %s", lie, error, found_by[lie]);
        scene_end(&scene);
    }
}

/* A refusal is authentic as an answer is: of this request, or of one that could not be read. */
static void a_refusal_is_of_this_request(void **state)
{
    const uint8_t *unread = test_digest(0), *wrong = test_digest(0xee);
    const struct {
        const uint8_t *input, *strings;
        const char *step;
    } cases[] = {
        {NULL, NULL, ""},
        {unread, unread, ""},
        {wrong, NULL, "evidence_input"},
        {NULL, wrong, "evidence_strings"},
        {unread, NULL, "evidence_input"},
        {NULL, unread, "evidence_strings"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct scene scene;
        const char *error;

        scene_make(&scene);
        scene.claims.outcome = OUTCOME_REFUSED;
        scene.head.outcome = OUTCOME_REFUSED;
        scene.head.status = ST_ENVIRONMENT_REFUSED;
        scene.head.output_bytes = 0;
        digest("", scene.output_sha256);
        if (cases[i].input)
            scene.claims.input_sha256 = cases[i].input;
        if (cases[i].strings)
            scene.claims.strings_sha256 = cases[i].strings;
        error = answered(&scene);
        if (strncmp(error, cases[i].step, strlen(cases[i].step)) != 0 ||
            (error[0] == 0) != (cases[i].step[0] == 0))
            fail_msg("case %zu: \"%s\"", i, error);
        scene_end(&scene);
    }
}

static void the_policy_judges_what_ran(void **state)
{
    struct scene scene;

    (void)state;
    scene_make(&scene);
    scene.outside.policy.snapshots.count = 1;
    memcpy(scene.outside.policy.snapshots.digests[0], test_digest(5), 32);
    assert_int_equal(strncmp(answered(&scene), "evidence_snapshot", 17), 0);
    scene_end(&scene);
    scene_make(&scene);
    scene.outside.policy.tenants.count = 1;
    memcpy(scene.outside.policy.tenants.digests[0], test_digest(1), 32);
    assert_string_equal(answered(&scene), "");
    scene_end(&scene);
}

static void an_answer_without_claims_is_none(void **state)
{
    static char error[RECLAVE_ERROR_BYTES];
    struct scene scene;
    uint8_t message[1024] = {0};
    uint8_t *body = message + sizeof(struct envelope_response);
    struct envelope_response header;
    struct reclave_answer *answer;
    struct reply_key reply;
    size_t bytes = sizeof(scene.head);

    (void)state;
    scene_make(&scene);
    scene.head.output_bytes = 0;
    memcpy(body, &scene.head, bytes);
    open_request(&scene, &reply);
    assert_good(response_seal(&reply, &scene.inside.source, &header,
                              &(struct aead_part){body, bytes}, 1, body + bytes));
    memcpy(message, &header, sizeof(header));
    assert_false(reclave_request_answer(scene.request, message,
                                        sizeof(header) + bytes + AEAD_TAG_BYTES, &answer, error));
    scene_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_truth_is_accepted),
        cmocka_unit_test(each_lie_is_found),
        cmocka_unit_test(a_refusal_is_of_this_request),
        cmocka_unit_test(the_policy_judges_what_ran),
        cmocka_unit_test(an_answer_without_claims_is_none),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
