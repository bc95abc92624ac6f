/* Requests, single and within sessions. */
#include "client/invoke/invoke.h"

#include "client/evidence/sha256.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/* What the answer will be compared with. */
static bool note_facts(struct reclave_request *request, const struct caller_request *call,
                       char error[RECLAVE_ERROR_BYTES])
{
    if (call->nonce_bytes)
        memcpy(request->nonce, call->nonce, call->nonce_bytes);
    request->nonce_bytes = call->nonce_bytes;
    if (!sha256_of(&(struct sha256_piece){call->input, call->input_bytes}, 1,
                   request->input_sha256) ||
        strings_sha256_of(call->arg_count, call->env_count, call->strings, call->strings_bytes,
                          request->strings_sha256) != ST_OK)
        return invoke_fail(error, "SHA-256 is not available");
    return true;
}

static bool encrypt(struct reclave_request *request, const struct caller_request *call,
                    char error[RECLAVE_ERROR_BYTES])
{
    struct caller_target target;
    enum status status;

    if (request->session) {
        status = caller_session_seal(&request->session->keys, call, &request->message,
                                     &request->message_bytes);
    } else {
        memcpy(target.receiving_key, request->enclave->identity.receiving_key, RECEIVING_KEY_BYTES);
        memcpy(target.policy_sha256, request->enclave->identity.policy_sha256, 32);
        memcpy(target.bundle_sha256, request->bundle_sha256, 32);
        status = caller_request_seal(&target, call, &request->message, &request->message_bytes,
                                     &request->pending);
    }
    return status == ST_OK || invoke_fail_status(error, "the request", status);
}

static bool make(struct reclave_request *request, const struct reclave_invocation *invocation,
                 char error[RECLAVE_ERROR_BYTES])
{
    struct caller_request call = {
        .nonce = invocation->nonce,
        .nonce_bytes = invocation->nonce ? invocation->nonce_bytes : 0,
        .arg_count = (uint32_t)invocation->arg_count,
        .env_count = (uint32_t)invocation->env_count,
        .input = invocation->input,
        .input_bytes = invocation->input_bytes,
        .padding = invocation->padding,
        .response_padding = invocation->answer_padding,
    };
    char *strings;
    bool good;

    if (call.nonce_bytes && (call.nonce_bytes < NONCE_MIN || call.nonce_bytes > NONCE_MAX))
        return invoke_fail(error, "a nonce has %u to %u bytes", NONCE_MIN, NONCE_MAX);
    if (invocation->input_bytes > RECLAVE_INPUT_BYTES_MAX)
        return invoke_fail(error, "an input has at most %u bytes", RECLAVE_INPUT_BYTES_MAX);
    if (!invoke_strings(invocation, &strings, &call.strings_bytes, error))
        return false;
    call.strings = strings;
    good = note_facts(request, &call, error) && encrypt(request, &call, error);
    if (strings)
        OPENSSL_cleanse(strings, call.strings_bytes);
    free(strings);
    return good;
}

static bool finish(struct reclave_request *made, const struct reclave_invocation *invocation,
                   struct reclave_request **request, char error[RECLAVE_ERROR_BYTES])
{
    if (make(made, invocation, error)) {
        *request = made;
        return true;
    }
    reclave_request_free(made);
    return false;
}

bool reclave_request_new(const struct reclave_enclave *enclave, const uint8_t bundle_sha256[32],
                         const struct reclave_invocation *invocation,
                         struct reclave_request **request, char error[RECLAVE_ERROR_BYTES])
{
    struct reclave_request *made = calloc(1, sizeof(*made));

    *request = NULL;
    if (!made)
        return invoke_fail_status(error, "the request", ST_NO_MEMORY);
    if (!invoke_epoch_is_fresh(enclave, error)) {
        free(made);
        return false;
    }
    made->enclave = enclave;
    memcpy(made->bundle_sha256, bundle_sha256, 32);
    return finish(made, invocation, request, error);
}

bool reclave_session_request(struct reclave_session *session,
                             const struct reclave_invocation *invocation,
                             struct reclave_request **request, char error[RECLAVE_ERROR_BYTES])
{
    struct reclave_request *made = calloc(1, sizeof(*made));

    *request = NULL;
    if (!made)
        return invoke_fail_status(error, "the request", ST_NO_MEMORY);
    made->enclave = session->enclave;
    made->session = session;
    memcpy(made->bundle_sha256, session->bundle_sha256, 32);
    return finish(made, invocation, request, error);
}

const void *reclave_request_message(const struct reclave_request *request, size_t *bytes)
{
    *bytes = request->message_bytes;
    return request->message;
}

void reclave_request_free(struct reclave_request *request)
{
    if (!request)
        return;
    caller_pending_wipe(&request->pending);
    free(request->message);
    OPENSSL_cleanse(request, sizeof(*request));
    free(request);
}
