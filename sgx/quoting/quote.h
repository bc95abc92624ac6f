/*
 * Quotes: what this machine offers to attest its enclaves with. On hardware the platform's DCAP
 * library, found at run time; on the emulator the stand-in for the quoting enclave, under the
 * development root of a state folder. The quotes have one format and a verifier needs one code path
 * (docs/attestation.md).
 *
 *   quoting_target_info   -> the enclave makes a report for this target (EREPORT)
 *   quoting_quote         report -> quote
 *   quoting_collateral    what a verifier needs beside it, where this machine has it
 *
 * All functions may be called from several threads.
 */
#ifndef RECLAVE_SGX_QUOTING_QUOTE_H
#define RECLAVE_SGX_QUOTING_QUOTE_H

#include "abi/sgx_arch.h"
#include "sgx/driver.h"
#include "sgx/problem.h"

#include <stddef.h>
#include <stdint.h>

struct quoting;

struct quoting_options {
    const struct sgx_driver *driver; /* the one whose enclaves are to be attested */
    const char *image;               /* emulator: path of quoting.rci */
    const char *state_folder;        /* emulator: made if absent; its keys are of mode 0600 */
    const char *library;             /* hardware; NULL: libsgx_dcap_ql.so.1 */
};

/*
 * Strings are copied. The caller ends with quoting_close, after all other calls.
 * ST_SGX_QUOTING: no DCAP library, or not a usable one. ST_NOT_FOUND: no image. Others: as
 * loading an enclave or opening a state folder fails. problem->text says what to do.
 */
MUST_CHECK enum status quoting_open(const struct quoting_options *options, struct quoting **out,
                                    struct sgx_problem *problem);
void quoting_close(struct quoting *quoting); /* NULL is allowed */

/* The target that reports must be made for. It may change when the platform updates: ask again
 * for each report. ST_SGX_QUOTING. */
MUST_CHECK enum status quoting_target_info(struct quoting *quoting, struct sgx_targetinfo *out,
                                           struct sgx_problem *problem);

/* The caller frees *quote. ST_SGX_REPORT: the report was not made on this machine for that
 * target, or was changed. ST_SGX_QUOTING, ST_NO_MEMORY. */
MUST_CHECK enum status quoting_quote(struct quoting *quoting, const struct sgx_report *report,
                                     uint8_t **quote, size_t *bytes, struct sgx_problem *problem);

/*
 * Collateral issued for the time `now` (seconds since 1970), one JSON object (docs/attestation.md),
 * and the root certificate in PEM that it counts under; the caller frees both. ST_UNSUPPORTED on
 * hardware: there a verifier asks Intel's service or a cache of it, and needs no root from us.
 */
MUST_CHECK enum status quoting_collateral(struct quoting *quoting, int64_t now, char **json,
                                          char **root_pem, struct sgx_problem *problem);

/* "Intel DCAP" or "development root, vouches for nothing", for messages. */
const char *quoting_name(const struct quoting *quoting);

/* Where the state folder is by default: $RECLAVE_STATE_DIR, else $XDG_STATE_HOME/reclave, else
 * ~/.local/state/reclave. ST_NOT_FOUND: none of these variables is set; ST_OUT_OF_RANGE. */
MUST_CHECK enum status quoting_state_folder(char *path, size_t path_bytes);

#endif
