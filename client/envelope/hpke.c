#include "client/envelope/hpke.h"

#include <openssl/crypto.h>
#include <string.h>

/* suite_id (RFC 9180, 4.1 and 5.1) */
static const struct caller_piece kem_suite = {"KEM\x00\x20", 5};
static const struct caller_piece hpke_suite = {"HPKE\x00\x20\x00\x01\x00\x01", 10};
static const struct caller_piece version = {"HPKE-v1", 7};

static struct caller_piece label_of(const char *label)
{
    return (struct caller_piece){label, strlen(label)};
}

static enum status labeled_extract(struct caller_piece suite, const void *salt, size_t salt_bytes,
                                   const char *label, struct caller_piece ikm, uint8_t prk[32])
{
    const struct caller_piece pieces[] = {version, suite, label_of(label), ikm};

    return caller_hmac(salt, salt_bytes, pieces, 4, prk);
}

static enum status labeled_expand(struct caller_piece suite, const uint8_t prk[32],
                                  const char *label, struct caller_piece info, uint8_t *out,
                                  size_t bytes)
{
    const uint8_t length[2] = {(uint8_t)(bytes >> 8), (uint8_t)bytes};
    const struct caller_piece pieces[] = {{length, 2}, version, suite, label_of(label), info};

    return caller_expand(prk, pieces, 5, out, bytes);
}

/* Encap (RFC 9180, 4.1) after the key agreement */
static enum status shared_secret(const uint8_t dh[32], const uint8_t enc[32],
                                 const uint8_t recipient[32], uint8_t shared[32])
{
    uint8_t kem_context[64];
    uint8_t prk[32];
    enum status status;

    memcpy(kem_context, enc, 32);
    memcpy(kem_context + 32, recipient, 32);
    status = labeled_extract(kem_suite, NULL, 0, "eae_prk", (struct caller_piece){dh, 32}, prk);
    if (status == ST_OK)
        status =
            labeled_expand(kem_suite, prk, "shared_secret",
                           (struct caller_piece){kem_context, sizeof(kem_context)}, shared, 32);
    OPENSSL_cleanse(prk, sizeof(prk));
    return status;
}

/* KeySchedule, mode base (RFC 9180, 5.1) */
static enum status key_schedule(const uint8_t shared[32], const void *info, size_t info_bytes,
                                struct caller_hpke *context)
{
    const struct caller_piece nothing = {"", 0};
    uint8_t schedule[65] = {0};
    const struct caller_piece bound = {schedule, sizeof(schedule)};
    uint8_t secret[32];
    enum status status;

    status = labeled_extract(hpke_suite, NULL, 0, "psk_id_hash", nothing, schedule + 1);
    if (status == ST_OK)
        status = labeled_extract(hpke_suite, NULL, 0, "info_hash",
                                 (struct caller_piece){info, info_bytes}, schedule + 33);
    if (status == ST_OK)
        status = labeled_extract(hpke_suite, shared, 32, "secret", nothing, secret);
    if (status == ST_OK)
        status =
            labeled_expand(hpke_suite, secret, "key", bound, context->message.key, AEAD_KEY_BYTES);
    if (status == ST_OK)
        status = labeled_expand(hpke_suite, secret, "base_nonce", bound, context->message.nonce,
                                AEAD_NONCE_BYTES);
    if (status == ST_OK)
        status = labeled_expand(hpke_suite, secret, "exp", bound, context->exporter_secret, 32);
    OPENSSL_cleanse(secret, sizeof(secret));
    return status;
}

enum status caller_hpke_setup_with(const uint8_t ephemeral[32],
                                   const uint8_t recipient[RECEIVING_KEY_BYTES], const void *info,
                                   size_t info_bytes, uint8_t enc[HPKE_ENC_BYTES],
                                   struct caller_hpke *context)
{
    uint8_t dh[32];
    uint8_t shared[32];
    enum status status = caller_public_key(ephemeral, enc);

    if (status == ST_OK)
        status = caller_agree(ephemeral, recipient, dh);
    if (status == ST_OK)
        status = shared_secret(dh, enc, recipient, shared);
    if (status == ST_OK)
        status = key_schedule(shared, info, info_bytes, context);
    if (status != ST_OK)
        OPENSSL_cleanse(context, sizeof(*context));
    OPENSSL_cleanse(dh, sizeof(dh));
    OPENSSL_cleanse(shared, sizeof(shared));
    return status;
}

enum status caller_hpke_setup(const uint8_t recipient[RECEIVING_KEY_BYTES], const void *info,
                              size_t info_bytes, uint8_t enc[HPKE_ENC_BYTES],
                              struct caller_hpke *context)
{
    uint8_t ephemeral[32];
    enum status status = caller_random(ephemeral, sizeof(ephemeral));

    if (status == ST_OK)
        status = caller_hpke_setup_with(ephemeral, recipient, info, info_bytes, enc, context);
    else
        OPENSSL_cleanse(context, sizeof(*context));
    OPENSSL_cleanse(ephemeral, sizeof(ephemeral));
    return status;
}

enum status caller_hpke_export(const struct caller_hpke *context, const void *label,
                               size_t label_bytes, uint8_t *out, size_t bytes)
{
    return labeled_expand(hpke_suite, context->exporter_secret, "sec",
                          (struct caller_piece){label, label_bytes}, out, bytes);
}
