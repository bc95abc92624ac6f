/*
 * DCAP ECDSA quotes, version 3, as bytes (Intel SGX ECDSA QuoteLibReference, "Quote format",
 * appendix A.4). Little-endian; keys and signatures are big-endian pairs (x, y) and (r, s).
 *
 *   struct quote_signed          header and report body: what the attestation key signs
 *   u32                          bytes that follow
 *   struct quote_signature
 *   u16, QUOTE_AUTH_BYTES bytes  the quoting enclave's authentication data
 *   u16, u32, bytes              certification data: type, size, data
 */
#ifndef RECLAVE_ABI_QUOTE_H
#define RECLAVE_ABI_QUOTE_H

#include "abi/sgx_arch.h"

#define QUOTE_VERSION      3
#define QUOTE_KEY_P256     2 /* attestation key type: ECDSA-256 with P-256 */
#define QUOTE_CERT_PCK_PEM 5 /* certification data: the PCK certificate's chain, PEM */
#define QUOTE_AUTH_BYTES   32
#define QUOTE_REPORT_BYTES 384 /* of a REPORT: without KEYID and MAC */
#define QUOTE_VENDOR_BYTES 16

/* The format's only vendor (A.4, table 3), whose implementation this one replaces: verifiers
 * refuse any other. */
#define QUOTE_VENDOR_INTEL                                                                         \
    {                                                                                              \
        0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06,  \
            0x07                                                                                   \
    }

struct quote_header {
    uint16_t version;
    uint16_t key_type;
    uint32_t tee_type; /* 0: SGX */
    uint16_t qe_svn;
    uint16_t pce_svn;
    uint8_t vendor[QUOTE_VENDOR_BYTES];
    uint8_t user_data[20]; /* the platform's ID in the first 16 */
};

struct quote_signed {
    struct quote_header header;
    uint8_t report[QUOTE_REPORT_BYTES];
};

struct quote_signature {
    uint8_t signature[64]; /* of struct quote_signed, by the attestation key */
    uint8_t attestation_key[64];
    uint8_t qe_report[QUOTE_REPORT_BYTES]; /* REPORTDATA: SHA-256(attestation key, auth data), 0s */
    uint8_t qe_report_signature[64];       /* by the PCK */
};

_Static_assert(sizeof(struct quote_header) == 48, "A.4");
_Static_assert(sizeof(struct quote_signed) == 432, "A.4");
_Static_assert(sizeof(struct quote_signature) == 576, "A.4");

#endif
