#include "client/invoke/invoke.h"

#include "client/evidence/verdict.h"

#include <stdlib.h>
#include <string.h>

bool reclave_session_new(const struct reclave_enclave *enclave, const uint8_t bundle_sha256[32],
                         struct reclave_session **session, char error[RECLAVE_ERROR_BYTES])
{
    struct reclave_session *made = calloc(1, sizeof(*made));
    struct caller_target target;
    enum status status;

    *session = NULL;
    if (!made)
        return invoke_fail_status(error, "the session", ST_NO_MEMORY);
    if (!invoke_epoch_is_fresh(enclave, error)) {
        free(made);
        return false;
    }
    made->enclave = enclave;
    memcpy(made->bundle_sha256, bundle_sha256, 32);
    memcpy(target.receiving_key, enclave->identity.receiving_key, RECEIVING_KEY_BYTES);
    memcpy(target.policy_sha256, enclave->identity.policy_sha256, 32);
    memcpy(target.bundle_sha256, bundle_sha256, 32);
    status = caller_session_start(&target, made->opening, &made->keys);
    if (status != ST_OK) {
        reclave_session_free(made);
        return invoke_fail_status(error, "the session", status);
    }
    *session = made;
    return true;
}

const void *reclave_session_message(const struct reclave_session *session, size_t *bytes)
{
    *bytes = sizeof(session->opening);
    return session->opening;
}

bool reclave_session_open(struct reclave_session *session, const void *message, size_t bytes,
                          char error[RECLAVE_ERROR_BYTES])
{
    return reclave_session_open_from(session, message, bytes, NULL, 0, error);
}

/* Whoever holds the receiving key could answer; it must be the one whose quote was verified, or
 * whom the certificate names. */
bool reclave_session_open_from(struct reclave_session *session, const void *message, size_t bytes,
                               const void *certificate, size_t certificate_bytes,
                               char error[RECLAVE_ERROR_BYTES])
{
    struct caller_session keys = session->keys;
    struct opened_body who;
    struct origin worker;
    struct evidence_verdict verdict =
        invoke_origin(session->enclave, certificate, certificate_bytes, &worker);
    enum status status;
    bool same;

    if (verdict.step != EVIDENCE_ACCEPTED) {
        caller_session_wipe(&keys);
        return invoke_fail(error, "%s: %s", evidence_step_name(verdict.step), verdict.reason);
    }
    status = caller_session_finish(&keys, message, bytes, &who);
    same = status == ST_OK && memcmp(who.worker_id, worker.worker_id, 32) == 0 &&
           memcmp(who.boot_id, worker.identity.boot_id, BOOT_ID_BYTES) == 0;
    if (same) {
        session->keys = keys;
        session->worker = worker;
    }
    caller_session_wipe(&keys);
    if (status != ST_OK)
        return invoke_fail_status(error, "the session", status);
    return same || invoke_fail(error, "another enclave than the verified one opened the session");
}

void reclave_session_free(struct reclave_session *session)
{
    if (!session)
        return;
    caller_session_wipe(&session->keys);
    free(session);
}
