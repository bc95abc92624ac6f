/*
 * A quote of another enclave, checked by an enclave: the signatures from the root's key down to the
 * report, and the platform against a policy (abi/keeper.h). What needs collateral and a clock is
 * done outside, by whoever signs the policy.
 */
#ifndef RECLAVE_TRUSTED_ATTEST_QUOTE_CHECK_H
#define RECLAVE_TRUSTED_ATTEST_QUOTE_CHECK_H

#include "abi/keeper.h"
#include "abi/status.h"

/* What a good quote says of its enclave. */
struct quoted {
    uint8_t mrenclave[32];
    uint8_t mrsigner[32];
    uint16_t isv_prod_id;
    uint16_t isv_svn;
    uint8_t report_data[REPORT_DATA_BYTES];
};

/* Under which root, and whose quoting enclave: the policy's, or Intel's. */
struct platform_root {
    uint8_t key[SIGNING_KEY_BYTES];
    uint8_t qe_mrsigner[32];
    uint16_t qe_prod_id;
};
/* ST_KEEPER_POLICY: a root of its own without a quoting enclave of its own, or the reverse. */
MUST_CHECK enum status platform_root_of(const struct platform_policy *policy,
                                        struct platform_root *root);

/* The policy's signature has been checked. *out is filled with ST_OK only. ST_QUOTE_FORMAT, _CHAIN,
 * _REVOKED, _PLATFORM, _QE, _SIGNATURE, _DEBUG: the first that fails, in this order. */
MUST_CHECK enum status quote_check(const struct quote_copy *quote,
                                   const struct platform_policy *policy, struct quoted *out);

/* Names a quote in a transcript. */
void quote_digest(const struct quote_copy *quote, uint8_t digest[32]);

#endif
