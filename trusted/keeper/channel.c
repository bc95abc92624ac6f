#include "trusted/keeper/channel.h"

#include "base/bytes.h"
#include "trusted/attest/digest.h"
#include "trusted/attest/hpke.h"
#include "trusted/attest/report_data.h"

#include <string.h>

static void challenge_of(const char *domain, size_t domain_bytes,
                         const struct exchange_nonces *nonces, uint8_t challenge[CHALLENGE_BYTES])
{
    const struct piece pieces[] = {{domain, domain_bytes}, {nonces, sizeof(*nonces)}};

    sha256_pieces(pieces, 2, challenge);
}

void asker_challenge(const struct exchange_nonces *nonces, uint8_t challenge[CHALLENGE_BYTES])
{
    challenge_of(ASKER_DOMAIN, sizeof(ASKER_DOMAIN), nonces, challenge);
}

void keeper_challenge(const struct exchange_nonces *nonces, uint8_t challenge[CHALLENGE_BYTES])
{
    challenge_of(KEEPER_DOMAIN, sizeof(KEEPER_DOMAIN), nonces, challenge);
}

void exchange_transcript(const struct exchange_nonces *nonces, const uint8_t asker_quote[32],
                         const uint8_t keeper_quote[32], uint8_t transcript[32])
{
    const struct piece pieces[] = {{TRANSCRIPT_DOMAIN, sizeof(TRANSCRIPT_DOMAIN)},
                                   {nonces, sizeof(*nonces)},
                                   {asker_quote, 32},
                                   {keeper_quote, 32}};

    sha256_pieces(pieces, 4, transcript);
}

bool reserved_is_zero(const uint8_t reserved[IDENTITY_RESERVED])
{
    static const uint8_t zero[IDENTITY_RESERVED];

    return memcmp(reserved, zero, sizeof(zero)) == 0;
}

enum status peer_check(const struct quote_copy *quote, const struct peer *peer, struct quoted *out)
{
    uint8_t policy_sha256[32];
    uint8_t expected[REPORT_DATA_BYTES];
    struct quoted quoted;
    enum status status = quote_check(quote, peer->platforms, &quoted);

    if (status != ST_OK)
        return status;
    if (peer->identity->role != peer->role)
        return ST_QUOTE_IDENTITY;
    report_data(peer->identity, peer->challenge, expected);
    if (memcmp(quoted.report_data, expected, sizeof(expected)) != 0)
        return ST_QUOTE_IDENTITY;
    policy_digest(peer->policy, policy_sha256);
    if (memcmp(peer->identity->policy_sha256, policy_sha256, sizeof(policy_sha256)) != 0)
        return ST_QUOTE_IDENTITY;
    *out = quoted;
    return ST_OK;
}

/* ---- grants ---------------------------------------------------------------------- */

struct grant_parts {
    struct grant_header *header;
    uint8_t *body;
    uint8_t *tag;
    uint8_t *signature;
};

static struct grant_parts parts_of(void *grant, size_t body_bytes)
{
    uint8_t *body = (uint8_t *)grant + sizeof(struct grant_header);

    return (struct grant_parts){grant, body, body + body_bytes, body + body_bytes + AEAD_TAG_BYTES};
}

static void info_of(const uint8_t transcript[32], uint8_t info[sizeof(GRANT_INFO) + 32])
{
    memcpy(info, GRANT_INFO, sizeof(GRANT_INFO));
    memcpy(info + sizeof(GRANT_INFO), transcript, 32);
}

static void signed_digest(const struct grant_parts *grant, size_t body_bytes,
                          const uint8_t transcript[32], uint8_t digest[32])
{
    const struct piece pieces[] = {{GRANT_DOMAIN, sizeof(GRANT_DOMAIN)},
                                   {transcript, 32},
                                   {grant->header, sizeof(*grant->header)},
                                   {grant->body, body_bytes},
                                   {grant->tag, AEAD_TAG_BYTES}};

    sha256_pieces(pieces, 5, digest);
}

enum status grant_seal(const struct keeper_self *self, enum grant_kind kind,
                       const uint8_t transcript[32], const uint8_t recipient[RECEIVING_KEY_BYTES],
                       void *grant, size_t body_bytes)
{
    const struct grant_parts parts = parts_of(grant, body_bytes);
    uint8_t info[sizeof(GRANT_INFO) + 32];
    uint8_t digest[32];
    struct hpke context;
    enum status status;

    memcpy(parts.header->magic, GRANT_MAGIC, sizeof(parts.header->magic));
    parts.header->version = KEEPER_VERSION;
    parts.header->kind = kind;
    info_of(transcript, info);
    status = hpke_send(&self->random, recipient, info, sizeof(info), parts.header->enc, &context);
    if (status == ST_OK)
        status = hpke_seal(&context, parts.header, sizeof(*parts.header), parts.body, body_bytes,
                           parts.tag);
    if (status == ST_OK) {
        signed_digest(&parts, body_bytes, transcript, digest);
        status = signing_key_sign(self->signing, digest, parts.signature);
    }
    if (status != ST_OK)
        bytes_wipe(grant, GRANT_BYTES(body_bytes));
    bytes_wipe(&context, sizeof(context));
    return status;
}

/* Everything that is wrong with a grant has one name: who made it knows what, and nobody else needs
 * to. */
static bool open_parts(const struct keeper_self *self, enum grant_kind kind,
                       const uint8_t transcript[32], const uint8_t keeper_key[SIGNING_KEY_BYTES],
                       const struct grant_parts *parts, size_t body_bytes)
{
    uint8_t info[sizeof(GRANT_INFO) + 32];
    uint8_t digest[32];
    struct hpke context;
    bool good;

    if (memcmp(parts->header->magic, GRANT_MAGIC, sizeof(parts->header->magic)) != 0 ||
        parts->header->version != KEEPER_VERSION || parts->header->kind != kind)
        return false;
    signed_digest(parts, body_bytes, transcript, digest);
    if (!signature_is_valid(keeper_key, digest, parts->signature))
        return false;
    info_of(transcript, info);
    good =
        hpke_receive(self->receiving, parts->header->enc, info, sizeof(info), &context) == ST_OK &&
        hpke_open(&context, parts->header, sizeof(*parts->header), parts->body, body_bytes,
                  parts->tag) == ST_OK;
    bytes_wipe(&context, sizeof(context));
    return good;
}

enum status grant_open(const struct keeper_self *self, enum grant_kind kind,
                       const uint8_t transcript[32], const uint8_t keeper_key[SIGNING_KEY_BYTES],
                       void *grant, size_t body_bytes)
{
    const struct grant_parts parts = parts_of(grant, body_bytes);

    if (open_parts(self, kind, transcript, keeper_key, &parts, body_bytes))
        return ST_OK;
    bytes_wipe(grant, GRANT_BYTES(body_bytes));
    return ST_GRANT_FORGED;
}
