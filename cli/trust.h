/* What a relying party brings to a verification: policy, collateral, root, time. */
#ifndef RECLAVE_CLI_TRUST_H
#define RECLAVE_CLI_TRUST_H

#include "client/reclave_client.h"

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

/* The last second of the year 9999: certificates know none after it. */
#define TRUST_TIME_LAST 253402300799ll

struct trust_options {
    const char *collateral, *policy, *root; /* paths; NULL: none */
    uint64_t time;                          /* seconds since 1970 */
    bool has_time, allow_missing_crl;
};

/* An argp child for --collateral, --root, --time and --allow-missing-crl; its input is a zeroed
 * struct trust_options. */
extern const struct argp trust_argp;

/* A verifier that knows all of it. NULL: a message is on stderr, begun with `program`. */
struct reclave_verifier *trust_verifier(const char *program, const struct trust_options *options);

#endif
