/* Validates a module with wasm-validate, and explains which proposal is in the way. */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_VALIDATE_H
#define RECLAVE_TOOLCHAIN_BUNDLE_VALIDATE_H

#include "toolchain/bundle/workdir.h"

#include <stdint.h>

/* ST_UNSUPPORTED: invalid, or valid only with a proposal that is not supported. */
MUST_CHECK enum status validate_module(const struct workdir *dir, const uint8_t *wasm, size_t bytes,
                                       const struct complaint *complaint);

#endif
