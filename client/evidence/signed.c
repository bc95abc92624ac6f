#include "client/evidence/sha256.h"
#include "client/evidence/signature.h"
#include "client/evidence/verdict.h"

#include "base/cbor.h"
#include "base/merkle.h"

#include <string.h>

/* A path's hashes are few; that OpenSSL fails in one of them shows as a wrong root. */
static void hash_node(const uint8_t left[32], const uint8_t right[32], uint8_t out[32])
{
    static const uint8_t prefix = MERKLE_NODE_PREFIX;
    const struct sha256_piece pieces[] = {{&prefix, 1}, {left, 32}, {right, 32}};

    sha256_of(pieces, 3, out);
}

static struct evidence_verdict check_signature(const struct evidence *evidence)
{
    const struct evidence_root *root = &evidence->root;
    uint8_t to_be_signed[EVIDENCE_FILE_MAX + 64]; /* Sig_structure, RFC 9052, 4.4 */
    struct cbor_writer writer;
    size_t bytes;

    cbor_start(&writer, to_be_signed, sizeof(to_be_signed));
    cbor_head(&writer, CBOR_ARRAY, 4);
    cbor_text(&writer, COSE_SIGN1_CONTEXT);
    cbor_bytes(&writer, root->header, root->header_bytes);
    cbor_bytes(&writer, "", 0);
    cbor_bytes(&writer, root->payload, root->payload_bytes);
    if (cbor_size(&writer, &bytes) != ST_OK)
        return rejected(EVIDENCE_FORMAT, "the signed root is too long");
    if (!es256_verify(evidence->identity.signing_key, to_be_signed, bytes, root->signature))
        return rejected(EVIDENCE_SIGNATURE, "the quoted key did not sign this root");
    return accepted();
}

static struct evidence_verdict check_proof(const struct evidence *evidence)
{
    static const uint8_t prefix = MERKLE_LEAF_PREFIX;
    const struct sha256_piece pieces[] = {
        {&prefix, 1}, {evidence->encoded_claims, evidence->encoded_claims_bytes}};
    uint8_t leaf[32];
    uint8_t root[32];

    if (!sha256_of(pieces, 2, leaf))
        return rejected(EVIDENCE_SYSTEM, "SHA-256 is not available");
    if (merkle_from_path(leaf, evidence->index, evidence->root.tree_size, evidence->path,
                         evidence->path_length, hash_node, root) != ST_OK)
        return rejected(EVIDENCE_PROOF, "the path does not fit the signed tree's size");
    if (memcmp(root, evidence->root.tree_root, sizeof(root)) != 0)
        return rejected(EVIDENCE_PROOF, "the claims are not in the signed tree");
    return accepted();
}

/* The claims, the signed root and the quoted identity must all speak of one enclave. */
static struct evidence_verdict check_worker(const struct evidence *evidence)
{
    const struct attested_identity *identity = &evidence->identity;
    const struct evidence_root *root = &evidence->root;
    uint8_t worker[32];

    if (!sha256_of(&(struct sha256_piece){identity->signing_key, SIGNING_KEY_BYTES}, 1, worker))
        return rejected(EVIDENCE_SYSTEM, "SHA-256 is not available");
    if (memcmp(worker, evidence->claims.worker_id, 32) != 0 ||
        memcmp(worker, root->worker_id, 32) != 0 || memcmp(worker, root->key_id, 32) != 0)
        return rejected(EVIDENCE_WORKER, "the claims name another worker than the quoted one");
    if (memcmp(identity->boot_id, evidence->claims.boot_id, BOOT_ID_BYTES) != 0 ||
        memcmp(identity->boot_id, root->boot_id, BOOT_ID_BYTES) != 0)
        return rejected(EVIDENCE_WORKER, "the claims are of another boot than the quoted one");
    if (memcmp(identity->policy_sha256, evidence->claims.policy_sha256, 32) != 0)
        return rejected(EVIDENCE_WORKER, "the claims are of another policy than the quoted one");
    return accepted();
}

struct evidence_verdict evidence_check_signed(const struct evidence *evidence)
{
    struct evidence_verdict verdict = check_signature(evidence);

    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict = check_proof(evidence);
    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict = check_worker(evidence);
    return verdict;
}
