#include "trusted/attest/hpke.h"

#include "base/bytes.h"
#include "trusted/attest/digest.h"

#include <string.h>

/* suite_id (RFC 9180, 4.1 and 5.1) */
static const uint8_t kem_suite[] = {'K', 'E', 'M', 0x00, 0x20};
static const uint8_t hpke_suite[] = {'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x01};

#define SUITE(id)  ((struct piece){(id), sizeof(id)})
#define VERSION    ((struct piece){"HPKE-v1", 7})
#define LABEL(txt) ((struct piece){(txt), sizeof(txt) - 1})

/* LabeledExtract (RFC 9180, 4) */
static void extract(struct piece suite, const void *salt, size_t salt_bytes, struct piece label,
                    struct piece ikm, uint8_t prk[DIGEST_BYTES])
{
    const struct piece pieces[] = {VERSION, suite, label, ikm};

    hkdf_extract(salt, salt_bytes, pieces, 4, prk);
}

/* LabeledExpand (RFC 9180, 4), bytes <= 32 */
static void expand(struct piece suite, const uint8_t prk[DIGEST_BYTES], struct piece label,
                   struct piece info, uint8_t *out, size_t bytes)
{
    const uint8_t length[2] = {0, (uint8_t)bytes};
    const struct piece pieces[] = {{length, sizeof(length)}, VERSION, suite, label, info};

    hkdf_expand(prk, pieces, 5, out, bytes);
}

/* ExtractAndExpand of DHKEM (RFC 9180, 4.1) */
static void kem_secret(const uint8_t dh[32], const uint8_t enc[HPKE_ENC_BYTES],
                       const uint8_t recipient[RECEIVING_KEY_BYTES], uint8_t secret[32])
{
    uint8_t context[HPKE_ENC_BYTES + RECEIVING_KEY_BYTES];
    uint8_t prk[DIGEST_BYTES];

    memcpy(context, enc, HPKE_ENC_BYTES);
    memcpy(context + HPKE_ENC_BYTES, recipient, RECEIVING_KEY_BYTES);
    extract(SUITE(kem_suite), "", 0, LABEL("eae_prk"), (struct piece){dh, 32}, prk);
    expand(SUITE(kem_suite), prk, LABEL("shared_secret"), (struct piece){context, sizeof(context)},
           secret, 32);
    bytes_wipe(prk, sizeof(prk));
}

/* KeySchedule in mode base (RFC 9180, 5.1): no pre-shared key, so psk and psk_id are empty. */
static void key_schedule(const uint8_t shared[32], const void *info, size_t info_bytes,
                         struct hpke *context)
{
    uint8_t schedule[1 + 2 * DIGEST_BYTES] = {0}; /* mode_base */
    const struct piece bound = {schedule, sizeof(schedule)};
    const struct piece nothing = {"", 0};
    uint8_t secret[DIGEST_BYTES];

    extract(SUITE(hpke_suite), "", 0, LABEL("psk_id_hash"), nothing, schedule + 1);
    extract(SUITE(hpke_suite), "", 0, LABEL("info_hash"), (struct piece){info, info_bytes},
            schedule + 1 + DIGEST_BYTES);
    extract(SUITE(hpke_suite), shared, 32, LABEL("secret"), nothing, secret);
    expand(SUITE(hpke_suite), secret, LABEL("key"), bound, context->message.key,
           sizeof(context->message.key));
    expand(SUITE(hpke_suite), secret, LABEL("base_nonce"), bound, context->message.nonce,
           sizeof(context->message.nonce));
    expand(SUITE(hpke_suite), secret, LABEL("exp"), bound, context->exporter_secret,
           sizeof(context->exporter_secret));
    context->sequence = 0;
    bytes_wipe(secret, sizeof(secret));
}

/* Both roles: secret is one's own, peer the other's, enc and recipient what both sides know. */
static enum status setup(const uint8_t secret[32], const uint8_t peer[32],
                         const uint8_t enc[HPKE_ENC_BYTES],
                         const uint8_t recipient[RECEIVING_KEY_BYTES], const void *info,
                         size_t info_bytes, struct hpke *context)
{
    uint8_t dh[32];
    uint8_t shared[32];
    enum status status = key_agree(secret, peer, dh);

    if (status == ST_OK) {
        kem_secret(dh, enc, recipient, shared);
        key_schedule(shared, info, info_bytes, context);
    } else {
        bytes_wipe(context, sizeof(*context));
    }
    bytes_wipe(dh, sizeof(dh));
    bytes_wipe(shared, sizeof(shared));
    return status;
}

enum status hpke_receive(const struct receiving_key *key, const uint8_t enc[HPKE_ENC_BYTES],
                         const void *info, size_t info_bytes, struct hpke *context)
{
    return setup(key->secret, enc, enc, key->public_key, info, info_bytes, context);
}

enum status hpke_send(const struct random_source *random,
                      const uint8_t recipient[RECEIVING_KEY_BYTES], const void *info,
                      size_t info_bytes, uint8_t enc[HPKE_ENC_BYTES], struct hpke *context)
{
    struct receiving_key ephemeral;
    enum status status = receiving_key_make(random, &ephemeral);

    if (status == ST_OK) {
        memcpy(enc, ephemeral.public_key, HPKE_ENC_BYTES);
        status = setup(ephemeral.secret, recipient, enc, recipient, info, info_bytes, context);
    } else {
        bytes_wipe(context, sizeof(*context));
    }
    bytes_wipe(&ephemeral, sizeof(ephemeral));
    return status;
}

enum status hpke_seal(struct hpke *context, const void *aad, size_t aad_bytes, uint8_t *data,
                      size_t bytes, uint8_t tag[AEAD_TAG_BYTES])
{
    if (context->sequence == UINT64_MAX)
        return ST_SESSION_EXHAUSTED;
    aead_seal(&context->message, context->sequence, aad, aad_bytes, data, bytes, tag);
    context->sequence++;
    return ST_OK;
}

enum status hpke_open(struct hpke *context, const void *aad, size_t aad_bytes, uint8_t *data,
                      size_t bytes, const uint8_t tag[AEAD_TAG_BYTES])
{
    if (context->sequence == UINT64_MAX)
        return ST_SESSION_EXHAUSTED;
    if (!aead_open(&context->message, context->sequence, aad, aad_bytes, data, bytes, tag))
        return ST_ENVELOPE_FORGED;
    context->sequence++;
    return ST_OK;
}

void hpke_export(const struct hpke *context, const void *label, size_t label_bytes, uint8_t *out,
                 size_t bytes)
{
    expand(SUITE(hpke_suite), context->exporter_secret, LABEL("sec"),
           (struct piece){label, label_bytes}, out, bytes);
}
