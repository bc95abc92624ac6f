/* The quote itself, field by field, independently of client/quote/quote.c. */
#include "tests/client/forge/forge.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#define REPORT_BYTES 384
#define AUTH_BYTES   32

struct buffer {
    uint8_t *data;
    size_t bytes;
};

static void add(struct buffer *to, const void *data, size_t bytes)
{
    to->data = realloc(to->data, to->bytes + bytes + 1);
    FORGE_CHECK(to->data != NULL);
    memcpy(to->data + to->bytes, data, bytes);
    to->bytes += bytes;
}

static void add_number(struct buffer *to, uint64_t number, size_t bytes)
{
    uint8_t data[8];

    for (size_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)(number >> 8 * i);
    add(to, data, bytes);
}

static void add_fill(struct buffer *to, uint8_t value, size_t bytes)
{
    while (bytes--)
        add(to, &value, 1);
}

struct report {
    const uint8_t *cpu_svn;
    uint64_t attributes;
    uint8_t mrsigner[32], report_data[64];
    uint16_t prod_id, svn;
};

static void add_report(struct buffer *to, const struct report *report)
{
    add(to, report->cpu_svn, 16);
    add_number(to, 0, 4); /* MISCSELECT */
    add_fill(to, 0, 28);
    add_number(to, report->attributes, 8);
    add_number(to, 7, 8); /* XFRM */
    add_fill(to, FORGE_MRENCLAVE_BYTE, 32);
    add_fill(to, 0, 32);
    add(to, report->mrsigner, 32);
    add_fill(to, 0, 96);
    add_number(to, report->prod_id, 2);
    add_number(to, report->svn, 2);
    add_fill(to, 0, 60);
    add(to, report->report_data, 64);
}

static void add_header(struct buffer *to, const struct recipe *recipe)
{
    static const uint8_t vendor[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                       0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

    add_number(to, recipe->version, 2);
    add_number(to, 2, 2); /* ECDSA P-256 */
    add_number(to, recipe->tee_type, 4);
    add_number(to, recipe->qe_svn, 2);
    add_number(to, recipe->pce_svn, 2);
    add(to, vendor, sizeof(vendor));
    add_fill(to, 0xda, 20);
}

static struct buffer chain_text(const struct recipe *recipe)
{
    struct buffer text = {NULL, 0};

    for (const char *letter = recipe->order; *letter; letter++) {
        X509 *certificate = *letter == 'L'   ? forge_leaf(recipe)
                            : *letter == 'I' ? forge_issuer(recipe)
                                             : forge_root(recipe);
        char *pem = forge_pem(certificate);

        add(&text, pem, strlen(pem));
        free(pem);
        X509_free(certificate);
    }
    add(&text, recipe->behind_pem, strlen(recipe->behind_pem));
    add_number(&text, 0, 1);
    return text;
}

/* The QE's report, its signature, authentication data and what certifies them. */
static struct buffer qe_part(const struct recipe *recipe)
{
    struct buffer part = {NULL, 0}, chain = chain_text(recipe);
    struct report report = {.cpu_svn = recipe->platform_svns,
                            .attributes = recipe->qe_debug ? 0x17 : 0x15,
                            .prod_id = 1,
                            .svn = (uint16_t)recipe->qe_svn};
    uint8_t hashed[64 + AUTH_BYTES], signature[64];

    for (size_t i = 0; i < sizeof(report.mrsigner); i++) {
        char digits[3] = {FORGE_QE_MRSIGNER[2 * i], FORGE_QE_MRSIGNER[2 * i + 1], 0};

        report.mrsigner[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    forge_point(LABEL_QE, hashed);
    for (uint8_t i = 0; i < AUTH_BYTES; i++)
        hashed[64 + i] = i;
    SHA256(hashed, sizeof(hashed), report.report_data);
    add_report(&part, &report);
    forge_sign(recipe->qe_report_signer, part.data, part.bytes, signature);
    add(&part, signature, sizeof(signature));
    add_number(&part, AUTH_BYTES, 2);
    hashed[64] ^= recipe->wrong_auth_data;
    add(&part, hashed + 64, AUTH_BYTES);
    add_number(&part, recipe->certification_type, 2);
    add_number(&part, chain.bytes, 4);
    add(&part, chain.data, chain.bytes);
    free(chain.data);
    return part;
}

static struct buffer signature_data(const struct recipe *recipe, const struct buffer *signed_part)
{
    struct buffer part = {NULL, 0}, qe = qe_part(recipe);
    uint8_t raw[64];

    forge_sign(recipe->quote_signer, signed_part->data, signed_part->bytes, raw);
    add(&part, raw, sizeof(raw));
    forge_point(LABEL_QE, raw);
    add(&part, raw, sizeof(raw));
    if (recipe->version == 4) {
        add_number(&part, 6, 2);
        add_number(&part, qe.bytes, 4);
    }
    add(&part, qe.data, qe.bytes);
    add_fill(&part, 0, recipe->slack_bytes);
    free(qe.data);
    return part;
}

uint8_t *forge_quote(const struct recipe *recipe, size_t *bytes)
{
    struct buffer quote = {NULL, 0}, signature;
    struct report report = {.cpu_svn = recipe->platform_svns,
                            .attributes = recipe->debug ? 0x7 : 0x5,
                            .prod_id = recipe->isv_prod_id,
                            .svn = recipe->isv_svn};

    memset(report.mrsigner, FORGE_MRSIGNER_BYTE, sizeof(report.mrsigner));
    memset(report.report_data, FORGE_CHALLENGE_BYTE, sizeof(report.report_data));
    add_header(&quote, recipe);
    add_report(&quote, &report);
    FORGE_CHECK(quote.bytes == 48 + REPORT_BYTES);
    signature = signature_data(recipe, &quote);
    add_number(&quote, signature.bytes, 4);
    add(&quote, signature.data, signature.bytes);
    add_fill(&quote, 0xee, recipe->trailing_bytes);
    free(signature.data);
    *bytes = quote.bytes;
    return quote.data;
}
