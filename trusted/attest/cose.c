#include "trusted/attest/cose.h"

#include "abi/evidence.h"
#include "base/cbor.h"
#include "trusted/attest/digest.h"

#define PROTECTED_MAX 48u

static enum status encode_protected(const struct signing_key *key, uint8_t out[PROTECTED_MAX],
                                    size_t *bytes)
{
    struct cbor_writer writer;

    cbor_start(&writer, out, PROTECTED_MAX);
    cbor_head(&writer, CBOR_MAP, 2);
    cbor_integer(&writer, COSE_HEADER_ALG);
    cbor_integer(&writer, COSE_ALG_ES256);
    cbor_integer(&writer, COSE_HEADER_KID);
    cbor_bytes(&writer, key->worker_id, sizeof(key->worker_id));
    return cbor_size(&writer, bytes);
}

/* The digest of Sig_structure (RFC 9052, 4.4), without external data. */
static enum status signed_digest(const uint8_t *header, size_t header_bytes, const uint8_t *payload,
                                 size_t payload_bytes, uint8_t digest[32])
{
    uint8_t buffer[COSE_PAYLOAD_MAX + PROTECTED_MAX + 32];
    struct cbor_writer writer;
    size_t bytes;
    enum status status;

    cbor_start(&writer, buffer, sizeof(buffer));
    cbor_head(&writer, CBOR_ARRAY, 4);
    cbor_text(&writer, COSE_SIGN1_CONTEXT);
    cbor_bytes(&writer, header, header_bytes);
    cbor_bytes(&writer, "", 0);
    cbor_bytes(&writer, payload, payload_bytes);
    status = cbor_size(&writer, &bytes);
    if (status == ST_OK)
        sha256_pieces(&(struct piece){buffer, bytes}, 1, digest);
    return status;
}

enum status cose_sign1(const struct signing_key *key, const uint8_t *payload, size_t payload_bytes,
                       uint8_t *out, size_t capacity, size_t *bytes)
{
    uint8_t header[PROTECTED_MAX];
    size_t header_bytes;
    uint8_t digest[32];
    uint8_t signature[SIGNATURE_BYTES];
    struct cbor_writer writer;
    enum status status = encode_protected(key, header, &header_bytes);

    if (status == ST_OK)
        status = signed_digest(header, header_bytes, payload, payload_bytes, digest);
    if (status == ST_OK)
        status = signing_key_sign(key, digest, signature);
    if (status != ST_OK)
        return status;
    cbor_start(&writer, out, capacity);
    cbor_head(&writer, CBOR_TAG, COSE_SIGN1_TAG);
    cbor_head(&writer, CBOR_ARRAY, 4);
    cbor_bytes(&writer, header, header_bytes);
    cbor_head(&writer, CBOR_MAP, 0);
    cbor_bytes(&writer, payload, payload_bytes);
    cbor_bytes(&writer, signature, sizeof(signature));
    return cbor_size(&writer, bytes);
}
