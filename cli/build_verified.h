/* bundle_build, and the enclave's verifier on what came out: what it refuses is not handed on. */
#ifndef RECLAVE_CLI_BUILD_VERIFIED_H
#define RECLAVE_CLI_BUILD_VERIFIED_H

#include "toolchain/bundle/build.h"

/* As bundle_build. ST_BUNDLE_CODE: the verifier refuses the code; the message names the offset in
 * the code zone, as the enclave would, and the reason. That is the toolchain's mistake, whatever
 * the module. */
MUST_CHECK enum status build_verified(const struct bundle_build_options *options,
                                      struct bundle_buffer *out, char *error, size_t error_bytes);

#endif
