/* The keeper's certificates: COSE_Sign1 over a CBOR map, one encoding only (docs/keeper.md). */
#include "client/evidence/cbor_reader.h"
#include "client/evidence/sha256.h"
#include "client/evidence/signature.h"
#include "client/keeper/internal.h"

#include "base/cbor.h"

#include <string.h>

struct signed_part {
    const uint8_t *header;
    size_t header_bytes;
    const uint8_t *payload;
    size_t payload_bytes;
    uint8_t signature[SIGNATURE_BYTES];
    uint8_t key_id[32];
};

static bool read_header(struct signed_part *part)
{
    struct cbor_reader reader = cbor_reader_of(part->header, part->header_bytes);

    cbor_expect_head(&reader, CBOR_MAP, 2);
    cbor_expect_integer(&reader, COSE_HEADER_ALG);
    cbor_expect_integer(&reader, COSE_ALG_ES256);
    cbor_expect_integer(&reader, COSE_HEADER_KID);
    cbor_read_exactly(&reader, part->key_id, sizeof(part->key_id));
    return cbor_end(&reader);
}

static bool read_signed(const uint8_t *certificate, size_t bytes, struct signed_part *out)
{
    struct cbor_reader reader = cbor_reader_of(certificate, bytes);

    cbor_expect_head(&reader, CBOR_TAG, COSE_SIGN1_TAG);
    cbor_expect_head(&reader, CBOR_ARRAY, 4);
    out->header = cbor_read_string(&reader, CBOR_BYTES, &out->header_bytes);
    cbor_expect_head(&reader, CBOR_MAP, 0);
    out->payload = cbor_read_string(&reader, CBOR_BYTES, &out->payload_bytes);
    cbor_read_exactly(&reader, out->signature, sizeof(out->signature));
    return cbor_end(&reader) && read_header(out);
}

static bool is_signed_by(const struct signed_part *part, const uint8_t key[SIGNING_KEY_BYTES])
{
    const struct sha256_piece piece = {key, SIGNING_KEY_BYTES};
    uint8_t to_be_signed[CERTIFICATE_MAX + 64]; /* Sig_structure, RFC 9052, 4.4 */
    struct cbor_writer writer;
    uint8_t key_id[32];
    size_t bytes;

    if (!sha256_of(&piece, 1, key_id) || memcmp(key_id, part->key_id, sizeof(key_id)) != 0)
        return false;
    cbor_start(&writer, to_be_signed, sizeof(to_be_signed));
    cbor_head(&writer, CBOR_ARRAY, 4);
    cbor_text(&writer, COSE_SIGN1_CONTEXT);
    cbor_bytes(&writer, part->header, part->header_bytes);
    cbor_bytes(&writer, "", 0);
    cbor_bytes(&writer, part->payload, part->payload_bytes);
    return cbor_size(&writer, &bytes) == ST_OK &&
           es256_verify(key, to_be_signed, bytes, part->signature);
}

/* What both kinds say first. */
static void read_beginning(struct cbor_reader *reader, uint64_t entries, const char *profile,
                           uint64_t *epoch, uint64_t *counter)
{
    cbor_expect_head(reader, CBOR_MAP, entries);
    cbor_expect_integer(reader, CLAIM_PROFILE);
    cbor_expect_text(reader, profile);
    cbor_expect_integer(reader, CLAIM_EPOCH);
    *epoch = cbor_read_head(reader, CBOR_UNSIGNED);
    cbor_expect_integer(reader, CLAIM_STATE_COUNTER);
    *counter = cbor_read_head(reader, CBOR_UNSIGNED);
}

static void read_bytes(struct cbor_reader *reader, int64_t label, void *to, size_t bytes)
{
    cbor_expect_integer(reader, label);
    cbor_read_exactly(reader, to, bytes);
}

/* ... and last. */
static uint64_t read_began(struct cbor_reader *reader)
{
    cbor_expect_integer(reader, CLAIM_EPOCH_BEGAN);
    return cbor_read_head(reader, CBOR_UNSIGNED);
}

static bool is_under(const struct platform_policy *policy, const uint8_t policy_sha256[32])
{
    const struct sha256_piece whole = {policy, sizeof(*policy)};
    uint8_t digest[32];

    return sha256_of(&whole, 1, digest) && memcmp(digest, policy_sha256, sizeof(digest)) == 0;
}

/* Signature before contents: what nobody signed has no meaning. */
static enum status open_certificate(const struct fleet_keeper *keeper, const uint8_t *certificate,
                                    size_t bytes, struct signed_part *part)
{
    if (bytes > CERTIFICATE_MAX || !read_signed(certificate, bytes, part))
        return ST_CORRUPT;
    return is_signed_by(part, keeper->identity.signing_key) ? ST_OK : ST_GRANT_FORGED;
}

enum status fleet_epoch_check(const struct fleet_keeper *keeper, const uint8_t *certificate,
                              size_t bytes, uint64_t oldest_counter, struct fleet_epoch *out)
{
    struct signed_part part;
    struct fleet_epoch epoch = {0};
    struct cbor_reader reader;
    uint8_t policy_sha256[32] = {0};
    enum status status = open_certificate(keeper, certificate, bytes, &part);

    if (status != ST_OK)
        return status;
    reader = cbor_reader_of(part.payload, part.payload_bytes);
    read_beginning(&reader, 6, CERTIFICATE_EPOCH_PROFILE, &epoch.epoch, &epoch.counter);
    read_bytes(&reader, CLAIM_RECEIVING_KEY, epoch.receiving_key, sizeof(epoch.receiving_key));
    read_bytes(&reader, CLAIM_PLATFORM_POLICY, policy_sha256, sizeof(policy_sha256));
    epoch.began = read_began(&reader);
    if (!cbor_end(&reader))
        return ST_CORRUPT;
    if (!is_under(&keeper->policy, policy_sha256))
        return ST_KEEPER_POLICY;
    if (epoch.counter < oldest_counter)
        return ST_KEEPER_STALE;
    *out = epoch;
    return ST_OK;
}

enum status fleet_worker_check(const struct fleet_keeper *keeper, const uint8_t *certificate,
                               size_t bytes, uint64_t oldest_epoch, struct fleet_worker *out)
{
    struct signed_part part;
    struct fleet_worker worker = {0};
    struct cbor_reader reader;
    uint8_t policy_sha256[32] = {0};
    uint64_t counter;
    enum status status = open_certificate(keeper, certificate, bytes, &part);

    if (status != ST_OK)
        return status;
    reader = cbor_reader_of(part.payload, part.payload_bytes);
    read_beginning(&reader, 7, CERTIFICATE_WORKER_PROFILE, &worker.epoch, &counter);
    read_bytes(&reader, CLAIM_PLATFORM_POLICY, policy_sha256, sizeof(policy_sha256));
    read_bytes(&reader, CLAIM_MRENCLAVE, worker.mrenclave, sizeof(worker.mrenclave));
    read_bytes(&reader, CLAIM_IDENTITY, (uint8_t *)&worker.identity, sizeof(worker.identity));
    worker.began = read_began(&reader);
    if (!cbor_end(&reader))
        return ST_CORRUPT;
    if (!is_under(&keeper->policy, policy_sha256))
        return ST_KEEPER_POLICY;
    if (worker.epoch < oldest_epoch)
        return ST_KEEPER_STALE;
    if (worker.identity.role != ROLE_WORKER)
        return ST_WRONG_ROLE;
    if (!fleet_has_image(keeper, worker.mrenclave))
        return ST_QUOTE_MEASUREMENT;
    *out = worker;
    return ST_OK;
}
