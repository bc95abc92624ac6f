/*
 * A quote taken apart, nothing in it believed yet. Layout: Intel SGX DCAP
 * quote library reference, appendix A.4 (version 3) and the TDX DCAP reference,
 * appendix A.3 (version 4). Pointers lie in the bytes that were parsed.
 */
#ifndef RECLAVE_CLIENT_QUOTE_QUOTE_H
#define RECLAVE_CLIENT_QUOTE_QUOTE_H

#include "client/failure.h"

#define QUOTE_HEADER_BYTES 48
#define REPORT_BODY_BYTES  384
#define QUOTE_SIGNED_BYTES (QUOTE_HEADER_BYTES + REPORT_BODY_BYTES)
#define P256_RAW_BYTES     64 /* a public key X || Y or a signature r || s, big-endian */

/* Certification data types, A.4.9 */
#define CERTIFICATION_PCK_CHAIN 5
#define CERTIFICATION_QE_REPORT 6 /* version 4: wraps the QE's report and another one */

struct quote {
    unsigned version;
    const uint8_t *signed_part;     /* QUOTE_SIGNED_BYTES: header and report body */
    const uint8_t *signature;       /* P256_RAW_BYTES, over signed_part */
    const uint8_t *attestation_key; /* P256_RAW_BYTES */
    const uint8_t *qe_report;       /* REPORT_BODY_BYTES */
    const uint8_t *qe_signature;    /* P256_RAW_BYTES, over qe_report */
    const uint8_t *auth_data;
    size_t auth_bytes;
    unsigned certification_type;
    const uint8_t *certification;
    size_t certification_bytes;
    size_t trailing_bytes; /* after the quote, in the same buffer: buffers for quotes are often
                              longer than quotes, nothing of it is looked at */
    struct reclave_report report; /* of the enclave */
    struct reclave_report qe;     /* of the quoting enclave */
};

/* Fails at RECLAVE_STEP_QUOTE_FORMAT. */
MUST_CHECK bool quote_parse(const uint8_t *data, size_t bytes, struct quote *quote,
                            struct failure *failure);

#endif
