#include "client/quote/collateral.h"

#include "client/hex.h"
#include "client/json.h"
#include "client/quote/crl.h"

#include <stdlib.h>
#include <string.h>

#define ISSUER_CERTIFICATES 2 /* the signing certificate and the root */
#define SIGNATURE_BYTES     64
#define SIGNATURE_DIGITS    (2 * SIGNATURE_BYTES)

/* The names of the three members that make up a signed text, and of the text's own member in
 * the form in which Intel's service sends it. */
struct signed_names {
    const char *text, *signature, *issuers, *wrapper;
};

static const struct signed_names tcb_info_names = {"tcb_info", "tcb_info_signature",
                                                   "tcb_info_issuer_chain", "tcbInfo"};
static const struct signed_names qe_identity_names = {
    "qe_identity", "qe_identity_signature", "qe_identity_issuer_chain", "enclaveIdentity"};

/* Text and signature, wherever they stood. */
struct parts {
    const char *text;
    size_t bytes;
    const char *signature;
    size_t signature_digits;
};

/* {"WRAPPER":TEXT,"signature":"HEX"}, exactly as Intel's service writes it. False when it is not.
 */
static bool unwrap(const char *wrapper, struct parts *parts)
{
    static const char between[] = ",\"signature\":\"", behind[] = "\"}";
    const size_t tail = strlen(between) + SIGNATURE_DIGITS + strlen(behind);
    const size_t head = strlen("{\"\":") + strlen(wrapper);
    const char *text = parts->text;
    size_t bytes = parts->bytes;

    while (bytes && (text[bytes - 1] == '\n' || text[bytes - 1] == '\r'))
        bytes--;
    if (bytes < head + tail || strncmp(text, "{\"", 2) != 0 ||
        strncmp(text + 2, wrapper, strlen(wrapper)) != 0 ||
        strncmp(text + head - 2, "\":", 2) != 0 ||
        memcmp(text + bytes - tail, between, strlen(between)) != 0 ||
        memcmp(text + bytes - strlen(behind), behind, strlen(behind)) != 0)
        return false;
    parts->text = text + head;
    parts->bytes = bytes - head - tail;
    parts->signature = text + bytes - strlen(behind) - SIGNATURE_DIGITS;
    parts->signature_digits = SIGNATURE_DIGITS;
    return true;
}

/* A member that must be a string. */
static bool text_member(const json_t *object, const char *name, const json_t **member,
                        struct failure *failure)
{
    *member = json_object_get(object, name);
    if (!*member)
        return reject_at(failure, RECLAVE_STEP_COLLATERAL, "the collateral has no member \"%s\"",
                         name);
    if (!json_is_string(*member))
        return reject_at(failure, RECLAVE_STEP_COLLATERAL,
                         "the collateral's \"%s\" is not a string; what is signed must be given as "
                         "the text that was signed",
                         name);
    return true;
}

static bool find_parts(const json_t *object, const struct signed_names *names, struct parts *parts,
                       struct failure *failure)
{
    const json_t *member;

    if (!text_member(object, names->text, &member, failure))
        return false;
    parts->text = json_string_value(member);
    parts->bytes = json_string_length(member);
    if (unwrap(names->wrapper, parts) && !json_object_get(object, names->signature))
        return true;
    parts->text = json_string_value(member);
    parts->bytes = json_string_length(member);
    if (!text_member(object, names->signature, &member, failure))
        return false;
    parts->signature = json_string_value(member);
    parts->signature_digits = json_string_length(member);
    return true;
}

static bool read_signed(const json_t *object, const struct signed_names *names,
                        struct signed_text *result, struct failure *failure)
{
    struct parts parts;
    const json_t *issuers;

    if (!find_parts(object, names, &parts, failure) ||
        !text_member(object, names->issuers, &issuers, failure))
        return false;
    if (!hex_decode(parts.signature, parts.signature_digits, result->signature, SIGNATURE_BYTES))
        return reject_at(failure, RECLAVE_STEP_COLLATERAL,
                         "the collateral's \"%s\" is not %d hexadecimal digits", names->signature,
                         SIGNATURE_DIGITS);
    result->text = malloc(parts.bytes + 1);
    if (!result->text)
        return reject_at(failure, RECLAVE_STEP_INTERNAL, "out of memory");
    memcpy(result->text, parts.text, parts.bytes);
    result->text[parts.bytes] = '\0';
    result->bytes = parts.bytes;
    return certificates_read(json_string_value(issuers), json_string_length(issuers),
                             ISSUER_CERTIFICATES, names->issuers, RECLAVE_STEP_COLLATERAL,
                             &result->issuers, failure);
}

/* Absent, null and "" are all a missing CRL. */
static bool read_crl(const json_t *object, const char *name, X509_CRL **crl,
                     struct failure *failure)
{
    const json_t *member = json_object_get(object, name);

    if (!member || json_is_null(member) ||
        (json_is_string(member) && json_string_length(member) == 0))
        return true;
    if (json_is_string(member))
        *crl = crl_read(json_string_value(member), json_string_length(member));
    if (!*crl)
        return reject_at(failure, RECLAVE_STEP_CRL,
                         "the collateral's \"%s\" is not a CRL: neither DER in hexadecimal nor PEM",
                         name);
    return true;
}

/* Other members are ignored: services add theirs, and nothing is decided by what is not read. */
static bool read_members(const json_t *object, struct collateral *collateral,
                         struct failure *failure)
{
    return read_signed(object, &tcb_info_names, &collateral->tcb_info, failure) &&
           read_signed(object, &qe_identity_names, &collateral->qe_identity, failure) &&
           read_crl(object, "root_ca_crl", &collateral->root_crl, failure) &&
           read_crl(object, "pck_crl", &collateral->pck_crl, failure);
}

bool collateral_read(const char *json, size_t bytes, struct collateral *collateral,
                     struct failure *failure)
{
    char why[JSON_ERROR_TEXT_LENGTH];
    json_t *object;
    bool good;

    memset(collateral, 0, sizeof(*collateral));
    if (bytes > RECLAVE_COLLATERAL_BYTES_MAX)
        return reject_at(failure, RECLAVE_STEP_COLLATERAL,
                         "%zu bytes are more than any collateral has (%u)", bytes,
                         RECLAVE_COLLATERAL_BYTES_MAX);
    object = json_read_object(json, bytes, why);
    if (!object)
        return reject_at(failure, RECLAVE_STEP_COLLATERAL,
                         "the collateral is not a JSON object: %s", why);
    good = read_members(object, collateral, failure);
    json_decref(object);
    if (!good)
        collateral_free(collateral);
    return good;
}

static void signed_text_free(struct signed_text *text)
{
    free(text->text);
    certificates_free(&text->issuers);
}

void collateral_free(struct collateral *collateral)
{
    signed_text_free(&collateral->tcb_info);
    signed_text_free(&collateral->qe_identity);
    X509_CRL_free(collateral->root_crl);
    X509_CRL_free(collateral->pck_crl);
    memset(collateral, 0, sizeof(*collateral));
}
