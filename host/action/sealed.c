#include "host/action/sealed.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define ENVELOPE_OUTPUT_MAX (1u << 20) /* of the function, before encryption: OpenWhisk's limit */

/* ---- base64 ---- */

/* malloc; NULL: no base64. */
static uint8_t *decode(const json_t *text, size_t *bytes)
{
    size_t length = json_string_length(text), padding = 0;
    const char *data = json_string_value(text);
    uint8_t *out = malloc(length / 4 * 3 + 1);
    int got = -1;

    if (out && length > 0 && length % 4 == 0 && length < INT32_MAX)
        got = EVP_DecodeBlock(out, (const unsigned char *)data, (int)length);
    while (padding < 2 && padding < length && data[length - 1 - padding] == '=')
        padding++;
    if (got <=
        (int)padding) { /* EVP_DecodeBlock counts the padding, and spaces are nothing to it */
        free(out);
        return NULL;
    }
    *bytes = (size_t)got - padding;
    return out;
}

static json_t *encode(const uint8_t *data, size_t bytes)
{
    char *text = malloc(bytes / 3 * 4 + 5);
    json_t *json = NULL;

    if (text && bytes > 0)
        EVP_EncodeBlock((unsigned char *)text, data, (int)bytes);
    if (text) {
        text[(bytes + 2) / 3 * 4] = 0;
        json = json_string(text);
    }
    free(text);
    return json;
}

/* ---- what is asked ---- */

static bool is_nonce(const char *text)
{
    size_t digits = strlen(text);

    return digits % 2 == 0 && digits >= 2 * NONCE_MIN && digits <= 2 * NONCE_MAX &&
           strspn(text, "0123456789abcdefABCDEF") == digits;
}

static bool read_nonce(const json_t *params, struct sealed_ask *out, struct message *why)
{
    const json_t *nonce = json_object_get(params, ACTION_NONCE_KEY);

    if (!nonce)
        return true;
    out->nonce = json_string_value(nonce);
    out->evidence = true;
    if (out->envelope) {
        message_set(why, ACTION_NONCE_KEY ": an encrypted request has its nonce inside; ask for "
                                          "evidence with \"" ACTION_EVIDENCE_KEY "\": true");
        return false;
    }
    if (out->nonce && strlen(out->nonce) == json_string_length(nonce) && is_nonce(out->nonce))
        return true;
    message_set(why, ACTION_NONCE_KEY ": 16 to 128 hexadecimal digits are wanted");
    return false;
}

static bool read_envelope(const json_t *params, struct sealed_ask *out, struct message *why)
{
    const json_t *envelope = json_object_get(params, ACTION_ENVELOPE_KEY);

    if (!envelope)
        return true;
    out->envelope = decode(envelope, &out->envelope_bytes);
    if (!out->envelope)
        message_set(why, ACTION_ENVELOPE_KEY ": this is no base64");
    return out->envelope != NULL;
}

/* The function does not see what was meant for this side. */
static bool strip(const json_t *params, struct sealed_ask *out, struct message *why)
{
    if (!out->evidence || !json_is_object(params)) {
        out->params = json_incref((json_t *)(uintptr_t)params);
        return true;
    }
    out->params = json_copy((json_t *)(uintptr_t)params);
    if (!out->params) {
        message_set(why, "out of memory");
        return false;
    }
    (void)json_object_del(out->params, ACTION_NONCE_KEY);
    if (json_is_true(json_object_get(out->params, ACTION_EVIDENCE_KEY)))
        (void)json_object_del(out->params, ACTION_EVIDENCE_KEY);
    return true;
}

bool sealed_asks(struct plain params)
{
    static const char *const names[] = {ACTION_ENVELOPE_KEY, ACTION_EVIDENCE_KEY, ACTION_NONCE_KEY,
                                        ACTION_SESSION_KEY, NULL};
    struct plain found[4];

    if (!plain_json(params.text, params.bytes, names, found))
        return true; /* who knows */
    return found[0].text || found[1].text || found[2].text || found[3].text;
}

bool sealed_ask(const json_t *params, struct sealed_ask *out, struct message *why)
{
    *out = (struct sealed_ask){
        .session = json_string_value(json_object_get(params, ACTION_SESSION_KEY)),
        .evidence = json_is_true(json_object_get(params, ACTION_EVIDENCE_KEY)),
    };
    return read_envelope(params, out, why) && read_nonce(params, out, why) &&
           strip(params, out, why);
}

void sealed_ask_free(struct sealed_ask *ask)
{
    json_decref(ask->params);
    free(ask->envelope);
    *ask = (struct sealed_ask){0};
}

void sealed_apply(const struct sealed_ask *ask, struct pool_call *call)
{
    call->evidence = ask->evidence;
    call->nonce = ask->nonce;
    if (!ask->envelope)
        return;
    call->sealed = true;
    call->session = ask->session;
    call->output_limit = ENVELOPE_OUTPUT_MAX;
    if (call->log_limit > ENVELOPE_OUTPUT_MAX)
        call->log_limit = ENVELOPE_OUTPUT_MAX; /* it may come back encrypted, and padded */
}

/* ---- what comes back ---- */

json_t *sealed_evidence(const struct pool_result *ran)
{
    size_t before = ran->output_bytes + ran->log_bytes;

    return ran->evidence_bytes ? encode(ran->output + before, ran->evidence_bytes) : NULL;
}

json_t *sealed_result(const struct pool_result *ran, json_t *evidence)
{
    return json_pack("{s:o, s:O*, s:O*, s:s*}", ACTION_ENVELOPE_KEY,
                     encode(ran->output, ran->output_bytes), ACTION_EVIDENCE_KEY, evidence,
                     ACTION_CERTIFICATE_KEY, json_object_get(ran->answer, "certificate"),
                     ACTION_SESSION_KEY, ran->opened ? ran->session : NULL);
}

void sealed_add_evidence(json_t *result, const struct sealed_ask *ask,
                         const struct pool_result *ran, json_t *evidence)
{
    char *input;

    if (!evidence || !json_is_object(result))
        return;
    input = ask->params ? json_dumps(ask->params, JSON_COMPACT) : strdup("{}");
    (void)json_object_set(result, ACTION_EVIDENCE_KEY, evidence);
    if (input)
        (void)json_object_set_new(result, ACTION_INPUT_KEY,
                                  encode((const uint8_t *)input, strlen(input)));
    if (ran->output_bytes <= ENVELOPE_OUTPUT_MAX)
        (void)json_object_set_new(result, ACTION_OUTPUT_KEY,
                                  encode(ran->output, ran->output_bytes));
    free(input);
}

void sealed_name_refusal(json_t *error, enum status status)
{
    if (status >= ST_ENVELOPE_FORMAT && status <= ST_FUNCTION_KEY_OWNER)
        (void)json_object_set_new(error, ACTION_STATUS_KEY, json_integer(status));
}
