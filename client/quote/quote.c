#include "client/quote/quote.h"

#include "abi/sgx_arch.h"

#include <string.h>

#define ATTESTATION_ECDSA_P256 2
#define ATTESTATION_ECDSA_P384 3
#define TEE_SGX                0x00000000u
#define TEE_TDX                0x00000081u

/* Header offsets */
#define AT_VERSION   0
#define AT_KEY_TYPE  2
#define AT_TEE_TYPE  4 /* version 3: reserved, zero */
#define AT_VENDOR_ID 12

_Static_assert(offsetof(struct sgx_report, keyid) == REPORT_BODY_BYTES, "body of a REPORT");

/* A.4.3: the only quoting enclave whose format this is */
static const uint8_t intel_vendor_id[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                            0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

static uint64_t load_le(const uint8_t *data, size_t bytes)
{
    uint64_t value = 0;

    while (bytes--)
        value = value << 8 | data[bytes];
    return value;
}

/* Reads forward; `left` never grows. */
struct reader {
    const uint8_t *at;
    size_t left;
};

static bool take(struct reader *reader, size_t bytes, const uint8_t **data)
{
    if (bytes > reader->left)
        return false;
    *data = reader->at;
    reader->at += bytes;
    reader->left -= bytes;
    return true;
}

static bool take_number(struct reader *reader, size_t bytes, size_t *value)
{
    const uint8_t *data;

    if (!take(reader, bytes, &data))
        return false;
    *value = (size_t)load_le(data, bytes);
    return true;
}

#define FIELD(body, field) ((body) + offsetof(struct sgx_report, field))

static void read_report(const uint8_t *body, struct reclave_report *report)
{
    memcpy(report->cpu_svn, FIELD(body, cpusvn), sizeof(report->cpu_svn));
    report->miscselect = (uint32_t)load_le(FIELD(body, miscselect), 4);
    report->attributes = load_le(FIELD(body, attributes), 8);
    report->xfrm = load_le(FIELD(body, xfrm), 8);
    memcpy(report->mrenclave, FIELD(body, mrenclave), sizeof(report->mrenclave));
    memcpy(report->mrsigner, FIELD(body, mrsigner), sizeof(report->mrsigner));
    report->isv_prod_id = (uint16_t)load_le(FIELD(body, isvprodid), 2);
    report->isv_svn = (uint16_t)load_le(FIELD(body, isvsvn), 2);
    memcpy(report->report_data, FIELD(body, reportdata), sizeof(report->report_data));
    report->debug = (report->attributes & ATTR_DEBUG) != 0;
}

static bool check_header(const uint8_t *header, struct quote *quote, struct failure *failure)
{
    const enum reclave_step step = RECLAVE_STEP_QUOTE_FORMAT;
    unsigned key_type = (unsigned)load_le(header + AT_KEY_TYPE, 2);
    uint32_t tee_type = (uint32_t)load_le(header + AT_TEE_TYPE, 4);

    quote->version = (unsigned)load_le(header + AT_VERSION, 2);
    if (quote->version >= 3 && quote->version <= 5 && tee_type == TEE_TDX)
        return reject_at(failure, step, "this is a TDX quote; only SGX quotes are supported");
    if (quote->version != 3 && quote->version != 4)
        return reject_at(failure, step, "version %u of quotes is not supported; 3 and 4 are",
                         quote->version);
    if (tee_type != TEE_SGX)
        return reject_at(failure, step, "the TEE type is 0x%08x; only SGX quotes (0) are supported",
                         tee_type);
    if (key_type == ATTESTATION_ECDSA_P384)
        return reject_at(failure, step,
                         "the attestation key is ECDSA P-384; only P-256 is supported");
    if (key_type != ATTESTATION_ECDSA_P256)
        return reject_at(failure, step,
                         "attestation key type %u is not ECDSA P-256 (2): not a DCAP "
                         "quote (EPID?)",
                         key_type);
    if (memcmp(header + AT_VENDOR_ID, intel_vendor_id, sizeof(intel_vendor_id)) != 0)
        return reject_at(failure, step, "the quoting enclave's vendor ID is not Intel's");
    return true;
}

static bool take_certification(struct reader *reader, unsigned *type, struct reader *content)
{
    size_t kind, bytes;

    if (!take_number(reader, 2, &kind) || !take_number(reader, 4, &bytes) ||
        !take(reader, bytes, &content->at))
        return false;
    *type = (unsigned)kind;
    content->left = bytes;
    return true;
}

/* The QE's report and what certifies it; the reader must be at its end afterwards. */
static bool take_qe(struct reader *reader, struct quote *quote)
{
    struct reader certification;

    if (!take(reader, REPORT_BODY_BYTES, &quote->qe_report) ||
        !take(reader, P256_RAW_BYTES, &quote->qe_signature) ||
        !take_number(reader, 2, &quote->auth_bytes) ||
        !take(reader, quote->auth_bytes, &quote->auth_data) ||
        !take_certification(reader, &quote->certification_type, &certification) ||
        reader->left != 0)
        return false;
    quote->certification = certification.at;
    quote->certification_bytes = certification.left;
    return true;
}

/* Version 4 puts the QE's report into certification data of its own type. */
static bool take_wrapped_qe(struct reader *reader, struct quote *quote)
{
    struct reader inner;
    unsigned type;

    return take_certification(reader, &type, &inner) && type == CERTIFICATION_QE_REPORT &&
           reader->left == 0 && take_qe(&inner, quote);
}

static bool take_signature_data(struct reader *reader, struct quote *quote)
{
    return take(reader, P256_RAW_BYTES, &quote->signature) &&
           take(reader, P256_RAW_BYTES, &quote->attestation_key) &&
           (quote->version == 3 ? take_qe(reader, quote) : take_wrapped_qe(reader, quote));
}

bool quote_parse(const uint8_t *data, size_t bytes, struct quote *quote, struct failure *failure)
{
    const enum reclave_step step = RECLAVE_STEP_QUOTE_FORMAT;
    struct reader file = {data, bytes}, signature;
    size_t signature_bytes;

    if (bytes > RECLAVE_QUOTE_BYTES_MAX)
        return reject_at(failure, step, "%zu bytes are more than any quote has (%u)", bytes,
                         RECLAVE_QUOTE_BYTES_MAX);
    if (bytes < QUOTE_HEADER_BYTES)
        return reject_at(failure, step, "the quote is cut off: %zu bytes, the header has %d", bytes,
                         QUOTE_HEADER_BYTES);
    if (!check_header(data, quote, failure))
        return false;
    if (!take(&file, QUOTE_SIGNED_BYTES, &quote->signed_part) ||
        !take_number(&file, 4, &signature_bytes) || !take(&file, signature_bytes, &signature.at))
        return reject_at(failure, step, "the quote is cut off: %zu bytes", bytes);
    signature.left = signature_bytes;
    if (!take_signature_data(&signature, quote))
        return reject_at(failure, step, "the lengths in the signature data contradict one another");
    quote->trailing_bytes = file.left;
    read_report(quote->signed_part + QUOTE_HEADER_BYTES, &quote->report);
    read_report(quote->qe_report, &quote->qe);
    return true;
}
