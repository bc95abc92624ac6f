#include "host/keeper/quotes.h"

#include "base/status.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

/* ---- making one ------------------------------------------------------------------- */

enum status quote_slot(struct quoting *quoting, struct slot *slot,
                       const uint8_t challenge[CHALLENGE_BYTES], struct attested_identity *identity,
                       uint8_t **quote, size_t *bytes, struct message *why)
{
    struct sgx_problem problem = {""};
    struct entry_report call = {0};
    struct sgx_targetinfo target;
    struct sgx_report report;
    enum status status = quoting_target_info(quoting, &target, &problem);

    if (status == ST_OK) {
        memcpy(call.target, &target, sizeof(call.target));
        memcpy(call.challenge, challenge, sizeof(call.challenge));
        status = slot_report(slot, &call);
    }
    if (status == ST_OK) {
        *identity = call.identity;
        memcpy(&report, call.report, sizeof(report));
        status = quoting_quote(quoting, &report, quote, bytes, &problem);
    }
    if (status != ST_OK)
        message_set(why, "no quote: %s", problem.text[0] ? problem.text : status_text(status));
    return status;
}

/* ---- taking one apart ----------------------------------------------------------------- */

struct bytes {
    const uint8_t *at;
    size_t left;
};

static bool take(struct bytes *from, void *to, size_t count)
{
    if (from->left < count)
        return false;
    memcpy(to, from->at, count);
    from->at += count;
    from->left -= count;
    return true;
}

/* The next certificate in PEM as DER; 0: none, or too long. */
static uint16_t take_certificate(BIO *pem, uint8_t *der, size_t room)
{
    X509 *certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL);
    uint8_t *end = der;
    int bytes = certificate ? i2d_X509(certificate, NULL) : 0;

    if (bytes > 0 && (size_t)bytes <= room)
        bytes = i2d_X509(certificate, &end);
    else
        bytes = 0;
    X509_free(certificate);
    return (uint16_t)bytes;
}

static bool take_chain(const uint8_t *chain, size_t bytes, struct quote_copy *out)
{
    BIO *pem = BIO_new_mem_buf(chain, (int)bytes);

    if (!pem)
        return false;
    out->pck_bytes = take_certificate(pem, out->pck, sizeof(out->pck));
    out->issuer_bytes = take_certificate(pem, out->issuer, sizeof(out->issuer));
    BIO_free(pem);
    return out->pck_bytes && out->issuer_bytes;
}

enum status quote_take_apart(const uint8_t *quote, size_t bytes, struct quote_copy *out,
                             struct message *why)
{
    struct bytes from = {quote, bytes};
    uint32_t signature_bytes, chain_bytes;
    uint16_t type;

    memset(out, 0, sizeof(*out));
    if (!take(&from, &out->body, sizeof(out->body)) || !take(&from, &signature_bytes, 4) ||
        signature_bytes > from.left || !take(&from, &out->signature, sizeof(out->signature)) ||
        !take(&from, &out->auth_bytes, 2) || out->auth_bytes > sizeof(out->auth) ||
        !take(&from, out->auth, out->auth_bytes) || !take(&from, &type, 2) ||
        !take(&from, &chain_bytes, 4) || chain_bytes > from.left || chain_bytes > INT32_MAX) {
        message_set(why, "this is not a DCAP ECDSA quote of version 3");
        return ST_CORRUPT;
    }
    if (type != QUOTE_CERT_PCK_PEM) {
        message_set(why, "the quote has certification data of type %u instead of a PCK chain (5)",
                    type);
        return ST_UNSUPPORTED;
    }
    if (take_chain(from.at, chain_bytes, out))
        return ST_OK;
    message_set(why, "the quote's certificates are not readable, or longer than %u and %u bytes",
                PCK_BYTES_MAX, ISSUER_BYTES_MAX);
    return ST_CORRUPT;
}

enum status quote_copy_of_slot(struct quoting *quoting, struct slot *slot,
                               const uint8_t challenge[CHALLENGE_BYTES],
                               struct attested_identity *identity, struct quote_copy *out,
                               struct message *why)
{
    uint8_t *quote = NULL;
    size_t bytes = 0;
    enum status status = quote_slot(quoting, slot, challenge, identity, &quote, &bytes, why);

    if (status == ST_OK)
        status = quote_take_apart(quote, bytes, out, why);
    free(quote);
    return status;
}

/* ---- digests -------------------------------------------------------------------------- */

static enum status sha256_of_three(const void *a, size_t a_bytes, const void *b, size_t b_bytes,
                                   const void *c, size_t c_bytes, uint8_t digest[32])
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool good =
        hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
        EVP_DigestUpdate(hash, a, a_bytes) == 1 && EVP_DigestUpdate(hash, b, b_bytes) == 1 &&
        EVP_DigestUpdate(hash, c, c_bytes) == 1 && EVP_DigestFinal_ex(hash, digest, NULL) == 1;

    EVP_MD_CTX_free(hash);
    return good ? ST_OK : ST_UNSUPPORTED;
}

enum status quote_copy_sha256(const struct quote_copy *quote, uint8_t digest[32])
{
    return sha256_of_three(&quote->body, sizeof(quote->body), &quote->signature,
                           sizeof(quote->signature), "", 0, digest);
}

enum status exchange_challenge(const char *domain, size_t domain_bytes,
                               const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                               const uint8_t keeper_nonce[ADMISSION_NONCE_BYTES],
                               uint8_t challenge[CHALLENGE_BYTES])
{
    return sha256_of_three(domain, domain_bytes, asker_nonce, ADMISSION_NONCE_BYTES, keeper_nonce,
                           ADMISSION_NONCE_BYTES, challenge);
}
