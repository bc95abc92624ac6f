#include "client/evidence/cbor_reader.h"
#include "client/evidence/verdict.h"

#include <string.h>

static void read_root_header(const struct evidence_root *root, struct cbor_reader *outer,
                             uint8_t key_id[32])
{
    struct cbor_reader reader = cbor_reader_of(root->header, root->header_bytes);

    cbor_expect_head(&reader, CBOR_MAP, 2);
    cbor_expect_integer(&reader, COSE_HEADER_ALG);
    cbor_expect_integer(&reader, COSE_ALG_ES256);
    cbor_expect_integer(&reader, COSE_HEADER_KID);
    cbor_read_exactly(&reader, key_id, 32);
    if (!cbor_end(&reader))
        outer->failed = true;
}

static void read_root_payload(struct evidence_root *root, struct cbor_reader *outer)
{
    struct cbor_reader reader = cbor_reader_of(root->payload, root->payload_bytes);
    uint64_t tree_size;

    cbor_expect_head(&reader, CBOR_MAP, 5);
    cbor_expect_integer(&reader, CLAIM_PROFILE);
    cbor_expect_text(&reader, EVIDENCE_ROOT_PROFILE);
    cbor_expect_integer(&reader, CLAIM_BOOT_SEED);
    cbor_read_exactly(&reader, root->boot_id, sizeof(root->boot_id));
    cbor_expect_integer(&reader, CLAIM_WORKER);
    cbor_read_exactly(&reader, root->worker_id, sizeof(root->worker_id));
    cbor_expect_integer(&reader, CLAIM_TREE_SIZE);
    tree_size = cbor_read_head(&reader, CBOR_UNSIGNED);
    cbor_expect_integer(&reader, CLAIM_TREE_ROOT);
    cbor_read_exactly(&reader, root->tree_root, sizeof(root->tree_root));
    if (!cbor_end(&reader) || tree_size == 0 || tree_size > EVIDENCE_BATCH_MAX)
        outer->failed = true;
    root->tree_size = (uint32_t)tree_size;
}

/* COSE_Sign1_Tagged */
static bool read_root(const uint8_t *data, size_t bytes, struct evidence_root *root)
{
    struct cbor_reader reader = cbor_reader_of(data, bytes);

    cbor_expect_head(&reader, CBOR_TAG, COSE_SIGN1_TAG);
    cbor_expect_head(&reader, CBOR_ARRAY, 4);
    root->header = cbor_read_string(&reader, CBOR_BYTES, &root->header_bytes);
    cbor_expect_head(&reader, CBOR_MAP, 0);
    root->payload = cbor_read_string(&reader, CBOR_BYTES, &root->payload_bytes);
    cbor_read_exactly(&reader, root->signature, sizeof(root->signature));
    if (!cbor_end(&reader))
        return false;
    read_root_header(root, &reader, root->key_id);
    read_root_payload(root, &reader);
    return !reader.failed;
}

static void read_path(struct cbor_reader *reader, struct evidence *out)
{
    uint64_t length = cbor_read_head(reader, CBOR_ARRAY);

    if (length > EVIDENCE_PATH_MAX) {
        reader->failed = true;
        return;
    }
    out->path_length = (uint32_t)length;
    for (uint32_t i = 0; i < out->path_length; i++)
        cbor_read_exactly(reader, out->path[i], sizeof(out->path[i]));
}

struct evidence_verdict evidence_parse(const uint8_t *file, size_t bytes, struct evidence *out)
{
    struct cbor_reader reader = cbor_reader_of(file, bytes);
    const uint8_t *root;
    size_t root_bytes;
    uint64_t index;

    *out = (struct evidence){0};
    if (bytes > EVIDENCE_FILE_MAX)
        return rejected(EVIDENCE_FORMAT, "the file is longer than any evidence");
    cbor_expect_head(&reader, CBOR_ARRAY, 6);
    if (cbor_read_head(&reader, CBOR_UNSIGNED) != EVIDENCE_VERSION || reader.failed)
        return rejected(EVIDENCE_FORMAT, "not evidence, or of another version than 1");
    cbor_read_exactly(&reader, (uint8_t *)&out->identity, sizeof(out->identity));
    out->encoded_claims = cbor_read_string(&reader, CBOR_BYTES, &out->encoded_claims_bytes);
    index = cbor_read_head(&reader, CBOR_UNSIGNED);
    read_path(&reader, out);
    root = cbor_read_string(&reader, CBOR_BYTES, &root_bytes);
    if (!cbor_end(&reader) || index >= EVIDENCE_BATCH_MAX)
        return rejected(EVIDENCE_FORMAT,
                        "the file is cut off, too long or not as docs/evidence.md");
    out->index = (uint32_t)index;
    if (!read_root(root, root_bytes, &out->root))
        return rejected(EVIDENCE_FORMAT, "the signed root is not a COSE_Sign1 of this profile");
    return claims_parse(out->encoded_claims, out->encoded_claims_bytes, &out->claims);
}
