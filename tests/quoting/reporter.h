/* The calls of the test enclave that uses trusted/attest/report. */
#ifndef RECLAVE_TESTS_QUOTING_REPORTER_H
#define RECLAVE_TESTS_QUOTING_REPORTER_H

#include "abi/sgx_arch.h"

enum reporter_call {
    REPORTER_REPORT = 1, /* struct reporter_report */
    REPORTER_SEAL_ID,    /* struct reporter_seal */
    REPORTER_SEAL_KEY,   /* struct reporter_seal */
};

struct reporter_report {
    uint8_t target[512]; /* in: struct sgx_targetinfo */
    uint8_t data[64];    /* in */
    struct sgx_report report;
};

struct reporter_seal {
    uint8_t key_id[32]; /* in, and of struct sealing_id */
    uint8_t cpu_svn[16];
    uint64_t isv_svn;
    uint8_t key[16];
    uint64_t status;
};

#endif
