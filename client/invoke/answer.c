/* Answers: decrypted, then their claims compared with the request. */
#include "client/invoke/invoke.h"

#include "abi/geometry.h"
#include "base/status.h"
#include "client/evidence/verdict.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The keeper's word for the worker; data NULL: there is none. */
struct certificate_bytes {
    const void *data;
    size_t count;
};

/* Of this enclave, this function, this request. */
static struct evidence_verdict check_origin(const struct reclave_request *request,
                                            const struct origin *origin,
                                            const struct evidence_claims *claims)
{
    const struct attested_identity *identity = &origin->identity;

    if (memcmp(claims->worker_id, origin->worker_id, 32) != 0 ||
        memcmp(claims->boot_id, identity->boot_id, BOOT_ID_BYTES) != 0 ||
        memcmp(claims->policy_sha256, identity->policy_sha256, 32) != 0)
        return rejected(EVIDENCE_WORKER, "the claims are of another enclave than the verified one");
    if (memcmp(claims->bundle_sha256, request->bundle_sha256, 32) != 0)
        return rejected(EVIDENCE_BUNDLE, "another function ran");
    if (claims->nonce_bytes != request->nonce_bytes ||
        memcmp(claims->nonce, request->nonce, request->nonce_bytes) != 0)
        return rejected(EVIDENCE_NONCE, "the claims are not for this nonce");
    return accepted();
}

/* The enclave could not read the request, and says so. */
static bool is_unread(const struct evidence_claims *claims)
{
    static const uint8_t unread[32];

    return claims->outcome == OUTCOME_REFUSED && memcmp(claims->input_sha256, unread, 32) == 0 &&
           memcmp(claims->strings_sha256, unread, 32) == 0;
}

/* What ran, or was refused, is what was asked for. */
static struct evidence_verdict check_run(const struct reclave_request *request,
                                         const struct caller_response *response,
                                         const struct evidence_claims *claims)
{
    const struct evidence_expectation expected = {
        .strings_sha256 = is_unread(claims) ? NULL : request->strings_sha256,
        .output = response->output,
        .output_bytes = response->head.output_bytes,
    };

    if (!is_unread(claims) && memcmp(claims->input_sha256, request->input_sha256, 32) != 0)
        return rejected(EVIDENCE_INPUT, "the function got another input");
    if (claims->outcome != (enum outcome)response->head.outcome ||
        claims->trap != (enum trap)response->head.trap ||
        (claims->has_exit_code && claims->exit_code != response->head.exit_code))
        return rejected(EVIDENCE_OUTCOME, "the answer and its claims name different outcomes");
    return evidence_check_expected(claims, &expected);
}

static struct evidence_verdict check_claims(const struct reclave_request *request,
                                            const struct origin *origin,
                                            const struct caller_response *response,
                                            struct evidence_claims *claims)
{
    struct evidence_verdict verdict =
        claims_parse(response->claims, response->head.claims_bytes, claims);

    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict = check_origin(request, origin, claims);
    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict = check_run(request, response, claims);
    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict =
            invoke_check_policy(&request->enclave->policy, request->enclave->is_fleet, claims);
    return verdict;
}

static void describe(struct reclave_answer *answer)
{
    const struct response_body *head = &answer->response.head;

    if (head->status != ST_OK)
        snprintf(answer->text, sizeof(answer->text), "the enclave refused: %s",
                 status_text((enum status)head->status));
    else if (head->outcome == OUTCOME_TRAP)
        snprintf(answer->text, sizeof(answer->text), "the function trapped: %s",
                 trap_text((enum trap)head->trap));
    else if (head->outcome == OUTCOME_FUNCTION_ERROR)
        snprintf(answer->text, sizeof(answer->text),
                 "the function reported an error: exit code %lld", (long long)head->exit_code);
    else if (head->outcome == OUTCOME_OK)
        snprintf(answer->text, sizeof(answer->text), "ok");
    else
        snprintf(answer->text, sizeof(answer->text), "the function did not finish: %s",
                 outcome_name((enum outcome)head->outcome));
}

static enum status decrypt(struct reclave_request *request, const void *message, size_t bytes,
                           struct caller_response *response)
{
    if (request->session)
        return caller_session_open(&request->session->keys, message, bytes, response);
    return caller_response_open(&request->pending, message, bytes, response);
}

/* A session has one worker, known since it was opened. */
static struct evidence_verdict find_origin(const struct reclave_request *request,
                                           const struct certificate_bytes *certificate,
                                           struct origin *origin)
{
    if (!request->session)
        return invoke_origin(request->enclave, certificate->data, certificate->count, origin);
    *origin = request->session->worker;
    return accepted();
}

/* The certificate comes first: one that is refused spends no answer. */
static bool open_answer(struct reclave_request *request, const void *message, size_t bytes,
                        const struct certificate_bytes *certificate, struct reclave_answer *answer,
                        char error[RECLAVE_ERROR_BYTES])
{
    struct evidence_claims claims;
    struct origin origin;
    struct evidence_verdict verdict = find_origin(request, certificate, &origin);
    enum status status;

    if (verdict.step != EVIDENCE_ACCEPTED)
        return invoke_fail(error, "%s: %s", evidence_step_name(verdict.step), verdict.reason);
    status = decrypt(request, message, bytes, &answer->response);
    if (status != ST_OK)
        return invoke_fail_status(error, "the answer", status);
    verdict = check_claims(request, &origin, &answer->response, &claims);
    if (verdict.step != EVIDENCE_ACCEPTED)
        return invoke_fail(error, "%s: %s", evidence_step_name(verdict.step), verdict.reason);
    invoke_show_claims(&claims, &answer->claims);
    describe(answer);
    return true;
}

bool reclave_request_answer(struct reclave_request *request, const void *message, size_t bytes,
                            struct reclave_answer **answer, char error[RECLAVE_ERROR_BYTES])
{
    return reclave_request_answer_from(request, message, bytes, NULL, 0, answer, error);
}

bool reclave_request_answer_from(struct reclave_request *request, const void *message, size_t bytes,
                                 const void *certificate, size_t certificate_bytes,
                                 struct reclave_answer **answer, char error[RECLAVE_ERROR_BYTES])
{
    const struct certificate_bytes of_worker = {certificate, certificate_bytes};
    struct reclave_answer *made = calloc(1, sizeof(*made));

    *answer = NULL;
    if (!made)
        return invoke_fail_status(error, "the answer", ST_NO_MEMORY);
    if (open_answer(request, message, bytes, &of_worker, made, error)) {
        *answer = made;
        return true;
    }
    reclave_answer_free(made);
    return false;
}

void reclave_answer_free(struct reclave_answer *answer)
{
    if (!answer)
        return;
    caller_response_free(&answer->response);
    OPENSSL_cleanse(answer, sizeof(*answer));
    free(answer);
}

bool reclave_answer_ok(const struct reclave_answer *answer)
{
    return answer->response.head.status == ST_OK && answer->response.head.outcome == OUTCOME_OK;
}

const char *reclave_answer_text(const struct reclave_answer *answer)
{
    return answer->text;
}

const struct reclave_claims *reclave_answer_claims(const struct reclave_answer *answer)
{
    return &answer->claims;
}

const void *reclave_answer_output(const struct reclave_answer *answer, size_t *bytes)
{
    *bytes = answer->response.head.output_bytes;
    return answer->response.output;
}

const void *reclave_answer_log(const struct reclave_answer *answer, size_t *bytes)
{
    *bytes = answer->response.head.log_bytes;
    return answer->response.log;
}

bool reclave_answer_evidence(const struct reclave_answer *answer, const void *file, size_t bytes,
                             uint8_t complete[RECLAVE_EVIDENCE_BYTES_MAX], size_t *complete_bytes)
{
    return evidence_complete(file, bytes, answer->response.claims,
                             answer->response.head.claims_bytes, complete, complete_bytes) == ST_OK;
}

_Static_assert(RECLAVE_EVIDENCE_BYTES_MAX == EVIDENCE_FILE_MAX &&
                   RECLAVE_IDENTITY_BYTES == sizeof(struct attested_identity) &&
                   RECLAVE_NONCE_BYTES_MAX == NONCE_MAX && RECLAVE_NONCE_BYTES_MIN == NONCE_MIN &&
                   RECLAVE_INPUT_BYTES_MAX == STDIO_MAX &&
                   RECLAVE_PAD_POWER_OF_TWO == PAD_POWER_OF_TWO,
               "the public header says what the formats say");
