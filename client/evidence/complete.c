#include "client/evidence/cbor_reader.h"
#include "client/evidence/verdict.h"

#include <string.h>

enum status evidence_complete(const uint8_t *file, size_t bytes, const uint8_t *claims,
                              size_t claims_bytes, uint8_t out[EVIDENCE_FILE_MAX],
                              size_t *out_bytes)
{
    struct cbor_reader reader = cbor_reader_of(file, bytes);
    struct cbor_writer writer;
    const uint8_t *after;
    const uint8_t *string;
    size_t length;

    cbor_expect_head(&reader, CBOR_ARRAY, 6);
    cbor_expect_head(&reader, CBOR_UNSIGNED, EVIDENCE_VERSION);
    cbor_start(&writer, out, EVIDENCE_FILE_MAX);
    cbor_head(&writer, CBOR_ARRAY, 6);
    cbor_head(&writer, CBOR_UNSIGNED, EVIDENCE_VERSION);
    string = cbor_read_string(&reader, CBOR_BYTES, &length);
    if (!string)
        return ST_CORRUPT;
    cbor_bytes(&writer, string, length);
    string = cbor_read_string(&reader, CBOR_BYTES, &length);
    if (!string || length != 0)
        return ST_CORRUPT; /* there are claims already */
    cbor_bytes(&writer, claims, claims_bytes);
    after = reader.at;
    *out_bytes = 0;
    if ((size_t)(reader.end - after) > writer.capacity - writer.used || writer.failed)
        return ST_OUT_OF_RANGE;
    memcpy(out + writer.used, after, (size_t)(reader.end - after));
    *out_bytes = writer.used + (size_t)(reader.end - after);
    return ST_OK;
}
