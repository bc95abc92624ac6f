#include "host/evidence/compose.h"

#include "base/cbor.h"
#include "base/merkle.h"

#include <openssl/evp.h>
#include <string.h>

/* A failure of OpenSSL's gives zeroes, and so evidence that proves nothing. */
static void hash_node(const uint8_t left[32], const uint8_t right[32], uint8_t out[32])
{
    uint8_t node[65] = {MERKLE_NODE_PREFIX};

    memcpy(node + 1, left, 32);
    memcpy(node + 33, right, 32);
    if (EVP_Digest(node, sizeof(node), out, NULL, EVP_sha256(), NULL) != 1)
        memset(out, 0, 32);
}

enum status evidence_compose(const struct signed_batch *batch, uint32_t index,
                             const uint8_t *claims, size_t claims_bytes,
                             uint8_t file[EVIDENCE_FILE_MAX], size_t *file_bytes)
{
    uint8_t path[MERKLE_DEPTH_MAX][32];
    uint32_t length;
    struct cbor_writer writer;
    enum status status = merkle_path(batch->leaves, batch->count, index, hash_node, path, &length);

    if (status != ST_OK)
        return status;
    cbor_start(&writer, file, EVIDENCE_FILE_MAX);
    cbor_head(&writer, CBOR_ARRAY, 6);
    cbor_head(&writer, CBOR_UNSIGNED, EVIDENCE_VERSION);
    cbor_bytes(&writer, batch->identity, sizeof(*batch->identity));
    cbor_bytes(&writer, claims_bytes ? claims : (const uint8_t *)"", claims_bytes);
    cbor_head(&writer, CBOR_UNSIGNED, index);
    cbor_head(&writer, CBOR_ARRAY, length);
    for (uint32_t i = 0; i < length; i++)
        cbor_bytes(&writer, path[i], 32);
    cbor_bytes(&writer, batch->root, batch->root_bytes);
    return cbor_size(&writer, file_bytes);
}
