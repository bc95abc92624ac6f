/* What a verifier fetches: TCB info (version 3), QE identity (version 2) and CRLs (PCS API, v4). */
#include "sgx/devroot/internal.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* When the only platform's versions were current: always. */
#define TCB_DATE "2024-01-01T00:00:00Z"

/* All but MODE64BIT, as in Intel's QE identity: DEBUG must be 0. */
#define QE_ATTRIBUTES_MASK (~(uint64_t)0x4)

static bool iso_time(int64_t seconds, char text[32])
{
    time_t time = (time_t)seconds;
    struct tm parts;

    return gmtime_r(&time, &parts) && strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0;
}

static char *upper_hex(const void *bytes, size_t count)
{
    char *text = devroot_hex(bytes, count);

    for (char *c = text; c && *c; c++)
        if (*c >= 'a')
            *c = (char)(*c - 'a' + 'A');
    return text;
}

/* A JSON string of bytes in upper-case hexadecimal, as Intel writes them; NULL: out of memory. */
static json_t *hex_json(const void *bytes, size_t count)
{
    char *text = upper_hex(bytes, count);
    json_t *json = text ? json_string(text) : NULL;

    free(text);
    return json;
}

/* ---- TCB info ----------------------------------------------------------------- */

static json_t *tcb_level(const uint8_t svn[16], unsigned pce_svn, const char *status)
{
    json_t *components = json_array();

    for (unsigned i = 0; components && i < 16; i++)
        json_array_append_new(components, json_pack("{s:i}", "svn", (int)svn[i]));
    return json_pack("{s:{s:o, s:i}, s:s, s:s}", "tcb", "sgxtcbcomponents", components, "pcesvn",
                     (int)pce_svn, "tcbDate", TCB_DATE, "tcbStatus", status);
}

static json_t *tcb_info(const struct devroot *root, const char *issued, const char *next)
{
    static const uint8_t fmspc[DEVROOT_FMSPC_BYTES] = DEVROOT_FMSPC, none[16];
    const struct devroot_platform *platform = &root->platform;

    return json_pack("{s:s, s:i, s:s, s:s, s:o, s:s, s:i, s:i, s:[o, o]}", "id", "SGX", "version",
                     3, "issueDate", issued, "nextUpdate", next, "fmspc",
                     hex_json(fmspc, sizeof(fmspc)), "pceId", "0000", "tcbType", 0,
                     "tcbEvaluationDataNumber", 1, "tcbLevels",
                     tcb_level(platform->cpu_svn, platform->pce_svn, "UpToDate"),
                     tcb_level(none, 0, "OutOfDate"));
}

/* ---- QE identity ---------------------------------------------------------------- */

/* FLAGS and XFRM as they lie in a report: little-endian. */
static json_t *attributes_json(uint64_t flags)
{
    uint8_t bytes[16] = {0};

    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(flags >> (8 * i));
    return hex_json(bytes, sizeof(bytes));
}

static json_t *miscselect_json(uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                              (uint8_t)(value >> 24)};

    return hex_json(bytes, sizeof(bytes));
}

static json_t *qe_identity(const struct devroot_qe *qe, const char *issued, const char *next)
{
    return json_pack("{s:s, s:i, s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:i, s:[{s:{s:i}, s:s, "
                     "s:s}]}",
                     "id", "QE", "version", 2, "issueDate", issued, "nextUpdate", next,
                     "tcbEvaluationDataNumber", 1, "miscselect", miscselect_json(qe->miscselect),
                     "miscselectMask", miscselect_json(UINT32_MAX), "attributes",
                     attributes_json(qe->attributes & QE_ATTRIBUTES_MASK), "attributesMask",
                     attributes_json(QE_ATTRIBUTES_MASK), "mrsigner",
                     hex_json(qe->mrsigner, sizeof(qe->mrsigner)), "isvprodid", (int)qe->prod_id,
                     "tcbLevels", "tcb", "isvsvn", (int)qe->svn, "tcbDate", TCB_DATE, "tcbStatus",
                     "UpToDate");
}

/* ---- the whole ---------------------------------------------------------------- */

/* Adds the document as text, byte for byte as signed, and its signature; takes over document. */
static bool add_signed(json_t *all, const char *name, json_t *document, EVP_PKEY *signer)
{
    char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;
    char *signature_text = NULL;
    uint8_t signature[64];
    char signature_name[64];
    bool ok = text && sign_pair(signer, text, strlen(text), signature);

    if (ok)
        signature_text = devroot_hex(signature, sizeof(signature));
    snprintf(signature_name, sizeof(signature_name), "%s_signature", name);
    ok = signature_text && json_object_set_new(all, name, json_string(text)) == 0 &&
         json_object_set_new(all, signature_name, json_string(signature_text)) == 0;
    free(signature_text);
    free(text);
    json_decref(document);
    return ok;
}

static bool add_crl(json_t *all, const char *name, const struct devroot *root, enum devroot_role ca,
                    int64_t now)
{
    char *crl = crl_issue(root->certificates[ca], root->keys[ca], now);
    bool ok = crl && json_object_set_new(all, name, json_string(crl)) == 0;

    free(crl);
    return ok;
}

static bool add_text(json_t *all, const char *name, const char *text)
{
    return json_object_set_new(all, name, json_string(text)) == 0;
}

static bool fill(json_t *all, const struct devroot *root, const struct devroot_qe *qe, int64_t now)
{
    EVP_PKEY *signer = root->keys[ROLE_SIGNER];
    char issued[32], next[32];

    return iso_time(now, issued) && iso_time(now + DEVROOT_WINDOW_SECONDS, next) &&
           add_text(all, "pck_crl_issuer_chain", root->platform_chain) &&
           add_crl(all, "root_ca_crl", root, ROLE_ROOT, now) &&
           add_crl(all, "pck_crl", root, ROLE_PLATFORM_CA, now) &&
           add_text(all, "tcb_info_issuer_chain", root->signer_chain) &&
           add_signed(all, "tcb_info", tcb_info(root, issued, next), signer) &&
           add_text(all, "qe_identity_issuer_chain", root->signer_chain) &&
           add_signed(all, "qe_identity", qe_identity(qe, issued, next), signer);
}

enum status devroot_collateral(const struct devroot *root, const struct devroot_qe *qe, int64_t now,
                               char **json, struct sgx_problem *p)
{
    json_t *all = json_object();

    *json = NULL;
    if (now < 0 || now > INT64_MAX - DEVROOT_WINDOW_SECONDS) {
        json_decref(all);
        return sgx_problem(p, ST_OUT_OF_RANGE, "collateral cannot be issued at this time");
    }
    if (all && fill(all, root, qe, now))
        *json = json_dumps(all, JSON_INDENT(2));
    json_decref(all);
    return *json ? ST_OK : sgx_problem(p, ST_NO_MEMORY, "collateral cannot be issued");
}
