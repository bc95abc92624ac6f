/* Collateral: CRLs, TCB info, QE identity, and the object that holds them. */
#include "tests/client/forge/forge.h"

#include <jansson.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *print(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *print(const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    FORGE_CHECK(vasprintf(&text, format, arguments) >= 0);
    va_end(arguments);
    return text;
}

static char *hex(const uint8_t *data, size_t bytes)
{
    char *text = calloc(2 * bytes + 1, 1);

    FORGE_CHECK(text != NULL);
    for (size_t i = 0; i < bytes; i++)
        sprintf(text + 2 * i, "%02x", data[i]);
    return text;
}

static char *date(int64_t seconds)
{
    char text[32];
    time_t time = (time_t)seconds;
    struct tm tm;

    FORGE_CHECK(strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &tm)) > 0);
    return strdup(text);
}

/* ---- CRLs ---- */

static void revoke(X509_CRL *crl, long serial, int64_t when)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_TIME *time = ASN1_TIME_set(NULL, when);

    ASN1_INTEGER_set(number, serial);
    FORGE_CHECK(X509_REVOKED_set_serialNumber(entry, number) == 1);
    FORGE_CHECK(X509_REVOKED_set_revocationDate(entry, time) == 1);
    FORGE_CHECK(X509_CRL_add0_revoked(crl, entry) == 1);
    ASN1_INTEGER_free(number);
    ASN1_TIME_free(time);
}

static X509_CRL *new_crl(X509 *issuer, const struct forge_window *window)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, window->from),
              *until = ASN1_TIME_set(NULL, window->until);

    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    FORGE_CHECK(X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) == 1);
    FORGE_CHECK(X509_CRL_set1_lastUpdate(crl, from) == 1 &&
                X509_CRL_set1_nextUpdate(crl, until) == 1);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    return crl;
}

/* Signs, frees and returns the text. */
static char *crl_text(X509_CRL *crl, const char *signer, bool pem)
{
    EVP_PKEY *key = forge_key(signer);
    uint8_t *der = NULL;
    char *text, *data;
    int bytes;

    FORGE_CHECK(X509_CRL_sort(crl) == 1 && X509_CRL_sign(crl, key, EVP_sha256()) > 0);
    if (pem) {
        BIO *bio = BIO_new(BIO_s_mem());

        FORGE_CHECK(PEM_write_bio_X509_CRL(bio, crl) == 1);
        bytes = (int)BIO_get_mem_data(bio, &data);
        text = strndup(data, (size_t)bytes);
        BIO_free(bio);
    } else {
        bytes = i2d_X509_CRL(crl, &der);
        FORGE_CHECK(bytes > 0);
        text = hex(der, (size_t)bytes);
        OPENSSL_free(der);
    }
    X509_CRL_free(crl);
    EVP_PKEY_free(key);
    return text;
}

static char *root_crl(const struct recipe *recipe)
{
    X509 *root = forge_root(recipe);
    X509_CRL *crl = new_crl(root, &recipe->crl_window);

    if (recipe->revoke_issuer)
        revoke(crl, SERIAL_ISSUER, recipe->crl_window.from);
    if (recipe->revoke_signer)
        revoke(crl, SERIAL_SIGNER, recipe->crl_window.from);
    X509_free(root);
    return crl_text(crl, recipe->root_crl_signer, recipe->pem_crls);
}

static char *pck_crl(const struct recipe *recipe)
{
    X509 *issuer = recipe->pck_crl_is_roots ? forge_root(recipe) : forge_issuer(recipe);
    X509_CRL *crl = new_crl(issuer, &recipe->crl_window);

    if (recipe->revoke_leaf)
        revoke(crl, SERIAL_LEAF, recipe->crl_window.from);
    X509_free(issuer);
    return crl_text(crl, recipe->pck_crl_signer, recipe->pem_crls);
}

/* ---- TCB info and QE identity ---- */

static const struct {
    unsigned svn;
    const char *status, *advisories;
} platform_levels[] = {
    {FORGE_UP_TO_DATE, "UpToDate", "[]"},
    {FORGE_SW_HARDENING_NEEDED, "SWHardeningNeeded", "[\"INTEL-SA-00008\"]"},
    {FORGE_CONFIGURATION_NEEDED, "ConfigurationNeeded", "[\"INTEL-SA-00007\"]"},
    {FORGE_CONFIGURATION_AND_SW_HARDENING_NEEDED, "ConfigurationAndSWHardeningNeeded",
     "[\"INTEL-SA-00008\",\"INTEL-SA-00007\"]"},
    {FORGE_OUT_OF_DATE, "OutOfDate", "[\"INTEL-SA-00005\"]"},
    {FORGE_OUT_OF_DATE_CONFIGURATION_NEEDED, "OutOfDateConfigurationNeeded",
     "[\"INTEL-SA-00005\",\"INTEL-SA-00007\"]"},
    {FORGE_REVOKED, "Revoked", "[\"INTEL-SA-00003\"]"},
};

static char *levels_text(void)
{
    char *text = strdup(""), *longer;

    for (size_t i = 0; i < sizeof(platform_levels) / sizeof(platform_levels[0]); i++) {
        longer = print("%s%s{\"tcb\":{\"sgxtcbcomponents\":[{\"svn\":%u},{\"svn\":1},{\"svn\":0},"
                       "{\"svn\":0},{\"svn\":255},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},"
                       "{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},"
                       "{\"svn\":0}],\"pcesvn\":11},\"tcbDate\":\"2023-02-15T00:00:00Z\","
                       "\"tcbStatus\":\"%s\",\"advisoryIDs\":%s}",
                       text, i ? "," : "", platform_levels[i].svn, platform_levels[i].status,
                       platform_levels[i].advisories);
        free(text);
        text = longer;
    }
    return text;
}

char *forge_tcb_info(const struct recipe *recipe)
{
    char *issued = date(recipe->tcb_window.from), *next = date(recipe->tcb_window.until);
    char *fmspc = hex(recipe->tcb_fmspc, sizeof(recipe->tcb_fmspc)), *levels = levels_text();
    char *text = print("{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"%s\",\"nextUpdate\":\"%s\","
                       "\"fmspc\":\"%s\",\"pceId\":\"0000\",\"tcbType\":0,"
                       "\"tcbEvaluationDataNumber\":16,\"tcbLevels\":[%s]}",
                       issued, next, fmspc, levels);

    free(issued);
    free(next);
    free(fmspc);
    free(levels);
    return text;
}

char *forge_qe_identity(const struct recipe *recipe)
{
    char *issued = date(recipe->qe_window.from), *next = date(recipe->qe_window.until);
    char *text = print(
        "{\"id\":\"QE\",\"version\":2,\"issueDate\":\"%s\",\"nextUpdate\":\"%s\","
        "\"tcbEvaluationDataNumber\":15,\"miscselect\":\"%s\",\"miscselectMask\":\"FFFFFFFF\","
        "\"attributes\":\"%s\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\","
        "\"mrsigner\":\"%s\",\"isvprodid\":%u,\"tcbLevels\":["
        "{\"tcb\":{\"isvsvn\":%d},\"tcbDate\":\"2023-02-15T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},"
        "{\"tcb\":{\"isvsvn\":%d},\"tcbDate\":\"2022-02-15T00:00:00Z\",\"tcbStatus\":\"OutOfDate\","
        "\"advisoryIDs\":[\"INTEL-SA-00001\"]},"
        "{\"tcb\":{\"isvsvn\":%d},\"tcbDate\":\"2021-02-15T00:00:00Z\",\"tcbStatus\":\"Revoked\"}]"
        "}",
        issued, next, recipe->qe_miscselect, recipe->qe_attributes, recipe->qe_mrsigner,
        recipe->qe_prod_id, FORGE_QE_UP_TO_DATE, FORGE_QE_OUT_OF_DATE, FORGE_QE_REVOKED);

    free(issued);
    free(next);
    return text;
}

/* ---- the object ---- */

static void put(json_t *object, const char *name, char *text)
{
    FORGE_CHECK(json_object_set_new(object, name, json_string(text)) == 0);
    free(text);
}

static void put_signed(json_t *object, const char *name, const char *wrapper, char *text,
                       const char *signer, bool wrapped)
{
    uint8_t signature[64];
    char member[64], *digits;

    forge_sign(signer, text, strlen(text), signature);
    digits = hex(signature, sizeof(signature));
    if (wrapped) {
        put(object, name, print("{\"%s\":%s,\"signature\":\"%s\"}", wrapper, text, digits));
        free(text);
        free(digits);
        return;
    }
    snprintf(member, sizeof(member), "%s_signature", name);
    put(object, member, digits);
    put(object, name, text);
}

static char *issuer_chain(X509 *certificate, const struct recipe *recipe)
{
    X509 *root = forge_root(recipe);
    char *first = forge_pem(certificate), *second = forge_pem(root);
    char *text = print("%s%s", first, second);

    free(first);
    free(second);
    X509_free(root);
    X509_free(certificate);
    return text;
}

char *forge_collateral(const struct recipe *recipe)
{
    json_t *object = json_object();
    char *text;

    put_signed(object, "tcb_info", "tcbInfo",
               recipe->tcb_info_text ? strdup(recipe->tcb_info_text) : forge_tcb_info(recipe),
               recipe->tcb_signer, recipe->wrapped);
    put(object, "tcb_info_issuer_chain", issuer_chain(forge_signer(recipe), recipe));
    put_signed(object, "qe_identity", "enclaveIdentity",
               recipe->qe_identity_text ? strdup(recipe->qe_identity_text)
                                        : forge_qe_identity(recipe),
               recipe->qe_signer, recipe->wrapped);
    put(object, "qe_identity_issuer_chain", issuer_chain(forge_signer(recipe), recipe));
    if (!recipe->no_root_crl)
        put(object, "root_ca_crl", root_crl(recipe));
    if (!recipe->no_pck_crl)
        put(object, "pck_crl", pck_crl(recipe));
    put(object, "pck_crl_issuer_chain", issuer_chain(forge_issuer(recipe), recipe));
    text = json_dumps(object, JSON_INDENT(2));
    json_decref(object);
    return text;
}
