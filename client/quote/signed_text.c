#include "client/quote/signed_text.h"

#include "client/json.h"
#include "client/quote/p256.h"

#include <openssl/x509v3.h>

static bool verify_signature(const struct signed_text *text, const struct trust *trust,
                             const struct signed_kind *kind, struct failure *failure)
{
    const struct chain_steps steps = {kind->signature, kind->signature, kind->validity};
    struct chain chain;

    if (!chain_order(&text->issuers, &chain))
        return reject_at(failure, kind->signature,
                         "the issuer chain of the %s is not a certificate and its root",
                         kind->what);
    if (!chain_verify(&chain, trust, kind->what, &steps, failure))
        return false;
    if (!p256_verify(X509_get0_pubkey(chain.leaf), text->signature, text->text, text->bytes))
        return reject_at(failure, kind->signature,
                         "the signature of the %s is not by the certificate in its issuer chain",
                         kind->what);
    if (X509_check_ca(chain.leaf) != 0)
        return reject_at(failure, kind->signature,
                         "the %s is signed by a CA, not by a signing certificate", kind->what);
    return true;
}

static bool check_window(const json_t *object, int64_t time, const struct signed_kind *kind,
                         struct reclave_verdict *verdict, struct failure *failure)
{
    int64_t issued, next;

    if (!json_read_time(object, "issueDate", &issued) ||
        !json_read_time(object, "nextUpdate", &next))
        return reject_at(failure, kind->content, "the %s has no issueDate or no nextUpdate",
                         kind->what);
    if (time < issued)
        return reject_at(failure, kind->validity,
                         "the %s is not yet valid: it was issued in the future, on %s", kind->what,
                         json_string_value(json_object_get(object, "issueDate")));
    if (time > next)
        return reject_at(failure, kind->validity, "the %s has expired, on %s; fetch it again",
                         kind->what, json_string_value(json_object_get(object, "nextUpdate")));
    if (next < verdict->collateral_expires)
        verdict->collateral_expires = next;
    return true;
}

static bool check_kind(const json_t *object, const struct signed_kind *kind,
                       struct reclave_verdict *verdict, struct failure *failure)
{
    uint64_t version, evaluation;

    if (!json_is_text(object, "id", kind->id))
        return reject_at(failure, kind->content, "the %s is not for \"%s\"", kind->what, kind->id);
    if (!json_read_number(object, "version", UINT32_MAX, &version) || version != kind->version)
        return reject_at(failure, kind->content, "the %s is not of version %u", kind->what,
                         (unsigned)kind->version);
    if (!json_read_number(object, "tcbEvaluationDataNumber", UINT32_MAX, &evaluation))
        return reject_at(failure, kind->content, "the %s has no tcbEvaluationDataNumber",
                         kind->what);
    if (evaluation < verdict->tcb_evaluation_data_number)
        verdict->tcb_evaluation_data_number = (uint32_t)evaluation;
    return true;
}

json_t *signed_text_verify(const struct signed_text *text, const struct trust *trust,
                           const struct signed_kind *kind, struct reclave_verdict *verdict,
                           struct failure *failure)
{
    char why[JSON_ERROR_TEXT_LENGTH];
    json_t *object;

    if (!verify_signature(text, trust, kind, failure))
        return NULL;
    object = json_read_object(text->text, text->bytes, why);
    if (!object)
        (void)!reject_at(failure, kind->content, "the %s is not a JSON object: %s", kind->what,
                         why);
    if (object && check_kind(object, kind, verdict, failure) &&
        check_window(object, trust->time, kind, verdict, failure))
        return object;
    json_decref(object);
    return NULL;
}
