#include "trusted/attest/cose.h"
#include "trusted/attest/digest.h"
#include "trusted/attest/evidence.h"

#include "base/bytes.h"
#include "base/cbor.h"
#include "base/merkle.h"

#include <string.h>

#define ROOT_PAYLOAD_MAX 192u

enum status batch_room(const struct evidence_batch *batch)
{
    return batch->count < EVIDENCE_BATCH_MAX ? ST_OK : ST_BATCH_FULL;
}

enum status batch_add(struct evidence_batch *batch, const uint8_t leaf[32])
{
    enum status status = batch_room(batch);

    if (status == ST_OK)
        memcpy(batch->leaves[batch->count++], leaf, 32);
    return status;
}

static void hash_node(const uint8_t left[32], const uint8_t right[32], uint8_t out[32])
{
    static const uint8_t prefix = MERKLE_NODE_PREFIX;
    const struct piece pieces[] = {{&prefix, 1}, {left, 32}, {right, 32}};

    sha256_pieces(pieces, 3, out);
}

/* The statement that is signed: a CWT claims set. */
static enum status encode_root(uint32_t count, const uint8_t root[32],
                               const struct signing_key *key, const uint8_t boot_id[BOOT_ID_BYTES],
                               uint8_t out[ROOT_PAYLOAD_MAX], size_t *bytes)
{
    struct cbor_writer writer;

    cbor_start(&writer, out, ROOT_PAYLOAD_MAX);
    cbor_head(&writer, CBOR_MAP, 5);
    cbor_integer(&writer, CLAIM_PROFILE);
    cbor_text(&writer, EVIDENCE_ROOT_PROFILE);
    cbor_integer(&writer, CLAIM_BOOT_SEED);
    cbor_bytes(&writer, boot_id, BOOT_ID_BYTES);
    cbor_integer(&writer, CLAIM_WORKER);
    cbor_bytes(&writer, key->worker_id, sizeof(key->worker_id));
    cbor_integer(&writer, CLAIM_TREE_SIZE);
    cbor_head(&writer, CBOR_UNSIGNED, count);
    cbor_integer(&writer, CLAIM_TREE_ROOT);
    cbor_bytes(&writer, root, 32);
    return cbor_size(&writer, bytes);
}

enum status batch_sign(struct evidence_batch *batch, const struct signing_key *key,
                       const uint8_t boot_id[BOOT_ID_BYTES], uint8_t out[EVIDENCE_ROOT_MAX],
                       size_t *bytes)
{
    uint8_t payload[ROOT_PAYLOAD_MAX];
    size_t payload_bytes;
    uint8_t root[32];
    enum status status;

    if (batch->count == 0)
        return ST_NOT_FOUND;
    status = merkle_root(batch->leaves, batch->count, hash_node, root);
    if (status == ST_OK)
        status = encode_root(batch->count, root, key, boot_id, payload, &payload_bytes);
    if (status == ST_OK)
        status = cose_sign1(key, payload, payload_bytes, out, EVIDENCE_ROOT_MAX, bytes);
    if (status == ST_OK)
        batch->count = 0;
    return status;
}
