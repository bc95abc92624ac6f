/*
 * The development root: what Intel's provisioning services are for real platforms, for the one
 * emulated platform of a state folder. A root CA, a platform CA, a PCK certificate and a signer of
 * collateral, made once at random, and the documents they sign, all in Intel's formats ("Intel SGX
 * PCK Certificate and CRL Profile Specification"; "PCS API", version 4), so that a verifier that is
 * told the root needs no other code.
 *
 * Whoever reads the folder can sign anything under this root. It vouches for nothing.
 */
#ifndef RECLAVE_SGX_DEVROOT_DEVROOT_H
#define RECLAVE_SGX_DEVROOT_DEVROOT_H

#include "sgx/problem.h"

#include <stddef.h>
#include <stdint.h>

#define DEVROOT_FMSPC_BYTES 6
#define DEVROOT_FMSPC                                                                              \
    {                                                                                              \
        'R', 'C', 'L', 'V', 0, 0                                                                   \
    }
#define DEVROOT_REPORT_BYTES 384

/* Collateral is valid for as long as Intel's. */
#define DEVROOT_WINDOW_SECONDS ((int64_t)30 * 24 * 3600)

/* Security versions of the platform, which its PCK certificate states. */
struct devroot_platform {
    uint8_t cpu_svn[16];
    uint16_t pce_svn;
};

struct devroot;

/* Opens the root of a folder, or makes folder and root (keys: mode 0600). Two processes that do
 * so at a time get the same one. The caller ends with devroot_close.
 * ST_IO; ST_CORRUPT: a damaged or readable-by-others file, or made for other security versions. */
MUST_CHECK enum status devroot_open(const char *folder, const struct devroot_platform *platform,
                                    struct devroot **out, struct sgx_problem *p);
void devroot_close(struct devroot *root); /* NULL is allowed */

/* The PCE's part: the PCK's ECDSA signature (r, s) of a quoting enclave's report. */
MUST_CHECK enum status devroot_certify(const struct devroot *root,
                                       const uint8_t report[DEVROOT_REPORT_BYTES],
                                       uint8_t signature[64], struct sgx_problem *p);

/* PEM, owned by root: the root certificate; PCK, platform CA and root, as it goes into quotes. */
const char *devroot_root_pem(const struct devroot *root);
const char *devroot_pck_chain(const struct devroot *root);

/* The identity of the quoting enclave that is up to date. attributes: SECS.ATTRIBUTES.FLAGS. */
struct devroot_qe {
    uint8_t mrsigner[32];
    uint16_t prod_id, svn;
    uint32_t miscselect;
    uint64_t attributes;
};

/* CRLs, TCB info and QE identity issued at `now` (seconds since 1970), valid for
 * DEVROOT_WINDOW_SECONDS, with their chains: one JSON object, NUL-terminated. The caller frees
 * *json. */
MUST_CHECK enum status devroot_collateral(const struct devroot *root, const struct devroot_qe *qe,
                                          int64_t now, char **json, struct sgx_problem *p);

#endif
