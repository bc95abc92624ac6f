/*
 * The calls of the quoting enclave's stand-in. Host to enclave: RDI = number, RSI = request outside
 * the enclave, 8-byte aligned, RDX = its exact size. Back: RDI = enum status; the request is
 * written only with ST_OK.
 */
#ifndef RECLAVE_SGX_QUOTING_CALLS_H
#define RECLAVE_SGX_QUOTING_CALLS_H

#include "abi/quote.h"

/* Its identity in the SIGSTRUCT, named by the development root's QE identity. Raise the SVN with
 * every security fix. */
#define QE_PROD_ID 1
#define QE_SVN     1

enum qe_call {
    QE_IDENTIFY = 1, /* struct qe_identify */
    QE_QUOTE = 2,    /* struct qe_quote */
};

/* Who it is: for makers of reports, and for whoever certifies its attestation key. */
struct qe_identify {
    uint8_t target_info[512]; /* struct sgx_targetinfo */
    uint8_t attestation_key[64];
    uint8_t qe_report[QUOTE_REPORT_BYTES];
    uint8_t auth_data[QUOTE_AUTH_BYTES];
};

/* ST_SGX_REPORT: the report was not made for it on this machine, or was changed. */
struct qe_quote {
    struct sgx_report report; /* in */
    uint64_t pce_svn;         /* in: of the certificate that will go with the quote */
    struct quote_signed body; /* out */
    uint8_t signature[64];    /* out */
};

_Static_assert(sizeof(struct qe_identify) % 8 == 0, "whole words cross the border");
_Static_assert(sizeof(struct qe_quote) % 8 == 0, "whole words cross the border");

#endif
